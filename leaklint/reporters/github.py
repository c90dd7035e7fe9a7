"""Annotations of a GitHub workflow: shown beside the code, also where nobody may upload SARIF.

GitHub shows ten of each kind a step: the most severe ones are annotations, the others plain lines of the log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from leaklint.report import Report
from leaklint.reporters.base import Sources, Style, printable
from leaklint.reporters.places import below, certainty, root_of
from leaklint.rule import Finding

LIMIT = 10
"""Annotations of one kind that GitHub shows of one step."""

_KINDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report, style: Style, sources: Sources | None = None) -> Iterator[str]:
    """One command a finding, the most severe first; then the rest, and a notice that says how many."""
    root = root_of(report)
    totals = Counter(_KINDS[finding.severity] for finding in report.findings)
    room = dict.fromkeys(_KINDS.values(), LIMIT)
    if any(number > LIMIT for number in totals.values()) or totals["notice"] == LIMIT:
        room["notice"] = LIMIT - 1  # the last one says how many more there are
    rest = []
    for finding in sorted(report.findings, key=certainty, reverse=True):
        kind = _KINDS[finding.severity]
        if room[kind]:
            room[kind] -= 1
            yield _annotation(finding, kind, root)
        else:
            rest.append(finding)
    for finding in sorted(rest, key=lambda finding: (finding.path.split("/"), finding.line, finding.column)):
        row = f"{finding.path}:{finding.line}:{finding.column}: {finding.code} {finding.message}"
        yield printable(row) + "\n"
    if rest:
        text = f"{len(rest)} more {'finding' if len(rest) == 1 else 'findings'} in the log of this step"
        yield f"::notice title=leaklint::{text}\n"


def _annotation(finding: Finding, kind: str, root: str) -> str:
    """A workflow command. Columns mean something to GitHub only on one line."""
    fields = {
        "title": f"leaklint ({finding.code} {finding.rule})",
        "file": below(finding.path, root) or finding.path,
        "line": str(max(1, finding.line)),
        "endLine": str(max(1, finding.line, finding.end_line)),
    }
    if finding.end_line == finding.line:
        fields |= {"col": str(finding.column), "endColumn": str(finding.end_column)}
    listed = ",".join(f"{key}={_escape(value, '%,:')}" for key, value in fields.items())
    return f"::{kind} {listed}::{_escape(f'{finding.message} {finding.advice}', '%')}\n"


def _escape(text: str, special: str) -> str:
    """Text that cannot end a command or begin another one."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return "".join(f"%{ord(char):02X}" if char in special or char in "\r\n" else char for char in text)
