"""Which holder a place means: locals that alias it, getters that return it, views and elements.

Aliases are followed within a unit and without regard to order: a local that is bound to two
places means both. Depth is limited, cycles end where they began.
"""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.models import Models
from leaklint.solve.containers import containers
from leaklint.solve.index import Index
from leaklint.solve.instances import Instances

_LIMIT = 6
_LOCAL = frozenset({"variable", "constant"})
_GETTERS = frozenset({"property", "getter"})  # flags of methods that are read like a field
# Java: methods of containers that hand an entry to the last parameter of a function, and run it at once
_GIVE = frozenset({"compute", "computeIfPresent", "forEach"})


class Aliases:
    """Memoised resolution of places and values to places that outlive their function."""

    def __init__(self, index: Index, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self._known = containers(models)
        self._fluent = models.fluent
        self._places: dict[Place, tuple[Place, ...]] = {}
        self._active: set[Place] = set()
        self._instances = Instances(index)
        self._static_names: dict[int, dict[str, Place]] = {}

    def of(self, place: int) -> tuple[Place, ...]:
        return self.resolve(self.unit.places[place])

    def resolve(self, place: Place) -> tuple[Place, ...]:
        """The places that a place may mean; itself when it is no alias."""
        known = self._places.get(place)
        if known is not None:
            return known
        if place in self._active or len(self._active) > _LIMIT:
            return (place,)
        self._active.add(place)
        found = self._resolve(place)
        self._active.discard(place)
        if not self._active:
            self._places[place] = found
        return found

    def _resolve(self, place: Place) -> tuple[Place, ...]:
        if place.symbol == NONE:
            if place.call == NONE:
                return (place,)
            return _extend(self.result(place.call), place.path)
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this" and place.path:
            return self._field(place, symbol.target)
        if symbol.kind in _LOCAL and symbol.scope != NONE and self._is_local(symbol.scope):
            return _extend(self._sources(Place(place.symbol)), place.path)
        if place.path and symbol.kind in _LOCAL and self.unit.language == "python":
            owner = self._instances.of_variable(place.symbol)
            own = owner != NONE and place.path[0][1:] not in self.index.method_names[owner]
            if own and place.path[0] not in self._instances.let_go:
                return self.resolve(Place(self.unit.owners[owner].this, place.path))
        if symbol.kind == "parameter" and self.unit.language == "java":
            return _extend(self._entry(place.symbol), place.path)
        if symbol.kind == "class" and place.path and symbol.target != NONE:
            static = self.static_place(symbol.target, place.path[0])
            if static is not None and static != Place(place.symbol, place.path[:1]):
                return (Place(static.symbol, place.path[0:1] + place.path[1:]),)
        return (place,)

    def _is_local(self, scope: int) -> bool:
        scopes = self.unit.scopes
        return scopes[scope].kind != "module" or scope != 0

    def _sources(self, local: Place) -> tuple[Place, ...]:
        found: list[Place] = []
        for index in self.index.binds.get(local, ()):
            bind = self.unit.effects[index]
            assert isinstance(bind, Bind)
            if bind.how in ("augment", "catch", "default") or bind.value == NONE:
                continue
            row = self.unit.values[bind.value]
            if bind.how == "iterate" and row.kind == "container" and row.text in ("list", "tuple"):
                # `for table in (self.x, self.y): del table[key]` means each of them
                found += [place for part in row.parts for place in self.of_value(part) if place != local]
                continue
            for source in self.of_value(bind.value):
                if bind.how == "iterate":
                    source = Place(source.symbol, (*source.path, "[]"), source.call)
                if source not in found and source != local:
                    found.append(source)
        if any(source.symbol == NONE and not source.path for source in found):
            return (local, *found)  # what a call made is first of all what the local calls it
        return tuple(found) or (local,)

    def _entry(self, parameter: int) -> tuple[Place, ...]:
        """Java: the entry that a lambda is given: `rooms.computeIfPresent(id, (id, room) -> …)`."""
        scope = self.unit.symbols[parameter].scope
        given = self.index.argument_of.get(scope)
        call = self.unit.effects[given[0]] if given is not None else None
        if not isinstance(call, Call) or call.receiver == NONE:
            return (Place(parameter),)
        last = self.unit.scopes[scope].params[-1:] == (parameter,)
        if last and call.name in _GIVE:
            return _extend(self.of(call.receiver), ("[]",))
        if call.name == "ifPresent":
            source = self.unit.places[call.receiver].call
            made = self.unit.effects[source] if source != NONE else None
            if isinstance(made, Call) and made.name == "ofNullable" and made.args:
                return self.of_value(made.args[0]) or (Place(parameter),)
        return (Place(parameter),)

    def _field(self, place: Place, owner: int) -> tuple[Place, ...]:
        """A field: the static one it means, or the longer-lived place that it always holds."""
        name = place.path[0]
        static = self.static_place(owner, name)
        field = Place(place.symbol, (name,))
        binds = self.index.binds.get(field, ())
        if static is not None and not binds:
            return (Place(static.symbol, static.path + place.path[1:]),)
        getter = self.index.method_names.get(owner, {}).get(name[1:], NONE) if not binds else NONE
        if getter != NONE and not _GETTERS.isdisjoint(self.unit.scopes[getter].flags):
            given = self._returned(getter)
            if given:
                return _extend(tuple(given), place.path[1:])
        if not binds and self.unit.language == "python":
            inherited = self._inherited(owner, name)
            if inherited is not None:
                return (Place(inherited.symbol, inherited.path + place.path[1:]),)
        if len(binds) == 1:
            bind = self.unit.effects[binds[0]]
            assert isinstance(bind, Bind)
            if bind.value != NONE and self.unit.values[bind.value].kind == "place":
                source = self.unit.places[self.unit.values[bind.value].place]
                for target in self.resolve(source):
                    if target.symbol != NONE and self.outlives_instances(target):
                        return (Place(target.symbol, target.path + place.path[1:]),)
                if self.unit.language == "python":
                    shared = self._shared(source, owner)
                    if shared is not None:
                        return (Place(shared.symbol, shared.path + place.path[1:]),)
        if len(place.path) > 1 and self.unit.language == "python":
            other = self._instances.of_field(name[1:], binds)
            own = other not in (NONE, owner) and place.path[1][1:] not in self.index.method_names[other]
            if own and place.path[1] not in self._instances.let_go:
                return self._field(Place(self.unit.owners[other].this, place.path[1:]), other)
        return (place,)

    def _shared(self, parameter: Place, owner: int) -> Place | None:
        """The field of its maker that an object is given: `Session(self.tasks)` in a method of a server."""
        scope = self.index.method_names.get(owner, {}).get("__init__", NONE)
        name = self.unit.owners[owner].name
        if scope == NONE or parameter.path or parameter.symbol not in self.unit.scopes[scope].params:
            return None
        position = self.unit.scopes[scope].params.index(parameter.symbol)
        keyword = self.unit.symbols[parameter.symbol].name
        found: set[Place] = set()
        for number in self.index.calls.get(name, ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            given = [value for key, value in call.keywords if key == keyword]
            given += call.args[position : position + 1]
            row = self.unit.values[given[0]] if given else None
            if row is None or row.kind != "place":
                return None
            found.add(self.unit.places[row.place])
        place = found.pop() if len(found) == 1 else None
        if place is None or place.symbol == NONE or len(place.path) != 1:
            return None
        symbol = self.unit.symbols[place.symbol]
        return place if symbol.kind == "this" and symbol.target != owner else None

    def _inherited(self, owner: int, name: str) -> Place | None:
        """The field of a base class in this file that a method of a subclass means."""
        for base in self.index.base_owners(owner) if owner != NONE else ():
            field = Place(self.unit.owners[base].this, (name,))
            if self.index.binds.get(field):
                return field
        return None

    def outlives_instances(self, place: Place) -> bool:
        """Whether a place belongs to the module, a class or the environment."""
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind in ("class", "static"):
            return bool(place.path)
        return symbol.kind in _LOCAL and symbol.scope == 0

    def static_place(self, owner: int, step: str) -> Place | None:
        """The static field that `step` (".name") means on an owner or its bases in this unit."""
        for number in self.index.lineage(owner):
            found = self._statics(number).get(step)
            if found is not None:
                return found
        return None

    def _statics(self, owner: int) -> dict[str, Place]:
        if not self._static_names:
            for number in range(len(self.unit.owners)):
                self._static_names[number] = {}
            for symbol in self.unit.symbols:
                if symbol.kind == "static" and symbol.scope != NONE:
                    number = self.unit.scopes[symbol.scope].owner
                    if number != NONE and self.unit.owners[number].symbol != NONE:
                        root = self.unit.owners[number].symbol
                        step = "." + symbol.name
                        self._static_names[number][step] = Place(root, (step,))
        return self._static_names.get(owner, {})

    def of_value(self, value: int) -> tuple[Place, ...]:
        """The places that a value may be; empty for fresh values and values not understood."""
        row = self.unit.values[value]
        match row.kind:
            case "place":
                return self.resolve(self.unit.places[row.place])
            case "call":
                return self.result(row.call)
            case "conditional":
                return tuple(place for part in row.parts for place in self.of_value(part))
            case "operation" if row.text in ("or", "and", "??"):
                return tuple(place for part in row.parts for place in self.of_value(part))
        return ()

    def result(self, call: int) -> tuple[Place, ...]:
        """The places that the result of a call may be: a view, an element, what a getter returns."""
        effect = self.unit.effects[call]
        assert isinstance(effect, Call)
        if effect.receiver != NONE:
            if effect.name in self._known.views or (effect.name in self._fluent and not self._makes(effect)):
                return self.of(effect.receiver)
            if effect.name in self._known.get and not self._asks(effect):
                return _extend(self.of(effect.receiver), ("[]",))
        elif effect.name == "getattr" and len(effect.args) > 1:
            return self._attribute(effect) or (Place(NONE, (), call),)
        scope = self.index.callee_scope(call)
        if scope != NONE and not effect.new:
            found = [place for place in self._returned(scope) if place.symbol != NONE]
            if found:
                return tuple(found)
        return (Place(NONE, (), call),)

    def _attribute(self, call: Call) -> tuple[Place, ...]:
        """Python: `getattr(_local, "rows", None)`."""
        owner, name = (self.unit.values[value] for value in call.args[:2])
        if owner.kind != "place" or name.kind != "string" or self.unit.language != "python":
            return ()
        return _extend(self.of(owner.place), ("." + name.text,))

    def _makes(self, call: Call) -> bool:
        """JavaScript: `Task.once(path, …)` of a class gives a new object, not the class."""
        symbol = self.index.symbol(self.unit.places[call.receiver])
        if self.unit.language != "javascript" or symbol is None or self.unit.places[call.receiver].path:
            return False
        if symbol.kind not in ("import", "class", "constant") or not symbol.name[:1].isupper():
            return False
        return bool(call.args) and self.unit.values[call.args[0]].kind == "call"

    def _asks(self, call: Call) -> bool:
        """JavaScript: `https.get(url, f)` sends a request; no container is asked with a function."""
        return self.unit.language == "javascript" and any(
            self.unit.values[value].kind == "closure" for value in call.args
        )

    def _returned(self, scope: int) -> list[Place]:
        """Longer-lived places that a function returns; itself a guard against recursion."""
        if len(self._active) > _LIMIT:
            return []
        token = Place(NONE, ("return", str(scope)))
        if token in self._active:
            return []
        self._active.add(token)
        found: list[Place] = []
        for index in self.index.returns.get(scope, ()):
            leave = self.unit.effects[index]
            assert isinstance(leave, Leave)
            for place in self.of_value(leave.value):
                if place.symbol != NONE and self._survives(place, scope) and place not in found:
                    found.append(place)
        self._active.discard(token)
        return found

    def _survives(self, place: Place, scope: int) -> bool:
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this":
            return bool(place.path)
        return symbol.kind != "parameter" and (symbol.scope in (0, NONE) or bool(place.path) or False)


def _extend(places: tuple[Place, ...], path: tuple[str, ...]) -> tuple[Place, ...]:
    if not path:
        return places
    return tuple(Place(place.symbol, (*place.path, *path)[:8], place.call) for place in places)
