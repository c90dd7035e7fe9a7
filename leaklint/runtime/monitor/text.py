"""The report for the terminal: verdict, plot of the memory, one line a series."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.runtime.monitor.plot import plot
from leaklint.runtime.monitor.record import LABELS, Report
from leaklint.runtime.monitor.words import headline, period, rate, remarks, size, title

_COLORS = {"leak": 31, "unclear": 33, "plateau": 32, "sawtooth": 32, "steady": 32}


def render(report: Report, *, color: bool = False, drawing: bool = True, width: int = 80) -> Iterator[str]:
    """Lines without line ends."""
    yield title(report)
    status = report.verdict.status
    words = headline(report)
    yield f"\x1b[1;{_COLORS[status]}m{status}\x1b[0m{words[len(status) :]}" if color else words
    yield from (f"  {remark}" for remark in remarks(report))
    shown = _shown(report)
    if shown:
        yield ""
        yield from _plot(report, shown, drawing, width)
    if report.series:
        yield ""
        yield from _table(report)


def _shown(report: Report) -> str:
    """The series to plot: the one that the verdict is about."""
    verdict, heap = report.verdict, report.series.get("heap_used")
    if verdict.where == "external":
        names = ["external"]
    elif heap and heap.reason == verdict.reason:
        names = ["heap_used"]
    else:
        names = ["uss", "rss"]
    read = {name for reading in report.readings for name in reading.values}
    return next((name for name in names if name in read), "")


def _plot(report: Report, name: str, drawing: bool, width: int) -> Iterator[str]:
    values = [reading.values[name] for reading in report.readings if name in reading.values]
    lines = plot(values, max(20, min(width - 14, 72)), 8, braille=drawing)
    edge = "│" if drawing else "|"
    yield f"{LABELS[name]}"
    for index, line in enumerate(lines):
        mark = size(max(values)) if index == 0 else size(min(values)) if index == len(lines) - 1 else ""
        yield f"{mark:>11} {edge}{line}"
    end = period(report.seconds)
    yield f"{'0 s':>14}{end:>{max(20, min(width - 14, 72)) - 1}}"


def _table(report: Report) -> Iterator[str]:
    rows = [("", "first", "last", "a minute", "", "")]
    rows += [
        (LABELS[name], size(one.first, one.unit), size(one.last, one.unit), rate(one), one.status, one.reason)
        for name, one in report.series.items()
        if name != "processes" or one.most > 1
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for label, first, last, growth, status, reason in rows:
        yield (
            f"{label:<{widths[0]}}  {first:>{widths[1]}}  {last:>{widths[2]}}  "
            f"{growth:>{widths[3]}}  {status:<{widths[4]}}  {reason}"
        ).rstrip()
