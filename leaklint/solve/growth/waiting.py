"""JavaScript: entries that stand for somebody who waits: the functions that settle a promise."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.holding.holder import Growth
from leaklint.solve.index import Index


class Waiting:
    """Answers about what is stored in the containers of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def waits(self, item: Growth) -> bool:
        """Whether `resolve` or `reject` of a promise is stored, by itself or in an object."""
        if self.unit.language != "javascript" or item.depth:
            return False
        pending = list(item.values)
        for _ in range(20):
            if not pending:
                return False
            row = self.unit.values[pending.pop()]
            if row.kind in ("container", "conditional", "operation"):
                pending += row.parts
            elif row.kind == "place":
                place = self.unit.places[row.place]
                if place.symbol != NONE and not place.path and self._settles(place.symbol):
                    return True
        return False

    def _settles(self, symbol: int) -> bool:
        row = self.unit.symbols[symbol]
        if row.kind != "parameter" or row.scope == NONE:
            return False
        argument = self.index.argument_of.get(row.scope)
        call = self.unit.effects[argument[0]] if argument is not None else None
        return isinstance(call, Call) and call.new and call.name == "Promise"
