"""Python, JavaScript: one function adds, another takes out; a failure in their caller skips the second."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call
from leaklint.solve.growth.leaving.base import Left
from leaklint.solve.growth.leaving.oneway import OneWays
from leaklint.solve.holding.holder import Growth, Holder, Release


class Brackets(OneWays):
    """`push(x); work(); pop()` of one unit, without a `finally`."""

    def found(self) -> Iterator[Left]:
        """Each holder that such a caller leaves filled, once."""
        for holder in self.lasting() if self.unit.language != "java" else ():
            releases = [row for row in holder.releases if not row.depth]
            if not releases or holder.emptied_elsewhere or any(row.selector == "some" for row in releases):
                continue
            item = next(self._of(holder, releases), None)
            if item is not None:
                yield item

    def _of(self, holder: Holder, releases: list[Release]) -> Iterator[Left]:
        ends = {self.index.function_at(row.effect): row for row in releases}
        for growth in holder.growths:
            opens = self.index.function_at(growth.effect)
            if growth.depth or growth.via != NONE or opens in ends or not self._names_pair(growth):
                continue
            for first in self.index.callers.get(opens, ()):
                for closes, release in ends.items():
                    number = self._skipped_between(first, closes)
                    if number != NONE:
                        yield Left(holder, growth, "raise", release.effect, number)

    def _names_pair(self, growth: Growth) -> bool:
        """Whether the function only adds: what else it does may fail on its own."""
        own = self.index.of_function.get(self.index.function_at(growth.effect), ())
        return sum(isinstance(self.unit.effects[number], Call) for number in own) < 8

    def _skipped_between(self, first: int, closes: int) -> int:
        """What may raise between a call that adds and one that takes out, in one function; or NONE."""
        function = self.index.function_at(first)
        last = next(
            (
                number
                for number in self.index.callers.get(closes, ())
                if number > first and self.index.function_at(number) == function
            ),
            NONE,
        )
        if last == NONE or self.index.in_handler(last):
            return NONE
        if self.unit.effects[last].region != self.unit.effects[first].region:
            return NONE  # on some ways only
        if any(self.index.in_handler(number) for number in self.index.callers.get(closes, ())):
            return NONE  # who wrote this knows
        if self.unit.language == "javascript" and not self._is_of_same(first, last):
            return NONE
        for number in range(first + 1, last):
            effect = self.unit.effects[number]
            if self.index.function(effect.scope) != function or not self._may_raise(effect, function):
                continue
            if not self._caught_before(number, last):
                return number
        return NONE

    def _is_of_same(self, first: int, last: int) -> bool:
        """JavaScript: `const span = start(name); await work(); end(span)`, `begin(id); …; end(id)`."""
        opens, closes = self.unit.effects[first], self.unit.effects[last]
        if not isinstance(opens, Call) or not isinstance(closes, Call):
            return False
        given = {self.unit.values[value].place for value in closes.args if self._is_place(value)}
        places = {self.unit.places[place] for place in given}
        if any(
            self._is_place(value) and self.unit.places[self.unit.values[value].place] in places
            for value in opens.args
        ):
            return True
        return any(
            isinstance(bind := self.unit.effects[number], Bind)
            and bind.value != NONE
            and self.unit.values[bind.value].call == first
            for place in places
            for number in self.index.binds.get(place, ())
        )
