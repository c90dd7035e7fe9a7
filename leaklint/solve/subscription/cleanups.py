"""JavaScript: clean-up functions that an effect does not hand over, or not on every way."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Leave, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lifecycle import Lifecycle


class Cleanups:
    """Looks at the functions that are handed to `useEffect` and its like, and at what they return."""

    def __init__(self, index: Index, lifecycle: Lifecycle) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.lifecycle = lifecycle

    def why(self, acquired: int, release: int) -> str:
        """Why React never gets the clean-up that a release stands in, as a clause; "" when it does."""
        effect = self.index.function(self.unit.effects[acquired].scope)
        function = self.index.function(self.unit.effects[release].scope)
        if function == effect or effect not in self.index.argument_of:
            return ""
        handed = self._handed_over(effect, function)
        if handed == NONE or self.lifecycle.effect_hook(effect) != self.index.argument_of[effect][0]:
            return ""
        if "async" in self.unit.scopes[effect].flags:
            return "the effect is async, so that what it returns is a promise and no clean-up"
        if self.unit.effects[acquired].region == NONE and self._leaves_before(acquired, handed, effect):
            return "the effect may return before it hands over its clean-up"
        return ""

    def _handed_over(self, effect: int, function: int) -> int:
        """The `return` of an effect that gives a function to whoever runs the effect, or NONE."""
        for number in self.index.returns.get(effect, ()):
            leave = self.unit.effects[number]
            row = self.unit.values[leave.value]  # type: ignore[union-attr]
            if row.kind == "closure" and row.scope == function:
                return number
        return NONE

    def _leaves_before(self, acquired: int, handed: int, effect: int) -> bool:
        """Whether the effect returns nothing on a way between making something and handing over its end."""
        made = set(self._made(acquired))
        for number in range(acquired + 1, handed):
            leave = self.unit.effects[number]
            if not isinstance(leave, Leave) or leave.how != "return" or leave.scope != effect:
                continue
            given = self.unit.values[leave.value].kind if leave.value != NONE else "null"
            tests = {self.unit.regions[region].test for region in self.index.regions(leave.region)} - {NONE}
            if given != "null" or any(self._asks(test, made) for test in tests):
                continue
            if not any(self._touches(between, leave.region, made) for between in range(acquired + 1, number)):
                return True
        return False

    def _touches(self, number: int, region: int, made: set[Place]) -> bool:
        """Whether a call on the way out is about what was made, most likely to end it."""
        call = self.unit.effects[number]
        if not isinstance(call, Call) or call.region != region:
            return False
        about = call.receiver != NONE and Place(self.unit.places[call.receiver].symbol) in made
        return about or any(self._asks(argument, made) for argument in call.args)

    def _made(self, acquired: int) -> Iterator[Place]:
        """The locals that what was made is bound to."""
        for place, binds in self.index.binds.items():
            for number in binds:
                value = self.index.bind(number).value
                if value != NONE and self.unit.values[value].call == acquired:
                    yield place

    def _asks(self, test: int, made: set[Place]) -> bool:
        """Whether a test is about what was made: there may be nothing to end."""
        row = self.unit.values[test]
        if row.kind == "place":
            return Place(self.unit.places[row.place].symbol) in made
        if row.kind == "call":
            call = self.unit.effects[row.call]
            asked = (
                self.unit.places[call.receiver] if isinstance(call, Call) and call.receiver != NONE else None
            )
            return asked is not None and Place(asked.symbol) in made
        return any(self._asks(part, made) for part in row.parts)
