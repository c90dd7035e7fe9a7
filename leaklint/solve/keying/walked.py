"""How many values a loop gives that walks a container, by what the container is."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.keying.domain import Domain
from leaklint.solve.keying.enums import Enums
from leaklint.solve.keying.words import is_constant

_ENTRIES = frozenset({"keys", "keySet", "entrySet", "items", "values", "entries"})
_IN_PLACE = frozenset({"forEach", "map", "filter"})
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
            return self._of_call(row.call, holder)
        if row.kind == "place":
            place = self.unit.places[row.place]
            if self._is_same(place, holder):
                return "own"
            if place.symbol in self.enums.classes:
                return "enum"
            if self._is_given_once(place):
                return "small"
            return self._constant_container(place)
        return "computed"

    def of_keys(self, effect: int, holder: Place | None) -> Domain | None:
        """Python: the domain of `key` of `for key, value in table.items()`; None for anything else."""
        bind, before = self.index.bind(effect), self.unit.effects[effect - 1]
        row = self.unit.values[bind.value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol != NONE or place.call == NONE or self.unit.language != "python":
            return None
        if isinstance(before, Bind) and before.how == "iterate" and before.value == bind.value:
            return None  # the second of the two
        call = self.unit.effects[place.call]
        named = isinstance(call, Call) and call.name == "items" and place.path == ("[]",)
        return self._of_call(place.call, holder) if named else None

    def _of_call(self, number: int, holder: Place | None) -> Domain:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        argument = self.unit.values[call.args[0]] if call.args and call.name in _WALKS else None
        if argument is not None and argument.kind == "place":
            place = self.unit.places[argument.place]
        elif call.receiver != NONE and call.name in _ENTRIES and not call.args:
            place = self.unit.places[call.receiver]
        else:
            return "computed"
        if call.receiver != NONE and self._are_keywords(place):
            return "small"  # the names that callers write
        return "own" if self._is_same(place, holder) else self._constant_container(place)

    def _are_keywords(self, place: Place) -> bool:
        """Python: whether a place is `flags` of `def mark(self, **flags)`, given that it has `items()`."""
        symbol = self.index.symbol(place)
        return symbol is not None and not place.path and "rest" in symbol.flags

    def _is_same(self, place: Place, holder: Place | None) -> bool:
        """Whether a place is the holder: Python's `self.TABLE` is that of the class as well."""
        if place == holder or holder is None or place.symbol == NONE or holder.symbol == NONE:
            return place == holder
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind != "this" or symbol.target == NONE or place.path != holder.path:
            return False
        return bool(place.path) and self.unit.owners[symbol.target].symbol == holder.symbol

    def counts(self, effect: int) -> bool:
        """Python: `i` of `for i, row in enumerate(rows)`, and of `for i in range(len(rows))`."""
        bind = self.index.bind(effect)
        row = self.unit.values[bind.value]
        number = (
            row.call
            if row.kind == "call"
            else self.unit.places[row.place].call
            if row.kind == "place"
            else NONE
        )
        call = self.unit.effects[number] if number != NONE else None
        if (
            not isinstance(call, Call)
            or self.unit.language != "python"
            or len(call.args) != 1
            or call.keywords
        ):
            return False
        if call.name != "enumerate" or row.kind != "place":
            return call.name == "range" and row.kind == "call"
        before = self.unit.effects[effect - 1]
        return before is call

    def handed(self, symbol: int, scope: int, holder: Place | None) -> Domain | None:
        """JavaScript: `name` of `Object.keys(TABLE).forEach((name) => …)`; None for other parameters."""
        given = self.index.argument_of.get(scope) if self.unit.language == "javascript" else None
        call = self.unit.effects[given[0]] if given is not None else None
        if not isinstance(call, Call) or call.name not in _IN_PLACE or call.receiver == NONE:
            return None
        place, params = self.unit.places[call.receiver], self.unit.scopes[scope].params
        walked = self.unit.effects[place.call] if place.call != NONE and not place.path else None
        if not isinstance(walked, Call) or walked.name != "keys" or params[:1] != (symbol,):
            return None
        return "own" if self._of_call(place.call, holder) == "own" else None

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
