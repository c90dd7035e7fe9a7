"""Python: callbacks of something that happens once (a future, a request) and that stay when it has happened.

The object calls each of them, says in a flag or an event that it is done, and keeps the list: from then
on the list is good for nothing, and what the callbacks refer to lives as long as the object.
"""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Region, Unit
from leaklint.solve.holding.holder import Holder
from leaklint.solve.index import Index

_COPIES = frozenset({"list", "tuple", "reversed", "iter", "sorted"})
_VIEWS = frozenset({"values", "copy"})


class Completions:
    """Answers about the lists of callbacks of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self._known: dict[Place, bool] = {}

    def ends(self, holder: Holder) -> bool:
        """Whether a method calls all that a list holds, and marks the object as done."""
        known = self._known.get(holder.place)
        if known is None:
            known = self._known[holder.place] = self._find(holder.place)
        return known

    def _find(self, place: Place) -> bool:
        owner = self.unit.symbols[place.symbol].target if place.symbol != NONE else NONE
        if owner == NONE or "__exit__" in self.index.method_names.get(owner, {}):
            return False
        return any(
            row.kind == "loop"
            and row.iterates != NONE
            and self._walks(row.iterates, place)
            and self._calls_each(row)
            and self._is_done(self.index.function(row.scope), place)
            for row in self.unit.regions
        )

    def _walks(self, value: int, place: Place, depth: int = 0) -> bool:
        """`for f in self._callbacks`, or in a copy of it, or in a local that was bound to it."""
        row = self.unit.values[value]
        if row.kind == "call" and depth < 3:
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            if call.receiver != NONE:
                return call.name in _VIEWS and self.unit.places[call.receiver] == place
            return call.name in _COPIES and any(self._walks(part, place, depth + 1) for part in call.args)
        if row.kind != "place":
            return False
        found = self.unit.places[row.place]
        if found == place:
            return True
        if found.symbol == NONE or found.path or depth > 2:
            return False
        return any(
            bind.how in ("declare", "assign")
            and bind.value != NONE
            and self._walks(bind.value, place, depth + 1)
            for bind in map(self._bind, self.index.binds.get(found, ()))
        )

    def _bind(self, number: int) -> Bind:
        bind = self.unit.effects[number]
        assert isinstance(bind, Bind)
        return bind

    def _calls_each(self, loop: Region) -> bool:
        """Whether the body of a loop calls what it walks over."""
        inside = self.unit.effects[loop.first : loop.last]
        names = {
            self.unit.places[effect.target].symbol
            for effect in self.unit.effects[max(loop.first - 3, 0) : loop.last]
            if isinstance(effect, Bind) and effect.at >= loop.at and effect.how == "iterate"
        } - {NONE}
        return any(
            isinstance(effect, Call)
            and effect.receiver == NONE
            and effect.callee != NONE
            and self.unit.places[effect.callee].symbol in names
            for effect in inside
        )

    def _is_done(self, function: int, place: Place) -> bool:
        """`self.is_done = True`, `self._event.set()` in the same method."""
        for number in self.index.of_function.get(function, ()):
            effect = self.unit.effects[number]
            if isinstance(effect, Bind) and effect.value != NONE:
                target, value = self.unit.places[effect.target], self.unit.values[effect.value]
                is_true = value.kind == "boolean" and value.text.lower() == "true"
                if is_true and target.symbol == place.symbol and len(target.path) == 1:
                    return True
            elif isinstance(effect, Call) and effect.name == "set" and not effect.args:
                owner = self.unit.places[effect.receiver].symbol if effect.receiver != NONE else NONE
                if owner == place.symbol:
                    return True
        return False
