"""Vue and Svelte: what the script of a component is handed: properties, contexts, stores of the application.

`export let room`, `let { room } = $props()`, `getContext("room")`, `getToastStore()`, `inject("bus")`: all of
it was there before the component, and is there when the component is gone.
"""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex

_GIVES = {
    "svelte": regex(r"\$props|getContext|get\w*Store"),
    "vue": regex(r"defineProps|toRefs?|inject|useStore|use\w+Store"),
}
_DEEPEST = 3


class HandedIn:
    """Answers about the variables of the component that one unit is."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self._gives = _GIVES.get(self.unit.dialect)

    def includes(self, place: Place, depth: int = 0) -> bool:
        """Whether a variable of the component, or what it is a part of, comes from outside."""
        if self._gives is None or depth > _DEEPEST:
            return False
        if place.symbol == NONE:
            call = self.unit.effects[place.call] if place.call != NONE else None
            return isinstance(call, Call) and call.receiver == NONE and bool(self._gives.fullmatch(call.name))
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind not in ("variable", "constant") or symbol.scope == NONE:
            return False
        if "component" not in self.unit.scopes[self.index.function(symbol.scope)].flags:
            return False
        binds = self.index.binds.get(Place(place.symbol), ())
        if not binds:
            return symbol.kind == "variable" and "exported" in symbol.flags
        return len(binds) == 1 and self._is_given(binds[0], depth)

    def _is_given(self, number: int, depth: int) -> bool:
        bind = self.unit.effects[number]
        row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        if row is None:
            return False
        if row.kind == "call":
            return self.includes(Place(NONE, (), row.call), depth + 1)
        return row.kind == "place" and self.includes(self.unit.places[row.place], depth + 1)
