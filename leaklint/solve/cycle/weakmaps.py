"""Maps with weak keys whose values refer to their keys, so that no key ever dies."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Symbol, Unit
from leaklint.models import Models
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.names import callee_name


class SelfKept(msgspec.Struct):
    """A store whose value refers to its key. kept_at: where the value's class keeps it, if known."""

    holder: Holder
    growth: Growth
    value: int
    kept_at: int = NONE


class WeakMaps:
    """Weakly keyed maps of one unit."""

    def __init__(self, holders: Holders, models: Models) -> None:
        self.holders = holders
        self.index = holders.index
        self.unit: Unit = holders.unit
        self._names = models.weak_key_maps
        self._weak = frozenset(models.weak_wrappers)

    def weakly_keyed(self) -> Iterator[Holder]:
        """The holders that keep their keys weakly, and their values strongly."""
        for holder in self.holders.by_place.values() if self._names else ():
            row = holder.container
            if row is not None and row.weak and self._is_weakly_keyed(holder):
                yield holder

    def self_kept(self) -> Iterator[SelfKept]:
        """Each weakly keyed map that keeps its keys through a value, once."""
        for holder in self.weakly_keyed():
            for growth in holder.growths:
                if growth.depth or growth.key == NONE:
                    continue
                found = self._refers(holder, growth)
                if found is not None:
                    yield found
                    break

    def by_type(self) -> Iterator[tuple[Holder, int]]:
        """Java: static maps that other files fill, and the bind by which their values keep what is a key.

        `WeakHashMap<Node, Binding>`, where a `Binding` keeps the `Node` that its constructor is given.
        """
        if self.unit.language != "java":
            return
        for holder in self.weakly_keyed():
            symbol = self._declared(holder.place)
            if symbol is None or len(symbol.type_args) != 2 or holder.growths or "private" in symbol.flags:
                continue
            kept = self._keeps(*symbol.type_args)
            if kept != NONE:
                yield holder, kept

    def _declared(self, place: Place) -> Symbol | None:
        for symbol in self.unit.symbols:
            if symbol.kind != "static" or place.path != (f".{symbol.name}",):
                continue
            if self.unit.owners[self.unit.scopes[symbol.scope].owner].symbol == place.symbol:
                return symbol
        return None

    def _keeps(self, key: str, value: str) -> int:
        """The bind by which the constructor of a class of this file keeps a parameter of the key's type."""
        for owner in self.unit.owners:
            if owner.name != value:
                continue
            for scope in owner.methods:
                row = self.unit.scopes[scope]
                given = {Place(param) for param in row.params if self.unit.symbols[param].type == key}
                for number in self.index.of_function.get(scope, ()) if row.kind == "constructor" else ():
                    bind = self.unit.effects[number]
                    if not isinstance(bind, Bind) or bind.value == NONE:
                        continue
                    into = self.unit.places[bind.target].symbol
                    if into == owner.this and self.place(bind.value) in given:
                        return number
        return NONE

    def _is_weakly_keyed(self, holder: Holder) -> bool:
        if holder.declared == NONE:
            return False
        bind = self.unit.effects[holder.declared]
        assert isinstance(bind, Bind)
        pending = [bind.value]
        while pending:
            row = self.unit.values[pending.pop()]
            if row.kind == "call":
                if callee_name(self.unit, row.call) in self._names:
                    return True
                call = self.unit.effects[row.call]
                assert isinstance(call, Call)
                pending += call.args  # Collections.synchronizedMap(new WeakHashMap<>())
        return False

    def _refers(self, holder: Holder, growth: Growth) -> SelfKept | None:
        key = self.place(growth.key)
        if key is None:
            return None
        for value in growth.values:
            if self.unit.language == "python" and self._holds(value, key):
                return SelfKept(holder, growth, value, growth.effect)
            kept_at = self._made_by_reference(value)
            if kept_at != NONE:
                return SelfKept(holder, growth, value, kept_at)
            for made in self.constructions(value, key):
                call = self.unit.effects[made]
                assert isinstance(call, Call)
                if call.name in self._weak:
                    continue
                keys = {key, self.lambda_key(value)} - {None}
                for position, argument in enumerate(call.args):
                    if self.place(argument) in keys and self._is_record(call):
                        return SelfKept(holder, growth, value, growth.effect)
                    if self.place(argument) in keys:
                        is_known, kept_at = self.kept_at(call, position)
                        if kept_at != NONE or not is_known:
                            return SelfKept(holder, growth, value, kept_at)
        return None

    def _made_by_reference(self, value: int) -> int:
        """Java: `computeIfAbsent(key, Entry::new)`: where the constructor keeps the key, or NONE."""
        place = self.place(value)
        if place is None or place.path != (".new",) or place.symbol == NONE:
            return NONE
        symbol = self.unit.symbols[place.symbol]
        owner = symbol.target if symbol.kind == "class" else NONE
        for scope in self.unit.owners[owner].methods if owner != NONE else ():
            row = self.unit.scopes[scope]
            if row.kind == "constructor" and len(row.params) == 1:
                return self._kept_in(scope, 0)
        return NONE

    def _holds(self, value: int, key: Place, depth: int = 0) -> bool:
        """Python: whether a value is its key, a container or `partial` with it, or a function around it."""
        row = self.unit.values[value]
        if row.kind == "closure":
            return not key.path and key.symbol in self.unit.scopes[row.scope].captures
        if row.kind in ("container", "conditional"):
            return depth < 2 and any(self._holds(part, key, depth + 1) for part in row.parts)
        if row.kind == "call":
            call = self.unit.effects[row.call]
            partial = isinstance(call, Call) and call.name in ("partial", "MethodType")
            return partial and any(self.place(part) == key for part in call.args)  # type: ignore[union-attr]
        place = self.place(value)
        if place is None or place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "function" and symbol.scope != 0 and not place.path:
            return not key.path and key.symbol in self.unit.scopes[symbol.target].captures
        return place == key

    def place(self, value: int) -> Place | None:
        row = self.unit.values[value]
        return self.unit.places[row.place] if row.kind == "place" else None

    def lambda_key(self, value: int) -> Place | None:
        """The parameter of `k -> new Entry(k)`: the key itself."""
        row = self.unit.values[value]
        params = self.unit.scopes[row.scope].params if row.kind == "closure" else ()
        return Place(params[0]) if params else None

    def constructions(self, value: int, key: Place) -> Iterator[int]:
        """Constructions that a value is: inline, in a local, or what a closure returns."""
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            if isinstance(call, Call) and (
                call.new or self._constructor(call) != NONE or self._is_record(call)
            ):
                yield row.call
        elif row.kind == "closure":
            for index in self.index.returns.get(row.scope, ()):
                yield from self.constructions(self.unit.effects[index].value, key)  # type: ignore[union-attr]
        elif row.kind == "place" and self.unit.places[row.place] != key:
            for index in self.index.binds.get(self.unit.places[row.place], ()):
                bind = self.unit.effects[index]
                assert isinstance(bind, Bind)
                if bind.value != NONE and self.unit.values[bind.value].kind == "call":
                    yield from self.constructions(bind.value, key)

    def _is_record(self, call: Call) -> bool:
        """Python: whether a class of the file is a dataclass or named tuple, which keeps what it is given."""
        place = self.unit.places[call.callee] if call.callee != NONE else None
        symbol = self.index.symbol(place) if place is not None and not place.path else None
        if symbol is None or symbol.kind != "class" or symbol.target == NONE:
            return False
        row = self.unit.owners[symbol.target]
        if self.unit.language != "python" or self._constructor(call) != NONE:
            return False
        names = {self.index.name_of(value) for value in (*row.decorators, *row.bases)}
        return not names.isdisjoint(("dataclass", "define", "frozen", "attrs", "s", "NamedTuple", "Struct"))

    def kept_at(self, call: Call, position: int) -> tuple[bool, int]:
        """Whether the constructor is in the unit, and the bind that stores its parameter in a field."""
        scope = self._constructor(call)
        return (False, NONE) if scope == NONE else (True, self._kept_in(scope, position))

    def _kept_in(self, scope: int, position: int) -> int:
        """The bind that stores a parameter of a constructor in a field, or NONE."""
        parameter = Place(self.unit.scopes[scope].params[position])
        for indices in self.index.binds.values():
            for index in indices:
                bind = self.unit.effects[index]
                assert isinstance(bind, Bind)
                if bind.scope == scope and bind.value != NONE and self.place(bind.value) == parameter:
                    return index
        return NONE

    def _constructor(self, call: Call) -> int:
        """The constructor of the unit that a construction runs, by the number of its arguments."""
        place = self.unit.places[call.callee] if call.callee != NONE else None
        if place is None or place.symbol == NONE or self.unit.symbols[place.symbol].kind != "class":
            return NONE
        owner = self.unit.symbols[place.symbol].target
        for scope in self.unit.owners[owner].methods if owner != NONE else ():
            row = self.unit.scopes[scope]
            fits = len(row.params) == len(call.args) or (
                self.unit.language == "python" and len(row.params) > len(call.args)
            )
            if row.kind == "constructor" and fits:
                return scope
        return NONE
