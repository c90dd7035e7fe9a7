"""What the solvers of other keys share: stores and removals of a map, and what their keys are."""

from __future__ import annotations

from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release


class OtherKey(msgspec.Struct):
    """A removal (or the look-up before a store) under a key that was never stored under."""

    holder: Holder
    growth: Growth
    effect: int
    key: int
    how: Literal["type", "member", "lookup", "value", "made"]
    stored: str
    asked: str


class Mismatches:
    """Base of the solvers: questions about the maps of one unit. Each shape is (store, removal) or None."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.holders = growths.holders
        self.index = growths.index
        self.unit: Unit = growths.unit

    def stores(self, holder: Holder) -> list[Growth]:
        return [item for item in holder.growths if item.key != NONE and not item.depth and item.via == NONE]

    def removals(self, holder: Holder) -> list[Release]:
        """The removals by key, when a map has no others before its owner ends; else nothing."""
        found = []
        for item in holder.releases:
            scope = self.index.function(self.unit.effects[item.effect].scope)
            if item.selector == "key" and not item.depth and item.key != NONE and item.via == NONE:
                found.append(item)
            elif item.selector not in ("all", "rebind") or not self._frames_life(item, scope):
                return []
        return found

    def _frames_life(self, release: Release, scope: int) -> bool:
        """Whether a removal of all stands at the end of an object's service, or (Python) at its beginning."""
        if self.growths.lifecycle.in_teardown(scope):
            return True
        name = self.unit.scopes[scope].name
        begins = self.unit.language == "python" and release.selector == "rebind"
        return begins and name in self.growths.lifecycle.setup_names

    def text(self, value: int) -> int:
        """The value itself, or what the local that it reads was bound to once."""
        place = self.local(value)
        binds = self.index.binds.get(place, ()) if place is not None else ()
        if place is not None and len(binds) == 1 and self.unit.symbols[place.symbol].kind != "parameter":
            bind = self.unit.effects[binds[0]]
            if isinstance(bind, Bind) and bind.how in ("declare", "assign") and bind.value != NONE:
                return bind.value
        return value

    def local(self, value: int) -> Place | None:
        """The variable or parameter that a value reads."""
        row = self.unit.values[value] if value != NONE else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        if place is None or place.symbol == NONE or place.path:
            return None
        kind = self.unit.symbols[place.symbol].kind
        return place if kind in ("variable", "constant", "parameter") else None
