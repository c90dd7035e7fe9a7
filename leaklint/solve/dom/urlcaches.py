"""JavaScript: tables that keep object URLs, in a file that revokes none.

`thumbnails.set(file.id, URL.createObjectURL(file))`: the table may be bounded, and its entries may be taken
out; the browser keeps each blob all the same.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.acquired import Acquired
from leaklint.solve.dom.urls import revokes
from leaklint.solve.handles import Handles
from leaklint.solve.keying.domain import BOUNDED

_STORES = frozenset({"set", "put", "add", "push", "unshift"})
_DEPTH = 4  # functions and locals between the maker and the table


class CachedUrl(msgspec.Struct):
    """`stored` puts the URL that `made` makes into `place`."""

    made: int
    stored: int
    place: Place


class UrlCaches:
    """Tables of one unit that object URLs go into."""

    def __init__(self, acquired: Acquired, handles: Handles) -> None:
        self.acquired = acquired
        self.index = acquired.index
        self.unit: Unit = acquired.unit
        self.roles = handles.roles

    def found(self) -> Iterator[CachedUrl]:
        """In source order, one for each table."""
        if "createObjectURL" not in self.index.calls or revokes(self.index):
            return
        seen: set[Place] = set()
        for made in self.index.calls["createObjectURL"]:
            for stored, place in self._stores(made, 0):
                if place not in seen and self.acquired.repeats.repeats(stored):
                    seen.add(place)
                    yield CachedUrl(made, stored, place)

    def _stores(self, call: int, depth: int) -> Iterator[tuple[int, Place]]:
        """Where the result of a call is put into a table, and the table."""
        for value, row in enumerate(self.unit.values):
            if row.kind == "call" and row.call == call:
                yield from self._goes(value, depth)

    def _goes(self, value: int, depth: int) -> Iterator[tuple[int, Place]]:
        role, number = self.roles.role(value)
        effect = self.unit.effects[number] if number != NONE else None
        if role == "argument" and isinstance(effect, Call) and effect.receiver != NONE:
            place = self.unit.places[effect.receiver]
            key = effect.args[0] if len(effect.args) == 2 else NONE
            if effect.name in _STORES and effect.args[-1:] == (value,) and self._is_table(place, key):
                yield number, place
        elif role == "element" and isinstance(effect, Bind):
            place = self.unit.places[effect.target]
            if self._is_table(place, effect.key):
                yield number, place
        elif role == "bound" and isinstance(effect, Bind) and depth < _DEPTH:
            local = self.unit.places[effect.target]
            symbol = self.index.symbol(local)
            if local.path or symbol is None or symbol.kind not in ("variable", "constant"):
                return
            for other in self.index.references.get(local.symbol, ()) if symbol.scope > 0 else ():
                if self.unit.places[self.unit.values[other].place] == local:
                    yield from self._goes(other, depth + 1)
        elif role == "returned" and depth < _DEPTH:
            for caller in self.index.callers.get(self.index.function_at(number), ()):
                yield from self._stores(caller, depth + 1)

    def _is_table(self, place: Place, key: int) -> bool:
        """Whether a place is a variable of the module or a field, filled under many keys, that stays here."""
        symbol = self.index.symbol(place)
        if symbol is None or "[]" in place.path or len(place.path) > 1:
            return False
        if key != NONE and self.acquired.growths.keys.domain(key, place) in (*BOUNDED, "small"):
            return False
        if symbol.kind == "this":
            return bool(place.path) and not self.roles.is_given_away(place)
        lasting = symbol.kind in ("variable", "constant") and symbol.scope == 0 and not place.path
        return lasting and "exported" not in symbol.flags and not self.roles.is_given_away(place)
