"""How many values a loop gives that walks a container, by what the container is."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.keying.domain import Domain
from leaklint.solve.keying.enums import Enums
from leaklint.solve.keying.words import is_constant

_ENTRIES = frozenset({"keys", "keySet", "entrySet", "items", "values", "entries"})
_WALKS = frozenset({"keys", "entries", "list", "sorted", "tuple", "enumerate", "reversed"})


class Walked:
    """What the loops of one unit walk."""

    def __init__(self, index: Index, enums: Enums) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.enums = enums

    def domain(self, value: int, holder: Place | None) -> Domain:
        """The domain of what walking a value gives. holder: a container whose own keys add nothing."""
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            if call.receiver != NONE and call.name in _ENTRIES:
                receiver = self.unit.places[call.receiver]
                if receiver == holder:
                    return "own"
                return self._constant_container(receiver)
            if call.args and call.name in _WALKS:
                argument = self.unit.values[call.args[0]]
                if argument.kind == "place":
                    place = self.unit.places[argument.place]
                    return "own" if place == holder else self._constant_container(place)
        if row.kind == "place":
            place = self.unit.places[row.place]
            if place == holder:
                return "own"
            if place.symbol in self.enums.classes:
                return "enum"
            if self._is_given_once(place):
                return "small"
            return self._constant_container(place)
        return "computed"

    def _is_given_once(self, place: Place) -> bool:
        """Python: `for url in self.urls` of what the constructor was given and nothing sets again."""
        symbol = self.unit.symbols[place.symbol] if place.symbol != NONE else None
        if self.unit.language != "python" or symbol is None or symbol.kind != "this" or len(place.path) != 1:
            return False
        binds = self.index.binds.get(place, ())
        bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
        if not isinstance(bind, Bind) or bind.value == NONE or bind.how == "augment":
            return False
        row = self.unit.values[bind.value]
        source = self.unit.places[row.place] if row.kind == "place" else None
        if source is None or source.path or source.symbol == NONE:
            return False
        given = self.unit.symbols[source.symbol].kind == "parameter"
        return given and self.unit.scopes[self.index.function(bind.scope)].kind == "constructor"

    def _constant_container(self, place: Place) -> Domain:
        """Keys of a module constant that is a literal and never grows are literals themselves."""
        if place.symbol == NONE:
            return "computed"
        symbol = self.unit.symbols[place.symbol]
        if is_constant(place.path[-1] if place.path else symbol.name):
            return "literal"
        binds = self.index.binds.get(place, ())
        if len(binds) == 1 and symbol.kind != "parameter":
            bind = self.unit.effects[binds[0]]
            assert isinstance(bind, Bind)
            if bind.value != NONE and bind.how in ("declare", "assign"):
                value = self.unit.values[bind.value]
                if value.kind == "container" and value.parts and value.text != "comprehension":
                    return "literal"
        return "computed"
