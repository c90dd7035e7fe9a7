"""Numbers and verdicts in words, the same in the terminal and in HTML."""

from __future__ import annotations

import shlex

from leaklint.runtime.monitor.record import MB, Report, Series

LONGEST = 100
"""Characters of a command line that are shown."""

_WHERE = {
    "heap": "in the heap",
    "external": "in memory that objects hold outside of the heap",
    "native": "in native memory, outside of the heap",
    "unknown": "in memory of unknown kind",
}
_ENDINGS = {
    "duration": "the duration was over",
    "load": "the load command ended",
    "target": "the process ended",
    "interrupt": "it was interrupted",
}


def size(value: float, unit: str = "bytes") -> str:
    """`52.1 MB`, or `12,345` for a count."""
    if unit != "bytes":
        return f"{value:,.0f}"
    if abs(value) >= 1000 * MB:
        return f"{value / MB / 1000:,.2f} GB"
    return f"{value / MB:,.1f} MB"


def rate(one: Series) -> str:
    """`+4.1 ± 0.2 MB`, without `a minute`."""
    if one.unit != "bytes":
        return f"{one.rate_per_minute:+,.0f} ± {one.uncertainty_per_minute:,.0f}"
    return f"{one.rate_per_minute / MB:+,.2f} ± {one.uncertainty_per_minute / MB:,.2f} MB"


def period(seconds: float) -> str:
    """`45 s`, `12 min`, `3.5 h`, `12 days`."""
    for unit, least in (("days", 86_400 * 2), ("h", 7200), ("min", 120)):
        if seconds >= least:
            divisor = {"days": 86_400, "h": 3600, "min": 60}[unit]
            return f"{seconds / divisor:.3g} {unit}"
    return f"{seconds:.3g} s"


def title(report: Report) -> str:
    """The command on one line, with its number and runtimes."""
    target = report.target
    line = " ".join(shlex.join(target.command).split())
    line = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    runtimes = f", {' and '.join(target.runtimes)}" if target.runtimes else ""
    return f"{line} (pid {target.pid}{runtimes})"


def headline(report: Report) -> str:
    """The verdict in a sentence."""
    verdict = report.verdict
    growth = f"{verdict.rate_mb_per_minute:+,.2f} ± {verdict.uncertainty_mb_per_minute:,.2f} MB a minute"
    where = f" {_WHERE[verdict.where]}" if verdict.where else ""
    return f"{verdict.status}: {growth}{where}; {verdict.reason}"


def remarks(report: Report) -> list[str]:
    """What else there is to say: the limit, the end, what could not be read."""
    lines = []
    if report.limit:
        text = f"limit {size(report.limit.bytes)} ({report.limit.source})"
        left = report.verdict.seconds_until_limit
        lines.append(f"{text}: reached in {period(left)} at this rate" if left is not None else text)
    code = report.stopped.code
    ending = _ENDINGS[report.stopped.reason] + (f" with code {code}" if code is not None else "")
    lines.append(f"{len(report.readings)} readings in {period(report.seconds)}, until {ending}")
    return [*lines, *report.notes]
