"""JavaScript: tables of handles in which registering the same key again loses the handle before.

`this.subscriptions.set(element, element.scrolled().subscribe(f))` of a method that anybody may call twice
with the same element, beside one that ends what it finds under a key and takes it out.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.acquired import Acquired
from leaklint.solve.handles import Handles
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition

_ASKS = frozenset({"has", "get", "includes", "hasOwnProperty"})
_ENDS_FIRST = regex(
    r"(?i)_*(un|stop|clear|dispose|cancel|end|remove|reset|destroy|clean|close|delete|de?register)"
)


class Keyed(msgspec.Struct):
    """`store` puts the handle of `item` into `place` under a key of the caller."""

    item: Acquisition
    place: Place
    store: int


class KeyedHandles:
    """Tables of handles of one unit."""

    def __init__(self, acquired: Acquired, handles: Handles) -> None:
        self.acquired = acquired
        self.handles = handles
        self.unit: Unit = acquired.unit
        self.index = acquired.index

    def found(self, items: list[Acquisition]) -> Iterator[Keyed]:
        """One for each table, in source order."""
        seen: set[Place] = set()
        for item in items:
            store = self._store(item)
            if store == NONE:
                continue
            place, key = self._entry(store)
            if place is None or place in seen or not self._is_of_caller(key, store):
                continue
            if not self._is_ended_by_key(place, store) or self._asks_first(store, place):
                continue
            seen.add(place)
            yield Keyed(item, place, store)

    def dropped(self, items: list[Acquisition]) -> Iterator[Keyed]:
        """Tables whose entries are taken out, while nothing in the file ends one: in source order."""
        seen: set[Place] = set()
        for item in items:
            store = self._store(item)
            place, _ = self._entry(store) if store != NONE else (None, NONE)
            if place is None or place in seen or self._ends_anything(item):
                continue
            taken = [number for number in self.index.calls.get("delete", ()) if self._is_on(number, place)]
            taken += [number for number in self.index.deletes if self._is_deleted(number, place)]
            function = self.index.function_at(store)
            taken = [number for number in taken if self.index.function_at(number) != function]
            if taken and not self._is_read(place):
                seen.add(place)
                yield Keyed(item, place, taken[0])

    def _ends_anything(self, item: Acquisition) -> bool:
        """Whether anything in the file is ended by a method, or called, that may be such a handle."""
        names = set(self.acquired.pairs.models.endings) - {
            "delete",
            "remove",
            "clear",
            "return",
            "end",
            "reset",
        }
        names |= {release.call.rpartition(".")[2] for release in item.pair.release}
        return any(name in self.index.calls for name in names)

    def _is_read(self, place: Place) -> bool:
        """Whether anybody gets an entry out of the table, who may end it."""
        inside = (*place.path, "[]")
        for value in self.index.references.get(place.symbol, ()):
            if self.unit.places[self.unit.values[value].place].path[: len(inside)] == inside:
                return True
        asking = ("get", "values", "entries", "forEach")
        return any(self._is_on(number, place) for name in asking for number in self.index.calls.get(name, ()))

    def _store(self, item: Acquisition) -> int:
        """The effect that puts the handle into a table, or NONE."""
        values = {
            number
            for number, row in enumerate(self.unit.values)
            if row.kind == "call" and row.call == item.effect
        }
        if item.handle is not None and item.destination == "kept" and not item.handle.path:
            references = self.index.references.get(item.handle.symbol, ())
            values |= {
                number
                for number in references
                if self.unit.places[self.unit.values[number].place] == item.handle
            }
        function = self.index.function_at(item.effect)
        for number in self.index.of_function.get(function, ()):
            effect = self.unit.effects[number]
            if (
                isinstance(effect, Call)
                and effect.name == "set"
                and len(effect.args) == 2
                and effect.receiver != NONE
            ):
                if effect.args[1] in values:
                    return number
            elif isinstance(effect, Bind) and effect.how == "element" and effect.value in values:
                return number
        return NONE

    def _entry(self, store: int) -> tuple[Place | None, int]:
        effect = self.unit.effects[store]
        if isinstance(effect, Call):
            place, key = self.unit.places[effect.receiver], effect.args[0]
        else:
            assert isinstance(effect, Bind)
            place, key = self.unit.places[effect.target], effect.key
        symbol = self.index.symbol(place)
        if (
            symbol is None
            or (symbol.kind != "this" and place.path)
            or (symbol.kind == "this" and len(place.path) != 1)
        ):
            return None, NONE
        return (place, key) if symbol.kind in ("this", "variable", "constant") else (None, NONE)

    def _is_of_caller(self, key: int, store: int) -> bool:
        """Whether a key is a parameter of the method or function that stores."""
        row = self.unit.values[key] if key != NONE else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        if place is None or place.symbol == NONE or place.path:
            return False
        function = self.index.function_at(store)
        row_of = self.unit.scopes[function]
        named = row_of.kind in ("method", "function") and bool(row_of.name)
        return named and place.symbol in row_of.params and function not in self.index.argument_of

    def _is_ended_by_key(self, place: Place, store: int) -> bool:
        """Whether another function takes an entry out by its key, and ends it."""
        here = self.index.function_at(store)
        steps = [
            self.index.function_at(number)
            for number in self.index.calls.get("delete", ())
            if self._is_on(number, place)
        ]
        steps += [
            self.index.function_at(number) for number in self.index.deletes if self._is_deleted(number, place)
        ]
        return any(function != here for function in steps) and not any(function == here for function in steps)

    def _is_on(self, number: int, place: Place) -> bool:
        call = self.unit.effects[number]
        return isinstance(call, Call) and call.receiver != NONE and self.unit.places[call.receiver] == place

    def _is_deleted(self, number: int, place: Place) -> bool:
        target = self.unit.places[self.unit.effects[number].target]  # type: ignore[union-attr]
        return target == place

    def _asks_first(self, store: int, place: Place) -> bool:
        """Whether the function looks for the key, reads the entry, or calls something that ends one."""
        function = self.index.function_at(store)
        for number in self.index.of_function.get(function, ()):
            if number >= store:
                break
            effect = self.unit.effects[number]
            if isinstance(effect, Call) and (
                (effect.name in _ASKS and self._is_on(number, place)) or _ENDS_FIRST.match(effect.name)
            ):
                return True
        scope = self.unit.scopes[function]
        inside = (*place.path, "[]")
        for value in self.index.references.get(place.symbol, ()):
            row = self.unit.values[value]
            if scope.at <= row.at < scope.end and self.unit.places[row.place].path[: len(inside)] == inside:
                return True
        row_of = self.unit.effects[store]
        return any(self.unit.regions[number].kind == "branch" for number in self.index.regions(row_of.region))
