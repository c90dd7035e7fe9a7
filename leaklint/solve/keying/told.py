"""Java: calls whose name tells how many values they give: getters, and objects made of their parts."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.keying.domain import Domain
from leaklint.solve.keying.words import is_small

# objects that are equal where their parts are
_OF_PARTS = frozenset(
    {"ImmutablePair", "MutablePair", "ImmutableTriple", "Pair", "Triple", "Tuple2", "Tuple3"}
    | {"SimpleEntry", "SimpleImmutableEntry", "AbstractMap.SimpleEntry", "KeyValue"}
)
_MAKE_OF_PARTS = {
    "of": ("Pair", "Triple", "ImmutablePair", "ImmutableTriple", "List", "Set"),
    "entry": ("Map",),
}
_ROUTES = ("getRoute", "route", "getMatchedRoute", "currentRoute")
_DEPTH = 4


def parts(unit: Unit, call: Call) -> tuple[int, ...]:
    """What `new ImmutablePair<>(type, mode)`, `Pair.of(type, mode)` is made of."""
    if call.new:
        return call.args if call.name in _OF_PARTS else ()
    makers = _MAKE_OF_PARTS.get(call.name, ())
    place = unit.places[call.receiver] if call.receiver != NONE else None
    if place is None or place.symbol == NONE or place.path:
        return ()
    return call.args if unit.symbols[place.symbol].name in makers else ()


def few(unit: Unit, call: Call) -> Domain | None:
    """`Thread.currentThread()`, `getTargetVersion(request)`, `context.getRoute().getPattern()`."""
    if call.name == "currentThread" and not call.args:
        return "enum"  # as many as the program has threads
    if call.name.startswith("get") and is_small(call.name[3:]):
        return "small"
    return "small" if _is_of_route(unit, call) else None


def _is_of_route(unit: Unit, call: Call) -> bool:
    for _ in range(_DEPTH):
        place = unit.places[call.receiver] if call.receiver != NONE else None
        made = unit.effects[place.call] if place is not None and place.call != NONE else None
        if not isinstance(made, Call):
            return False
        if made.name in _ROUTES and not made.args:
            return True
        call = made
    return False
