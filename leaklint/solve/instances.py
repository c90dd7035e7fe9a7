"""Python: of which class in this file the object is that a variable of the module or a field holds."""

from __future__ import annotations

from collections.abc import Callable

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.once import solved

_TAKES_OUT = ("remove", "discard", "pop", "clear", "popleft", "popitem")
_LONG_ENOUGH = (
    4  # characters of a field that is named after its class: `factory`, `server`, `hub` is too short
)


class Instances:
    """Objects of the classes of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def of_variable(self, symbol: int) -> int:
        """The class whose only object a variable of the module holds, or NONE."""
        binds = self.index.binds.get(Place(symbol), ())
        bind = self.index.bind(binds[0]) if len(binds) == 1 else None
        row = self.unit.values[bind.value] if bind is not None and bind.value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        if not isinstance(call, Call) or call.callee == NONE or self.unit.places[call.callee].path:
            return NONE
        made = self.index.symbol(self.unit.places[call.callee])
        return made.target if made is not None and made.kind == "class" else NONE

    def of_field(self, name: str, binds: list[int] | tuple[()]) -> int:
        """The class whose object a field holds, by the type of the parameter it is given, or by its name."""
        if len(binds) > 1:
            return NONE
        value = self.index.bind(binds[0]).value if binds else NONE
        if value != NONE:
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            symbol = self.index.symbol(place) if place is not None else None
            if place is None or symbol is None or symbol.kind != "parameter" or place.path:
                return NONE
            if symbol.type:
                return self._only(lambda known: known == symbol.type.strip("\"'"))
        word = name.strip("_").lower()
        return self._only(lambda known: len(word) >= _LONG_ENOUGH and known.lower().endswith(word))

    def _only(self, fits: Callable[[str], bool]) -> int:
        found = [n for n, row in enumerate(self.unit.owners) if row.kind == "class" and fits(row.name)]
        return found[0] if len(found) == 1 else NONE

    @solved
    def let_go(self) -> set[str]:
        """Steps that something is taken out of where its object is not known: `worker.tasks.remove(t)`."""
        places = [
            self.unit.places[call.receiver]
            for name in _TAKES_OUT
            for number in self.index.calls.get(name, ())
            if isinstance(call := self.unit.effects[number], Call) and call.receiver != NONE
        ]
        for number in self.index.deletes:
            places.append(self.unit.places[self.unit.effects[number].target])  # type: ignore[union-attr]
        others = [place for place in places if not self._is_known(place)]
        return {step for place in others for step in place.path[-2:] if step != "[]"}

    def _is_known(self, place: Place) -> bool:
        """Whether the object of a collection is known: `self.rows`, `state.rows`, `self.server.rows`."""
        if place.symbol == NONE:
            return False
        steps = [step for step in place.path if step != "[]"]
        if self.unit.symbols[place.symbol].kind != "this":
            return self.of_variable(place.symbol) != NONE
        if len(steps) < 2:
            return True
        binds = self.index.binds.get(Place(place.symbol, (steps[0],)), ())
        return len(steps) == 2 and self.of_field(steps[0][1:], binds) != NONE
