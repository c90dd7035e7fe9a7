"""Reads `self.__class__.x`, `type(self).x` and `Outer.Nested.x` as the attribute of the class that they mean.

An object of a derived class has another `__class__`, but finds the same attribute there unless the derived
class has one of its own.
"""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Unit


def name_classes(unit: Unit, data: bytes) -> None:
    """Root the places of class attributes in the symbol of their class."""
    nested = _nested(unit)
    if not nested and b"__class__" not in data and b"type(" not in data:
        return
    for index, place in enumerate(unit.places):
        if place.path:
            found = _rooted(unit, place, nested)
            if found is not place:
                unit.places[index] = found


def _nested(unit: Unit) -> dict[tuple[int, str], int]:
    """(symbol of a class, step) -> symbol of the class that its body declares under that name."""
    found: dict[tuple[int, str], int] = {}
    for number, symbol in enumerate(unit.symbols):
        if symbol.kind == "class" and symbol.scope > 0 and unit.scopes[symbol.scope].kind == "class":
            outer = unit.owners[unit.scopes[symbol.scope].owner].symbol
            found[outer, "." + symbol.name] = number
    return found


def _rooted(unit: Unit, place: Place, nested: dict[tuple[int, str], int]) -> Place:
    this, path = NONE, place.path
    if place.call != NONE:
        this = _asked_for_type(unit, place.call)
    elif place.symbol != NONE and path[0] == ".__class__" and len(path) > 1:  # not `self.__class__ = Other`
        this, path = place.symbol, path[1:]
    row = unit.symbols[this] if this != NONE else None
    own = unit.owners[row.target].symbol if row is not None and row.kind == "this" else NONE
    if own != NONE:
        place = Place(own, path)
    while place.path and (place.symbol, place.path[0]) in nested:
        place = Place(nested[place.symbol, place.path[0]], place.path[1:])
    return place


def _asked_for_type(unit: Unit, number: int) -> int:
    """The symbol of `self` in `type(self)`, NONE for other calls."""
    call = unit.effects[number]
    if not isinstance(call, Call) or call.name != "type" or len(call.args) != 1 or call.receiver != NONE:
        return NONE
    value = unit.values[call.args[0]]
    place = unit.places[value.place] if value.kind == "place" else None
    return place.symbol if place is not None and not place.path else NONE
