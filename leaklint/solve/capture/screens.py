"""Java: tasks, loaders and models that hold the screen which they were given, and live on when it has ended.

Android Lint calls the same StaticFieldLeak. What is said of inner classes is in `inners.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Place, Unit
from leaklint.models import Kept
from leaklint.solve.capture.inners import Inners
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex

# what a screen is, and what refers to it; a context may be that of the application
_SCREEN = regex(r"(\w*(Activity|Fragment|Dialog)|\w*[a-z]View|View|ViewGroup|\w+Layout|Button|EditText)$")
_CONTEXT = "Context"


class HeldScreen(msgspec.Struct):
    """A field of a class that the system keeps, and the bind that puts a screen into it. type: its own."""

    field: Place
    bind: int
    type: str
    row: Kept
    sure: bool


class Screens:
    """Such fields of one unit."""

    def __init__(self, index: Index, inners: Inners) -> None:
        self.index = index
        self.inners = inners
        self.unit: Unit = index.unit

    def held(self) -> Iterator[HeldScreen]:
        """One a class, in source order: the first field that is given a screen and never gives it back."""
        for number, owner in enumerate(self.unit.owners if self.inners.speaks else ()):
            if owner.kind != "class" or not ("static" in owner.flags or owner.outer == NONE):
                continue
            row = self.inners.row_of(number)
            if row is None or self.inners.is_freed(row, number):
                continue
            found = [*self._fields(number, row)]
            if found:
                yield min(found, key=lambda held: (not held.sure, held.bind))

    def _fields(self, owner: int, row: Kept) -> Iterator[HeldScreen]:
        this = self.unit.owners[owner].this
        for symbol in self.unit.symbols:
            if symbol.kind != "field" or self.unit.scopes[symbol.scope].owner != owner:
                continue
            sure = _SCREEN.match(symbol.type) is not None
            if not sure and symbol.type != _CONTEXT:
                continue
            field = Place(this, (f".{symbol.name}",))
            given = self._given(field)
            if given != NONE:
                yield HeldScreen(field, given, symbol.type, row, sure and row.sure)

    def _given(self, field: Place) -> int:
        """The bind that stores what a caller hands in; NONE where there is none, or the field is emptied."""
        given = NONE
        for index in self.index.binds.get(field, ()):
            bind = self.unit.effects[index]
            value = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            if value is None:
                continue
            if value.kind == "null" and bind.how == "assign":  # type: ignore[union-attr]
                return NONE
            symbol = self.index.symbol(self.unit.places[value.place]) if value.kind == "place" else None
            if symbol is None or symbol.kind != "parameter" or self.unit.places[value.place].path:
                continue
            if "app" not in symbol.name.lower() and given == NONE:
                given = index
        return given
