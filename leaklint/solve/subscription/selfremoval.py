"""What needs no removal: it takes itself off, or ends with the screen that adds it."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.models import Pair
from leaklint.solve.index import Index
from leaklint.solve.names import patterns


def takes_itself_off(index: Index, pair: Pair, callback: int) -> bool:
    """`observer.addListener(new Listener() { void on() { observer.removeListener(this); … } })`."""
    unit = index.unit
    row = unit.values[callback] if callback != NONE else None
    call = unit.effects[row.call] if row is not None and row.kind == "call" else None
    if not isinstance(call, Call) or not call.new or not call.args or unit.language != "java":
        return False
    made = unit.values[call.args[-1]]
    if made.kind != "class" or made.owner == NONE:
        return False
    owner = unit.owners[made.owner]
    names = patterns(tuple(release.call for release in pair.release))
    for name in names.among(index.calls.keys()):
        for number in index.calls[name]:
            end = unit.effects[number]
            if owner.at <= end.at < owner.end and names.match(unit, number):
                given = [unit.values[value] for value in end.args]  # type: ignore[union-attr]
                if any(value.kind == "place" and _is_only(unit, value.place, owner.this) for value in given):
                    return True
    return False


def stops_itself(index: Index, effect: int) -> bool:
    """`new IntersectionObserver((entries, observer) => { …; observer.unobserve(entries[0].target); })`."""
    unit, call = index.unit, index.unit.effects[effect]
    row = unit.values[call.args[0]] if isinstance(call, Call) and call.args else None
    params = unit.scopes[row.scope].params if row is not None and row.kind == "closure" else ()
    if len(params) < 2:
        return False
    return any(
        isinstance(end := unit.effects[number], Call)
        and end.receiver != NONE
        and unit.places[end.receiver] == Place(params[1])
        for name in ("unobserve", "disconnect")
        for number in index.calls.get(name, ())
    )


def _is_only(unit: Unit, place: int, symbol: int) -> bool:
    row = unit.places[place]
    return row.symbol == symbol and not row.path


def ends_with_screen(unit: Unit, pair: Pair, owner: int) -> bool:
    """Whether a class, or one around it, is what the receivers of a pair end with: an activity."""
    ends = tuple(pair.ends_with)
    while ends and owner != NONE:
        bases = [unit.values[base] for base in unit.owners[owner].bases]
        symbols = [unit.places[row.place].symbol for row in bases if row.kind == "place"]
        names = [unit.symbols[symbol].name for symbol in symbols if symbol != NONE]
        names.append(unit.owners[owner].name)
        if any(name.endswith(ends) for name in names):
            return True
        owner = unit.owners[owner].outer
    return False
