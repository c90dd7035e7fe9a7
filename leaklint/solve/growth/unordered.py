"""Tables whose entries leave by way of a list that knows their order, where one way in leaves the list out.

`tiles.remove(order.removeFirst())` takes out what was put into both; what is put into `tiles` only, stays.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Unit
from leaklint.solve.growth.bypassed import Bypassed
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Holder, Release

_TAKES = frozenset(
    {"removeFirst", "removeLast", "poll", "pollFirst", "pollLast", "pop", "popleft", "shift", "remove"}
)


class Unordered:
    """Such tables of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.holders = growths.holders
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[Bypassed]:
        for holder in self.holders.by_place.values():
            if holder.lifetime not in ("process", "instance") or holder.emptied_elsewhere:
                continue
            releases = [row for row in holder.releases if not self._is_at_the_end(row)]
            if len(holder.growths) < 2 or not releases or holder.limited:
                continue
            orders = [self._order(row) for row in releases]
            order = orders[0]
            if order is None or any(other is not order for other in orders) or order is holder:
                continue
            noted = {self._function(item.effect) for item in order.growths}
            stores = [item for item in holder.growths if not item.depth and item.key != NONE]
            if not any(self._function(item.effect) in noted for item in stores):
                continue
            for item in stores:
                scope = self._function(item.effect)
                if (
                    scope in noted
                    or self._calls_any(scope, noted)
                    or not self.growths.counting.counts(item, holder)
                ):
                    continue
                if not self.growths.lifecycle.while_made(scope):
                    yield Bypassed(holder, item, releases[0])
                    break

    def _is_at_the_end(self, row: Release) -> bool:
        return row.selector in ("all", "rebind")

    def _function(self, effect: int) -> int:
        return self.index.function_at(effect)

    def _order(self, row: Release) -> Holder | None:
        """The list from whose end the key of a removal is taken."""
        if row.selector != "key" or row.key == NONE:
            return None
        value = self.unit.values[row.key]
        if value.kind == "place":
            place = self.unit.places[value.place]
            binds = self.index.binds.get(place, ()) if place.symbol != NONE and not place.path else ()
            bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
            if not isinstance(bind, Bind) or bind.value == NONE:
                return None
            value = self.unit.values[bind.value]
        call = self.unit.effects[value.call] if value.kind == "call" else None
        if (
            not isinstance(call, Call)
            or call.name not in _TAKES
            or call.receiver == NONE
            or len(call.args) > 1
        ):
            return None
        for place in self.holders.aliases.of(call.receiver):
            found = self.holders.by_place.get(place)
            if found is not None and found.kind != "map" and found.kind != "dict":
                return found
        return None

    def _calls_any(self, scope: int, others: set[int]) -> bool:
        return any(
            self._function(number) == scope
            for other in others
            for number in self.index.callers.get(other, ())
        )
