"""Which variable of a module, static field or entry of an object keeps what a call gives back."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Leave, Place
from leaklint.solve.index import Index

_ENTRIES = 40  # effects behind a call in which the object literal is bound that it stands in


def made_by(index: Index, number: int) -> list[int]:
    """The call itself; those of a function that gives back its result: `const users = makeLoader(db)`."""
    effects, values = index.unit.effects, index.unit.values
    after = effects[number + 1] if number + 1 < len(effects) else None
    row = values[after.value] if isinstance(after, Leave) and after.value != NONE else None
    if row is None or row.kind != "call" or row.call != number:
        return [number]
    return index.callers.get(index.function_at(number), [])


def kept_in(index: Index, number: int) -> Place | None:
    """The place that is bound to the result of a call."""
    effects, values = index.unit.effects, index.unit.values
    after = effects[number + 1] if number + 1 < len(effects) else None
    value = values[after.value] if isinstance(after, Bind) and after.value != NONE else None
    if not isinstance(after, Bind) or value is None or value.kind != "call" or value.call != number:
        return _entry(index, number)
    place = index.unit.places[after.target]
    symbol = index.symbol(place)
    kinds = ("variable", "constant", "class", "import")
    return place if symbol is not None and symbol.kind in kinds else None


def _entry(index: Index, number: int) -> Place | None:
    """`const loaders = { users: new DataLoader(…) }`: the entry of an object of the module."""
    effects, values = index.unit.effects, index.unit.values
    scope = effects[number].scope
    for after in effects[number + 1 : number + _ENTRIES]:
        row = values[after.value] if isinstance(after, Bind) and after.value != NONE else None
        if not isinstance(after, Bind) or row is None or row.text != "object" or after.scope != scope:
            continue
        for key, part in zip(row.keys, row.parts, strict=False):
            if key and values[part].kind == "call" and values[part].call == number:
                place = index.unit.places[after.target]
                return Place(place.symbol, (*place.path, f".{key}"))
    return None
