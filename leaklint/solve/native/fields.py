"""Values that a field holds and its class never ends."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.models import Native
from leaklint.solve.aliases import Aliases
from leaklint.solve.index import Index
from leaklint.solve.native.leak import NativeLeak
from leaklint.solve.native.takers import Takers
from leaklint.solve.repeats import Repeats


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
        if self._ended(field, row.end, row):
            return None
        if row.begun_by and not self._ended(field, row.begun_by):
            return None
        if row.hidden_by and not self._is_hidden(field, row.hidden_by):
            return None
        for consumer in self.index.uses.of_field.get(field.path[0], ()):
            effect = self.unit.effects[consumer]
            if isinstance(effect, Call) and self.takers.borrows(effect, row):
                continue
            return None  # handed over, given out, or moved
        return NativeLeak(number, row, "field", field)

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

    def _ended(self, field: Place, ends: list[str], row: Native | None = None) -> bool:
        """Whether any end is called on a field of that name, or on a local that means it."""
        step = field.path[0]
        gives = row.gives_out if row is not None else ()
        given = [name for name in gives if name.startswith("get")]  # `getChannel()`, which ends both
        for name in (*ends, *given):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver == NONE:
                    continue
                for place in (self.unit.places[call.receiver], *self.aliases.of(call.receiver)):
                    if step in place.path:
                        return True
        return False

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
