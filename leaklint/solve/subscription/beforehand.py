"""JavaScript: removals that come before the addition, of a function that the same call has only just made.

`const onKey = () => …; target.removeEventListener("key", onKey); target.addEventListener("key", onKey)`:
whoever removes first expects the listener of an earlier call, which is another function object.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.pairs import Pairs
from leaklint.solve.repeats import Repeats


class Beforehand:
    """Listeners of one unit that are removed before they are added, and at no other time."""

    def __init__(self, pairs: Pairs, repeats: Repeats) -> None:
        self.pairs = pairs
        self.repeats = repeats
        self.index = pairs.index
        self.unit: Unit = pairs.unit

    def found(self) -> Iterator[tuple[Acquisition, int]]:
        """(the listener, the removal before it) in source order."""
        if self.unit.language != "javascript":
            return
        for item in self.pairs.acquisitions:
            if item.pair.kind != "listener" or not item.released_by or max(item.released_by) > item.effect:
                continue
            if item.life in ("own", "local") or self.pairs.endings.releases_itself(item):
                continue
            if self._is_made_by_call(item) and self.repeats.repeats(item.effect):
                yield item, item.released_by[0]

    def _is_made_by_call(self, item: Acquisition) -> bool:
        """Whether the call that adds makes the function, and does all removals of it before, once each."""
        kind, place = self.pairs.callbacks.identity(item.callback)
        if kind != "stable" or place is None or place.path:
            return False
        function = self.index.function_at(item.effect)
        closure = self.index.function_of(place.symbol)
        symbol = self.unit.symbols[place.symbol]
        if function == 0 or closure == NONE or self.index.function(symbol.scope) != function:
            return False
        if len(self.index.binds.get(place, ())) > 1:
            return False
        return not self._is_kept(place.symbol) and all(
            self._names(number, place.symbol)
            and self.index.function_at(number) == function
            and not self._is_in_loop(number)
            for number in item.released_by
        )

    def _names(self, number: int, symbol: int) -> bool:
        """Whether a removal names the very function; one of all listeners takes off earlier ones as well."""
        call = self.unit.effects[number]
        return isinstance(call, Call) and any(
            value in self.index.references.get(symbol, ()) for value in call.args
        )

    def _is_kept(self, symbol: int) -> bool:
        """Whether the function goes anywhere but to listeners: a later removal may find it there."""
        heard: set[int] = set()
        for other in self.pairs.acquisitions:
            for number in (other.effect, *other.released_by):
                call = self.unit.effects[number]
                heard.update(call.args if isinstance(call, Call) else ())
        return not heard.issuperset(self.index.references.get(symbol, ()))

    def _is_in_loop(self, number: int) -> bool:
        return any(
            self.unit.regions[region].kind == "loop"
            for region in self.index.regions(self.unit.effects[number].region)
        )
