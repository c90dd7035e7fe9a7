"""JavaScript: methods that run each time an input of a component changes, and what they ask first.

`ngOnChanges(changes) { if (!changes.id) return; … }`: what has changed says how often the rest runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place, Unit, Value
from leaklint.solve.index import Index

_REACTIONS = frozenset({"ngOnChanges", "componentDidUpdate", "updated", "attributeChangedCallback"})
# what tells the first change from the others
_FIRST = frozenset({"isFirstChange", "isFirst"})
_FIRST_STEPS = ((".firstChange",), (".isFirst",))
_INPUTS = ((".props",), (".state",))


class Reacting:
    """Answers about the methods of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def reacts(self, function: int) -> bool:
        """Whether a framework calls a method after each change of an input; so does who sets a property."""
        row = self.unit.scopes[function]
        if self.unit.language != "javascript" or row.kind != "method":
            return False
        return row.name in _REACTIONS or "setter" in row.flags

    def may_rest(self, effect: int, field: Place) -> bool:
        """Whether a test on the way asks for more than what has changed."""
        row = self.unit.effects[effect]
        function = self.index.function(row.scope)
        around = set(self.index.regions(row.region))
        return any(
            not self._asks_for_change(region.test, function, field)
            for number, region in enumerate(self.unit.regions)
            if region.test != NONE
            and self.index.function(region.scope) == function
            and (number in around or (region.leaves and region.last <= effect))
        )

    def _asks_for_change(self, test: int, function: int, field: Place) -> bool:
        """Whether all that a test is about is a parameter of its function, or an input of the component."""
        return all(self._is_of_change(row, function, field) for row in self._parts(test))

    def _is_of_change(self, row: Value, function: int, field: Place) -> bool:
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return isinstance(call, Call) and call.name not in _FIRST
        if row.kind != "place":
            return row.kind not in ("closure", "opaque")
        place = self.unit.places[row.place]
        if place.symbol == NONE or place.symbol in self.unit.scopes[function].params:
            return place.path[-1:] not in _FIRST_STEPS
        if self.unit.symbols[place.symbol].kind != "this" or place == field:
            return False
        return place.path[:1] in _INPUTS

    def _parts(self, test: int) -> Iterator[Value]:
        """A value with those that it is made of, the receivers and arguments of calls among them."""
        pending = [test]
        while pending:
            row = self.unit.values[pending.pop()]
            yield row
            pending += row.parts
            call = self.unit.effects[row.call] if row.kind == "call" else None
            if not isinstance(call, Call):
                continue
            pending += call.args
            place = self.unit.places[call.receiver] if call.receiver != NONE else None
            if place is not None:
                yield Value("place", row.at, row.at, place=call.receiver)
