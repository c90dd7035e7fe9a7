"""Which effect takes each value, and which methods are called on each local: one pass, only where needed."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit


class Uses:
    """What becomes of the values of a unit.

    of_call: call -> effect that takes its result. of_symbol, of_field: effects that take what a local or
    a field of `this` holds. chained: call -> call of a method on its result.
    """

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.of_call: dict[int, int] = {}
        self.of_symbol: dict[int, list[int]] = {}
        self.of_field: dict[str, list[int]] = {}
        self.chained: dict[int, int] = {}
        self._called: dict[int, set[str]] = {}
        for number, effect in enumerate(unit.effects):
            if isinstance(effect, Call):
                for value in effect.args:
                    self._note(value, number)
                for _, value in effect.keywords:
                    self._note(value, number)
                if effect.receiver != NONE:
                    self._receiver(effect, number)
            elif isinstance(effect, Bind | Leave) and effect.value != NONE:
                self._note(effect.value, number)

    def _receiver(self, call: Call, number: int) -> None:
        place = self.unit.places[call.receiver]
        if place.symbol == NONE:
            if place.call != NONE and not place.path:
                self.chained.setdefault(place.call, number)
        elif not place.path:
            self._called.setdefault(place.symbol, set()).add(call.name)

    def _note(self, value: int, number: int, depth: int = 0) -> None:
        row = self.unit.values[value]
        if row.kind == "call":
            self.of_call.setdefault(row.call, number)
        elif row.kind == "place":
            place = self.unit.places[row.place]
            if place.symbol == NONE:
                return
            if not place.path:
                self.of_symbol.setdefault(place.symbol, []).append(number)
            elif self.unit.symbols[place.symbol].kind == "this":
                if len(place.path) == 1:
                    self.of_field.setdefault(place.path[0], []).append(number)
                else:
                    self._called.setdefault(place.symbol, set()).add(place.path[-1][1:])
            elif len(place.path) == 1:
                self._called.setdefault(place.symbol, set()).add(place.path[0][1:])  # `inflater::end`
        elif row.kind in ("conditional", "container", "spread", "template") and depth < 5:
            for part in row.parts:
                self._note(part, number, depth + 1)

    def ended(self, local: Place, ends: list[str]) -> bool:
        """Whether an end is called on a local, or handed over as a method reference."""
        return not self._called.get(local.symbol, set()).isdisjoint(ends)

    def symbols_in(self, value: int, depth: int = 0) -> set[int]:
        """Symbols that an expression reads, as they stand."""
        row = self.unit.values[value]
        if row.kind == "place":
            return {self.unit.places[row.place].symbol}
        found: set[int] = set()
        if depth < 6:
            for part in row.parts:
                found |= self.symbols_in(part, depth + 1)
        return found
