"""Containers that keep weak references when their objects are gone."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Owner, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.names import callee_name

_REFERENCES = frozenset({"weakref.ref", "weakref.WeakMethod", "weakref.proxy"})


_NAMES = {
    "python": frozenset({"ref", "WeakMethod", "proxy"}),
    "javascript": frozenset({"WeakRef"}),
    "java": frozenset({"WeakReference", "SoftReference"}),
}
_ASKS = frozenset({"poll", "remove"})  # of a `ReferenceQueue`


class DeadReference(msgspec.Struct):
    """`growth` stores a weak reference without a callback; `release` takes out what is named only."""

    holder: Holder
    growth: Growth
    release: int = NONE


class DeadReferences:
    """Such containers of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit
        self._names = self._references()

    def found(self) -> Iterator[DeadReference]:
        """Each container of weak references that nobody prunes, once."""
        if self.index.calls.keys().isdisjoint(self._names) or "FinalizationRegistry" in self.index.calls:
            return
        for holder in self.growths.holders.by_place.values():
            if holder.lifetime not in ("process", "instance") or holder.limited or holder.emptied_elsewhere:
                continue
            for growth in holder.growths:
                if growth.depth or not any(self._is_bare(value) for value in growth.values):
                    continue
                if growth.key != NONE and self.growths.keys.domain(growth.key, holder.place) not in (
                    *("fresh", "parameter", "computed"),
                ):
                    continue  # few keys: one dead reference each
                if not self.growths.repeats.repeats(growth.effect) or self._is_pruned(holder, growth):
                    continue
                release = holder.releases[0].effect if holder.releases else NONE
                yield DeadReference(holder, growth, release)
                break

    def _is_bare(self, value: int, depth: int = 0) -> bool:
        """`ref(x)` without a callback, by itself or in a tuple."""
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            bare = len(call.args) == 1 and not call.keywords
            if self.unit.language != "python":
                return call.new and call.name in self._names
            return bare and callee_name(self.unit, row.call) in _REFERENCES
        if row.kind == "container" and depth < 1 and row.text in ("tuple", "object"):
            return any(self._is_bare(part, depth + 1) for part in row.parts)
        if row.kind == "place" and depth < 2:
            place = self.unit.places[row.place]
            symbol = self.unit.symbols[place.symbol] if place.symbol != NONE else None
            if (
                symbol is None
                or place.path
                or symbol.kind not in ("variable", "constant")
                or symbol.scope == 0
            ):
                return False
            binds = [self.index.bind(number) for number in self.index.binds.get(place, ())]
            return bool(binds) and all(
                bind.value != NONE
                and self.unit.values[bind.value].kind == "call"
                and self._is_bare(bind.value, depth + 1)
                for bind in binds
            )
        return False

    def _is_pruned(self, holder: Holder, growth: Growth) -> bool:
        """Anything but a removal of one named entry, or of all at the end, takes dead ones out as well."""
        if self.unit.language == "java" and not self._asks_queue():
            return any(row.selector in ("some", "value") for row in holder.releases)
        stores = self.index.function(self.unit.effects[growth.effect].scope)
        for row in holder.releases:
            scope = self.index.function(self.unit.effects[row.effect].scope)
            if row.selector in ("all", "rebind") and self.growths.lifecycle.in_teardown(scope):
                continue
            python = self.unit.language == "python"
            named = row.selector == "value" and not self._in_loop(row.effect) and scope != stores and python
            if not named:
                return True
        return False

    def _in_loop(self, effect: int) -> bool:
        region = self.unit.effects[effect].region
        return any(self.unit.regions[number].kind == "loop" for number in self.index.regions(region))

    def _asks_queue(self) -> bool:
        """Java: whether there is no queue that is told of cleared references, or somebody asks it."""
        asked = (number for name in _ASKS for number in self.index.calls.get(name, ()))
        return "ReferenceQueue" not in self.index.calls or any(
            isinstance(call := self.unit.effects[number], Call) and not call.args for number in asked
        )

    def _references(self) -> frozenset[str]:
        """The constructors of weak references, with Java's classes of the file that extend them."""
        names = _NAMES[self.unit.language]
        if self.unit.language != "java":
            return names
        return names | {row.name for row in self.unit.owners if not names.isdisjoint(self._bases(row))}

    def _bases(self, owner: Owner) -> Iterator[str]:
        for base in owner.bases:
            row = self.unit.values[base]
            symbol = self.index.symbol(self.unit.places[row.place]) if row.kind == "place" else None
            if symbol is not None:
                yield symbol.name
