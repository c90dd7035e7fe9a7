"""Thread-locals: where they are declared, set and removed, and whether removal is certain."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Delete, Leave, Place, Symbol, Unit
from leaklint.models import Models, ThreadLocalModel
from leaklint.solve.aliases import Aliases
from leaklint.solve.index import Index
from leaklint.solve.lifecycle import first_word
from leaklint.solve.names import callee_name
from leaklint.solve.once import once_a_table

# names of parameters that hand back what was there before, and of methods that leave that to their callers
_EARLIER = ("last", "old", "prev", "saved", "outer", "parent", "original", "former", "restore")
# first words of methods that end a piece of work well, and badly
_SUCCEEDS = frozenset({"commit", "complete", "succeed", "success", "finish"})
_FAILS = frozenset({"rollback", "abort", "cancel", "fail", "discard", "error"})
# Java: what a framework calls behind work that went well
_ON_SUCCESS = frozenset({"postHandle", "afterReturning", "onSuccess", "afterCommit"})
_SETTERS = ("set", "push", "bind", "swap", "replace", "restore")


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
        self._known = _known(models)
        self._weak = models.weak_wrappers
        self._workspaces = models.workspace_types
        self.light_types = models.light_types | models.bounded_key_types
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
        symbol = (
            self.index.symbol(self.unit.places[call.callee]) if call.new and call.callee != NONE else None
        )
        return symbol.target if symbol is not None and symbol.kind == "class" else NONE

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

    def sets_weakly(self, index: int) -> bool:
        """Java: `buffer.set(new SoftReference<>(made))`: the value goes when memory is short."""
        call = self.unit.effects[index]
        row = self.unit.values[call.args[0]] if isinstance(call, Call) and call.args else None
        made = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        return isinstance(made, Call) and made.new and made.name in self._weak

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
        """Whether its values are too small to matter (JDK value types, members of enums)."""
        if found.is_own_kind and found.value_type in self._workspaces:
            return False
        return found.value_type in self.light_types or self._is_enum(found.value_type)

    def is_lent(self, found: ThreadLocal) -> bool:
        """Whether null is stored only while its value is in use: it is put back behind that."""
        last: dict[int, int] = {}
        for index in found.sets:
            last[self.index.function_at(index)] = index
        return all(last.get(self.index.function_at(index), NONE) > index for index in found.clears)

    def _is_enum(self, name: str) -> bool:
        return any(owner.kind == "enum" and owner.name == name for owner in self.unit.owners)

    def is_heavy(self, found: ThreadLocal) -> bool:
        """Java: whether its values are known to be more than a plain value of the JDK."""
        if not found.value_type:
            return self.makes_own(found) or any(self._is_of_own_type(value) for value in found.supplied)
        opaque = found.value_type == "Object" or len(found.value_type) == 1  # `T`
        return not opaque and not self.is_light(found)

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

    def unwrapped(self, found: ThreadLocal) -> Iterator[int]:
        """Calls of `enter()`, which sets, whose `leave()`, which removes, is skipped by an exception."""
        entering = {self.index.function_at(index) for index in found.sets}
        leaving = {self.index.function_at(index) for index in found.removes}
        ends = [number for scope in leaving for number in self.index.callers.get(scope, ())]
        if not entering or not leaving or entering & leaving or any(self._in_finally(end) for end in ends):
            return
        for scope in sorted(entering):
            for begin in self.index.callers.get(scope, ()):
                later = [
                    end
                    for end in ends
                    if end > begin and self.index.function_at(end) == self.index.function_at(begin)
                ]
                if later and self._calls_others(begin, min(later)):
                    yield begin

    def _calls_others(self, begin: int, end: int) -> bool:
        """Whether code of others runs between two calls: a method of a parameter, or of a field."""
        for number in range(begin + 1, end):
            call = self.unit.effects[number]
            if isinstance(call, Call) and call.receiver != NONE:
                symbol = self.index.symbol(self.unit.places[call.receiver])
                if symbol is not None and symbol.kind in ("parameter", "this", "variable", "constant"):
                    return True
        return False

    def left_by(self, found: ThreadLocal) -> int:
        """The method that ends the work otherwise, `rollback()` next to `commit()`, and does not remove."""
        removing = {self.index.function_at(index) for index in found.removes}
        names = {first_word(self.unit.scopes[scope].name) for scope in removing}
        owners = {self.unit.scopes[scope].owner for scope in removing}
        if not names & _SUCCEEDS or len(owners) != 1 or owners == {NONE}:
            return NONE
        for scope in self.unit.owners[owners.pop()].methods:
            if first_word(self.unit.scopes[scope].name) not in _FAILS or scope in removing:
                continue
            calls = [
                n for n in self.index.of_function.get(scope, ()) if isinstance(self.unit.effects[n], Call)
            ]
            if calls and not any(self.index.callee_scope(number) in removing for number in calls):
                return scope
        return NONE

    def restores(self, found: ThreadLocal) -> bool:
        """Whether what was there before is put back: a set in a finally block, or of what was read earlier.

        `set(last)` at the end of a scope leaves nothing of the call behind. A plain setter counts as well:
        its callers put back what they got, or null.
        """
        return any(
            (self._in_finally(index) or self._sets_earlier(found, index))
            and not (self._is_only_if_present(index) and not found.removes and not found.clears)
            for index in found.sets
        )

    def stays(self, found: ThreadLocal) -> bool:
        """Java: whether nothing takes away what is set: no removal, and nothing that is put back."""
        if self.unit.language != "java" or found.removes or found.clears:
            return False
        return not any(
            self.sets_weakly(index)
            or self._in_finally(index)
            or (self._sets_earlier(found, index) and not self._sets_given(index))
            for index in found.sets
        )

    def _sets_given(self, index: int) -> bool:
        """`void set(Tenant tenant) { CURRENT.set(tenant); }`, which does not say what was there before."""
        call = self.unit.effects[index]
        row = self.unit.values[call.args[0]] if isinstance(call, Call) and call.args else None
        symbol = self.index.symbol(self.unit.places[row.place]) if row and row.kind == "place" else None
        if symbol is None or symbol.kind != "parameter" or symbol.name.startswith(_EARLIER):
            return False
        leaves = [self.unit.effects[n] for n in self.index.returns.get(self.index.function_at(index), ())]
        return not any(isinstance(leave, Leave) and leave.value != NONE for leave in leaves)

    def _is_only_if_present(self, index: int) -> bool:
        """`if (previous != null) CURRENT.set(previous);`: where there was none, the new one stays."""
        call = self.unit.effects[index]
        if not isinstance(call, Call) or not call.args or self.unit.values[call.args[0]].kind != "place":
            return False
        earlier = self.unit.values[call.args[0]].place
        for number in self.index.regions(call.region):
            region = self.unit.regions[number]
            row = self.unit.values[region.test] if region.kind == "branch" and region.test != NONE else None
            if row is None or row.text != "!=" or region.negated:
                continue
            parts = [self.unit.values[part] for part in row.parts]
            if any(part.kind == "null" for part in parts) and any(
                part.kind == "place" and self.unit.places[part.place] == self.unit.places[earlier]
                for part in parts
            ):
                return True
        return False

    def skipped(self, found: ThreadLocal) -> str:
        """Java: the method of a framework that removes, and that the framework calls on success only."""
        names = {self.unit.scopes[self.index.function_at(index)].name for index in found.removes}
        return names.pop() if len(names) == 1 and names <= _ON_SUCCESS else ""

    def _is_setter(self, bind: Bind) -> bool:
        """Python: `def set_x(x): _local.x = x`."""
        row = self.unit.values[bind.value] if bind.value != NONE else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        if place is None or place.path or place.symbol == NONE:
            return False
        scope = self.unit.scopes[self.index.function(bind.scope)]
        given = self.unit.symbols[place.symbol].kind == "parameter"
        return given and first_word(scope.name) in _SETTERS

    def _sets_earlier(self, found: ThreadLocal, index: int) -> bool:
        call = self.unit.effects[index]
        if isinstance(call, Bind):
            return self._is_setter(call)
        if not isinstance(call, Call) or not call.args or self.unit.values[call.args[0]].kind != "place":
            return False
        place = self.unit.places[self.unit.values[call.args[0]].place]
        if place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "parameter" and not place.path:
            scope = self.unit.scopes[self.index.function(call.scope)]
            return symbol.name.startswith(_EARLIER) or scope.name.startswith(_SETTERS)
        binds = [number for number in self.index.binds.get(place, ()) if number < index]
        if binds and self.unit.effects[binds[-1]].region == call.region:
            binds = binds[-1:]  # `space = new Space(); SPACE.set(space);`, whatever it was before
        return any(self._reads(found, self._bound(number)) for number in binds)

    def _bound(self, number: int) -> int:
        bind = self.unit.effects[number]
        assert isinstance(bind, Bind)
        return bind.value

    def _reads(self, found: ThreadLocal, value: int) -> bool:
        """Whether a value is what the thread-local holds, read here or by a getter of the unit."""
        if value == NONE:
            return False
        inside = (*found.place.path, "[]")
        return any(
            place.symbol == found.place.symbol and place.path == inside
            for place in self.aliases.of_value(value)
        )

    def makes_own(self, found: ThreadLocal) -> bool:
        """Whether its first value is an object of a class that the program itself defines."""
        for value in found.supplied:
            row = self.unit.values[value]
            if row.kind == "call":
                call = self.unit.effects[row.call]
                assert isinstance(call, Call)
                if call.new and found.value_type not in self.light_types:
                    return self._is_own_class(call)
        return False

    def _is_of_own_type(self, value: int) -> bool:
        """Whether a value is a local whose declared type is no small one."""
        row = self.unit.values[value]
        symbol = self.index.symbol(self.unit.places[row.place]) if row.kind == "place" else None
        if symbol is None or len(symbol.type) < 2 or self.unit.places[row.place].path:
            return False
        return symbol.type not in self.light_types and symbol.type not in ("Object", "var")

    def _is_own_class(self, call: Call) -> bool:
        place = self.unit.places[call.callee] if call.callee != NONE else None
        if place is None or place.symbol == NONE or place.path:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "import":
            return not symbol.module.startswith(("java.", "javax."))
        return symbol.kind in ("class", "global")

    def _in_finally(self, index: int) -> bool:
        region = self.unit.effects[index].region
        return any(
            self.unit.regions[number].kind in ("finally", "except") for number in self.index.regions(region)
        )
