"""Where the result of each call goes: the first thing that takes it."""

from __future__ import annotations

from typing import Literal

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit

Destination = Literal["dropped", "kept", "returned", "passed", "chained"]


class Destinations:
    """Takers of the results of the calls of one unit, found in one pass."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self._found: dict[int, tuple[Destination, Place | None]] = {}
        for effect in unit.effects:
            if isinstance(effect, Bind):
                if effect.value != NONE:
                    how: Destination = "passed" if effect.how == "element" else "kept"
                    self._note(effect.value, how, unit.places[effect.target])
            elif isinstance(effect, Call):
                self._call(effect)
            elif isinstance(effect, Leave) and effect.value != NONE and effect.how in ("return", "yield"):
                self._note(effect.value, "returned", None)

    def of(self, call: int) -> tuple[Destination, Place | None]:
        """What happens to a call's result, and the place that keeps it."""
        return self._found.get(call, ("dropped", None))

    def _call(self, call: Call) -> None:
        for argument in call.args:
            self._note(argument, "passed", None)
        for _, argument in call.keywords:
            self._note(argument, "passed", None)
        if call.receiver != NONE:
            place = self.unit.places[call.receiver]
            if place.call != NONE:
                self._found.setdefault(place.call, ("chained", None))

    def _note(self, value: int, what: Destination, place: Place | None, depth: int = 0) -> None:
        row = self.unit.values[value]
        if row.kind == "call":
            self._found.setdefault(row.call, (what, place))
        elif row.kind in ("conditional", "operation", "container", "spread") and depth < 4:
            inner: Destination = "passed" if row.kind in ("container", "spread") else what
            for part in row.parts:
                self._note(part, inner, place, depth + 1)
        elif row.kind == "place" and self.unit.places[row.place].call != NONE:
            self._found.setdefault(self.unit.places[row.place].call, ("chained", None))
