"""JavaScript: functions that start something and run again while it still goes on.

A name that says so, or a function that starts itself again from what it has started.
"""

from __future__ import annotations

from leaklint.ir import NONE, Place, Unit
from leaklint.solve.acquired import Acquired
from leaklint.solve.handles import Handle
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition

# public methods that users of an object call for one thing after the other
_LOADS = regex(
    r"_?(load|select|seek|refresh|update|change|switch|reload|setSource|setData|render|redraw)([A-Z_]|$)"
)
_DEPTH = 2


class Reentry:
    """Answers about the functions of one unit that start timers and observers."""

    def __init__(self, acquired: Acquired) -> None:
        self.index = acquired.index
        self.unit: Unit = acquired.unit
        self.lifecycle = acquired.lifecycle

    def comes_again(self, item: Acquisition, function: int, handle: Handle) -> bool:
        """Whether a function that starts a timer surely runs again, and does not end the timer in between."""
        if item.pair.kind not in ("timer", "observer") or handle.place is None:
            return False
        row = self.unit.scopes[function]
        if row.kind == "constructor" or row.name in self.lifecycle.teardown_names:
            return False
        for end in handle.ends:
            if function in self.index.enclosing(self.unit.effects[end].scope):
                return False  # itself, or what it has started, ends the one before
        if self._starts_itself(function):
            return True
        return self._is_of_closure(handle.place) and self._is_asked_again(function, handle, _DEPTH)

    def _starts_itself(self, function: int) -> bool:
        """`onclose = () => setTimeout(() => this.connect(), 1000)` inside `connect()`."""
        for number in self.index.callers.get(function, ()):
            scope = self.unit.effects[number].scope
            around = list(self.index.enclosing(scope))
            if function in around and around[0] != function and not self._is_awaited(number):
                return True
        return False

    def _is_awaited(self, number: int) -> bool:
        """Whether a call stands behind a test, which may let the function rest first."""
        call = self.unit.effects[number]
        return any(self.unit.regions[row].kind == "branch" for row in self.index.regions(call.region))

    def _is_of_closure(self, place: Place) -> bool:
        if place.path or place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        return symbol.kind == "variable" and symbol.scope not in (0, NONE)

    def _is_asked_again(self, function: int, handle: Handle, depth: int) -> bool:
        """Whether a function is named, or called by one that is named, as what is asked for again."""
        row = self.unit.scopes[function]
        if row.name and _LOADS.match(row.name) and (row.kind == "method" or not depth):
            return True
        if depth == 0:
            return False
        ending = {self.index.function(self.unit.effects[end].scope) for end in handle.ends}
        for number in self.index.callers.get(function, ()):
            around = self.index.function(self.unit.effects[number].scope)
            if around in (function, *ending) or self.unit.scopes[around].kind == "constructor":
                continue
            if self._stops_first(around, number, ending):
                continue
            name = self.unit.scopes[around].name
            if (name and _LOADS.match(name)) or self._is_asked_again(around, handle, depth - 1):
                return True
        return False

    def _stops_first(self, function: int, number: int, ending: set[int]) -> bool:
        return any(
            self.index.callee_scope(other) in ending
            for callers in [self.index.of_function.get(function, ())]
            for other in callers
            if other < number and hasattr(self.unit.effects[other], "callee")
        )
