"""JavaScript: races of a short promise against one that lasts.

`Promise.race` adds a reaction to each of its promises. The one that lasts keeps them all, and with them
what the short ones came to, until it is settled.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.repeats import Repeats


class Race(msgspec.Struct):
    """`effect` lets something race against the promise in `place`, which `made` makes once."""

    effect: int
    place: Place
    made: int


class Races:
    """Races of one unit."""

    def __init__(self, index: Index, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.repeats = repeats

    def lasting(self) -> Iterator[Race]:
        """Races that are run again and again against the same promise, in source order."""
        for name in ("race", "any"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if not self._is_promise(call) or not self.repeats.repeats(number) or not call.args:
                    continue
                array = self.unit.values[call.args[0]]
                if array.kind != "container" or len(array.parts) < 2:
                    continue
                for part in array.parts:
                    found = self._lasts(part, number)
                    if found is not None:
                        yield found
                        break

    def _is_promise(self, call: Call) -> bool:
        if call.receiver == NONE:
            return False
        place = self.unit.places[call.receiver]
        return place.symbol != NONE and not place.path and self.unit.symbols[place.symbol].name == "Promise"

    def _lasts(self, value: int, number: int) -> Race | None:
        row = self.unit.values[value]
        if row.kind != "place":
            return None
        place = self.unit.places[row.place]
        if place.symbol == NONE or "[]" in place.path:
            return None
        symbol = self.unit.symbols[place.symbol]
        if place.path or symbol.kind not in ("constant", "variable"):
            return None
        binds = self.index.binds.get(place, ())
        if len(binds) != 1:
            return None
        bind = self.unit.effects[binds[0]]
        assert isinstance(bind, Bind)
        if bind.value == NONE or not self._makes_promise(bind.value):
            return None
        around = self.index.function(bind.scope)
        if symbol.scope == 0 and self.unit.scopes[around].kind == "module":
            return Race(number, place, binds[0])
        if around == self.index.function(self.unit.effects[number].scope):
            region = self.unit.effects[number].region
            if self.repeats.in_endless_loop(region) and not self.repeats.in_endless_loop(bind.region):
                return Race(number, place, binds[0])
        return None

    def _makes_promise(self, value: int) -> bool:
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return isinstance(call, Call) and (
            (call.new and call.name == "Promise") or (call.name == "once" and len(call.args) > 1)
        )
