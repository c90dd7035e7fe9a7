"""JavaScript: parts of an object that get one more listener each time a method runs.

`show() { if (!this.menu) this.menu = new Menu(); this.menu.on("select", …) }`: the menu is made once.
"""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Place, Unit
from leaklint.solve.callbacks import Callbacks
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex

# methods that users of an object call again and again
_AGAIN = regex(
    r"_?(show|open|toggle|update|refresh|select|redraw|reload|popup|display|set(?!Up)|change|edit)([A-Z_]|$)"
)


class AddedAgain:
    """Answers about what is attached to the fields of one unit."""

    def __init__(self, index: Index, callbacks: Callbacks) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.callbacks = callbacks

    def happens(self, effect: int, field: Place | None, callback: int) -> bool:
        """Whether a method that runs again attaches a function of its own to a field that is made once."""
        if self.unit.language != "javascript" or field is None or field.symbol == NONE:
            return False
        if self.unit.symbols[field.symbol].kind != "this" or len(field.path) != 1:
            return False
        function = self.index.function_at(effect)
        row = self.unit.scopes[function]
        if row.kind != "method" or not row.name or not _AGAIN.match(row.name):
            return False
        if self.callbacks.identity(callback)[0] not in ("inline", "rebound"):
            return False
        if any(self.unit.regions[number].kind == "branch" for number in self._around(effect)):
            return False
        return self._is_made_once(field, function)

    def _around(self, effect: int) -> list[int]:
        return list(self.index.regions(self.unit.effects[effect].region))

    def _is_made_once(self, field: Place, function: int) -> bool:
        """Whether every bind of a field is guarded by a test of it, or stands where the object is made."""
        made = False
        for number in self.index.binds.get(field, ()):
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            if bind.value == NONE or self.unit.values[bind.value].kind == "null":
                if self.index.function(bind.scope) != self.index.function_at(self.index.binds[field][0]):
                    return False  # let go, and made again
                continue
            around = self.index.function(bind.scope)
            early = self.unit.scopes[around].kind in ("constructor", "class")
            if not (early or self._tests(number, field) or self._callers_test(around, field)):
                return False
            made = True
        return made

    def _callers_test(self, function: int, field: Place) -> bool:
        """`if (!this.menu) this.makeMenu()`."""
        callers = self.index.callers.get(function, ())
        return bool(callers) and all(self._tests(number, field) for number in callers)

    def _tests(self, effect: int, field: Place) -> bool:
        """Whether a test of a field stands around an effect."""
        for number in self._around(effect):
            region = self.unit.regions[number]
            pending = [region.test] if region.kind == "branch" and region.test != NONE else []
            while pending:
                row = self.unit.values[pending.pop()]
                pending += row.parts
                if row.kind == "place" and self.unit.places[row.place] == field:
                    return True
        return False
