"""Java: values that static methods of libraries keep for the running thread, set and not taken away.

`NDC.push(id)`, `RequestContextHolder.setRequestAttributes(…)`: the thread goes back to its pool with them.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Unit
from leaklint.models import Models, Slot
from leaklint.solve.names import callee_name, is_from
from leaklint.solve.repeats import Repeats

# what a pool or a broker runs, with nobody around who would clear the thread
_TASKS = frozenset({"Runnable", "Callable", "Thread", "TimerTask", "MessageListener", "Job"})


class LeftSlot(msgspec.Struct):
    """`effect` sets; `removal`: the call that takes it away if all goes well, or NONE. name: `NDC.push`."""

    effect: int
    row: Slot
    removal: int = NONE
    name: str = ""


class Slots:
    """Such values of one unit."""

    def __init__(self, repeats: Repeats, models: Models) -> None:
        self.repeats = repeats
        self.index = repeats.index
        self.unit: Unit = repeats.unit
        self.rows = models.slot

    def found(self) -> Iterator[LeftSlot]:
        """One for each function and row, in source order."""
        for row in self.rows:
            if not is_from(self.unit, self.index.import_modules, row.packages):
                continue
            sets = self._calls(row.set)
            removes = self._calls(row.remove)
            seen: set[int] = set()
            for number in sets:
                function = self.index.function_at(number)
                if function in seen or not self.repeats.repeats(number):
                    continue
                seen.add(function)
                left = self._judge(number, function, row, sets, removes)
                if left is not None:
                    yield left

    def _calls(self, names: list[str]) -> list[int]:
        return sorted(
            number
            for name in names
            for number in self.index.calls.get(name.rpartition(".")[2], ())
            if callee_name(self.unit, number) == name
        )

    def _judge(
        self, number: int, function: int, row: Slot, sets: list[int], removes: list[int]
    ) -> LeftSlot | None:
        if any(self._is_cleanup(each) for each in (*sets, *removes)):
            return None  # given back in a finally block, here or by whoever calls
        own = [each for each in removes if self.index.function_at(each) == function and each > number]
        if own:
            between = range(number + 1, own[0])
            works = any(
                isinstance(call := self.unit.effects[each], Call) and each not in sets and self._works(call)
                for each in between
            )
            return LeftSlot(number, row, own[0], callee_name(self.unit, number)) if works else None
        if removes or row.light or not self._is_run(function):
            return None
        return LeftSlot(number, row, NONE, callee_name(self.unit, number))

    def _works(self, call: Call) -> bool:
        """Whether a call does more than read or log."""
        return not call.name.startswith(("get", "is", "log", "debug", "info", "trace", "toString", "valueOf"))

    def _is_run(self, function: int) -> bool:
        """Whether a function is what a pool or a broker runs."""
        row = self.unit.scopes[function]
        if row.kind == "lambda" or row.owner == NONE:
            return row.kind == "lambda"
        bases = [self.unit.values[base] for base in self.unit.owners[row.owner].bases]
        places = [self.unit.places[base.place] for base in bases if base.kind == "place"]
        return any(self.unit.symbols[place.symbol].name in _TASKS for place in places if place.symbol != NONE)

    def _is_cleanup(self, number: int) -> bool:
        regions = self.index.regions(self.unit.effects[number].region)
        return any(self.unit.regions[each].kind in ("finally", "cleanup") for each in regions)
