"""Reads what an acquiring or releasing call is handed, at the positions that its pair names."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.index import Index


class Arguments:
    """The arguments of the calls of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def argument(self, call: Call, position: int) -> int:
        """The value at a position; none after `...args`, which may be any number of them."""
        if not 0 <= position < len(call.args):
            return NONE
        values = call.args[: position + 1]
        return NONE if any(self.unit.values[value].kind == "spread" for value in values) else values[-1]

    def callback(self, call: Call, position: int) -> int:
        """What is handed over to be called, or taken back."""
        return call.args[1] if self.names_property(call, position) else self.argument(call, position)

    def names_property(self, call: Call, position: int) -> bool:
        """Java: `addPropertyChangeListener("theme", this)`: the first argument says what it is about."""
        if self.unit.language != "java" or position or len(call.args) != 2:
            return False
        return self.is_text(call, 0) or self._is_constant(call.args[0])

    def _is_constant(self, value: int) -> bool:
        """`PROPERTY`, `Settings.THEME`."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is None or symbol is None:
            return False
        name = self.index.last_name(place)
        return len(name) > 1 and name.isupper()

    def is_text(self, call: Call, position: int) -> bool:
        value = self.argument(call, position)
        return value != NONE and self.unit.values[value].kind in ("string", "template")

    def target(self, call: Call, position: int) -> int:
        """The place that is acquired from: the receiver, or an argument of a plain function."""
        if position < 0:
            return call.receiver
        value = self.argument(call, position)
        row = self.unit.values[value] if value != NONE else None
        return row.place if row is not None and row.kind == "place" else NONE

    def is_null(self, value: int) -> bool:
        return self.unit.values[value].kind in ("null", "string", "number", "boolean")

    def delegated(self, call: Call, callback: int) -> int:
        """`$(document).on("click", ".row", handler)`: a selector may stand before the function."""
        if callback != NONE and self.unit.values[callback].kind == "string" and len(call.args) > 2:
            return call.args[-1]
        return callback
