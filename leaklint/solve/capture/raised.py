"""Python exceptions that a function keeps in a local and raises: each keeps the frame that keeps it.

`except … as error` deletes its name at the end of the block, for just this reason. A second name for the same
exception stays: raised later, its traceback refers to the frame, and the frame to its local.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Delete, Leave, Place
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.repeats import Repeats

# variables that hold a connection or a large piece of data
_OPEN = regex(
    r"_?(\w+_)?(sock|socket|conn|connection|transport|stream|cursor|buf|buffer|array|tensor|image|dataset|df)s?\d*"
)


class RaisedLocal(msgspec.Struct):
    """`bind` gives a local `place` the exception that `raised` raises in the same function.

    beside: of a function that tries again and again, another variable that is named as something open or
    large, or NONE.
    """

    place: Place
    bind: int
    raised: int
    beside: int = NONE


def raised_locals(index: Index, repeats: Repeats) -> Iterator[RaisedLocal]:
    """Locals that an `except` fills, that are raised behind it and never set back, one of each function."""
    unit = index.unit
    seen: set[int] = set()
    for number, effect in enumerate(unit.effects):
        if type(effect) is not Leave or effect.how != "raise" or effect.value == NONE:
            continue
        value = unit.values[effect.value]
        place = unit.places[value.place] if value.kind == "place" else None
        if place is None or place.symbol == NONE or not _is_local(index, place, effect.scope):
            continue
        bind = _caught(index, place, effect)
        if bind == NONE or repeats.runs(effect.scope) != "call" or _is_let_go(index, place, bind):
            continue
        function = index.function(effect.scope)
        if function in seen:
            continue
        seen.add(function)
        yield RaisedLocal(place, bind, number, _beside(index, place, bind))


def _is_local(index: Index, place: Place, scope: int) -> bool:
    """Whether a name is a variable of the very function that raises it."""
    if place.symbol == NONE or place.path:
        return False
    symbol = index.unit.symbols[place.symbol]
    return (
        symbol.kind == "variable"
        and symbol.scope != 0
        and index.function(symbol.scope) == index.function(scope)
    )


def _caught(index: Index, place: Place, raised: Leave) -> int:
    """The bind, before the raise and outside of its block, that gives the local what was caught; or NONE."""
    unit = index.unit
    for number in index.binds.get(place, ()):
        bind = unit.effects[number]
        if not isinstance(bind, Bind) or bind.value == NONE or bind.at > raised.at:
            continue
        row = unit.values[bind.value]
        if bind.how not in ("declare", "assign") or row.kind != "place":
            continue
        named = index.binds.get(unit.places[row.place], ())
        blocks = [each for each in index.regions(bind.region) if unit.regions[each].kind == "except"]
        caught = any(
            isinstance(effect, Bind) and effect.how == "catch" and effect.region in blocks
            for effect in map(unit.effects.__getitem__, named)
        )
        if caught and not set(blocks) & set(index.regions(raised.region)):
            return number
    return NONE


def _is_let_go(index: Index, place: Place, bind: int) -> bool:
    """`finally: error = None`, `del error`, `error = None` where the next try goes well."""
    unit = index.unit
    for number in index.deletes:
        effect = unit.effects[number]
        if isinstance(effect, Delete) and unit.places[effect.target] == place:
            return True
    binds = (unit.effects[number] for number in index.binds.get(place, ()) if number > bind)
    return any(
        isinstance(row, Bind) and row.value != NONE and unit.values[row.value].kind == "null" for row in binds
    )


def _loop(index: Index, effect: int) -> int:
    """The innermost loop around an effect, or NONE: `for address in addresses: try …`."""
    regions = index.regions(index.unit.effects[effect].region)
    return next((region for region in regions if index.unit.regions[region].kind == "loop"), NONE)


def _beside(index: Index, place: Place, bind: int) -> int:
    """Another variable of the function that a call in the same loop fills."""
    unit = index.unit
    function = index.function(unit.symbols[place.symbol].scope)
    loop = _loop(index, bind)
    for number, symbol in enumerate(unit.symbols) if loop != NONE else ():
        if number == place.symbol or symbol.kind != "variable" or not _OPEN.fullmatch(symbol.name):
            continue
        filled = index.function(symbol.scope) == function and any(
            loop in index.regions(unit.effects[other].region) and _is_call(index, other)
            for other in index.binds.get(Place(number), ())
        )
        if filled and not _is_ended(index, Place(number), loop):
            return number
    return NONE


def _is_ended(index: Index, place: Place, loop: int) -> bool:
    """`with open(path) as stream`, `finally: pool.release(conn)`: each try ends what it opened."""
    unit = index.unit
    binds = (unit.effects[number] for number in index.binds.get(place, ()))
    if any(isinstance(bind, Bind) and bind.how == "enter" for bind in binds):
        return True
    for number in index.of_function[index.function(unit.symbols[place.symbol].scope)]:
        call = unit.effects[number]
        if not isinstance(call, Call):
            continue
        around = [*index.regions(call.region)]
        if loop not in around or all(unit.regions[each].kind != "finally" for each in around):
            continue
        given = (unit.values[value] for value in call.args)
        if call.receiver != NONE and unit.places[call.receiver] == place:
            return True
        if any(row.kind == "place" and unit.places[row.place] == place for row in given):
            return True
    return False


def _is_call(index: Index, number: int) -> bool:
    bind = index.unit.effects[number]
    value = bind.value if isinstance(bind, Bind) else NONE
    return value != NONE and index.unit.values[value].kind in ("call", "opaque")
