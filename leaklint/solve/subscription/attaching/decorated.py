"""Finds functions that a constructor makes and a decorator attaches, one more for each object."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.subscription.attaching.attached import Attached
from leaklint.solve.subscription.attaching.verbs import Verbs


class Decorated:
    """Looks at the decorators of one unit."""

    def __init__(self, growths: Growths, verbs: Verbs) -> None:
        self.verbs = verbs
        self.repeats = growths.repeats
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[Attached]:
        """`@bus.subscribe def react(...)` inside a constructor: one more function for each object."""
        for number, row in enumerate(self.unit.scopes):
            if row.kind != "function" or not row.decorators or row.parent == NONE:
                continue
            around = self.unit.scopes[self.index.function(row.parent)]
            if (
                around.kind != "constructor"
                or around.owner == NONE
                or self.repeats.is_singleton(around.owner)
            ):
                continue
            this = self.unit.owners[around.owner].this
            constructor = self.index.function(row.parent)
            if this not in row.captures or self._leaves_early(constructor, row.at):
                continue
            for value in row.decorators:
                name = self._decorator_name(value)
                if name and self.verbs.attaches(name) and not self.index.references.get(row.symbol):
                    bind = self._first_effect(number)
                    if bind != NONE:
                        yield Attached(bind, None, value, "per-object", around.owner)

    def _leaves_early(self, scope: int, at: int) -> bool:
        """`if self.ready: return`: the rest happens once."""
        return any(
            row.scope == scope and row.leaves == "return" and row.end < at for row in self.unit.regions
        )

    def _decorator_name(self, value: int) -> str:
        """The last name of a decorator that is imported, or a method of something imported."""
        row = self.unit.values[value]
        place = None
        if row.kind == "place":
            place = self.unit.places[row.place]
        elif row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            place = self.unit.places[call.callee if call.receiver == NONE else call.receiver]
            if place.symbol != NONE and self.unit.symbols[place.symbol].kind == "import":
                return call.name
            return ""
        if place is None or place.symbol == NONE or self.unit.symbols[place.symbol].kind != "import":
            return ""
        return self.index.last_name(place)

    def _first_effect(self, scope: int) -> int:
        own = self.index.of_function.get(scope)
        return own[0] if own else NONE
