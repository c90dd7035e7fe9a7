"""Keys that are another getter or attribute of the same object."""

from __future__ import annotations

import re

from leaklint.ir import NONE, Call, Place, Value
from leaklint.solve.growth.otherkeys.base import Mismatches
from leaklint.solve.holding.holder import Growth, Holder, Release

# words of attributes that may well mean the same
_SAME = frozenset(
    {"id", "key", "uid", "uuid", "ident", "hash", "fd", "fileno", "token", "sid", "no", "number"}
)


def _alike(one: str, other: str, loosely: bool = False) -> bool:
    """Whether two attributes may be one: `_id` and `id`; loosely, any with a word in common, or two ids."""
    a, b = (set(re.findall(r"[a-z]+", name.lower())) - {"get"} for name in (one, other))
    if a == b:
        return True
    if not loosely:
        return False
    ids = [any(word.endswith(tuple(_SAME)) for word in words) for words in (a, b)]
    return all(ids) or any(x.endswith(y) or y.endswith(x) for x in a for y in b)


class Attributes(Mismatches):
    """Such keys of the maps of one unit."""

    def by_getter(self, holder: Holder) -> tuple[Growth, Release] | None:
        """All is stored under `getBatchId()` and removed under `getRequestId()` of the very same object."""
        stores, removals = self.stores(holder), self.removals(holder)
        stored = {self._getter(item.key) for item in stores}
        asked = {self._getter(item.key) for item in removals}
        if not stored or not asked or None in stored or None in asked or stored & asked:
            return None
        names = {name for _, name in stored | asked}  # type: ignore[misc]
        roots = {root for root, _ in stored | asked}  # type: ignore[misc]
        if len(roots) != 1 or len(names) < 2:
            return None
        return stores[0], removals[0]

    def _getter(self, value: int) -> tuple[str, str] | None:
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or call.args or call.new or call.receiver == NONE:
            return None
        place = self.unit.places[call.receiver]
        symbol = self.index.symbol(place)
        if symbol is None or place.path:
            return None
        if symbol.kind == "this":
            return f"this of {self._outermost(symbol.target)}", call.name
        return (symbol.type, call.name) if symbol.type and symbol.kind in ("parameter", "variable") else None

    def by_attribute(self, holder: Holder) -> tuple[Growth, Release] | None:
        """Stored under `user.id`, removed under `user.name`; or under what the stored object is called."""
        if self.unit.language != "python":
            return None
        stores, removals = self.stores(holder), self.removals(holder)
        stored = [self._part(item.key) for item in stores]
        asked = [self._part(item.key) for item in removals]
        if not stored or not asked or None in stored or None in asked:
            return None
        names = {part[1] for part in stored if part is not None}
        for part in asked:
            assert part is not None
            if part[1] in names or any(_alike(part[1], name) for name in names):
                return None
            roots = {each[0] for each in stored if each is not None}
            if part[0] not in roots and not self._are_values(part, stores, names | roots):
                return None
        return stores[0], removals[0]

    def _are_values(self, part: tuple[str, str], stores: list[Growth], words: set[str]) -> bool:
        """Whether a removal asks the very object that is stored for something that no key is called like."""
        values = {
            self._root_name(self.unit.values[value])
            for item in stores
            for value in item.values
            if self.unit.values[value].kind == "place"
        }
        return part[0] in values and not any(_alike(part[1], word, True) for word in words)

    def _root_name(self, row: Value) -> str:
        place = self.unit.places[row.place]
        return self.unit.symbols[place.symbol].name if place.symbol != NONE and not place.path else ""

    def _part(self, value: int) -> tuple[str, str] | None:
        """(variable, attribute) of `user.id` and `task.get_name()`."""
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            if not isinstance(call, Call) or call.args or call.keywords or call.receiver == NONE:
                return None
            place, last = self.unit.places[call.receiver], call.name
        elif row.kind == "place":
            place = self.unit.places[row.place]
            if not place.path:
                return None
            place, last = Place(place.symbol, place.path[:-1], place.call), place.path[-1].lstrip(".")
        else:
            return None
        if place.symbol == NONE or place.path or last == "[]":
            return None
        symbol = self.unit.symbols[place.symbol]
        return (symbol.name, last) if symbol.kind in ("parameter", "variable", "constant") else None

    def _outermost(self, owner: int) -> int:
        """The class around anonymous ones: what they call without a receiver is most often its own."""
        while owner != NONE and self.unit.owners[owner].kind == "anonymous":
            owner = self.unit.owners[owner].outer
        return owner
