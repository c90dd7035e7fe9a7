"""Values that are asked whether they are among known ones, and elements of tables that are written down."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Value
from leaklint.solve.index import Index

ASKS = ("has", "includes", "contains", "containsKey", "hasOwnProperty")


def is_asked_for(index: Index, conditional: Value, part: int) -> bool:
    """`METHODS.has(m) ? m : "OTHER"`, `m if m in METHODS else "OTHER"`: whether `part` is such an `m`."""
    unit = index.unit
    row = unit.values[part]
    if row.kind != "place":
        return False
    place = unit.places[row.place]
    for name in ASKS:
        for number in index.calls.get(name, ()):
            call = unit.effects[number]
            inside = conditional.at <= call.at and call.end <= conditional.end
            if inside and isinstance(call, Call) and len(call.args) == 1:
                given = unit.values[call.args[0]]
                if given.kind == "place" and unit.places[given.place] == place:
                    return True
    if unit.language != "python":
        return False
    return any(
        asked.kind == "operation"
        and asked.text == "in"
        and conditional.at <= asked.at
        and asked.end <= conditional.end
        and unit.values[asked.parts[0]].kind == "place"
        and unit.places[unit.values[asked.parts[0]].place] == place
        for asked in unit.values
    )


def is_of_literals(index: Index, place: Place) -> bool:
    """`CLASSES[i]`, `Sections.USER` of a constant of the module that is bound once, to literals."""
    if len(place.path) != 1 or place.symbol == NONE or index.unit.symbols[place.symbol].scope != 0:
        return False
    binds = index.binds.get(Place(place.symbol), ())
    bind = index.bind(binds[0]) if len(binds) == 1 else None
    row = index.unit.values[bind.value] if bind is not None and bind.value != NONE else None
    if row is None or row.kind != "container" or not row.parts:
        return False
    if place.path != ("[]",) and place.path[0][1:] not in row.keys:
        return False
    return all(index.unit.values[part].kind in ("string", "number") for part in row.parts)
