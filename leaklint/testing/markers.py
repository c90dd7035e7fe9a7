"""Comments that say what leaklint must find: `# error: [LK101] "text"`, and `//` for other languages.

A marker behind code speaks of its line; one that stands alone speaks of the next line of code. Several
may stand on one line, or above it.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from leaklint.rule import Finding

Kind = Literal["error", "todo-error", "todo-ok"]

_MARKER = re.compile(
    r"""(?:\#|//|/\*|\{/\*)\s*(?P<kind>error|todo-error|todo-ok):\s*\[(?P<code>[^\]]+)\]"""
    r"""(?:\s*"(?P<text>[^"]*)")?"""
)
_ALONE = re.compile(r"^\s*(?:#|//|/\*|\{/\*)")


class Marker(msgspec.Struct, frozen=True):
    """What a line must bring.

    error: this finding. todo-error: this finding is missed so far. todo-ok: this finding comes, and is a
    known false alarm. `code` may be a rule's name; `text` must occur in the message.
    """

    kind: Kind
    code: str
    text: str
    line: int

    def fits(self, finding: Finding) -> bool:
        return (
            finding.line == self.line
            and self.code in (finding.code, finding.rule)
            and self.text in finding.message
        )

    def __str__(self) -> str:
        return f'[{self.code}] "{self.text}"' if self.text else f"[{self.code}]"


def markers(text: str) -> list[Marker]:
    """Every marker of a fence's text, by the line that it speaks of."""
    found: list[Marker] = []
    waiting: list[re.Match[str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        here = list(_MARKER.finditer(line))
        if _ALONE.match(line):
            waiting += here
            continue
        if not line.strip():
            continue
        found += [_marker(match, number) for match in (*waiting, *here)]
        waiting = []
    if waiting:
        raise ValueError(f"no line of code follows the marker {waiting[0][0]!r}")
    return found


def _marker(match: re.Match[str], line: int) -> Marker:
    kind: Kind = match["kind"]  # type: ignore[assignment]
    return Marker(kind, match["code"].strip(), match["text"] or "", line)
