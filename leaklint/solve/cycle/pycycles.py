"""Weak references that are kept when their object is gone, and functions and classes that keep themselves."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Delete, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.names import callee_name

_REFERENCES = frozenset({"weakref.ref", "weakref.WeakMethod", "weakref.proxy"})


class DeadReferences(msgspec.Struct):
    """`growth` stores a weak reference without a callback; `release` takes out what is named only."""

    holder: Holder
    growth: Growth
    release: int = NONE


class SelfKept(msgspec.Struct):
    """A function or class made in `around` that keeps itself, and `captured` of the call with it.

    recurses: it calls itself; one that hands itself to others works on when its maker has returned.
    """

    scope: int
    around: int
    captured: tuple[int, ...]
    is_class: bool = False
    recurses: bool = False


class PyCycles:
    """Weak references of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.repeats = growths.repeats

    def dead(self) -> Iterator[DeadReferences]:
        """Each container of weak references that nobody prunes, once."""
        names = ("WeakRef",) if self.unit.language == "javascript" else ("ref", "WeakMethod", "proxy")
        if self.index.calls.keys().isdisjoint(names) or "FinalizationRegistry" in self.index.calls:
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
                yield DeadReferences(holder, growth, release)
                break

    def _is_bare(self, value: int, depth: int = 0) -> bool:
        """`ref(x)` without a callback, by itself or in a tuple."""
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            bare = len(call.args) == 1 and not call.keywords
            if self.unit.language == "javascript":
                return call.new and call.name == "WeakRef"
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

    # -- functions and classes of a call that keep themselves

    def self_kept(self) -> Iterator[SelfKept]:
        """Nested functions that call themselves, and classes that a method makes around its object."""
        scopes = self.unit.scopes
        for number, row in enumerate(scopes):
            if row.symbol == NONE or row.parent <= 0 or row.kind not in ("function", "class"):
                continue
            around = self.index.function(row.parent)
            if scopes[around].kind not in ("function", "method") or self.repeats.runs(around) != "call":
                continue
            if row.kind == "function":
                if row.symbol in row.captures and not self._is_let_go(row.symbol, around):
                    others = tuple(symbol for symbol in row.captures if symbol != row.symbol)
                    recurses = any(
                        number in self.index.enclosing(self.unit.effects[call].scope)
                        for call in self.index.callers.get(number, ())
                    )
                    yield SelfKept(number, around, others, recurses=recurses)
            elif scopes[around].owner != NONE:
                this = self.unit.owners[scopes[around].owner].this
                if self._reads(number, this) and not row.decorators:
                    yield SelfKept(number, around, (this,), True)

    def _is_let_go(self, symbol: int, around: int) -> bool:
        """`del walk`, `walk = None`: whoever writes this knows of the cycle."""
        return any(
            isinstance(self.unit.effects[number], Delete)
            and self.unit.places[self.unit.effects[number].target] == Place(symbol)  # type: ignore[union-attr]
            for number in self.index.deletes
        ) or any(
            self.index.bind(number).how == "assign"
            and self.index.function(self.index.bind(number).scope) == around
            for number in self.index.binds.get(Place(symbol), ())
        )

    def _reads(self, scope: int, this: int) -> bool:
        """Whether the body of a class itself, not only its methods, holds the object around it."""
        for number in self.index.of_function.get(scope, ()):
            effect = self.unit.effects[number]
            if isinstance(effect, Bind) and effect.value != NONE and self._holds(effect.value, this):
                return True
        return False

    def _holds(self, value: int, this: int, depth: int = 0) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            place = self.unit.places[row.place]
            return place.symbol == this and not place.path
        return (
            depth < 3
            and row.kind == "container"
            and any(self._holds(part, this, depth + 1) for part in row.parts)
        )
