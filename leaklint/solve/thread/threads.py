"""Thread-locals: where they are declared, set and removed."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Delete, Leave, Place, Symbol, Unit
from leaklint.models import Models, ThreadLocalModel
from leaklint.solve.aliases import Aliases
from leaklint.solve.index import Index
from leaklint.solve.names import callee_name
from leaklint.solve.once import once_a_table


class ThreadLocal(msgspec.Struct):
    """A holder with one value a thread.

    sets, removes, clears: effects that store a value, remove it, or store null over it.
    supplied: values that its supplier (`withInitial`, `initialValue`) returns.
    is_given: made in another file, and handed to the constructor.
    is_own_kind: an anonymous subclass, so that a class of the program stands in the table of each thread.
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
    supplied: list[int] = []
    is_given: bool = False
    is_own_kind: bool = False


class _Known:
    """What the models say of thread-locals. touching: methods that set or remove the value."""

    def __init__(self, models: Models) -> None:
        self.by_name = {name: row for row in models.thread_local for name in row.names}
        self.last_names = {name.rpartition(".")[2] for name in self.by_name}
        self.touching = sorted({name for row in models.thread_local for name in (*row.set, *row.remove)})


_known = once_a_table(_Known)


class ThreadLocals:
    """All thread-locals of a unit."""

    def __init__(self, index: Index, aliases: Aliases, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self.models = models
        self._known = _known(models)
        self.by_place: dict[Place, ThreadLocal] = {}
        if not self._known.last_names.isdisjoint(index.calls) or self._is_extended():
            self._find()
        if self.unit.language == "java":
            self._find_given()
        if self.by_place:
            self._effects()

    def _is_extended(self) -> bool:
        """Whether a class of the unit is a thread-local itself."""
        return any(self._base_model(owner) is not None for owner in range(len(self.unit.owners)))

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

    def _find_given(self) -> None:
        """Java: fields of the type `ThreadLocal` whose value comes from elsewhere."""
        for symbol in self.unit.symbols:
            row = self._known.by_name.get(symbol.type)
            if row is None or symbol.kind not in ("field", "static"):
                continue
            owner = self.unit.owners[self.unit.scopes[symbol.scope].owner]
            root = owner.this if symbol.kind == "field" else owner.symbol
            place = Place(root, (f".{symbol.name}",))
            bound = self.index.binds.get(place)
            if bound and place not in self.by_place:
                value_type = symbol.type_args[0] if symbol.type_args else ""
                given = ThreadLocal(place, bound[0], row, symbol.kind == "static", value_type)
                given.is_given = True
                self.by_place[place] = given

    def _model(self, call: int) -> ThreadLocalModel | None:
        name = callee_name(self.unit, call)
        row = self._known.by_name.get(name) if name else None
        if row is None:
            effect = self.unit.effects[call]
            assert isinstance(effect, Call)
            made = self.index.class_made(effect) if effect.new else NONE
            if made != NONE:
                return self._base_model(made)
        return row

    def _base_model(self, owner: int) -> ThreadLocalModel | None:
        for base in self.unit.owners[owner].bases:
            value = self.unit.values[base]
            if value.kind == "place":
                place = self.unit.places[value.place]
                if place.symbol != NONE:
                    found = self._known.by_name.get(self.unit.symbols[place.symbol].name)
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
        subclass = self._subclass(effect)
        supplies = bool(effect.args) or effect.name == "withInitial" or subclass != NONE
        found = ThreadLocal(place, index, row, kind != "this", value_type, call if supplies else NONE)
        found.supplied = list(self._supplied(effect, subclass)) if supplies else []
        found.is_own_kind = subclass != NONE
        self.by_place[place] = found

    def _subclass(self, call: Call) -> int:
        """The owner of the subclass that a call makes one of: an anonymous one, or one of the file."""
        value = self.unit.values[call.args[-1]] if call.args else None
        if value is not None and value.kind == "class":
            return value.owner
        return self.index.class_made(call) if call.new else NONE

    def _supplied(self, call: Call, subclass: int) -> Iterator[int]:
        """Values that a supplier function, or `initialValue` of a subclass, gives."""
        value = self.unit.values[call.args[-1]] if call.args else None
        scope = NONE
        if value is not None and value.kind == "closure":
            scope = value.scope
        elif subclass != NONE:
            scope = self.index.method_names.get(subclass, {}).get("initialValue", NONE)
        for index in self.index.returns.get(scope, ()):
            leave = self.unit.effects[index]
            assert isinstance(leave, Leave)
            yield leave.value

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
        for name in self._known.touching:
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
