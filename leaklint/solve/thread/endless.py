"""Java: threads that run until a flag tells them to stop, where nothing ever sets the flag."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place
from leaklint.solve.index import Index
from leaklint.solve.repeats import Repeats


class Endless(msgspec.Struct):
    """`made` makes a thread that loops until `flag` changes; loop: where, as an offset into the text."""

    made: int
    flag: Place
    loop: int


class EndlessThreads:
    """Such threads of one unit."""

    def __init__(self, index: Index, repeats: Repeats) -> None:
        self.index = index
        self.unit = index.unit
        self.repeats = repeats

    def found(self) -> Iterator[Endless]:
        """Each thread that a method, or a constructor, starts again and again."""
        for number in self.index.calls.get("Thread", ()):
            call = self.unit.effects[number]
            if not isinstance(call, Call) or not call.new or not call.args or "start" not in self.index.calls:
                continue
            owner = self._owner(call.scope)
            if owner == NONE or not self.repeats.repeats(number) or self.repeats.is_singleton(owner):
                continue
            this = self.unit.owners[owner].this
            for body in self._bodies(call, owner):
                found = self._loop(body, this)
                if found is not None:
                    yield Endless(number, found[0], found[1])
                    break

    def _owner(self, scope: int) -> int:
        for function in self.index.enclosing(scope):
            row = self.unit.scopes[function]
            if row.kind in ("method", "constructor") and row.owner != NONE:
                return row.owner
        return NONE

    def _bodies(self, call: Call, owner: int) -> Iterator[int]:
        """The functions that a thread runs: a lambda, a method reference, or what the lambda calls."""
        row = self.unit.values[call.args[0]]
        if row.kind == "closure":
            yield row.scope
            for number in self.index.of_function.get(row.scope, ()):
                if isinstance(self.unit.effects[number], Call):
                    inner = self.index.callee_scope(number)
                    if inner != NONE:
                        yield inner
        elif row.kind == "place":
            place = self.unit.places[row.place]
            if place.symbol == self.unit.owners[owner].this and len(place.path) <= 1:
                scope = self.index.method(owner, place.path[0][1:] if place.path else "run")
                if scope != NONE:
                    yield scope

    def _loop(self, body: int, this: int) -> tuple[Place, int] | None:
        """The first loop of a function that only a flag of the object ends, and that flag."""
        for region in self.unit.regions:
            if region.kind != "loop" or region.test == NONE or self.index.function(region.scope) != body:
                continue
            row = self.unit.values[region.test]
            wanted = "false"
            if row.kind == "operation" and row.text == "not" and len(row.parts) == 1:
                row, wanted = self.unit.values[row.parts[0]], "true"
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is None or place.symbol != this or len(place.path) != 1:
                continue
            leaves = any(
                isinstance(self.unit.effects[number], Leave) for number in range(region.first, region.last)
            )
            if not leaves and self._is_private(place) and not self._is_set(place, wanted):
                return place, region.at
        return None

    def _is_private(self, place: Place) -> bool:
        return any(
            symbol.kind == "field"
            and "." + symbol.name == place.path[0]
            and "private" in symbol.flags
            and self.unit.owners[self.unit.scopes[symbol.scope].owner].this == place.symbol
            for symbol in self.unit.symbols
        )

    def _is_set(self, place: Place, wanted: str) -> bool:
        """Whether anything may give a flag the value that ends the loop."""
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            if not isinstance(bind, Bind) or bind.value == NONE:
                continue
            row = self.unit.values[bind.value]
            if row.kind != "boolean" or row.text == wanted:
                return True
        return any(
            other != place and other.path[-1:] == place.path and other in self.index.binds
            for other in self.unit.places
        )
