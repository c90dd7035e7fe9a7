"""The counts that `--statistics` adds to the text formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from leaklint.report import Report
from leaklint.reporters.base import Style


def statistics(report: Report, style: Style) -> Iterator[str]:
    """Findings by rule, most frequent first, then what was not understood and how long it took."""
    counts = Counter((finding.code, finding.rule) for finding in report.findings)
    for (code, name), number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{number:6}  {code}  {name}\n"
    yield f"{report.opaque:6}  constructs not understood\n"
    if report.seconds is not None:
        yield f"{report.seconds:6.2f}  seconds\n"
