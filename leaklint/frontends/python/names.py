"""Names as they are spelt and the places that they are in a scope: found once, then looked up."""

from __future__ import annotations

import re
import unicodedata

from leaklint.ir import NONE
from leaklint.ir.builder import Builder

STEPS = 40
"""Steps of a place that are followed, e.g. in `a[0][0][0]…`."""

_SHORT = 100
"""Longer texts are not kept."""

_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*+"
_DOTTED = re.compile(rb"%s(?:\.%s){0,%d}+" % (_NAME, _NAME, STEPS))


class Texts(dict[bytes, str]):
    """Identifiers as Python sees them (NFKC), decoded once."""

    def __missing__(self, raw: bytes) -> str:
        text = raw.decode("utf-8", "replace")
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text)
        self[raw] = text
        return text


class Shapes(dict[bytes, tuple[bytes, str] | None]):
    """`a.b.c` as `a.b` and `c`; None for a text that is more than names and a few dots."""

    __slots__ = ("texts",)
    texts: Texts

    def __missing__(self, raw: bytes) -> tuple[bytes, str] | None:
        shape = None
        if _DOTTED.fullmatch(raw) is not None:
            head, _, name = raw.rpartition(b".")
            shape = head, self.texts[name]
        if len(raw) < _SHORT:
            self[raw] = shape
        return shape


class Places(dict[bytes, int]):
    """The place of `a.b.c` in one scope; NONE for a text that is more than names and dots."""

    __slots__ = ("bound", "builder", "selves", "shapes")
    builder: Builder
    bound: dict[bytes, int]  # symbols that are known to be declared in this scope
    shapes: Shapes
    selves: dict[bytes, int]  # places of `self` and `self.x`, which are the same in all methods of a class

    def __missing__(self, raw: bytes) -> int:
        place = self.selves.get(raw)
        if place is None:
            shape = self.shapes[raw]
            if shape is None:
                return NONE
            head, name = shape
            if not head:
                symbol = self.bound.get(raw, NONE)
                place = self.builder.symbol_place(symbol) if symbol >= 0 else self.builder.name(name)
            else:
                place = self.builder.member(self[head], name)
                if head in self.selves:
                    self.selves[raw] = place
        self[raw] = place
        return place
