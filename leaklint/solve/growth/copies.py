"""Removals that take nothing out: from a copy, which is dropped, or by a view, behind which all of it stays.

JavaScript: `rows.filter(…)` returns a new array and leaves the old one. Java: `rows = rows.subList(1, n)` is
a window on the same list.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Unit
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Growth, Holder

_COPIES = ("filter", "toSpliced")
# Java: methods that give out a part of their collection which refers to the whole
_VIEWS = ("subList", "subSet", "headSet", "tailSet", "subMap", "headMap", "tailMap")


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
            if self.index.destinations.of(number)[0] == "dropped":
                yield Copy(number, holder, holder.growths[0])

    def views(self) -> Iterator[Copy]:
        """Java: fields that are replaced by views of themselves, in source order. `effect`: the bind."""
        if self.unit.language != "java":
            return
        for number in sorted(number for name in _VIEWS for number in self.index.calls.get(name, ())):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE:
                continue
            for place in self.holders.aliases.of(call.receiver):
                holder = self.holders.by_place.get(place)
                if holder is None or holder.lifetime not in ("instance", "process"):
                    continue
                growths = [item for item in holder.growths if self.holders.repeats.repeats(item.effect)]
                for index in self.index.binds.get(place, ()):
                    bind = self.unit.effects[index]
                    assert isinstance(bind, Bind)
                    row = self.unit.values[bind.value] if bind.value != NONE else None
                    if growths and row is not None and row.kind == "call" and row.call == number:
                        yield Copy(index, holder, growths[0])

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
