"""JavaScript: variables of a module, and static fields, in which each object puts itself, and no one empties.


`static latest = null; constructor() { Outlet.latest = this; }` keeps the last one, with all that it shows.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.lifecycle import Lifecycle


class LastInstance(msgspec.Struct):
    """`bind` puts an object of `owner` into `place`, and nothing takes the last one out."""

    bind: int
    place: Place
    owner: int


class LastInstances:
    """Places of one unit that keep the last object of a class that comes and goes."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self.lifecycle = lifecycle
        self.index = lifecycle.index
        self.unit: Unit = lifecycle.unit

    def found(self) -> Iterator[LastInstance]:
        """In source order."""
        if self.unit.language != "javascript":
            return
        for place, binds in self.index.binds.items():
            if not self._outlives(place):
                continue
            stores = [number for number in binds if self._owner(number) != NONE]
            if not stores or any(number not in stores and not self._declares(number) for number in binds):
                continue
            owner = self._owner(stores[0])
            if self._comes_and_goes(owner) and not self._is_deleted(place):
                yield LastInstance(stores[0], place, owner)

    def _outlives(self, place: Place) -> bool:
        """A variable of the module, or a static field."""
        symbol = self.index.symbol(place)
        if symbol is None or "[]" in place.path:
            return False
        if symbol.kind == "class":
            return len(place.path) == 1
        return symbol.kind == "variable" and symbol.scope == 0 and not place.path

    def _owner(self, number: int) -> int:
        """The class whose object a bind in one of its methods stores, or NONE."""
        bind = self.unit.effects[number]
        row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        if place is None or place.symbol == NONE or place.path:
            return NONE
        symbol = self.unit.symbols[place.symbol]
        return symbol.target if symbol.kind == "this" and bind.region == NONE else NONE

    def _declares(self, number: int) -> bool:
        """The declaration, with nothing in it."""
        bind = self.unit.effects[number]
        return isinstance(bind, Bind) and bind.how == "declare"

    def _is_deleted(self, place: Place) -> bool:
        targets = (self.unit.effects[number].target for number in self.index.deletes)  # type: ignore[union-attr]
        return any(self.unit.places[target] == place for target in targets)

    def _comes_and_goes(self, owner: int) -> bool:
        if self.lifecycle.repeats.is_singleton(owner) or plurality.is_one(self.unit, owner):
            return False
        return self.lifecycle.is_component(owner)
