"""Java: keys that no look-up finds again: without equality, or with a hash that changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Owner, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder

_ASKS = frozenset({"get", "containsKey", "getOrDefault", "remove"})
_ASKING = frozenset({"computeIfAbsent", "putIfAbsent", "merge", "compute"})
# classes of the JDK without equality, and arrays
_MUTABLE = frozenset({"StringBuilder", "StringBuffer", "AtomicInteger", "AtomicLong", "AtomicReference"})
# sets that look up by hash, and methods that change what a collection is equal to
_HASHED = frozenset({"Set", "HashSet", "LinkedHashSet"})
_FILLS = frozenset({"add", "addAll", "remove", "clear", "put", "removeIf"})
# maps that compare otherwise
_OTHER_MAPS = ("Identity", "Tree", "SkipList", "Enum", "Weak", "Concurrent Skip")
# interfaces of the JDK that say nothing of equality
_PLAIN = frozenset({"Serializable", "Comparable", "Cloneable", "Runnable", "Closeable", "AutoCloseable"})


class Unfound(msgspec.Struct):
    """`growth` stores under a key of class `name`. effect: where its hash changes, or it is asked for."""

    holder: Holder
    growth: Growth
    name: str
    effect: int
    how: Literal["identity", "changed", "unequal"]
    field: str = ""


class UnfoundKeys:
    """Keys of the maps of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.holders = growths.holders
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[Unfound]:
        """Each map whose keys are not found again, once."""
        if self.unit.language != "java":
            return
        for place, holder in self.holders.by_place.items():
            if holder.kind not in ("map", "list") or not holder.growths or holder.bounded:
                continue
            if holder.lifetime not in ("instance", "process"):
                continue
            if holder.kind == "list":
                taken = any(row.selector == "value" for row in holder.releases)
                changed = self._changed(holder) if taken else None
                if changed is not None:
                    yield changed
                continue
            if self._made_as(holder).startswith("IdentityHashMap"):
                item = self._asked_anew(holder, place, self._is_fresh)
            elif self._compares_otherwise(holder):
                continue
            else:
                item = (
                    self._without_equality(holder, place)
                    or self._changed(holder)
                    or self._asked_anew(holder, place, self._is_array)
                )
            if item is not None:
                yield item

    def _compares_otherwise(self, holder: Holder) -> bool:
        row = holder.container
        if row is not None and (row.weak or row.bounded):
            return True
        return self._made_as(holder).startswith(_OTHER_MAPS)

    def _made_as(self, holder: Holder) -> str:
        """The class that a map is made of; "" where that is not seen."""
        bind = self.unit.effects[holder.declared] if holder.declared != NONE else None
        value = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        call = self.unit.effects[value.call] if value is not None and value.kind == "call" else None
        return call.name if isinstance(call, Call) else ""

    # -- keys that are compared by identity, made anew for each look-up

    def _asked_anew(self, holder: Holder, place: Place, is_new: Callable[[int], str]) -> Unfound | None:
        """A map that is asked for a key, and stores one, which `is_new` names where no other equals it."""
        for growth in holder.growths:
            if growth.depth or growth.key == NONE or not self.growths.counting.counts(growth, holder):
                continue
            name = is_new(growth.key)
            if not name:
                continue
            if growth.how in _ASKING:
                return Unfound(holder, growth, name, growth.effect, "unequal")
            function = self.index.function(self.unit.effects[growth.effect].scope)
            for asking in sorted(_ASKS - {"remove"}):
                for number in self.index.calls.get(asking, ()):
                    call = self.unit.effects[number]
                    assert isinstance(call, Call)
                    if call.receiver == NONE or not call.args or not is_new(call.args[0]):
                        continue
                    if self.index.function(call.scope) != function:
                        continue  # whoever asks may have the very key
                    if place in self.holders.aliases.of(call.receiver):
                        return Unfound(holder, growth, name, number, "unequal")
        return None

    def _is_fresh(self, value: int, depth: int = 0) -> str:
        """What a key is, where each call makes another one: `new Point(x, y)`, `a + b`; else ""."""
        row = self.unit.values[value]
        if row.kind == "operation" and row.text == "+":
            kinds = {self.unit.values[part].kind for part in row.parts}
            return "String" if kinds & {"string", "operation"} else ""
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return call.name if isinstance(call, Call) and call.new else ""
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is None or symbol is None or place.path or depth > 2:
            return ""
        if symbol.kind in ("variable", "constant"):
            binds = self.index.binds.get(place, ())
            bound = self.unit.effects[binds[0]].value if len(binds) == 1 else NONE  # type: ignore[union-attr]
            return self._is_fresh(bound, depth + 1) if bound != NONE else ""
        return self._is_handed(place, depth) if symbol.kind == "parameter" else ""

    def _is_handed(self, place: Place, depth: int) -> str:
        """What a caller of this file makes anew to hand it to a parameter."""
        scope = self.unit.symbols[place.symbol].scope
        params = self.unit.scopes[scope].params
        position = params.index(place.symbol) if place.symbol in params else NONE
        for number in self.index.callers.get(scope, ()):
            call = self.unit.effects[number]
            if isinstance(call, Call) and 0 <= position < len(call.args) == len(params):
                name = self._is_fresh(call.args[position], depth + 1)
                if name:
                    return name
        return ""

    def _is_array(self, value: int) -> str:
        """The type of a key that is a local or parameter without equality: an array, a builder of text."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is None or symbol is None or place.path:
            return ""
        if symbol.kind not in ("parameter", "variable", "constant"):
            return ""
        return symbol.type if symbol.type.endswith("[]") or symbol.type in _MUTABLE else ""

    # -- keys without equality

    def _without_equality(self, holder: Holder, place: Place) -> Unfound | None:
        for growth in holder.growths:
            if growth.depth or growth.key == NONE or not self.growths.counting.counts(growth, holder):
                continue
            owner = self._made(growth.key)
            if owner is None or not self._is_plain(owner):
                continue
            if growth.how in _ASKING:
                return Unfound(holder, growth, owner.name, growth.effect, "identity")
            for name in sorted(_ASKS):
                for number in self.index.calls.get(name, ()):
                    call = self.unit.effects[number]
                    assert isinstance(call, Call)
                    if call.receiver == NONE or not call.args or self._made(call.args[0]) is not owner:
                        continue
                    if place in self.holders.aliases.of(call.receiver):
                        return Unfound(holder, growth, owner.name, number, "identity")
        return None

    def _made(self, value: int) -> Owner | None:
        """The class of the file of which a value, or the local that it reads, is a new object."""
        row = self.unit.values[value]
        if row.kind == "place":
            place = self.unit.places[row.place]
            binds = self.index.binds.get(place, ()) if place.symbol != NONE and not place.path else ()
            if len(binds) != 1 or self.unit.symbols[place.symbol].kind not in ("variable", "constant"):
                return None
            bound = self.unit.effects[binds[0]].value  # type: ignore[union-attr]
            if bound == NONE or self.unit.values[bound].kind != "call":
                return None
            row = self.unit.values[bound]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or not call.new or call.callee == NONE:
            return None
        place = self.unit.places[call.callee]
        symbol = self.index.symbol(place)
        if symbol is None or symbol.kind != "class" or symbol.target == NONE or place.path:
            return None
        return self.unit.owners[symbol.target]

    def _is_plain(self, owner: Owner) -> bool:
        """Whether a class compares by identity: neither it nor a base defines equality."""
        if owner.kind != "class" or any(
            self.unit.scopes[scope].name in ("equals", "hashCode") for scope in owner.methods
        ):
            return False
        return not owner.decorators and all(self._says_nothing(base) for base in owner.bases)

    def _says_nothing(self, base: int) -> bool:
        row = self.unit.values[base]
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is None or symbol is None:
            return False
        if place.path:
            return place.path[-1][1:] in _PLAIN
        if symbol.kind == "class" and symbol.target != NONE:
            inner = self.unit.owners[symbol.target]
            return inner.kind == "interface" or self._is_plain(inner)
        return symbol.name in _PLAIN

    # -- keys whose hash changes

    def _changed(self, holder: Holder) -> Unfound | None:
        owner = self._key_class(holder) if holder.kind == "map" else self._element_class(holder)
        fields = self._hashed(owner) if owner != NONE else frozenset()
        keyed = holder.kind == "map"
        stored = (item for item in holder.growths if not item.depth and (item.key != NONE or not keyed))
        growth = next(stored, None)
        if not fields or growth is None or not self.growths.repeats.repeats(growth.effect):
            return None
        for place, binds in self.index.binds.items():
            if len(place.path) != 1 or place.path[0] not in fields or place.symbol == NONE:
                continue
            if self.unit.symbols[place.symbol].type != self.unit.owners[owner].name:
                continue
            for number in binds:
                if not self._is_stored_anew(holder, number):
                    name = self.unit.owners[owner].name
                    return Unfound(holder, growth, name, number, "changed", place.path[0][1:])
        return self._filled(holder, growth, owner, fields)

    def _filled(self, holder: Holder, growth: Growth, owner: int, fields: frozenset[str]) -> Unfound | None:
        """A collection that the hash of a stored object is made of, and that is filled meanwhile."""
        name = self.unit.owners[owner].name
        for change in sorted(_FILLS & self.index.calls.keys()):
            for number in self.index.calls[change]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                place = self.unit.places[call.receiver] if call.receiver != NONE else None
                symbol = self.index.symbol(place) if place is not None else None
                if place is None or symbol is None or len(place.path) != 1 or place.path[0] not in fields:
                    continue
                if symbol.type == name and not self._is_stored_by(holder, number, Place(place.symbol)):
                    return Unfound(holder, growth, name, number, "changed", place.path[0][1:])
        return None

    def _element_class(self, holder: Holder) -> int:
        """The class of the file whose objects a field that is declared as a set holds."""
        for symbol in self.unit.symbols:
            if symbol.kind not in ("field", "static") or len(symbol.type_args) != 1:
                continue
            owner = self.unit.owners[self.unit.scopes[symbol.scope].owner]
            places = (Place(owner.this, ("." + symbol.name,)), Place(owner.symbol, ("." + symbol.name,)))
            if holder.place in places and (symbol.type in _HASHED or self._made_as(holder) in _HASHED):
                for number, other in enumerate(self.unit.owners):
                    if other.kind == "class" and other.name == symbol.type_args[0]:
                        return number
        return NONE

    def _is_stored_by(self, holder: Holder, number: int, changed: Place) -> bool:
        """Whether the function that changes an object has just made it, or takes it out before."""
        for index in self.index.binds.get(changed, ()):
            value = self.unit.effects[index].value  # type: ignore[union-attr]
            row = self.unit.values[value] if value != NONE else None
            call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if isinstance(call, Call) and call.new:
                return True
        scope = self.index.function(self.unit.effects[number].scope)
        return any(
            item.effect < number and self.index.function(self.unit.effects[item.effect].scope) == scope
            for item in holder.releases
        )

    def _key_class(self, holder: Holder) -> int:
        """The class of the file that the declared type of the keys is."""
        for symbol in self.unit.symbols:
            if symbol.kind not in ("field", "static") or len(symbol.type_args) != 2:
                continue
            owner = self.unit.owners[self.unit.scopes[symbol.scope].owner]
            if holder.place in (
                Place(owner.this, ("." + symbol.name,)),
                Place(owner.symbol, ("." + symbol.name,)),
            ):
                for number, other in enumerate(self.unit.owners):
                    if other.kind == "class" and other.name == symbol.type_args[0]:
                        return number
        return NONE

    def _hashed(self, owner: int) -> frozenset[str]:
        """The fields that the hash of a class is made of, as steps."""
        scope = self.index.method_names.get(owner, {}).get("hashCode")
        if scope is None:
            return frozenset()
        row, this = self.unit.scopes[scope], self.unit.owners[owner].this
        paths = [
            self.unit.places[self.unit.values[value].place].path
            for value in self.index.references.get(this, ())
            if row.at <= self.unit.values[value].at < row.end
        ]
        return frozenset(path[0] for path in paths if len(path) == 1)

    def _is_stored_anew(self, holder: Holder, number: int) -> bool:
        """Whether the function that changes a key takes it out or puts it in as well, or has just made it."""
        scope = self.index.function(self.unit.effects[number].scope)
        touched = [item.effect for item in holder.growths] + [item.effect for item in holder.releases]
        if any(self.index.function(self.unit.effects[effect].scope) == scope for effect in touched):
            return True
        bind = self.unit.effects[number]
        assert isinstance(bind, Bind)
        root = Place(self.unit.places[bind.target].symbol)
        return any(
            value != NONE and self.unit.values[value].kind == "call"
            for value in (self.unit.effects[index].value for index in self.index.binds.get(root, ()))  # type: ignore[union-attr]
        )
