"""Collections that nothing empties, although their entries leave another one, or all others are reset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.growth.siblings import HalfEmptied
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.keying.domain import BOUNDED

_TAKE_ALL = ("removeAll", "difference_update")
_TAKES = (
    "remove",
    "unregister",
    "delete",
    "forget",
    "drop",
    "evict",
    "leave",
    "unsubscribe",
    "purge",
    "close",
)
_LEAST = 3  # holders that are reset together: fewer show no habit


class Leftover(msgspec.Struct):
    """`growth` adds what `end` takes out of another collection by means of this one."""

    holder: Holder
    growth: Growth
    end: int


class Leftovers:
    """Holders of one unit that nothing ever empties, although something plainly should."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.holders = growths.holders
        self.index = growths.index
        self.unit: Unit = growths.unit

    def taken_elsewhere(self) -> Iterator[Leftover]:
        """`children.removeAll(this.extra)`: the entries leave the children, and stay with the extras."""
        seen: set[Place] = set()
        for name in _TAKE_ALL:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                row = self.unit.values[call.args[0]] if len(call.args) == 1 else None
                if row is None or row.kind != "place" or call.receiver == NONE:
                    continue
                root = self.index.symbol(self.unit.places[call.receiver])
                if root is None or root.kind not in ("this", "class"):
                    continue  # what is left of a copy
                for holder, place, depth in self.holders.ledger.targets(row.place):
                    if holder is None or depth or place in seen or not self._only_grows(holder):
                        continue
                    growth = self._growth(holder, self.index.function_at(number))
                    if growth is not None and holder.lifetime in ("instance", "process"):
                        seen.add(place)
                        yield Leftover(holder, growth, number)

    def not_reset(self) -> Iterator[HalfEmptied]:
        """Each holder that stays as it is where the others of its owner are all cleared, once."""
        groups: dict[int, list[Holder]] = defaultdict(list)
        for holder in self.holders.by_place.values():
            if holder.place.path and holder.lifetime in ("instance", "process"):
                groups[holder.place.symbol].append(holder)
        for group in groups.values():
            many = len(group) > _LEAST and not self._reads_once(group[0])
            resets = self._resets(group) if many else {}
            left = [
                (kept, growth)
                for kept in (group if resets else ())
                if self._only_grows(kept) and (growth := self._growth(kept, NONE)) is not None
            ]
            if len(left) != 1:
                continue  # where several are left out, the method is not meant to reset them all
            kept, growth = left[0]
            for done in resets.values() if growth.values else ():
                other, release = done[0]
                if len(done) >= _LEAST and other.growths and self._is_noted(growth, kept):
                    yield HalfEmptied(kept, growth, other, other.growths[0], release)
                    break

    def not_taken(self) -> Iterator[HalfEmptied]:
        """A set that `unregister(key)` passes by while it takes the key out of all others of the owner."""
        if self.unit.language != "java":
            return  # what a key is must be declared
        keyed = self._keyed()
        groups: dict[tuple[int, str], list[Holder]] = defaultdict(list)
        for place, kind in keyed.items():
            holder = self.holders.by_place.get(place)
            if holder is not None and holder.lifetime in ("instance", "process"):
                groups[place.symbol, kind].append(holder)
        for group in groups.values():
            for scope, taken in self._takers(group).items() if len(group) >= _LEAST else ():
                for kept in group:
                    if len(taken) == len(group) - 1 and not self._takes_it_too(kept, scope, taken):
                        growth = self._growth(kept, scope)
                        if growth is not None and self._noted_by_key(growth, scope):
                            other, release = taken[0]
                            sibling = other.growths[0] if other.growths else growth
                            yield HalfEmptied(kept, growth, other, sibling, release)

    def _takes_it_too(self, kept: Holder, scope: int, taken: list[tuple[Holder, Release]]) -> bool:
        """Whether the method, one that calls it, or another one of such a name takes out of a holder too."""
        if any(row is kept for row, _ in taken):
            return True
        calling = {self.index.function_at(number) for number in self.index.callers.get(scope, ())}
        for item in kept.releases:
            function = self.index.function_at(item.effect)
            called = {self.index.function_at(number) for number in self.index.callers.get(function, ())}
            if function in calling or scope in called:
                return True
            if self.unit.scopes[function].name.startswith((*_TAKES, "release", "end", "finish", "dispose")):
                return True
        return False

    # -- parts

    def _keyed(self) -> dict[Place, str]:
        """Fields with the declared type of their keys or entries."""
        found: dict[Place, str] = {}
        for symbol in self.unit.symbols:
            if symbol.kind == "field" and symbol.type_args:
                owner = self.unit.owners[self.unit.scopes[symbol.scope].owner]
                found[Place(owner.this, ("." + symbol.name,))] = symbol.type_args[0]
        return found

    def _takers(self, group: list[Holder]) -> dict[int, list[tuple[Holder, Release]]]:
        """Methods that take their first parameter out of holders: each with the holders."""
        found: dict[int, list[tuple[Holder, Release]]] = defaultdict(list)
        for holder in group:
            for item in holder.releases:
                scope = self.index.function_at(item.effect)
                row = self.unit.scopes[scope]
                if item.depth or item.key == NONE or not row.params or not row.name.startswith(_TAKES):
                    continue
                value = self.unit.values[item.key]
                is_param = value.kind == "place" and self.unit.places[value.place] == Place(row.params[0])
                if is_param and all(known is not holder for known, _ in found[scope]):
                    found[scope].append((holder, item))
        return found

    def _noted_by_key(self, growth: Growth, scope: int) -> bool:
        """Whether what is stored, or its key, is a parameter named like the one that is taken out."""
        wanted = self.unit.symbols[self.unit.scopes[scope].params[0]].name
        for value in (growth.key, *growth.values):
            row = self.unit.values[value] if value != NONE else None
            if row is not None and row.kind == "place":
                symbol = self.index.symbol(self.unit.places[row.place])
                if symbol is not None and symbol.kind == "parameter" and symbol.name == wanted:
                    return True
        return False

    def _only_grows(self, holder: Holder) -> bool:
        row = holder.container
        if holder.bounded or holder.emptied_elsewhere or (row is not None and (row.weak or row.bounded)):
            return False
        return bool(holder.growths) and not holder.releases and not self.holders.hands_out(holder)

    def _growth(self, holder: Holder, but: int) -> Growth | None:
        """The first growth that counts outside of a function and of constructors."""
        for item in holder.growths:
            scope = self.index.function_at(item.effect)
            if scope == but or item.depth or self.unit.scopes[scope].kind in ("constructor", "class"):
                continue
            if self.growths.counting.counts(item, holder):
                return item
        return None

    def _reads_once(self, holder: Holder) -> bool:
        """Whether the object around works through one text, and goes."""
        owner = self.unit.symbols[holder.place.symbol].target
        if not 0 <= owner < len(self.unit.owners):
            return False  # a function with fields
        name = self.unit.owners[owner].name
        return self.growths.lifecycle.is_short_lived(owner) or name.endswith(("Reader", "Writer", "Scanner"))

    def _resets(self, group: list[Holder]) -> dict[int, list[tuple[Holder, Release]]]:
        """Functions, none of them the end of the object, that clear holders: each with the holders."""
        found: dict[int, list[tuple[Holder, Release]]] = defaultdict(list)
        for holder in group:
            for item in holder.releases:
                scope = self.index.function_at(item.effect)
                row = self.unit.scopes[scope]
                if item.selector != "all" or item.depth or row.kind != "method":
                    continue
                if row.name in self.growths.lifecycle.teardown_names and not row.name.startswith("reset"):
                    continue
                if all(known is not holder for known, _ in found[scope]):
                    found[scope].append((holder, item))
        return found

    def _is_noted(self, growth: Growth, holder: Holder) -> bool:
        """Whether what is stored belongs to the work at hand: neither configuration nor few keys."""
        scope = self.unit.effects[growth.effect].scope
        if self.growths.lifecycle.is_registrar(scope) or self.growths.owners.opens_object(scope):
            return False
        return growth.key == NONE or self.growths.keys.domain(growth.key, holder.place) not in BOUNDED
