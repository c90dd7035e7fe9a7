"""Java: tasks, loaders and models that hold the screen which they were given, and live on when it has ended.

Android Lint calls the same StaticFieldLeak. What is said of inner classes is in `inners.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Kept
from leaklint.solve.capture.inners import Inners
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex

# what a screen is, and what refers to it
_SCREEN = regex(
    r"(\w*(Activity|Fragment|Dialog)|View|ViewGroup|EditText|\w*Button|"
    r"(Text|Image|List|Recycler|Web|Surface|Texture|GLSurface|Video|Map|Scroll|Grid|Card|Search|Adapter)View|"
    r"(Linear|Relative|Frame|Constraint|Coordinator|Table|Grid|Drawer|Tab|SwipeRefresh|AppBar)Layout)$"
)
# a context may be that of the application; a view or layout of the program may be a record that is shown
_PERHAPS = regex(r"(Context|\w*[a-z]View|\w+Layout)$")
_SYSTEM = ("android.", "androidx.", "com.google.android.")


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
            if not sure and not _PERHAPS.match(symbol.type):
                continue
            sure = sure and not self._is_of_program(symbol.type)
            field = Place(this, (f".{symbol.name}",))
            given = self._given(field)
            if given != NONE:
                yield HeldScreen(field, given, symbol.type, row, sure and row.sure)

    def _is_of_program(self, kind: str) -> bool:
        """`import fit.model.Activity`: one word of Android's, and imported from elsewhere."""
        if sum(letter.isupper() for letter in kind) > 1:
            return False
        imports = [row for row in self.unit.symbols if row.kind == "import" and row.name == kind]
        return bool(imports) and not any(row.module.startswith(_SYSTEM) for row in imports)

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
            if self._is_given_null(self.unit.places[value.place].symbol):
                return NONE
            if "app" not in symbol.name.lower() and given == NONE:
                given = index
        return given

    def _is_given_null(self, parameter: int) -> bool:
        """`task.attach(null)`, when the screen is turned."""
        scope = self.unit.scopes[self.unit.symbols[parameter].scope]
        if scope.kind != "method" or parameter not in scope.params:
            return False
        position = scope.params.index(parameter)
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and position < len(call.args)
            and self.unit.values[call.args[position]].kind == "null"
            for number in self.index.calls.get(scope.name, ())
        )
