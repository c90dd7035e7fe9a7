"""What running the code said, for people: status, growth, plot, path, and what it cost."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leaklint.reporters.base import Style
from leaklint.reporters.frame import BOLD, CYAN, DIM, RED, YELLOW

_ACCENT = {"confirmed": RED, "refuted": CYAN, "inconclusive": YELLOW, "not-run": YELLOW}
_BARS = "▁▂▃▄▅▆▇█"
_INPUTS = {"fresh": "with fresh arguments only", "same": "with the same arguments only", "any": ""}

_COUNTED = {
    "threads": ("thread", "threads"),
    "left_open": ("object left open", "objects left open"),
    "descriptors": ("descriptor left open", "descriptors left open"),
}


def verdict_lines(verdict: Mapping[str, Any], style: Style, *, alone: bool = False) -> list[str]:
    """A verdict as lines below its finding; `alone`: of a trigger without one."""
    status = str(verdict["status"])
    head = f"{verdict['trigger']}: " if alone else "   "
    lines = [head + style.paint(status, _ACCENT[status], BOLD) + _summary(verdict)]
    for row in _details(verdict, style):
        lines += textwrap.wrap(
            row,
            max(40, style.width),
            initial_indent="     ",
            subsequent_indent="       ",
            break_on_hyphens=False,
        )
    return lines


def _summary(verdict: Mapping[str, Any]) -> str:
    """Growth a call when it is confirmed, else the reason."""
    if verdict["status"] != "confirmed":
        return f": {verdict['reason']}"
    parts = []
    holder = verdict["holder_growth_per_call"]
    if holder:
        one, many = _COUNTED.get(str(verdict["counted"]), ("entry", "entries"))
        parts.append(f"{holder:.3g} {one if holder == 1 else many} a call")
    if verdict["bytes_per_call"]:
        unit = "native bytes" if verdict["counted"] == "native bytes" else "bytes"
        parts.append(f"{verdict['bytes_per_call']:,.0f} {unit} a call")
    if not parts:
        parts.append(str(verdict["reason"]))
    inputs = _INPUTS.get(str(verdict["inputs"]), "")
    return f": {', '.join(parts)}" + (f", {inputs}" if inputs else "")


def _details(verdict: Mapping[str, Any], style: Style) -> Iterator[str]:
    series = verdict["series"]
    if series:
        first, last = (f"{value:,.0f}" for value in (series[0], series[-1]))
        counted = verdict["counted"]
        drawn = f" {plot(series)}" if style.drawing else ""
        yield f"{counted}{drawn} {first} to {last} in {verdict['calls']:,} calls, {verdict['shape']}"
    if verdict["retaining_path"]:
        arrow = " → " if style.drawing else " -> "
        yield "kept by " + arrow.join(verdict["retaining_path"])
    if verdict["allocation_site"]:
        yield f"made at {verdict['allocation_site']}"
    if verdict.get("raised"):
        yield f"calls raised after that: {verdict['raised']}"
    if verdict["trigger"]:
        cost = f"called {verdict['trigger']}"
        if verdict["runtime"]:
            cost += f" on {verdict['runtime']}, {verdict['seconds']:.1f} s in all"
            cost += f" (budget {verdict['budget']:g} s a series)"
        if verdict["overhead"]:
            cost += f", probe {verdict['overhead'] * 1e6:.2g} µs a run of the line"
        yield style.paint(cost, DIM)


def plot(series: Sequence[float]) -> str:
    """A series as a row of bars, from its least to its greatest value."""
    low, high = min(series), max(series)
    if high == low:
        return _BARS[0] * len(series)
    return "".join(_BARS[min(7, int((value - low) / (high - low) * 8))] for value in series)
