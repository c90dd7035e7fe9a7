"""One line a finding, `path:line:column: CODE message`, for terminals, editors and grep."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.report import Report
from leaklint.reporters.base import Sources, Style, printable
from leaklint.reporters.places import most_certain
from leaklint.reporters.statistics import statistics


def render(report: Report, style: Style, sources: Sources | None = None) -> Iterator[str]:
    """Nothing but the findings: a clean run prints nothing."""
    for finding in most_certain(report.findings, style.limit):
        row = f"{finding.path}:{finding.line}:{finding.column}: {finding.code} {finding.message}"
        yield printable(row) + "\n"
    if style.statistics:
        yield from statistics(report, style)
