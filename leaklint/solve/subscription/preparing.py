"""What a function does about the old handle before it stores the next: asks for it, ends it, or neither."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.acquired import Acquired
from leaklint.solve.handles import Handle, Handles
from leaklint.solve.lazy import regex

STOPS = regex(r"(?i)^_*(stop|clear|dispose|cancel|end|un|remove|reset|destroy|clean|close|disconnect|tear)")


class Preparing:
    """Answers of one unit about the ways to an effect."""

    def __init__(self, acquired: Acquired, handles: Handles) -> None:
        self.acquired = acquired
        self.handles = handles
        self.unit: Unit = acquired.unit
        self.index = acquired.index
        self.lifecycle = acquired.lifecycle

    def fields(self) -> Iterator[tuple[Place, list[int]]]:
        """The fields of objects with their binds."""
        for place, binds in self.index.binds.items():
            if len(place.path) != 1 or place.symbol == NONE:
                continue
            if self.unit.symbols[place.symbol].kind == "this":
                yield place, binds

    def name_of(self, number: int) -> str:
        call = self.unit.effects[number]
        return call.name if isinstance(call, Call) else ""

    def is_once(self, function: int) -> bool:
        """Whether only the constructor calls a method."""
        callers = self.index.callers.get(function, ())
        return bool(callers) and all(
            self.unit.scopes[self.index.function(self.unit.effects[number].scope)].kind == "constructor"
            for number in callers
        )

    def mentions(self, test: int, place: Place) -> bool:
        pending = [test]
        while pending:
            row = self.unit.values[pending.pop()]
            pending += row.parts
            if row.kind == "place":
                other = self.unit.places[row.place]
                if other.symbol == place.symbol and other.path[: len(place.path)] == place.path:
                    return True
        return False

    def is_guarded(self, effect: int, place: Place, strict: bool = True) -> bool:
        """`if (!this.timer)`, an early return, or any other test of the field, around or before.

        strict: an early return for any reason counts, as what it asks for is not understood.
        """
        row = self.unit.effects[effect]
        function = self.index.function(row.scope)
        around = set(self.index.regions(row.region))
        for number, region in enumerate(self.unit.regions):
            if region.test == NONE or self.index.function(region.scope) != function:
                continue
            if number in around or (
                region.leaves and region.last <= effect and (strict or self.mentions(region.test, place))
            ):
                return True  # only sometimes, or not at all while there is one
        return False

    def ended_before(self, effect: int, function: int, handle: Handle) -> bool:
        """Whether the function ends the old handle first, itself or through something it calls."""
        ending = {self.index.function(self.unit.effects[end].scope) for end in handle.ends}
        if function in ending:
            return True
        for number in range(effect - 1, -1, -1):
            call = self.unit.effects[number]
            if self.index.function(call.scope) != function:
                if call.at < self.unit.scopes[function].at:
                    break
                continue
            if isinstance(call, Call) and (
                self.index.callee_scope(number) in ending or STOPS.match(call.name)
            ):
                return True
        return False
