"""Draws the lines of source that a finding speaks of, with underlines and labels. Knows no rule."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import msgspec

from leaklint.reporters.base import Style
from leaklint.source import SourceFile

BOLD, DIM, RED, YELLOW, BLUE, CYAN = 1, 2, 31, 33, 34, 36
TAB = "    "


class Mark(msgspec.Struct, frozen=True):
    """A stretch of one line, 1-based columns in code points, `end` exclusive, and what to say about it."""

    line: int
    column: int
    end: int
    label: str
    primary: bool


class Glyphs(msgspec.Struct, frozen=True):
    """The signs that a frame is drawn with."""

    top: str
    bar: str
    gap: str
    foot: str
    primary: str
    other: str
    cut: str


DRAWN = Glyphs("╭─", "│", "┆", "╰─", "━", "─", "…")
PLAIN = Glyphs("-->", "|", ":", "=", "^", "-", "...")


def glyphs(style: Style) -> Glyphs:
    return DRAWN if style.drawing else PLAIN


def frame(source: SourceFile, marks: list[Mark], gutter: int, style: Style, accent: int) -> Iterator[str]:
    """The marked lines with a line of context around the primary one; longer gaps become one sign."""
    signs = glyphs(style)
    bar = style.paint(signs.bar, BLUE)
    blank = " " * gutter
    by_line: dict[int, list[Mark]] = {}
    for mark in sorted(set(marks), key=lambda mark: (mark.line, not mark.primary, mark.column)):
        by_line.setdefault(mark.line, []).append(mark)
    last = 0
    for number in lines_of(by_line, source):
        if last and number > last + 1:
            yield f"{blank} {style.paint(signs.gap, BLUE)}"
        last = number
        text = source.line(number)
        here = by_line.get(number, [])
        first, until = _window(text, here, max(20, style.width - gutter - 4 - 2 * len(signs.cut)))
        head = signs.cut if first else ""
        row = head + visible(text[first:until]) + (signs.cut if until < len(text) else "")
        yield f"{style.paint(str(number).rjust(gutter), BLUE)} {bar} {row}".rstrip()
        for mark in here:
            start, end = max(first, mark.column - 1), min(mark.end - 1, until)
            left = len(head) + cells_of(text[first:start]) if start < until else 0
            sign = signs.primary if mark.primary else signs.other
            drawn = sign * max(1, cells_of(text[start:end]))
            color = (accent, BOLD) if mark.primary else (BLUE,)
            yield f"{blank} {bar} {' ' * left}{style.paint(f'{drawn} {mark.label}'.rstrip(), *color)}"


def lines_of(by_line: dict[int, list[Mark]], source: SourceFile) -> list[int]:
    """Lines to show: the marked ones, one around the primary, and single lines between two of them."""
    wanted = set(by_line)
    for number, marks in by_line.items():
        if any(mark.primary for mark in marks):
            wanted |= {near for near in (number - 1, number + 1) if source.line(near).strip()}
    return sorted(wanted | {number - 1 for number in wanted if number - 2 in wanted})


def _window(text: str, marks: list[Mark], room: int) -> tuple[int, int]:
    """The part of a line to show: all of it, or `room` characters around its most important mark."""
    if len(text) <= room:
        return 0, len(text)
    column = marks[0].column - 1 if marks else 0
    if column < room // 2:
        return 0, room
    first = column - room // 4
    return first, min(len(text), first + room)


def visible(text: str) -> str:
    """Source text that cannot move the cursor or colour the terminal."""
    return "".join(TAB if char == "\t" else char if char.isprintable() else "·" for char in text)


def cells_of(text: str) -> int:
    """Columns that text takes on a terminal after `_visible`."""
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if char == "\t":
        return len(TAB)
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
