"""JavaScript: removals that change a copy. `rows.filter(…)` returns a new array and leaves the old one."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Leave, Unit
from leaklint.solve.destinations import Destinations
from leaklint.solve.holders import Growth, Holder, Holders

_COPIES = ("filter", "toSpliced")


class Copy(msgspec.Struct):
    """`effect` makes a copy of a holder without an entry, and drops it."""

    effect: int
    holder: Holder
    growth: Growth


class Copies:
    """Dropped copies of one unit."""

    def __init__(self, holders: Holders) -> None:
        self.holders = holders
        self.index = holders.index
        self.unit: Unit = holders.unit

    def dropped(self) -> Iterator[Copy]:
        """In source order."""
        numbers = sorted(number for name in _COPIES for number in self.index.calls.get(name, ()))
        if not numbers:
            return
        destinations = Destinations(self.unit)
        for number in numbers:
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE or destinations.of(number)[0] != "dropped":
                continue
            if call.name == "filter" and not self._leaves_out(call):
                continue
            for place in self.holders.aliases.of(call.receiver):
                holder = self.holders.by_place.get(place)
                if holder is not None and holder.growths and holder.kind == "array":
                    yield Copy(number, holder, holder.growths[0])
                    break

    def _leaves_out(self, call: Call) -> bool:
        """Whether the function given to `filter` only compares: `(each) => each !== handler`."""
        row = self.unit.values[call.args[0]] if call.args else None
        if row is None or row.kind != "closure":
            return False
        own = [self.unit.effects[number] for number in self.index.of_function.get(row.scope, ())]
        answers = [effect for effect in own if isinstance(effect, Leave)]
        if len(answers) != 1 or answers[0].value == NONE or any(isinstance(each, Call) for each in own):
            return False
        value = self.unit.values[answers[0].value]
        return value.kind == "operation" and value.text in ("!=", "not", "and")
