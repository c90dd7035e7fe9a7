"""Numbers that a limit or a constant keeps few: a remainder, what a function leaves with when it is large."""

from __future__ import annotations

from collections.abc import Sequence

from leaklint.ir import NONE, Bind, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.keying.words import is_constant, is_count, is_of_settings

_NUMBERS = frozenset({"int", "Integer", "long", "Long", "short", "Short", "byte", "Byte", "char"})


class Limits:
    """Such numbers of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def is_limited(self, symbol: int) -> bool:
        """Java: a number that the function leaves with, where it is above a constant."""
        row = self.unit.symbols[symbol]
        if self.unit.language != "java" or row.type not in _NUMBERS:
            return False
        for region in self.unit.regions:
            if region.scope != row.scope or region.test == NONE or region.leaves not in ("return", "raise"):
                continue
            test = self.unit.values[region.test]
            if test.text not in (">", ">=") or region.negated or len(test.parts) != 2:
                continue
            number, limit = (self.unit.values[part] for part in test.parts)
            if number.kind == "place" and self.unit.places[number.place] == Place(symbol):
                if limit.kind == "number":
                    return True
                if limit.kind == "place" and self._is_constant(self.unit.places[limit.place]):
                    return True
        return False

    def _is_constant(self, place: Place) -> bool:
        return is_constant(self.index.last_name(place))

    def is_one(self, symbol: int) -> bool:
        """JavaScript: a constant of the module, which has one value."""
        row, binds = self.unit.symbols[symbol], self.index.binds.get(Place(symbol), ())
        bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
        return row.scope == 0 and isinstance(bind, Bind) and bind.region == NONE and bind.how == "declare"

    def is_index(self, place: Place, binds: Sequence[int]) -> bool:
        """`for (let i = 0; i < rows.length; i++)`: starts anew with each run of the loop."""
        rows = [self.unit.effects[number] for number in binds]
        if len(rows) != 2 or not all(isinstance(row, Bind) for row in rows):
            return False
        first, step = (self.index.bind(number) for number in binds)
        if first.how != "declare" or first.value == NONE or step.how != "augment" or step.region == NONE:
            return False
        loop = self.unit.regions[step.region]
        if self.unit.values[first.value].kind != "number" or loop.kind != "loop" or loop.test == NONE:
            return False
        if self.index.function(first.scope) != self.index.function(step.scope):
            return False
        test = self.unit.values[loop.test]
        asked = self.unit.values[test.parts[0]] if test.text in ("<", "<=") else None
        return asked is not None and asked.kind == "place" and self.unit.places[asked.place] == place

    def is_count(self, value: int) -> bool:
        """Whether a divisor is the number of things that the program has: shards, workers, buckets."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is None or symbol is None:
            return False
        return is_count(place.path[-1] if place.path else symbol.name)

    def is_status(self, parts: tuple[int, ...]) -> bool:
        """`status / 100`: the class of an answer."""
        row = self.unit.values[parts[0]]
        if row.kind != "place" or self.unit.values[parts[-1]].kind != "number":
            return False
        symbol = self.index.symbol(self.unit.places[row.place])
        return symbol is not None and symbol.name.lower().endswith(("status", "code"))

    def is_setting(self, value: int) -> bool:
        """`config.url`: what the program was set up with."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE or not place.path:
            return False
        root = "." + self.unit.symbols[place.symbol].name
        return any(is_of_settings(step) for step in (root, *place.path[:-1]))

    def is_text(self, value: int) -> bool:
        """Whether `%` formats a text instead of dividing."""
        return self.unit.values[value].kind in ("string", "template")
