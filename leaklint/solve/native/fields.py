"""Values that a field holds and its class never ends."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Native
from leaklint.solve.aliases import Aliases
from leaklint.solve.index import Index
from leaklint.solve.native.leak import NativeLeak
from leaklint.solve.native.takers import Takers
from leaklint.solve.repeats import Repeats

_CLOSING = ("close", "dispose", "stop", "shutdown", "destroy", "release", "cleanup", "clear", "reset")


class Fields:
    """Fields of one unit that hold what must be ended."""

    def __init__(self, index: Index, aliases: Aliases, repeats: Repeats, takers: Takers) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self.repeats = repeats
        self.takers = takers

    def left(self, field: Place, row: Native, number: int) -> NativeLeak | None:
        """The leak of a value that a field of `this` holds, or None when somebody may end it."""
        owner = self.unit.symbols[field.symbol].target
        if self.repeats.is_singleton(owner) or self._is_inherited(field):
            return None
        ends = list(self._ends(field, row.end, row))
        if ends and not self._only_replaces(field, ends, row):
            return None
        if row.begun_by and next(self._ends(field, row.begun_by), NONE) == NONE:
            return None
        if row.hidden_by and not self._is_hidden(field, row.hidden_by):
            return None
        for consumer in self.index.uses.of_field.get(field.path[0], ()):
            effect = self.unit.effects[consumer]
            if isinstance(effect, Call) and self.takers.borrows(effect, row):
                continue
            if ends and isinstance(effect, Bind) and self._is_ended_local(effect, row):
                continue
            return None  # handed over, given out, or moved
        return NativeLeak(number, row, "replaced" if ends else "field", field, min(ends, default=NONE))

    def _only_replaces(self, field: Place, ends: list[int], row: Native) -> bool:
        """Java: whether only methods that make the next one end the one before: the last one is left."""
        makers: dict[int, int] = {}
        for number in self.index.binds.get(field, ()) if self.unit.language == "java" else ():
            bind = self.index.bind(number)
            if bind.value != NONE and self.unit.values[bind.value].kind == "call":
                function = self.index.function(bind.scope)
                makers[function] = min(number, makers.get(function, number))
        callers = {
            self.unit.scopes[self.index.function_at(call)].name
            for function in makers
            for call in self.index.callers.get(function, ())
        }
        return callers.isdisjoint(_CLOSING) and all(
            self._name(end) in row.end and self._taken(end) < makers.get(self.index.function_at(end), NONE)
            for end in ends
        )

    def _name(self, number: int) -> str:
        return getattr(self.unit.effects[number], "name", "")

    def _taken(self, end: int) -> int:
        """When what an end is called on is read: at the end itself, or into a local before."""
        call = self.unit.effects[end]
        assert isinstance(call, Call)
        reads: list[int] = self.index.binds.get(self.unit.places[call.receiver], [])
        return min((*reads, end))

    def _is_ended_local(self, bind: Bind, row: Native) -> bool:
        """`Image old = this.image; …; old.dispose()`."""
        local = self.unit.places[bind.target]
        return not local.path and local.symbol != NONE and self.index.uses.ended(local, row.end)

    def _is_inherited(self, field: Place) -> bool:
        """Java: whether a field is none of the class, whose base in another file may end it."""
        owner = self.unit.symbols[field.symbol].target
        if self.unit.language != "java" or not self.unit.owners[owner].bases:
            return False
        return not any(
            symbol.kind == "field"
            and "." + symbol.name == field.path[0]
            and self.unit.scopes[symbol.scope].owner == owner
            for symbol in self.unit.symbols
        )

    def _is_hidden(self, field: Place, names: list[str]) -> bool:
        """`window.setVisible(false)`: put aside, and not ended."""
        for name in names:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                off = not call.args or self.unit.values[call.args[0]].text == "false"
                if off and call.receiver != NONE and self.unit.places[call.receiver] == field:
                    return True
        return False

    def _ends(self, field: Place, ends: list[str], row: Native | None = None) -> Iterator[int]:
        """The calls of an end on a field of that name, or on a local that means it."""
        step = field.path[0]
        gives = row.gives_out if row is not None else ()
        given = [name for name in gives if name.startswith("get")]  # `getChannel()`, which ends both
        for name in (*ends, *given):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver == NONE:
                    continue
                places = (self.unit.places[call.receiver], *self.aliases.of(call.receiver))
                if any(step in place.path for place in places):
                    yield number

    def ends_any(self, row: Native) -> bool:
        """Whether the unit ends any value of this sort that it did not make a name for (`inf.end()`)."""
        for name in row.end:
            if name == "close":
                continue  # closing the borrower: says nothing of what it borrowed
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                place = self.unit.places[call.receiver] if call.receiver != NONE else None
                if place is not None and place.symbol != NONE and not place.path:
                    symbol = self.unit.symbols[place.symbol]
                    if symbol.kind == "global":
                        return True
                elif place is not None and place.path:
                    return True
        return False
