"""The report for people: the message, the lines it speaks of, and what to do, in that order."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from leaklint.evidence import Evidence
from leaklint.report import Report
from leaklint.reporters.base import Sources, Style, printable
from leaklint.reporters.frame import BLUE, BOLD, CYAN, DIM, RED, YELLOW, Mark, frame, glyphs
from leaklint.reporters.places import most_certain
from leaklint.reporters.statistics import statistics
from leaklint.reporters.verdict import verdict_lines
from leaklint.rule import Finding

_ACCENT = {"error": RED, "warning": YELLOW, "note": CYAN}
_CODE = re.compile(r"`[^`]+`")


def render(report: Report, style: Style, sources: Sources | None = None) -> Iterator[str]:
    """Every finding as a block with a blank line behind it, then one line about the run."""
    sources = sources or Sources()
    shown = most_certain(report.findings, style.limit)
    for finding in shown:
        yield render_finding(finding, style, sources) + "\n"
    for row in report.verdicts or ():
        if row["finding"] is None:
            yield "\n".join(verdict_lines(row, style, alone=True)) + "\n\n"
    if style.statistics:
        yield from statistics(report, style)
        yield "\n"
    if len(shown) < len(report.findings):
        yield f"{_count(len(report.findings) - len(shown), 'less certain finding')} left out\n"
    yield style.paint(summary(report), BOLD) + "\n"


def render_finding(finding: Finding, style: Style, sources: Sources) -> str:
    """One finding as a block of lines."""
    signs = glyphs(style)
    accent = _ACCENT[finding.severity]
    marks = marks_of(finding, sources)
    numbers = [mark.line for of_file in marks.values() for mark in of_file]
    gutter = max(2, len(str(max(numbers, default=0) + 1)))
    pad = " " * gutter
    lines = list(_message(finding, style, accent))
    for index, (path, of_file) in enumerate(marks.items()):
        first = next((mark for mark in of_file if mark.primary), of_file[0])
        place = printable(f"{path}:{first.line}:{first.column}")
        head = signs.top if index == 0 or not style.drawing else "├─"
        lines.append(f"{pad} {style.paint(head, BLUE)} {style.paint(place, CYAN)}")
        lines += frame(sources[path], of_file, gutter, style, accent)
    lines.append(f"{pad} {style.paint(signs.bar, BLUE)}")
    foot = f"{pad} {style.paint(signs.foot, BLUE)} "
    lines += _hang(foot, finding.advice, style, lead="advice: ")
    if finding.verdict is not None:
        lines += verdict_lines(finding.verdict, style)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def summary(report: Report) -> str:
    """`3 leaks in 2 files; 120 files checked, 4 skipped (3 minified, 1 binary)`."""
    found = [finding for finding in report.findings if not finding.code.startswith("LK0")]
    leaks = [finding for finding in found if (finding.verdict or {}).get("status") != "refuted"]
    others = len(report.findings) - len(found)
    parts = []
    if leaks:
        parts.append(f"{_count(len(leaks), 'leak')} in {_count(len({leak.path for leak in leaks}), 'file')}")
    else:
        parts.append("No leaks found")
    if len(found) > len(leaks):
        parts.append(f"{len(found) - len(leaks)} refuted")
    if others:
        parts.append(_count(others, "other remark"))
    if report.known:
        parts.append(f"{report.known} known {'one' if report.known == 1 else 'ones'} not shown")
    checked = f"{_count(len(report.checked), 'file')} checked"
    reasons = report.by_reason()
    if reasons:
        listed = ", ".join(f"{number} {reason}" for reason, number in reasons.items())
        checked += f", {sum(reasons.values())} skipped ({listed})"
    if report.troubles:
        checked += f", {len(report.troubles)} not checked (see above)"
    return f"{', '.join(parts)}; {checked}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _message(finding: Finding, style: Style, accent: int) -> Iterator[str]:
    """The sentence first; code, name and confidence stand behind it, for those who look for them."""
    label = f"{finding.code} {finding.rule}"
    sure = "" if finding.confidence == "high" else f", {finding.confidence} confidence"
    rows = textwrap.wrap(
        printable(finding.message), style.width - len(finding.severity) - 2, break_on_hyphens=False
    )
    for index, row in enumerate(rows or [""]):
        head = f"{finding.severity}: " if index == 0 else " " * (len(finding.severity) + 2)
        yield style.paint(head, accent, BOLD) + _emphasise(row, style)
    yield " " * (len(finding.severity) + 2) + style.paint(f"[{label}{sure}]", DIM)


def _hang(head: str, text: str, style: Style, lead: str = "") -> Iterator[str]:
    """Text behind a head, wrapped, with its further lines below its first."""
    plain = re.sub(r"\x1b\[[\d;]*m", "", head)
    rows = textwrap.wrap(lead + printable(text), max(40, style.width - len(plain)), break_on_hyphens=False)
    for index, row in enumerate(rows):
        body = row.removeprefix(lead) if index == 0 else row
        yield (
            (head + style.paint(lead, BOLD) if index == 0 else " " * (len(plain) + len(lead)))
            + _emphasise(body, style)
        )


def _emphasise(text: str, style: Style) -> str:
    """Names in backquotes stand out."""
    return _CODE.sub(lambda match: style.paint(match[0], BOLD), text) if style.color else text


def marks_of(finding: Finding, sources: Sources) -> dict[str, list[Mark]]:
    """What to underline, by file, that of the finding first."""
    label = ""
    marks: dict[str, list[Mark]] = {finding.path: []}
    for evidence in finding.evidence:
        if _about(evidence, finding):
            label = label or evidence.message
        else:
            marks.setdefault(evidence.path, []).append(_mark(evidence, evidence.message, sources, False))
    marks[finding.path].append(_mark(finding, label, sources, True))
    return marks


def _about(evidence: Evidence, finding: Finding) -> bool:
    """Evidence that explains the primary location itself, or the statement that it stands in."""
    return (
        evidence.path == finding.path
        and evidence.line == finding.line
        and evidence.at <= finding.at
        and finding.end <= evidence.end
    )


def _mark(part: Finding | Evidence, label: str, sources: Sources, primary: bool) -> Mark:
    """A stretch on one line: a longer one is cut at the end of its first line."""
    end = part.end_column if part.end_line == part.line else len(sources[part.path].line(part.line)) + 1
    return Mark(part.line, part.column, max(end, part.column + 1), printable(label), primary)
