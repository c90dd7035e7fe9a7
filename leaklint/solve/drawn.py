"""JavaScript: what a function is called, whose name stands outside of it: components of React."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call
from leaklint.solve.index import Index

_WRAPPERS = frozenset({"forwardRef", "memo", "observer"})


def name_of(index: Index, function: int) -> str:
    """`Tip` of `const Tip = memo(forwardRef((props, ref) => …))` too; "" for a function without a name."""
    unit = index.unit
    row = unit.scopes[function]
    if row.name or unit.language != "javascript":
        return row.name
    bound = index.bound_to.get(function, NONE)
    number = index.argument_of.get(function, (NONE, 0))[0]
    while bound == NONE and number != NONE:
        call = unit.effects[number]
        if not isinstance(call, Call) or call.name not in _WRAPPERS:
            return ""
        bound, number = _taker(index, number)
    bind = unit.effects[bound] if bound != NONE else None
    place = unit.places[bind.target] if isinstance(bind, Bind) else None
    return (
        unit.symbols[place.symbol].name
        if place is not None and place.symbol != NONE and not place.path
        else ""
    )


def _taker(index: Index, number: int) -> tuple[int, int]:
    """The bind that keeps what a call gives, or the call around it."""
    unit = index.unit
    for taker in range(number + 1, min(number + 3, len(unit.effects))):
        effect = unit.effects[taker]
        values = (
            (effect.value,) if isinstance(effect, Bind) else effect.args if isinstance(effect, Call) else ()
        )
        if any(value != NONE and unit.values[value].call == number for value in values):
            return (taker, NONE) if isinstance(effect, Bind) else (NONE, taker)
    return NONE, NONE
