"""JavaScript: intervals that a function clears behind a piece of work whose failure passes the clearing by.

`const beat = setInterval(…); await job.run(); clearInterval(beat);` without `finally`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Leave, Unit
from leaklint.solve.native.ways import Ways
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.pairs import Pairs
from leaklint.solve.repeats import Repeats


class SkippedClear(msgspec.Struct):
    """`item` is cleared by `clear`, unless what `wait` waits for fails."""

    item: Acquisition
    clear: int
    wait: int


class SkippedClears:
    """Intervals of one unit whose clearing a failure skips."""

    def __init__(self, pairs: Pairs, repeats: Repeats) -> None:
        self.pairs = pairs
        self.repeats = repeats
        self.index = pairs.index
        self.unit: Unit = pairs.unit

    def found(self) -> Iterator[SkippedClear]:
        """In source order."""
        for item in self.pairs.acquisitions:
            if item.pair.kind != "timer" or item.pair.reschedules or item.destination != "kept":
                continue
            if item.handle is None or item.handle.path or not item.released_by:
                continue
            function = self.index.function_at(item.effect)
            if not self.repeats.repeats(item.effect) or self.unit.scopes[function].name == "main":
                continue  # a program that ends when that fails
            clears = sorted(item.released_by)
            if any(self.index.function_at(number) != function or number < item.effect for number in clears):
                continue
            if self.unit.symbols[item.handle.symbol].scope in (0, NONE):
                continue
            wait = self._wait(item.effect, clears[0], function)
            if wait != NONE and not self._is_safe(wait, clears):
                yield SkippedClear(item, clears[0], wait)

    def _wait(self, first: int, last: int, function: int) -> int:
        """The first `await` of work between two effects that may fail."""
        call = NONE
        for number in range(first + 1, last):
            effect = self.unit.effects[number]
            if self.index.function(effect.scope) != function:
                continue
            if isinstance(effect, Call):
                call = number
            elif isinstance(effect, Leave) and effect.how == "await" and self._may_fail(call):
                return number
        return NONE

    def _may_fail(self, number: int) -> bool:
        """A call that is no pause, and whose failure nothing catches: `job.run()`, `fetch(url)`."""
        call = self.unit.effects[number] if number != NONE else None
        if not isinstance(call, Call):
            return False
        return not call.new and call.name not in (
            "catch",
            "sleep",
            "delay",
            "wait",
            "allSettled",
            "nextTick",
            "then",
        )

    def _is_safe(self, wait: int, clears: list[int]) -> bool:
        """Whether a `try` stands around the work, which clears in `finally`, or catches and goes on."""
        chain = list(self.index.regions(self.unit.effects[wait].region))
        if any(self.unit.regions[number].kind == "try" for number in chain):
            return True
        ways = Ways(self.index)
        return ways.is_settled(wait, chain, [number for number in clears if number < wait])
