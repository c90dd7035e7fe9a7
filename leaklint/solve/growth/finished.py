"""Judges what a function finishes without ending it: a figure that is saved and never closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.pairs import Pairs

# regions that may run or not
_SOMETIMES = frozenset({"branch", "loop", "except"})


class Finished:
    """Looks at the acquisitions of one unit whose pair names what is done last (`Pair.done_by`)."""

    def __init__(self, pairs: Pairs) -> None:
        self.unit: Unit = pairs.unit
        self.index = pairs.index

    def is_done_with(self, item: Acquisition) -> bool:
        """Whether the function that acquires something does with it what is done last (`savefig`)."""
        return any(True for _ in self._last(item))

    def _last(self, item: Acquisition) -> Iterator[int]:
        function = self.index.function_at(item.effect)
        for name in item.pair.done_by:
            for number in self.index.calls.get(name, ()):
                if self.index.function_at(number) == function:
                    yield number

    def ends_another(self, item: Acquisition, release: int) -> bool:
        """`plt.close()` of another function, or in front of the figure that is drawn, saved and left next."""
        call, made = self.unit.effects[release], self.unit.effects[item.effect]
        if not isinstance(call, Call) or item.destination == "returned" or not self.is_done_with(item):
            return False
        if any(self.unit.values[value].text == "all" for value in call.args):
            return False
        scope, function = self.index.function(call.scope), self.index.function(made.scope)
        if scope == function:
            loops = {number for number in self.index.regions(call.region) if self._is_loop(number)}
            return release < item.effect and loops.isdisjoint(self.index.regions(made.region))
        calling = {self.index.function_at(number) for number in self.index.callers.get(scope, ())}
        called = {self.index.function_at(number) for number in self.index.callers.get(function, ())}
        nested = scope in self.index.enclosing(made.scope) or function in self.index.enclosing(call.scope)
        return not (nested or function in calling or scope in called or calling & called)

    def is_numbered(self, item: Acquisition) -> bool:
        """`plt.figure(3)`, `plt.subplots(num="loss")`: the one of that number again, where there is one."""
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        return any(name == "num" for name, _ in call.keywords) or (call.name == "figure" and bool(call.args))

    def is_given_back(self, item: Acquisition) -> bool:
        """Whether the function that acquires something returns it: its caller may end it.

        Where it is done with and only another way returns it, nobody can: `if wanted: return figure`.
        """
        handles = self._handles(item)
        returns = self.index.returns.get(self.index.function_at(item.effect), ()) if handles else ()
        given = {number for number in returns if self._gives(number, handles)}
        return bool(given) and not any(self._drops(last, given, returns) for last in self._last(item))

    def _handles(self, item: Acquisition) -> set[Place]:
        """What holds the thing itself, or is one of several things that come with it: `figure, axes = …`."""
        found = {item.handle} if item.handle is not None else set()
        for place, numbers in self.index.binds.items():
            for number in numbers:
                bind = self.unit.effects[number]
                row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
                if (
                    row is not None
                    and row.kind == "place"
                    and self.unit.places[row.place].call == item.effect
                ):
                    found.add(place)
        return found

    def _gives(self, leave: int, handles: set[Place]) -> bool:
        value = self.unit.effects[leave].value  # type: ignore[union-attr]
        row = self.unit.values[value]
        return value != NONE and any(
            part.kind == "place" and self.unit.places[part.place] in handles
            for part in (row, *(self.unit.values[part] for part in row.parts))
        )

    def _drops(self, last: int, given: set[int], returns: Iterable[int]) -> bool:
        """Whether a way from what is done last to the end of the function returns something else."""
        around = list(self.index.regions(self.unit.effects[last].region))
        for number in sorted(returns):
            leave = self.unit.effects[number]
            inner = [each for each in self.index.regions(leave.region) if each not in around]
            if number < last or any(self._excludes(each, around) for each in inner):
                continue
            if number not in given or self.unit.values[leave.value].kind == "conditional":  # type: ignore[union-attr]
                return True
            if not any(self.unit.regions[each].kind in _SOMETIMES for each in inner):
                return False
        return True

    def _excludes(self, region: int, around: list[int]) -> bool:
        """Whether a region is the other arm of a test around."""
        row = self.unit.regions[region]
        return any(
            other.test == row.test and other.negated != row.negated
            for other in (self.unit.regions[each] for each in around)
            if row.kind == other.kind == "branch"
        )

    def _is_loop(self, region: int) -> bool:
        return self.unit.regions[region].kind == "loop"
