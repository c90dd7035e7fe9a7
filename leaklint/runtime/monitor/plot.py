"""A line plot for the terminal: braille dots, four rows and two columns to a character, or ASCII."""

from __future__ import annotations

from collections.abc import Sequence

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # bits of a braille cell, row by row


def plot(values: Sequence[float], width: int = 60, height: int = 8, *, braille: bool = True) -> list[str]:
    """Lines of text, highest value first. Every column spans its least and its greatest reading."""
    across, down = (2, 4) if braille else (1, 1)
    columns, rows = width * across, height * down
    low, high = min(values), max(values)
    scale = (rows - 1) / (high - low) if high > low else 0.0
    dots: set[tuple[int, int]] = set()
    last: int | None = None
    for column, (least, most) in enumerate(_spans(values, columns)):
        first, final = (rows - 1 - round((value - low) * scale) for value in (most, least))
        if last is not None:  # no gap between two columns
            first, final = min(first, last), max(final, last)
        last = rows - 1 - round((most - low) * scale)
        dots.update((row, column) for row in range(first, final + 1))
    if not braille:
        return ["".join("*" if (y, x) in dots else " " for x in range(width)).rstrip() for y in range(height)]
    return ["".join(_cell(dots, y, x) for x in range(width)).rstrip(chr(0x2800)) for y in range(height)]


def _spans(values: Sequence[float], columns: int) -> list[tuple[float, float]]:
    """Least and greatest value of each column; few values are stretched over all of them."""
    count = len(values)
    spans = []
    for column in range(columns):
        start = column * count // columns
        part = values[start : max(start + 1, (column + 1) * count // columns)]
        spans.append((min(part), max(part)))
    return spans


def _cell(dots: set[tuple[int, int]], y: int, x: int) -> str:
    bits = 0
    for row, pair in enumerate(_DOTS):
        for column, bit in enumerate(pair):
            if (y * 4 + row, x * 2 + column) in dots:
                bits |= bit
    return chr(0x2800 + bits)
