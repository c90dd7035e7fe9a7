"""Fields of Python objects that something sets back, so that a cycle through them is broken in time."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Delete, Place
from leaklint.solve.index import Index

_EMPTIES = ("clear", "pop", "popitem", "close")


def whole(symbol: int) -> Place:
    """All fields of an object at once: its `__dict__`."""
    return Place(symbol, (".__dict__",))


def let_go(index: Index) -> Iterator[Place]:
    """Fields that anything but a constructor sets to None, deletes or empties.

    Place(NONE, (".name",)) stands for the field of that name of an object that is no `self`.
    """
    unit = index.unit
    for number in index.deletes:
        effect = unit.effects[number]
        if isinstance(effect, Delete):
            yield from _named_too(index, unit.places[effect.target])
    for place, binds in index.binds.items():
        if any(_sets_back(index, number) for number in binds):
            yield from _named_too(index, place)
    for name in _EMPTIES:
        for number in index.calls.get(name, ()):
            call = unit.effects[number]
            if isinstance(call, Call) and call.receiver != NONE:
                yield unit.places[call.receiver]
    yield from _by_name(index)


def _sets_back(index: Index, number: int) -> bool:
    """`self.parser = None`, `self.handlers = {}`."""
    bind = index.unit.effects[number]
    if not isinstance(bind, Bind) or bind.value == NONE or bind.how != "assign":
        return False
    row = index.unit.values[bind.value]
    empty = row.kind == "null" or (row.kind == "container" and not row.parts)
    return empty and index.unit.scopes[index.function(bind.scope)].kind != "constructor"


def _by_name(index: Index) -> Iterator[Place]:
    """`for name in self.parts: setattr(self, name, None)`"""
    unit = index.unit
    for name, counts in (("setattr", 3), ("delattr", 2)):
        for number in index.calls.get(name, ()):
            call = unit.effects[number]
            if not isinstance(call, Call) or len(call.args) != counts:
                continue
            row = unit.values[call.args[0]]
            if row.kind == "place" and (counts == 2 or unit.values[call.args[2]].kind == "null"):
                yield whole(unit.places[row.place].symbol)


def _named_too(index: Index, place: Place) -> Iterator[Place]:
    yield place
    if place.path and (place.symbol == NONE or index.unit.symbols[place.symbol].kind != "this"):
        yield Place(NONE, place.path[-1:])
