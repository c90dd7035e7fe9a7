"""JavaScript: the listener that the clean-up of a function leaves out.

A function adds three to what it is given, and returns one that takes two of them off again. Whoever adds to
something for a while says so by taking it off.
"""

from __future__ import annotations

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.pairs import Pairs

# ends what is listened to, and its listeners with it
_ENDS = regex(r"close|end|destroy|terminate|disconnect|kill|dispose|remove|abort|stop|release|detach|quit")
_LEAST = 2  # listeners that a clean-up takes off, itself left out


class LeftOut:
    """Answers about the listeners that functions of one unit add side by side."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs
        self.index = pairs.index
        self.unit: Unit = pairs.unit

    def includes(self, item: Acquisition) -> bool:
        """Whether a closure takes off what the same call adds to the same thing, but for one or two."""
        if self.unit.language != "javascript" or item.pair.kind != "listener" or item.receiver == NONE:
            return False
        if item.once or item.released_by or item.destination != "dropped" or not self._is_own(item):
            return False
        beside = [other for other in self.pairs.acquisitions if self._is_beside(other, item)]
        left = [other for other in beside if not other.released_by]
        taken = [other for other in beside if other.released_by]
        if len(taken) < _LEAST or len(left) > len(taken):
            return False
        return any(self._ends(scope, item, taken) for scope in self._removing(taken))

    def _is_own(self, item: Acquisition) -> bool:
        """Whether a callback is made by the call, so that each call adds another one."""
        kind, place = self.pairs.callbacks.identity(item.callback)
        if kind == "inline":
            return self._refers_to_call(item)
        if kind == "rebound":
            return True
        symbol = self.index.symbol(place) if place is not None and not place.path else None
        function = self.index.function_at(item.effect)
        return kind == "stable" and symbol is not None and self.index.function(symbol.scope) == function

    def _refers_to_call(self, item: Acquisition) -> bool:
        """Whether a closure keeps anything of the call: `(event) => event.preventDefault()` does not."""
        closure = self._function(item)
        captures = self.unit.scopes[closure].captures if closure != NONE else ()
        return any(self.unit.symbols[symbol].scope != 0 for symbol in captures)

    def _ends_receiver(self, scope: int, item: Acquisition) -> bool:
        """`socket.close()`, `panel.remove()` beside the removals."""
        heard = {self.unit.places[item.receiver], *self.pairs.aliases.of(item.receiver)}
        roots = {place.symbol for place in heard if place.symbol != NONE}
        for number in self.index.of_function.get(scope, ()):
            call = self.unit.effects[number]
            if not isinstance(call, Call) or call.receiver == NONE or not _ENDS.fullmatch(call.name):
                continue
            if self.unit.places[call.receiver].symbol in roots:
                return True
        return False

    def _is_beside(self, other: Acquisition, item: Acquisition) -> bool:
        if other.pair.name != item.pair.name or other.receiver == NONE or other.once:
            return False
        if self.index.function_at(other.effect) != self.index.function_at(item.effect):
            return False
        return self.pairs.callbacks.same_receiver(other.receiver, item.receiver) == "equal"

    def _removing(self, taken: list[Acquisition]) -> set[int]:
        return {self.index.function_at(number) for other in taken for number in other.released_by}

    def _ends(self, scope: int, item: Acquisition, taken: list[Acquisition]) -> bool:
        """Whether a closure of the call takes off all others; one that takes itself off does not count."""
        function = self.index.function_at(item.effect)
        if scope == function or function not in self.index.enclosing(scope):
            return False
        if self._ends_receiver(scope, item):
            return False
        others = [other for other in taken if self._function(other) != scope]
        return len(others) >= _LEAST and all(
            any(self.index.function_at(number) == scope for number in other.released_by) for other in others
        )

    def _function(self, item: Acquisition) -> int:
        row = self.unit.values[item.callback]
        if row.kind == "closure":
            return row.scope
        place = self.unit.places[row.place] if row.kind == "place" else None
        own = place is not None and place.symbol != NONE and not place.path
        return self.index.function_of(place.symbol) if own and place is not None else NONE
