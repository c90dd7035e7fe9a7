"""JavaScript, Python: tables that are kept below a weight, which one way of filling them does not add to.

`while (this.bytes > this.limit) this.evict()` takes out by what `put()` has weighed: what `preload()` stores
past it counts for nothing, and nothing is taken out for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Place, Unit
from leaklint.solve.growth.bypassed import Bypassed
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release

_COMPARES = frozenset({"<", "<=", ">", ">="})


class Unweighed:
    """Such tables of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[Bypassed]:
        """Each table once."""
        if self.unit.language == "java" or not self.index.augments:
            return
        for holder in self.growths.holders.by_place.values():
            if len(holder.growths) < 2 or holder.lifetime not in ("process", "instance"):
                continue
            for release in holder.releases:
                item = self._judge(holder, release) if not release.depth else None
                if item is not None:
                    yield Bypassed(holder, item, release)
                    break

    def _judge(self, holder: Holder, release: Release) -> Growth | None:
        """The growth that adds nothing to the weight by which a release takes entries out."""
        weights = self._weights(release)
        adds = {self.index.function_at(growth.effect) for growth in holder.growths if not growth.depth}
        weighed = {place: self._changed(place) for place in weights}
        around = self.index.function_at(release.effect)
        weights = [place for place in weights if weighed[place][0] & adds and around in weighed[place][1]]
        for growth in holder.growths if weights else ():
            scope = self.index.function_at(growth.effect)
            knows = set().union(*(both for place in weights for both in weighed[place]))
            knows.add(self.index.function_at(release.effect))
            if growth.depth or self._knows(scope, knows, 0) or self._is_touched(growth, holder):
                continue
            if self.growths.lifecycle.while_made(scope) or not self.growths.counting.counts(growth, holder):
                continue
            return growth
        return None

    def _weights(self, release: Release) -> list[Place]:
        """The fields and variables that a function which takes out in a loop compares with a limit."""
        found: list[Place] = []
        around = self.index.function_at(release.effect)
        inside = self.index.regions(self.unit.effects[release.effect].region)
        if any(self.unit.regions[number].kind == "loop" for number in inside):
            for region in self.unit.regions:
                if region.test != NONE and self.index.function(region.scope) == around:
                    self._compared(region.test, found)
        return found

    def _compared(self, test: int, found: list[Place], inside: bool = False) -> None:
        row = self.unit.values[test]
        if row.kind == "place" and inside:
            place = self.unit.places[row.place]
            symbol = self.index.symbol(place)
            field = symbol is not None and symbol.kind == "this" and len(place.path) == 1
            if field or (symbol is not None and symbol.kind == "variable" and symbol.scope == 0):
                found.append(place)
        elif row.kind == "operation":
            for part in row.parts:
                self._compared(part, found, inside or row.text in _COMPARES)

    def _changed(self, place: Place) -> tuple[set[int], set[int]]:
        """The functions that add to a weight, and those that change it otherwise."""
        more: set[int] = set()
        other: set[int] = set()
        for number in self.index.binds.get(place) or []:
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            added = bind.how == "augment" and bind.op in ("+", "+=", "++")
            (more if added else other).add(self.index.function_at(number))
        return more, other

    def _knows(self, scope: int, knows: set[int], depth: int) -> bool:
        """Whether a function, one around it, or one that it calls or that calls it, deals with the weight."""
        around = set(self.index.enclosing(scope))
        if around & knows:
            return True
        for function in knows:
            if any(
                self.index.function_at(number) in around for number in self.index.callers.get(function, ())
            ):
                return True
        return depth < 2 and any(
            self._knows(self.index.function_at(number), knows, depth + 1)
            for number in self.index.callers.get(scope, ())
        )

    def _is_touched(self, growth: Growth, holder: Holder) -> bool:
        """`entries.delete(key); entries.set(key, entry)`: what is asked for becomes the newest."""
        scope = self.index.function_at(growth.effect)
        return any(
            not row.depth and row.effect < growth.effect and self.index.function_at(row.effect) == scope
            for row in holder.releases
        )
