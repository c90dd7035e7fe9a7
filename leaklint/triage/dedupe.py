"""Where two rules report the same leak, the more specific one speaks."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from leaklint.rule import Finding, Rule


def dedupe(findings: list[Finding], rules: Iterable[Rule]) -> list[Finding]:
    """Drop each finding whose rule yields to another one that reports or shows the same."""
    yields_to = {rule.code: rule.yields_to for rule in rules if rule.yields_to}
    return [
        finding
        for finding in findings
        if not any(_same(finding, other) for other in _of(findings, yields_to.get(finding.code, ())))
    ]


def _of(findings: list[Finding], codes: Collection[str]) -> Iterable[Finding]:
    return (finding for finding in findings if finding.code in codes) if codes else ()


def _same(one: Finding, other: Finding) -> bool:
    if one.path != other.path:
        return False
    if one.at == other.at or (bool(one.holder) and one.holder == other.holder):
        return True
    return any(row.at == one.at and row.path == one.path for row in other.evidence)
