"""Clean-up that adds where it should remove."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Unit
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.pairs import Pairs

_CLEANS = regex(
    r"(?i)^_*(remove|off|un[a-z]|dispose|clean|tear|destroy|stop|detach|release|disconnect|deactivate|disable)"
)


class Mixups:
    """Listeners of one unit that are added twice, the second time by what should take them off."""

    def __init__(self, pairs: Pairs, lifecycle: Lifecycle) -> None:
        self.pairs = pairs
        self.index = pairs.index
        self.unit: Unit = pairs.unit
        self.lifecycle = lifecycle

    def found(self) -> Iterator[tuple[Acquisition, Acquisition]]:
        """(the listener, the call that adds it again) in source order."""
        same: dict[tuple[str, object, str], list[Acquisition]] = defaultdict(list)
        for item in self.pairs.acquisitions:
            if item.pair.kind == "listener" and item.event != NONE:
                kind, place = self.pairs.callbacks.identity(item.callback)
                if kind == "stable" and place is not None:
                    same[item.pair.name, place, self.unit.values[item.event].text].append(item)
        for items in same.values():
            for again in items:
                if len(items) > 1 and not again.released_by and self._cleans_up(again):
                    first = self._added_before(items, again)
                    if first is not None:
                        yield first, again

    def _added_before(self, items: list[Acquisition], again: Acquisition) -> Acquisition | None:
        for first in items:
            if first is again or self._cleans_up(first) or first.released_by:
                continue
            if self.pairs.callbacks.same_receiver(first.receiver, again.receiver) == "equal":
                return first
        return None

    def _cleans_up(self, item: Acquisition) -> bool:
        """Whether an addition stands in a function that is there to clean up."""
        for function in self.index.enclosing(self.unit.effects[item.effect].scope):
            row = self.unit.scopes[function]
            if row.name:
                return row.name in self.lifecycle.teardown_names or _CLEANS.match(row.name) is not None
            number = self.index.bound_to.get(function, NONE)
            bind = self.unit.effects[number] if number != NONE else None
            if isinstance(bind, Bind):
                path = self.unit.places[bind.target].path
                return bool(path) and _CLEANS.match(path[-1][1:]) is not None
            if self._is_returned(function) and self.lifecycle.effect_hook(row.parent) != NONE:
                return True
        return False

    def _is_returned(self, function: int) -> bool:
        """Whether a closure is what the function around it returns: the clean-up of an effect."""
        around = self.index.function(self.unit.scopes[function].parent)
        for number in self.index.returns.get(around, ()):
            value = self.unit.values[self.unit.effects[number].value]  # type: ignore[union-attr]
            if value.kind == "closure" and value.scope == function:
                return True
        return False
