"""Thread-locals: where they are declared, set and removed, and whether removal is certain."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Delete, Place, Symbol, Unit
from leaklint.models import Models, ThreadLocalModel
from leaklint.solve.aliases import Aliases
from leaklint.solve.index import Index
from leaklint.solve.names import callee_name


class ThreadLocal(msgspec.Struct):
    """A holder with one value a thread.

    sets, removes, clears: effects that store a value, remove it, or store null over it.
    step: the attribute, for Python, where each attribute of the object is a holder of its own.
    """

    place: Place
    declared: int
    model: ThreadLocalModel
    is_static: bool
    value_type: str
    initial: int = NONE  # effect that supplies an initial value
    sets: list[int] = []
    removes: list[int] = []
    clears: list[int] = []


class ThreadLocals:
    """All thread-locals of a unit."""

    def __init__(self, index: Index, aliases: Aliases, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self._models = {name: row for row in models.thread_local for name in row.names}
        self.light_types = frozenset(models.light_types)
        self.by_place: dict[Place, ThreadLocal] = {}
        self._find()
        if self.by_place:
            self._effects()

    def _find(self) -> None:
        for place, indices in self.index.binds.items():
            if place.symbol == NONE or "[]" in place.path:
                continue
            symbol = self.unit.symbols[place.symbol]
            if symbol.kind in ("variable", "constant") and symbol.scope != 0:
                continue
            for index in indices:
                bind = self.unit.effects[index]
                assert isinstance(bind, Bind)
                if bind.value != NONE and self.unit.values[bind.value].kind == "call":
                    call = self.unit.values[bind.value].call
                    row = self._model(call)
                    if row is not None:
                        self._add(place, index, row, call)

    def _model(self, call: int) -> ThreadLocalModel | None:
        name = callee_name(self.unit, call)
        row = self._models.get(name) if name else None
        if row is None:
            effect = self.unit.effects[call]
            assert isinstance(effect, Call)
            if effect.new and effect.callee != NONE:
                place = self.unit.places[effect.callee]
                symbol = self.unit.symbols[place.symbol] if place.symbol != NONE else None
                if symbol is not None and symbol.kind == "class" and symbol.target != NONE and not place.path:
                    return self._base_model(symbol.target)
        return row

    def _base_model(self, owner: int) -> ThreadLocalModel | None:
        for base in self.unit.owners[owner].bases:
            value = self.unit.values[base]
            if value.kind == "place":
                place = self.unit.places[value.place]
                if place.symbol != NONE:
                    found = self._models.get(self.unit.symbols[place.symbol].name)
                    if found is not None:
                        return found
        return None

    def _add(self, place: Place, index: int, row: ThreadLocalModel, call: int) -> None:
        symbol = self._symbol(place)
        value_type = ""
        if symbol is not None and symbol.type_args:
            value_type = symbol.type_args[0]
        kind = self.unit.symbols[place.symbol].kind
        effect = self.unit.effects[call]
        assert isinstance(effect, Call)
        supplies = bool(effect.args) or effect.name == "withInitial"
        self.by_place[place] = ThreadLocal(
            place, index, row, kind != "this", value_type, call if supplies else NONE
        )

    def _symbol(self, place: Place) -> Symbol | None:
        if not place.path:
            return self.unit.symbols[place.symbol]
        for symbol in self.unit.symbols:
            if symbol.kind in ("field", "static") and "." + symbol.name == place.path[0]:
                owner = self.unit.owners[self.unit.scopes[symbol.scope].owner]
                if place.symbol in (owner.this, owner.symbol):
                    return symbol
        return None

    def _effects(self) -> None:
        names = {name for row in self._models.values() for name in (*row.set, *row.remove)}
        for name in names:
            for index in self.index.calls.get(name, ()):
                call = self.unit.effects[index]
                assert isinstance(call, Call)
                if call.receiver == NONE:
                    continue
                for place in self.aliases.of(call.receiver):
                    found = self.by_place.get(place)
                    if found is not None:
                        self._method(found, call, index)
        self._attributes()

    def _method(self, found: ThreadLocal, call: Call, index: int) -> None:
        if call.name in found.model.remove:
            found.removes.append(index)
        elif call.args and self.unit.values[call.args[0]].kind == "null":
            found.clears.append(index)
        elif call.args:
            found.sets.append(index)

    def _attributes(self) -> None:
        """Python: `tls.request = request` sets, `del tls.request` and `= None` remove."""
        fields: dict[Place, ThreadLocal] = {}
        for place, indices in self.index.binds.items():
            if not place.path:
                continue
            base = Place(place.symbol, place.path[:-1])
            found = self.by_place.get(base)
            if found is None or not found.model.attributes:
                continue
            field = fields[place] = ThreadLocal(place, found.declared, found.model, found.is_static, "")
            for index in indices:
                bind = self.unit.effects[index]
                assert isinstance(bind, Bind)
                if bind.value != NONE and self.unit.values[bind.value].kind in ("null", "boolean", "number"):
                    field.removes.append(index)
                else:
                    field.sets.append(index)
        for index in self.index.deletes:
            delete = self.unit.effects[index]
            assert isinstance(delete, Delete)
            target = fields.get(self.unit.places[delete.target])
            if target is not None:
                target.removes.append(index)
        self.by_place |= fields

    def is_light(self, found: ThreadLocal) -> bool:
        """Whether its values are too small to matter (JDK value types)."""
        return found.value_type in self.light_types

    def unprotected(self, found: ThreadLocal) -> Iterator[int]:
        """Sets whose removal an exception skips: later in the same function, not in a finally block."""
        for index in found.sets:
            effect = self.unit.effects[index]
            later = [
                other
                for other in found.removes
                if other > index and self.unit.effects[other].scope == effect.scope
            ]
            if later and not any(self._in_finally(other) for other in found.removes):
                between = any(
                    isinstance(self.unit.effects[number], Call) for number in range(index + 1, later[0])
                )
                if between:
                    yield index

    def _in_finally(self, index: int) -> bool:
        region = self.unit.effects[index].region
        return any(
            self.unit.regions[number].kind in ("finally", "except") for number in self.index.regions(region)
        )
