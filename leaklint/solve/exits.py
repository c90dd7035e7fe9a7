"""Ways out of a function between an acquisition and the release that stands at its normal end."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.index import Index


class Exits:
    """Early exits of the functions of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def early(self, local: Place, made: int, ends: list[str]) -> int:
        """A return or throw behind which a local is not ended, although its function ends it; or NONE.

        Only plain code counts: the local is bound once, ended on the way that everything else takes,
        handed to nobody who keeps it, and the way out says nothing of it.
        """
        if local.symbol == NONE or local.path or len(self.index.binds.get(local, ())) != 1:
            return NONE
        function = self.index.function(self.unit.effects[made].scope)
        effects = self.index.of_function.get(function, ())
        ended = [number for number in effects if self._ends(number, local, ends)]
        if not ended or any(self._is_covered(number) for number in ended):
            return NONE
        around = set(self.index.regions(self.unit.effects[made].region))
        last = [number for number in ended if self._is_on_way(number, around)]
        if not last:
            return NONE  # ended on some ways only: too much of a plan to judge
        for number in effects:
            effect = self.unit.effects[number]
            if not (made < number < last[-1]) or not isinstance(effect, Leave):
                continue
            if effect.how not in ("return", "raise") or self._is_covered(number):
                continue
            if self._says_of(number, effect, local, around, ended):
                continue
            return number
        return NONE

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

    def _is_covered(self, number: int) -> bool:
        """Whether an effect stands in a `try` with a `finally`, a `catch`, or a cleaning block itself."""
        for region in self.index.regions(self.unit.effects[number].region):
            if self.unit.regions[region].kind in ("finally", "except", "try"):
                return True
        return False

    def _is_on_way(self, number: int, around: set[int]) -> bool:
        """Whether an end stands no deeper than the acquisition."""
        for region in self.index.regions(self.unit.effects[number].region):
            if region in around:
                break
            if self.unit.regions[region].kind != "with":
                return False
        return True

    def _says_of(self, number: int, leave: Leave, local: Place, around: set[int], ended: list[int]) -> bool:
        """Whether a way out gives the local out, has just ended it, or is taken because there is none."""
        if leave.value != NONE and self._gives(leave.value, local):
            return True
        branch = NONE
        for region in self.index.regions(leave.region):
            if region in around:
                break
            if self.unit.regions[region].kind != "with":
                branch = region
            test = self.unit.regions[region].test
            if test != NONE and self._tests_presence(test, local):
                return True
        if branch == NONE:
            return True  # the normal end
        row = self.unit.regions[branch]
        for other in range(row.first, number):
            effect = self.unit.effects[other]
            if other in ended:
                return True
            if isinstance(effect, Call) and any(self._is(value, local) for value in effect.args):
                return True  # handed on by this branch
            if isinstance(effect, Bind) and effect.value != NONE and self._is(effect.value, local):
                return True
        return False

    def _gives(self, value: int, local: Place) -> bool:
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            return any(self._is(argument, local) for argument in call.args)
        return self._is(value, local)

    def _is(self, value: int, local: Place) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place] == local
        return row.kind in ("conditional", "container", "operation", "spread") and any(
            self._is(part, local) for part in row.parts
        )

    def _tests_presence(self, test: int, local: Place) -> bool:
        """`if (cursor == null) return`: there is nothing to end."""
        row = self.unit.values[test]
        if row.kind == "place":
            return self.unit.places[row.place] == local
        if row.kind != "operation":
            return False
        if row.text in ("==", "!=", "is", "is not"):
            return any(self._is(part, local) for part in row.parts)
        return any(self._tests_presence(part, local) for part in row.parts)
