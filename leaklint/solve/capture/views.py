"""Java: the first few of a long list, kept as a view of all of it: `best.put(day, ranking.subList(0, 3))`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.lazy import regex

_AROUND = regex(r"(unmodifiable|synchronized|checked)\w*|requireNonNull|of(Nullable)?")


class KeptView(msgspec.Struct):
    """`growth` stores in `holder` what the call `view` gives of the local or parameter `whole`."""

    holder: Holder
    growth: Growth
    view: int
    whole: Place


class Views:
    """Such views of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit = growths.unit

    def found(self) -> Iterator[KeptView]:
        """The first of each container."""
        if self.unit.language != "java" or "subList" not in self.index.calls:
            return
        for holder in self.growths.holders.by_place.values():
            if holder.lifetime not in ("process", "instance") or holder.place.symbol == NONE:
                continue
            owner = self.unit.symbols[holder.place.symbol].target
            if owner != NONE and self.growths.lifecycle.is_short_lived(owner):
                continue
            for growth in holder.growths:
                view = self._view(growth.values[-1]) if growth.values and not growth.spreads else NONE
                whole = self._whole(view, growth.effect) if view != NONE else None
                if whole is not None:
                    yield KeptView(holder, growth, view, whole)
                    break

    def _view(self, value: int, depth: int = 0) -> int:
        """The call of `subList()` whose result a value is, directly, in a wrapper or by way of a local."""
        row = self.unit.values[value]
        if depth > 3:
            return NONE
        if row.kind == "place":
            place = self.unit.places[row.place]
            binds = self.index.binds.get(place, ()) if place.symbol != NONE and not place.path else ()
            bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
            bound = isinstance(bind, Bind) and bind.how in ("declare", "assign") and bind.value != NONE
            return self._view(bind.value, depth + 1) if bound else NONE  # type: ignore[union-attr]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call):
            return NONE
        if call.name == "subList" and len(call.args) == 2 and call.receiver != NONE:
            return row.call
        wraps = not call.new and len(call.args) == 1 and _AROUND.fullmatch(call.name)
        return self._view(call.args[0], depth + 1) if wraps else NONE

    def _whole(self, view: int, effect: int) -> Place | None:
        """The list of which a call gives the first ones, where its function lets go of the rest."""
        call = self.unit.effects[view]
        assert isinstance(call, Call)
        place = self.unit.places[call.receiver]
        symbol = self.index.symbol(place)
        first = self.unit.values[call.args[0]]
        if symbol is None or place.path or symbol.kind not in ("variable", "constant"):
            return None
        if first.text != "0" or self.index.function_at(view) != self.index.function_at(effect):
            return None
        regions = [*self.index.regions(call.region), *self.index.regions(self.unit.effects[effect].region)]
        if any(self.unit.regions[region].kind == "loop" for region in regions):
            return None  # one part after the other: all of it is kept
        values = [self.index.bind(number).value for number in self.index.binds.get(place, ())]
        made = [self.unit.values[value] for value in values if value != NONE]
        return place if made and all(row.kind == "call" for row in made) else None
