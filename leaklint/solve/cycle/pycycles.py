"""Weak references that are kept when their object is gone, and functions and classes that keep themselves."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Delete, Place, Unit
from leaklint.solve.growths import Growths


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
