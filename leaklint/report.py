"""What a run brings back, as every reporter reads it. It holds no source text and knows no format."""

from __future__ import annotations

from collections import Counter

import msgspec

from leaklint.rule import SEVERITIES, Finding

OTHER = "not a language that leaklint checks"
UNCOUNTED = frozenset((OTHER, "version control", "cache", "editor settings"))
"""Reasons that nobody needs to hear of in a summary: there is no source to miss."""


class Skip(msgspec.Struct, frozen=True, order=True):
    """A file or a folder (its path ends in a slash) that was not checked, and why."""

    path: str
    reason: str


class Report(msgspec.Struct):
    """The findings of a run and what it looked at.

    troubles: one line each about what could not be checked although it was asked for; exit 2.
    root: folder that paths start from in reports for CI, of the repository unless the user says otherwise.
    rules: codes of the rules that ran. category: what keeps several uploads of one commit apart.
    known: number of findings that were left out because a baseline or an older revision has them.
    alone: the rest of the project was not known, so every file speaks for itself only.
    verdicts: of `leaklint confirm`, one for each suspect and trigger that was tried; None for other commands.
    seconds: filled only when the user asked for statistics, so that output stays the same from run to run.
    """

    findings: list[Finding] = []
    checked: list[str] = []
    skipped: list[Skip] = []
    troubles: list[str] = []
    opaque: int = 0
    alone: bool = False
    root: str = ""
    category: str = ""
    known: int = 0
    rules: tuple[str, ...] = ()
    verdicts: list[dict[str, object]] | None = None
    seconds: float | None = None

    def by_severity(self) -> dict[str, int]:
        """Number of findings of each severity, worst first; severities without any are left out."""
        counts = Counter(finding.severity for finding in self.findings)
        return {severity: counts[severity] for severity in reversed(SEVERITIES) if counts[severity]}

    def by_reason(self) -> dict[str, int]:
        """Number of skips of each reason, without those that hold no source."""
        counts = Counter(skip.reason for skip in self.skipped if skip.reason not in UNCOUNTED)
        return dict(sorted(counts.items()))
