"""Java: values of weakly keyed maps that reach their key by a detour: a list's entries, a class's methods.

`links.computeIfAbsent(page, …).add(new Link(page))`, `methods.put(type, type.getMethods())`.
It looks into no classes of other files; of the JDK it knows what `reflecting` in the models names.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place
from leaklint.solve.cycle.weakmaps import SelfKept, WeakMaps
from leaklint.solve.holding.holder import Growth, Holder

_ADDS = ("add", "addAll", "addFirst", "addLast", "push", "put", "offer")
_LOCAL = frozenset({"variable", "constant"})


class WeakValues:
    """What the values of one unit's weakly keyed maps reach."""

    def __init__(self, maps: WeakMaps, reflecting: list[str]) -> None:
        self.maps = maps
        self.index = maps.index
        self.unit = maps.unit
        self._methods = frozenset(name[1:] for name in reflecting if name.startswith("."))
        self._functions = frozenset(name for name in reflecting if not name.startswith("."))

    def self_kept(self, known: set[Place]) -> Iterator[SelfKept]:
        """Each weakly keyed map that keeps its keys so, once; without those that are known already."""
        if self.unit.language != "java":
            return
        for holder in self.maps.weakly_keyed():
            found = self._keeps_key(holder) if holder.place not in known else None
            if found is not None:
                yield found

    def _keeps_key(self, holder: Holder) -> SelfKept | None:
        """The store of a weakly keyed map whose value reaches the key that it lies under."""
        for growth in holder.growths:
            key = growth.key if growth.key != NONE else self._bucket_key(growth)
            place = self.maps.place(key) if key != NONE else None
            if place is None:
                continue
            for value in growth.values:
                inner = self.maps.lambda_key(value)
                keys = {place} if inner is None else {place, inner}
                kept_at = (
                    self._entry(value, keys, growth.effect) if growth.depth else self._value(value, keys)
                )
                if kept_at != NONE:
                    return SelfKept(holder, growth, value, kept_at)
        return None

    def _bucket_key(self, growth: Growth) -> int:
        """The key of the entry that a call changes: `map.computeIfAbsent(key, …).add(value)`."""
        call = self.unit.effects[growth.effect]
        if not growth.depth or not isinstance(call, Call) or call.receiver == NONE:
            return NONE
        number = self.unit.places[call.receiver].call
        found = self.unit.effects[number] if number != NONE else None
        return found.args[0] if isinstance(found, Call) and found.args else NONE

    def _value(self, value: int, keys: set[Place]) -> int:
        """The effect by which a value gets hold of its key, or an entry of the collection that it is."""
        for given in self._given(value):
            found = self._reflects(given, keys)
            if found != NONE:
                return found
        place = self.maps.place(value)
        symbol = self.index.symbol(place) if place is not None and not place.path else None
        if place is None or place in keys or symbol is None or symbol.kind not in _LOCAL:
            return NONE
        for number in (number for name in _ADDS for number in self.index.calls.get(name, ())):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.args and call.receiver != NONE and self.unit.places[call.receiver] == place:
                found = self._entry(call.args[-1], keys, number)
                if found != NONE:
                    return found
        return NONE

    def _given(self, value: int) -> Iterator[int]:
        """A value, what a closure gives back, what a local is set to."""
        row = self.unit.values[value]
        place = self.maps.place(value)
        yield value
        if row.kind == "closure":
            for number in self.index.returns.get(row.scope, ()):
                yield self.unit.effects[number].value  # type: ignore[union-attr]
        elif place is not None and place.symbol != NONE and not place.path:
            for number in self.index.binds.get(place, ()):
                bind = self.index.bind(number)
                if bind.value != NONE and bind.how != "catch":
                    yield bind.value

    def _entry(self, value: int, keys: set[Place], added: int) -> int:
        """The effect by which an entry keeps its key: it was made of it, came from it, or is `this`."""
        place = self.maps.place(value)
        if place in keys:
            return added
        for given in self._given(value):
            found = self._reflects(given, keys)
            if found != NONE:
                return found
        if place is not None and place == Place(place.symbol) and self._is_this(place):
            return self._kept_by_this(place, keys)
        for key in keys:
            for number in self.maps.constructions(value, key):
                made = self.unit.effects[number]
                assert isinstance(made, Call)
                for position, argument in enumerate(made.args):
                    kept_at = (
                        self.maps.kept_at(made, position)[1] if self.maps.place(argument) == key else NONE
                    )
                    if kept_at != NONE:
                        return kept_at
        return NONE

    def _is_this(self, place: Place) -> bool:
        symbol = self.index.symbol(place)
        return symbol is not None and symbol.kind == "this"

    def _kept_by_this(self, this: Place, keys: set[Place]) -> int:
        """`this.owner = owner` next to `byOwner.put(owner, list)` with `list.add(this)`."""
        for place, numbers in self.index.binds.items():
            if place.symbol == this.symbol and len(place.path) == 1:
                for number in numbers:
                    bind = self.index.bind(number)
                    if bind.value != NONE and self.maps.place(bind.value) in keys:
                        return number
        return NONE

    def _reflects(self, value: int, keys: set[Place]) -> int:
        """`type.getMethods()`, `type.getConstructor().newInstance()`, `ServiceLoader.load(X, loader)`."""
        row = self.unit.values[value]
        place = self.maps.place(value)
        number = row.call if place is None else place.call if place.path == ("[]",) else NONE
        outer = number
        while number != NONE:
            call = self.unit.effects[number]
            if not isinstance(call, Call):
                return NONE
            receiver = self.unit.places[call.receiver] if call.receiver != NONE else None
            symbol = self.index.symbol(receiver) if receiver is not None else None
            if symbol is not None and f"{symbol.name}.{call.name}" in self._functions:
                return outer if any(self.maps.place(argument) in keys for argument in call.args) else NONE
            if receiver is None or call.name not in self._methods:
                return NONE
            if receiver in keys:
                return outer
            number = receiver.call
        return NONE
