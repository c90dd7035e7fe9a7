"""Where two rules report the same leak, the more specific one speaks."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

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


def one_a_holder(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of several files about one holder as one: that of the file that declares it, or the first."""
    groups: dict[tuple[str, str, str, int], list[Finding]] = {}
    left: list[Finding] = []
    for finding in findings:
        made = finding.evidence[0] if finding.evidence else None
        key = (finding.code, finding.holder, made.path, made.at) if made is not None else None
        if key is None or not finding.holder:
            left.append(finding)
        else:
            groups.setdefault(key, []).append(finding)
    for group in groups.values():
        said = min(group, key=lambda finding: (finding.path != finding.evidence[0].path, finding.path))
        elsewhere = [finding for finding in group if finding.path != said.path]
        more = [evidence for finding in elsewhere for evidence in finding.evidence[1:]]
        left += [finding for finding in group if finding.path == said.path and finding is not said]
        left.append(msgspec.structs.replace(said, evidence=[*said.evidence, *more]) if more else said)
    return left


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
