"""Java: a static field holds the newest object of a class, and each object holds the one before it.

Nothing lets go of the first: the chain has as many objects as were ever made.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place
from leaklint.solve.index import Index
from leaklint.solve.repeats import Repeats


class Chain(msgspec.Struct):
    """`newest` gets a new object that keeps the former one; kept: the bind of the field that keeps it."""

    newest: Place
    made: int
    kept: int
    field: str


class Predecessors:
    """Chains of the static fields of one unit."""

    def __init__(self, index: Index, repeats: Repeats) -> None:
        self.index = index
        self.unit = index.unit
        self.repeats = repeats

    def chains(self) -> Iterator[Chain]:
        """Each static field that is bound to `new T(…, itself, …)`, where T keeps what it is given."""
        for place, binds in self.index.binds.items():
            if place.symbol == NONE or len(place.path) != 1:
                continue
            if self.unit.symbols[place.symbol].kind != "class":
                continue
            for number in binds:
                kept = self._kept(number, place)
                if kept is not None and self.repeats.repeats(number):
                    field = self.unit.places[self.unit.effects[kept].target]  # type: ignore[union-attr]
                    if not self._steps_back(place, field):
                        yield Chain(place, number, kept, field.path[0][1:])
                        break

    def _kept(self, number: int, place: Place) -> int | None:
        """The only bind of the field in which a new object keeps what the static field held."""
        bind = self.unit.effects[number]
        assert isinstance(bind, Bind)
        row = self.unit.values[bind.value] if bind.value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        if not isinstance(call, Call) or not call.new:
            return None
        for position, value in enumerate(call.args):
            part = self.unit.values[value]
            if part.kind != "place" or self.unit.places[part.place] != place:
                continue
            scope = self._constructor(call)
            params = self.unit.scopes[scope].params if scope != NONE else ()
            if position < len(params):
                return self._stored(params[position], self.unit.scopes[scope].owner)
        return None

    def _constructor(self, call: Call) -> int:
        """The constructor with as many parameters as a call has arguments, or NONE."""
        owner = self.unit.places[call.callee].symbol if call.callee != NONE else NONE
        if owner == NONE or self.unit.symbols[owner].kind != "class":
            return NONE
        for scope in self.unit.owners[self.unit.symbols[owner].target].methods:
            row = self.unit.scopes[scope]
            if row.kind == "constructor" and len(row.params) == len(call.args):
                return scope
        return NONE

    def _stored(self, param: int, owner: int) -> int | None:
        this = self.unit.owners[owner].this
        for place, binds in self.index.binds.items():
            if place.symbol != this or len(place.path) != 1 or len(binds) != 1:
                continue
            value = self.unit.effects[binds[0]].value  # type: ignore[union-attr]
            row = self.unit.values[value] if value != NONE else None
            if row is not None and row.kind == "place" and self.unit.places[row.place] == Place(param):
                return binds[0]
        return None

    def _steps_back(self, newest: Place, field: Place) -> bool:
        """`top = top.below`, `x.previous = null`: objects leave the chain again."""
        for place, binds in self.index.binds.items():
            if place != newest and place.path[-1:] == field.path and place != field:
                return True  # set from outside of the object
            if place == newest:
                for number in binds:
                    bind = self.unit.effects[number]
                    row = (
                        self.unit.values[bind.value]
                        if isinstance(bind, Bind) and bind.value != NONE
                        else None
                    )
                    if row is None or row.kind not in ("call", "null"):
                        return True
                    call = self.unit.effects[row.call] if row.kind == "call" else None
                    if isinstance(call, Call) and not call.new:
                        return True
        return False
