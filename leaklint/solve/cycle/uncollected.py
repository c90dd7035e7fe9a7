"""Python: files that switch the cyclic collector off, and the objects in them that refer to each other."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Unit
from leaklint.solve.cycle.ownmethods import OwnMethods
from leaklint.solve.index import Index
from leaklint.solve.names import callee_name
from leaklint.solve.repeats import Repeats

_KEEPS = frozenset({"append", "add", "appendleft", "insert", "extend", "setdefault", "update"})
_COLLECTS = frozenset({"enable", "collect"})


class Uncollected(msgspec.Struct):
    """`effect` switches the collector off. links: two effects that make two objects refer to each other;
    owner: the class of one of them. Both are empty where no cycle is seen in the file."""

    effect: int
    owner: int = NONE
    links: tuple[int, ...] = ()


class Uncollecteds:
    """Answers for one unit."""

    def __init__(self, index: Index, own_methods: OwnMethods, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.own_methods = own_methods
        self.repeats = repeats

    def found(self) -> Iterator[Uncollected]:
        """Where the collector is switched off, in a file that never runs it or switches it on again."""
        off = [
            number
            for number in self.index.calls.get("disable", ())
            if callee_name(self.unit, number) == "gc.disable"
        ]
        if not off or any(
            callee_name(self.unit, number).startswith("gc.")
            for name in _COLLECTS
            for number in self.index.calls.get(name, ())
        ):
            return
        owner, links = self._cycle()
        yield Uncollected(off[0], owner, links)

    def _cycle(self) -> tuple[int, tuple[int, ...]]:
        """A class whose objects refer to others that refer back, and where; (NONE, ()) without."""
        for cycle in self.own_methods.found():
            return cycle.owner, (cycle.effect,)
        keeps: dict[tuple[int, int], int] = {}
        kept: dict[tuple[int, int], int] = {}
        for number, effect in enumerate(self.unit.effects):
            function = self.index.function(effect.scope)
            for holder, held, steps in self._references(effect):
                if self._is_object(holder) and held == holder:
                    if steps > 1 and self.repeats.repeats(number):  # `self.state.request = self`
                        return self.unit.scopes[function].owner, (number,)
                    continue
                if self._is_object(holder) and self.unit.symbols[held].kind != "this":
                    keeps.setdefault((function, held), number)
                if self._is_object(held) and self.unit.symbols[holder].kind != "this":
                    kept.setdefault((function, holder), number)
        for (function, symbol), number in keeps.items():
            if (function, symbol) in kept and self.repeats.repeats(number):
                return self.unit.scopes[function].owner, (number, kept[function, symbol])
        return NONE, ()

    def _is_object(self, symbol: int) -> bool:
        return self.unit.symbols[symbol].kind == "this"

    def _references(self, effect: object) -> Iterator[tuple[int, int, int]]:
        """(holder, held, steps): symbols of two objects; one comes to refer to the other, so deep within."""
        if isinstance(effect, Bind) and effect.value != NONE:
            place = self.unit.places[effect.target]
            if place.symbol != NONE and (place.path or effect.how == "element"):
                yield from ((place.symbol, held, len(place.path)) for held in self._symbols(effect.value))
        elif isinstance(effect, Call) and effect.name in _KEEPS and effect.receiver != NONE:
            place = self.unit.places[effect.receiver]
            if place.symbol != NONE and place.path:
                for value in effect.args:
                    yield from ((place.symbol, held, len(place.path)) for held in self._symbols(value))

    def _symbols(self, value: int) -> Iterator[int]:
        """The variable that a value is, itself."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is not None and place.symbol != NONE and not place.path:
            yield place.symbol
