"""Judges what a function finishes without ending it: a figure that is saved and never closed."""

from __future__ import annotations

from leaklint.ir import Call, Unit
from leaklint.solve.pairs import Acquisition, Pairs


class Finished:
    """Looks at the acquisitions of one unit whose pair names what is done last (`Pair.done_by`)."""

    def __init__(self, pairs: Pairs) -> None:
        self.unit: Unit = pairs.unit
        self.index = pairs.index

    def is_done_with(self, item: Acquisition) -> bool:
        """Whether the function that acquires something does with it what is done last (`savefig`)."""
        function = self.index.function(self.unit.effects[item.effect].scope)
        return any(
            self.index.function(self.unit.effects[number].scope) == function
            for name in item.pair.done_by
            for number in self.index.calls.get(name, ())
        )

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
        """Whether the function that acquires something returns it: its caller may end it."""
        function, handle = self.index.function_at(item.effect), item.handle
        for number in self.index.returns.get(function, ()) if handle is not None else ():
            row = self.unit.values[self.unit.effects[number].value]  # type: ignore[union-attr]
            for part in (row, *(self.unit.values[part] for part in row.parts)):
                if part.kind == "place" and self.unit.places[part.place] == handle:
                    return True
        return False

    def _is_loop(self, region: int) -> bool:
        return self.unit.regions[region].kind == "loop"
