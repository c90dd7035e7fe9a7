"""JavaScript: removals that change a copy. `rows.filter(…)` returns a new array and leaves the old one."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Unit
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
        destinations: Destinations | None = None
        for number in sorted(number for name in _COPIES for number in self.index.calls.get(name, ())):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE or (call.name == "filter" and not self._leaves_out(call)):
                continue
            holder = next(
                (
                    self.holders.by_place[place]
                    for place in self.holders.aliases.of(call.receiver)
                    if place in self.holders.by_place
                ),
                None,
            )
            if holder is None or not holder.growths or holder.kind != "array":
                continue
            destinations = destinations or Destinations(self.unit)
            if destinations.of(number)[0] == "dropped":
                yield Copy(number, holder, holder.growths[0])

    def _leaves_out(self, call: Call) -> bool:
        """Whether the function given to `filter` only compares: `(each) => each !== handler`."""
        row = self.unit.values[call.args[0]] if call.args else None
        if row is None or row.kind != "closure":
            return False
        answers = self.index.returns.get(row.scope, ())
        if len(answers) != 1:
            return False
        answer = self.unit.effects[answers[0]]
        value = self.unit.values[answer.value]  # type: ignore[union-attr]
        if value.kind != "operation" or value.text not in ("!=", "not", "and"):
            return False
        own = (self.unit.effects[number] for number in self.index.of_function.get(row.scope, ()))
        return not any(isinstance(each, Call) for each in own)
