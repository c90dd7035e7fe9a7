"""Watched objects that what watches them keeps alive, so that their end never comes.

A registry of finalizers holds the object weakly and everything else that it is handed strongly, until the
object goes. What refers to the object among the rest keeps it for good.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit, Value
from leaklint.models import Finalizer, Models
from leaklint.solve.capture.inners import Inners
from leaklint.solve.index import Index
from leaklint.solve.names import Patterns
from leaklint.solve.once import once_a_table

_BINDS = frozenset({"bind", "partial"})
_UNBOUND = frozenset({"static", "classmethod", "property"})


class Watched(msgspec.Struct):
    """A registration at `effect` of the object `target`; `kept`: the argument that refers to it."""

    effect: int
    target: Place
    kept: int


class _Table:
    def __init__(self, models: Models) -> None:
        self.rows = [(row, Patterns(row.names)) for row in models.finalizer]


_table = once_a_table(_Table)


class Finalizers:
    """Registrations of one unit that defeat themselves."""

    def __init__(self, index: Index, inners: Inners, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.inners = inners
        self._rows = _table(models).rows

    def kept(self) -> Iterator[Watched]:
        """Each registration whose argument refers to the object that is watched, in source order."""
        found: dict[int, Watched] = {}
        for row, patterns in self._rows:
            names = patterns.among(self.index.calls.keys())
            if not names or not self._is_known(row):
                continue
            for name in names:
                for number in self.index.calls[name]:
                    if number not in found and patterns.match(self.unit, number):
                        watched = self._watched(number, row)
                        if watched is not None:
                            found[number] = watched
        yield from (found[number] for number in sorted(found))

    def _is_known(self, row: Finalizer) -> bool:
        """Whether the file makes or imports the registry that a method of a common name is meant of."""
        if not row.made_by:
            return True
        return not self.index.calls.keys().isdisjoint(row.made_by) or any(
            symbol.name in row.made_by and symbol.kind == "import" for symbol in self.unit.symbols
        )

    def _watched(self, number: int, row: Finalizer) -> Watched | None:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if len(call.args) <= row.target:
            return None
        value = self.unit.values[call.args[row.target]]
        target = self.unit.places[value.place] if value.kind == "place" else None
        if target is None or target.symbol == NONE or target.path:
            return None
        last = len(call.args) if row.last < 0 else row.last + 1
        handed = [*call.args[row.first : last], *(kept for _, kept in call.keywords if row.last < 0)]
        for argument in handed:
            if self._refers(argument, target) or (argument == handed[0] and self._calls(argument, target)):
                return Watched(number, target, argument)
        return None

    def _calls(self, argument: int, target: Place) -> bool:
        """Python: `finalize(link, link.close)`: what is called with the object gone is its own method."""
        row = self.unit.values[argument]
        if self.unit.language != "python" or row.kind != "place":
            return False
        place = self.unit.places[row.place]
        of_self = self.unit.symbols[target.symbol].kind == "this"
        return place.symbol == target.symbol and len(place.path) == 1 and not of_self

    def _refers(self, argument: int, target: Place, through: int = 2) -> bool:
        """Whether a value refers to an object: itself, its method, a closure over it, a thing made of it."""
        row = self.unit.values[argument]
        if row.kind == "closure":
            return target.symbol in self.unit.scopes[row.scope].captures
        if row.kind == "container":
            return any(self._refers(part, target) for part in row.parts)
        if row.kind == "call":
            return self._is_made_of(row, target)
        if row.kind != "place" or row.place == NONE:
            return False
        place = self.unit.places[row.place]
        if place.symbol == target.symbol:
            return not place.path or self._is_method(place)
        if place.symbol == NONE or place.path:
            return False
        function = self.index.function_of(place.symbol)
        if function != NONE:
            return target.symbol in self.unit.scopes[function].captures
        binds = self.index.binds.get(place, ())
        if through and len(binds) == 1 and self.unit.symbols[place.symbol].kind in ("variable", "constant"):
            bind = self.unit.effects[next(iter(binds))]
            if isinstance(bind, Bind) and bind.value != NONE:
                return self._refers(bind.value, target, through - 1)
        return False

    def _is_made_of(self, row: Value, target: Place) -> bool:
        """`this.close.bind(this)`, `partial(self.close)`, an object of an inner class of the target's."""
        call = self.unit.effects[row.call]
        if not isinstance(call, Call):
            return False
        if call.name in _BINDS:
            return any(self._refers(argument, target, 0) for argument in call.args)
        symbol = self.unit.symbols[target.symbol]
        inner = self.inners.inner_of(row) if symbol.kind == "this" else NONE
        if inner == NONE or self.unit.owners[inner].outer != symbol.target:
            return False
        return self.inners.uses_outer(inner)

    def _is_method(self, place: Place) -> bool:
        """`self.close`, bound to its object; not `self.handle`, a value of its own."""
        symbol = self.unit.symbols[place.symbol]
        if len(place.path) != 1 or self.unit.language == "javascript":
            return False  # JavaScript: a method knows no object until it is bound
        method = self.index.method(symbol.target, place.path[0][1:]) if symbol.kind == "this" else NONE
        return method != NONE and self.unit.scopes[method].flags.isdisjoint(_UNBOUND)
