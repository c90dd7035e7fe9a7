"""Keys that are the value of another map, or that one arm of a test stores under."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place
from leaklint.solve.growth.otherkeys.base import Mismatches
from leaklint.solve.holding.holder import Growth, Holder, Release


class Swaps(Mismatches):
    """Such keys of the maps of one unit."""

    def by_value(self, holder: Holder) -> tuple[Growth, Release] | None:
        """`key = keys.get(object); keys.remove(key); objects.remove(object)`: two maps mixed up."""
        stores = self.stores(holder)
        for release in holder.releases if stores else ():
            source = self._looked_up(release.key, holder.place) if release.selector == "key" else None
            if source is not None and self._is_swapped(holder, release, source):
                return stores[0], release
        return None

    def _looked_up(self, key: int, table: Place) -> Place | None:
        """The key under which a table was asked for what is now the key of a removal."""
        place = self.local(key)
        binds = self.index.binds.get(place, ()) if place is not None else ()
        if len(binds) != 1:
            return None
        value = self.unit.effects[binds[0]].value  # type: ignore[union-attr]
        row = self.unit.values[value] if value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        if not isinstance(call, Call) or call.name != "get" or not call.args or call.receiver == NONE:
            return None
        if table not in self.holders.aliases.of(call.receiver):
            return None
        return self.local(call.args[0])

    def _is_swapped(self, holder: Holder, release: Release, source: Place) -> bool:
        """Whether the same function takes what this table was asked with out of another one."""
        function = self.index.function_at(release.effect)
        return any(
            other is not holder
            and item.selector == "key"
            and self.index.function_at(item.effect) == function
            and self.local(item.key) == source
            for other in self.holders.by_place.values()
            for item in other.releases
        )

    def by_arm(self, holder: Holder) -> tuple[Growth, Release] | None:
        """`if (own) map.put(id, x); else map.put(tag, x); … map.remove(tag)`: the id is never removed."""
        stores = self.stores(holder)
        if len(stores) < 2 or not all(item.selector == "key" for item in holder.releases):
            return None
        removed = {self._name(item.key) for item in holder.releases}
        for release in holder.releases:
            tag = self.local(release.key)
            function = self.index.function_at(release.effect)
            here = [item for item in stores if self.index.function_at(item.effect) == function]
            if tag is None or not any(self.local(item.key) == tag for item in here):
                continue
            if any(self._moves(item, release) for item in here):
                continue
            if any(self.local(item.key) == tag and self._exclude(item, release) for item in here):
                continue  # either the one or the other, of what is there already
            for item in here:
                other = self.local(item.key)
                if other is None or other == tag or item.effect > release.effect:
                    continue
                if self._name(item.key) not in removed and not self._copies(other, tag):
                    return item, release
        return None

    def _exclude(self, store: Growth, release: Release) -> bool:
        """Whether a store and a removal stand in the two arms of one test."""
        one = [
            self.unit.regions[index] for index in self.index.regions(self.unit.effects[store.effect].region)
        ]
        two = [
            self.unit.regions[index] for index in self.index.regions(self.unit.effects[release.effect].region)
        ]
        return any(a.test != NONE and a.test == b.test and a.negated != b.negated for a in one for b in two)

    def _moves(self, store: Growth, release: Release) -> bool:
        """`table[key] = table.pop(key)`: what is taken out is put back, to stand last."""
        return any(
            self.unit.values[value].kind == "call" and self.unit.values[value].call == release.effect
            for value in store.values
        )

    def _name(self, value: int) -> str:
        place = self.local(value)
        return self.unit.symbols[place.symbol].name if place is not None else f"value {value}"

    def _copies(self, one: Place, other: Place) -> bool:
        """Whether one of two variables is assigned from the other."""
        for place, source in ((one, other), (other, one)):
            for index in self.index.binds.get(place, ()):
                value = self.unit.effects[index].value  # type: ignore[union-attr]
                if value != NONE and self.local(value) == source:
                    return True
        return False
