"""Tables with a limit that one way of filling them does not know.

Who takes one entry out for each that comes in keeps the size as it is: what comes in by another way stays.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release


class Bypassed(msgspec.Struct):
    """`growth` fills `holder` past the limit that `release` keeps after `test`."""

    holder: Holder
    growth: Growth
    release: Release


class Bypasses:
    """Limits of one unit that are passed by."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.holders = growths.holders
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[Bypassed]:
        for holder in self.holders.by_place.values():
            if not holder.bounded or len(holder.growths) < 2 or not holder.releases:
                continue
            if holder.lifetime not in ("process", "instance") or holder.emptied_elsewhere:
                continue
            item = self._judge(holder)
            if item is not None:
                yield item

    def _judge(self, holder: Holder) -> Bypassed | None:
        touching = [row for row in holder.releases if not row.depth and self._is_touched(row, holder)]
        evictions = [row for row in holder.releases if not row.depth and row not in touching]
        if not evictions or not all(self._is_one_for_one(row, holder) for row in evictions):
            return None
        keepers = {self._function(row.effect) for row in evictions}
        touched = {self._function(row.effect) for row in touching}
        if any(self._calls(keeper) for keeper in keepers if not self._grows(keeper, holder)):
            return None  # a method of its own that makes room: who calls it, is another question
        for item in sorted(holder.growths, key=lambda row: row.effect):
            scope = self._function(item.effect)
            if item.depth or scope in keepers | touched or not self.growths.counting.counts(item, holder):
                continue
            if self.growths.lifecycle.while_made(scope) or self._calls_any(scope, keepers):
                continue
            if self._is_known(item, holder, scope):
                continue
            return Bypassed(holder, item, evictions[0])
        return None

    def _is_touched(self, row: Release, holder: Holder) -> bool:
        """`cache.delete(key); cache.set(key, entry)`: what is asked for becomes the newest."""
        if row.selector != "key" or self._key(row.key) is None:
            return False
        return any(
            item.effect > row.effect
            and self._function(item.effect) == self._function(row.effect)
            and self._key(item.key) == self._key(row.key)
            for item in holder.growths
        )

    def _key(self, value: int) -> Place | None:
        row = self.unit.values[value] if value != NONE else None
        return self.unit.places[row.place] if row is not None and row.kind == "place" else None

    def _function(self, effect: int) -> int:
        return self.index.function(self.unit.effects[effect].scope)

    def _is_one_for_one(self, row: Release, holder: Holder) -> bool:
        """`if len(TABLE) >= limit: TABLE.popitem(…)`: one entry goes, and the test is asked once."""
        if row.selector not in ("one", "key"):
            return False
        effect = self.unit.effects[row.effect]
        for number in self.index.regions(effect.region):
            region = self.unit.regions[number]
            if region.kind == "loop":
                return False
            if region.kind == "branch" and region.test != NONE and self._asks_size(region.test, holder):
                return not self._in_loop(region.parent)
        return False

    def _in_loop(self, region: int) -> bool:
        return any(self.unit.regions[number].kind == "loop" for number in self.index.regions(region))

    def _asks_size(self, test: int, holder: Holder, depth: int = 0) -> bool:
        row = self.unit.values[test]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            places = [getattr(call, "receiver", NONE)]
            places += [self.unit.values[value].place for value in getattr(call, "args", ())]
            return any(place != NONE and self._is(self.unit.places[place], holder) for place in places)
        if row.kind == "place":
            path = self.unit.places[row.place].path
            return path[-1:] in ((".size",), (".length",)) and self._is(
                Place(self.unit.places[row.place].symbol, path[:-1]), holder
            )
        return depth < 4 and any(self._asks_size(part, holder, depth + 1) for part in row.parts)

    def _is(self, place: Place, holder: Holder) -> bool:
        return place == holder.place

    def _grows(self, scope: int, holder: Holder) -> bool:
        return any(self._function(item.effect) == scope for item in holder.growths)

    def _calls(self, scope: int) -> bool:
        return bool(self.index.callers.get(scope))

    def _calls_any(self, scope: int, keepers: set[int]) -> bool:
        return any(
            self._function(number) == scope
            for keeper in keepers
            for number in self.index.callers.get(keeper, ())
        )

    def _is_known(self, item: Growth, holder: Holder, scope: int) -> bool:
        """Whether a function stores only under keys that are there, or takes one out itself."""
        for number, region in enumerate(self.unit.regions):
            if region.test == NONE or self.index.function(region.scope) != scope:
                continue
            inside = number in self.index.regions(self.unit.effects[item.effect].region)
            test = self.unit.values[region.test]
            if inside and not region.negated and test.kind == "operation" and test.text == "in":
                return True
            if self._asks_size(region.test, holder):
                return True
        return False
