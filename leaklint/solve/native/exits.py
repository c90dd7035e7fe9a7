"""Values that a loop makes one after the other into a local which is ended behind the loop only."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.index import Index


class Exits:
    """Locals of one unit that are overwritten before they are ended."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def overwritten(self, local: Place, made: int, ends: list[str]) -> bool:
        """Whether a loop puts one after the other into a local that is ended behind the loop only."""
        binds = [
            self.unit.effects[number]
            for number in self.index.binds.get(local, ())
            if self._makes(number, made)
        ]
        if local.path or len(self.index.binds.get(local, ())) < 2 or len(binds) != 1:
            return False
        bind = binds[0]
        assert isinstance(bind, Bind)
        kinds = [(number, self.unit.regions[number].kind) for number in self.index.regions(bind.region)]
        loops = [number for number, kind in kinds if kind == "loop"]
        if bind.how != "assign" or not loops:
            return False
        row = self.unit.regions[loops[-1]]
        if any(self._asks_for(number, local) for number, _ in kinds if self.unit.regions[number].at > row.at):
            return False  # made once, where there is none
        function = self.index.function(bind.scope)
        ended = [n for n in self.index.of_function.get(function, ()) if self._ends(n, local, ends)]
        inside = range(row.first, row.last)
        if not ended or any(number in inside for number in ended):
            return False
        for number in inside:
            call = self.unit.effects[number]
            if isinstance(call, Call) and any(self._is(value, local) for value in call.args):
                return False  # handed on before the next one comes
        return not any(
            isinstance(effect := self.unit.effects[number], Leave) and effect.how in ("break", "return")
            for number in inside
        )

    def _asks_for(self, region: int, local: Place) -> bool:
        """`if (statement == null) statement = …;`"""
        row = self.unit.regions[region]
        test = self.unit.values[row.test] if row.kind == "branch" and row.test != NONE else None
        if test is None or test.text not in ("==", "is", "not"):
            return False
        parts = [self.unit.values[part] for part in test.parts]
        return any(part.kind == "place" and self.unit.places[part.place] == local for part in parts)

    def _makes(self, number: int, made: int) -> bool:
        bind = self.unit.effects[number]
        value = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        return value is not None and value.kind == "call" and value.call == made

    def _ends(self, number: int, local: Place, ends: list[str]) -> bool:
        call = self.unit.effects[number]
        if not isinstance(call, Call):
            return False
        if call.name in ends and call.receiver != NONE and self.unit.places[call.receiver] == local:
            return True
        closes = call.name in ends or any(
            word in call.name for word in ("close", "Close", "release", "Release")
        )
        return closes and any(self._reads(value, local) for value in call.args)

    def _reads(self, value: int, local: Place) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place].symbol == local.symbol
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            if call.receiver != NONE and self.unit.places[call.receiver].symbol == local.symbol:
                return False  # `cursor.getString(0)` gives out what it read, not itself
            return any(self._reads(argument, local) for argument in call.args)
        return any(self._reads(part, local) for part in row.parts)

    def _is(self, value: int, local: Place) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place] == local
        return row.kind in ("conditional", "container", "operation", "spread") and any(
            self._is(part, local) for part in row.parts
        )
