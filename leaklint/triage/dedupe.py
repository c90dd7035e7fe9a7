"""Where two rules report the same leak, the more specific one speaks."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from leaklint.evidence import Evidence
from leaklint.rule import Finding, Rule


def dedupe(findings: list[Finding], rules: Iterable[Rule]) -> list[Finding]:
    """Drop each finding whose rule yields to another one that reports the same holder or position."""
    rules = list(rules)
    yields_to = {rule.code: rule.yields_to for rule in rules if rule.yields_to}
    left = [
        finding
        for finding in findings
        if not any(_same(finding, other) for other in _of(findings, yields_to.get(finding.code, ())))
    ]
    return _folded(left, {rule.code: rule.folds for rule in rules if rule.folds})


def _folded(findings: list[Finding], folds: dict[str, str]) -> list[Finding]:
    """Findings of which each one stands for all of its rule that end in the same evidence."""
    first: dict[tuple[str, str, int], Finding] = {}
    left = []
    for finding in findings:
        if finding.code in folds and finding.evidence:
            last = finding.evidence[-1]
            known = first.setdefault((finding.code, last.path, last.at), finding)
            if known is not finding:
                text = folds[finding.code].format(holder=finding.holder)
                place = (finding.line, finding.column, finding.end_line, finding.end_column)
                known.evidence.append(Evidence(finding.path, finding.at, finding.end, text, *place))
                continue
        left.append(finding)
    return left


def _of(findings: list[Finding], codes: Collection[str]) -> Iterable[Finding]:
    return (finding for finding in findings if finding.code in codes) if codes else ()


def _same(one: Finding, other: Finding) -> bool:
    if one.path != other.path:
        return False
    return one.at == other.at or (bool(one.holder) and one.holder == other.holder)
