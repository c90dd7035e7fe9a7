"""The report as one HTML file without outside resources: verdict, lines as inline SVG, a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

from leaklint.runtime.monitor.record import BYTES, LABELS, Reading, Report
from leaklint.runtime.monitor.words import headline, period, rate, remarks, size, title

WIDTH, HEIGHT, LEFT, BOTTOM = 900, 320, 80, 30
"""Of the drawing, and the margins for its axes, in pixels."""

MOST_POINTS = 1_000
"""Of one line: more than the pixels that it crosses are not seen."""

_COLORS = ("#2f6fde", "#d1495b", "#2a9d55", "#b7791f", "#7b4fc9", "#0e8a9a", "#8a6d5a")
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --leak: #c62f3f; --unclear: #b7791f; --fine: #2a8a4a }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
h1 { font-size: 1.1rem; overflow-wrap: anywhere } .verdict { font-size: 1.2rem; font-weight: 600 }
.leak { color: var(--leak) } .unclear { color: var(--unclear) }
.steady, .sawtooth, .plateau { color: var(--fine) }
svg { width: 100%; height: auto } svg text { fill: currentColor; font-size: 12px }
svg .grid { stroke: var(--line) } svg .limit { stroke: var(--leak); stroke-dasharray: 6 4 }
svg polyline { fill: none; stroke-width: 1.6 }
table { border-collapse: collapse; width: 100% } td, th { padding: .25rem .6rem; text-align: left }
th, .number { white-space: nowrap } .number { text-align: right }
tr + tr { border-top: 1px solid var(--line) }
.swatch { display: inline-block; width: .8em; height: .8em; margin-right: .5em }
"""


def page(report: Report) -> str:
    """The whole file."""
    status = report.verdict.status
    notes = "".join(f"<li>{escape(remark)}</li>" for remark in remarks(report))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(status)}: {escape(title(report))}</title>\n<style>{_STYLE}</style>\n"
        "</head>\n<body>\n"
        f'<h1>{escape(title(report))}</h1>\n<p class="verdict {status}">{escape(headline(report))}</p>\n'
        f"<ul>{notes}</ul>\n{''.join(_drawing(report))}\n{''.join(_table(report))}\n</body>\n</html>\n"
    )


def _drawn(report: Report) -> list[str]:
    """The series in bytes that were read, in the order of their colours."""
    return [name for name in BYTES if any(name in reading.values for reading in report.readings)]


def _drawing(report: Report) -> Iterator[str]:
    names = _drawn(report)
    if not names or len(report.readings) < 2:
        return
    most = max(reading.values.get(name, 0) for reading in report.readings for name in names)
    limit = report.limit.bytes if report.limit and report.limit.bytes < 2 * most else 0
    step_size = _round_step(1.05 * max(most, limit) / 4)
    top = 4 * step_size
    yield f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="memory over time">\n'
    for step in range(5):
        y = _y(step_size * step, top)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{size(step_size * step)}</text>\n'
    for step in range(5):
        x = LEFT + (WIDTH - LEFT) * step / 4
        anchor = "start" if step == 0 else "end" if step == 4 else "middle"
        label = period(report.seconds * step / 4)
        yield f'<text x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="{anchor}">{label}</text>\n'
    if limit:
        y = _y(limit, top)
        yield f'<line class="limit" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{WIDTH}" y="{y - 4:.1f}" text-anchor="end">limit {size(limit)}</text>\n'
    for color, name in zip(_COLORS, names, strict=False):
        points = " ".join(_points(report.readings, name, report.seconds, top))
        yield f'<polyline stroke="{color}" points="{points}"><title>{LABELS[name]}</title></polyline>\n'
    yield "</svg>"


def _round_step(least: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(max(least, 1)))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= least)


def _points(readings: Sequence[Reading], name: str, seconds: float, top: float) -> Iterator[str]:
    """Coordinates; of many readings the least and the greatest of each group, so that no tooth is lost."""
    known = [reading for reading in readings if name in reading.values]
    group = max(1, len(known) * 2 // MOST_POINTS)
    for start in range(0, len(known), group):
        part = known[start : start + group]
        ends = [min(part, key=lambda one: one.values[name]), max(part, key=lambda one: one.values[name])]
        for reading in sorted(ends[: len(part)], key=lambda one: one.seconds):
            x = LEFT + (WIDTH - LEFT) * reading.seconds / (seconds or 1)
            yield f"{x:.1f},{_y(reading.values[name], top):.1f}"


def _y(value: float, top: float) -> float:
    return (HEIGHT - BOTTOM) * (1 - value / top) + 6 if top else HEIGHT - BOTTOM


def _table(report: Report) -> Iterator[str]:
    yield "<table>\n<tr><th></th><th>first</th><th>last</th><th>a minute</th><th></th><th></th></tr>\n"
    colors = dict(zip(_drawn(report), _COLORS, strict=False))
    for name, one in report.series.items():
        swatch = f'<span class="swatch" style="background:{colors[name]}"></span>' if name in colors else ""
        yield (
            f"<tr><th>{swatch}{LABELS[name]}</th>"
            f'<td class="number">{size(one.first, one.unit)}</td>'
            f'<td class="number">{size(one.last, one.unit)}</td><td class="number">{rate(one)}</td>'
            f'<td class="{one.status}">{one.status}</td><td>{escape(one.reason)}</td></tr>\n'
        )
    yield "</table>"
