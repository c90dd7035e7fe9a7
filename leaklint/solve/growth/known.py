"""Stores under keys that the table has already, because the function has just read them. Python and Java."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.index import Index


def overwrites(index: Index, item: Growth, holder: Holder) -> bool:
    """`old = TABLE[key]; …; TABLE[key] = new`: without the key, the read would have raised."""
    unit = index.unit
    row = holder.container
    if unit.language == "java" and not item.depth and item.how == "put" and item.key != NONE:
        return _is_used_before(index, item, holder)
    if unit.language != "python" or item.depth or item.key == NONE or item.how != "[]=":
        return False
    if row is None or row.fills_on_read or unit.values[item.key].kind != "place":
        return False
    key = unit.places[unit.values[item.key].place]
    effect = unit.effects[item.effect]
    if isinstance(effect, Bind) and _is_made_of(index, effect, holder, key):
        return True
    function = unit.scopes[index.function(effect.scope)]
    inside = (*holder.place.path, "[]")
    reads = [
        unit.values[value]
        for value in index.references.get(holder.place.symbol, ())
        if unit.places[unit.values[value].place].path[: len(inside)] == inside
        and function.at <= unit.values[value].at
        and unit.values[value].end <= effect.at
    ]
    if not reads or _is_asked(unit, function.at, effect.at):
        return False
    written = {unit.effects[bind].at for bind in index.elements}
    for read in reads:
        named = any(
            value.kind == "place"
            and read.at < value.at
            and value.end < read.end
            and unit.places[value.place] == key
            for value in unit.values
        )
        if named and read.at not in written and not _may_be_skipped(unit, read.at, effect.at):
            return True
    return False


def _is_used_before(index: Index, item: Growth, holder: Holder) -> bool:
    """`rows.get(key).flush(); …; rows.put(key, new Rows())`: without the key, the first would have failed."""
    unit = index.unit
    effect, row = unit.effects[item.effect], unit.values[item.key]
    key = unit.places[row.place] if row.kind == "place" else None
    around = set(index.regions(effect.region))
    for number in index.calls.get("get", ()):
        call = unit.effects[number]
        if not isinstance(call, Call) or number > item.effect or call.receiver == NONE or key is None:
            continue
        asked = unit.values[call.args[0]] if len(call.args) == 1 else None
        if asked is None or asked.kind != "place" or unit.places[asked.place] != key:
            continue
        same = unit.places[call.receiver] == holder.place
        if not same or index.function_at(number) != index.function_at(item.effect):
            continue
        if not around.issuperset(index.regions(call.region)):
            continue
        for each in unit.effects[number : item.effect]:
            if isinstance(each, Call) and each.receiver != NONE and unit.places[each.receiver].call == number:
                return True
    return False


def _is_made_of(index: Index, bind: Bind, holder: Holder, key: Place) -> bool:
    """`TABLE[key] = TABLE[key].changed()`."""
    unit = index.unit
    number = unit.values[bind.value].call if bind.value != NONE else NONE
    call = unit.effects[number] if number != NONE else None
    if not isinstance(call, Call) or call.receiver == NONE:
        return False
    place = holder.place
    if unit.places[call.receiver] != Place(place.symbol, (*place.path, "[]"), place.call):
        return False
    asked = index.subscript(number)
    row = unit.values[asked] if asked != NONE else None
    return row is not None and row.kind == "place" and unit.places[row.place] == key


def _is_asked(unit: Unit, start: int, end: int) -> bool:
    """Whether a function asks for membership before, so that the read may not have happened."""
    left = {
        region.test for region in unit.regions if region.leaves in ("return", "raise") and not region.negated
    }
    return any(
        value.kind == "operation"
        and value.text in ("in", "not in")
        and start <= value.at
        and value.end <= end
        and number not in left
        for number, value in enumerate(unit.values)
    )


def _may_be_skipped(unit: Unit, at: int, store: int) -> bool:
    """Whether a read lies in a branch, loop or try that the store does not lie in."""
    for region in unit.regions:
        if not region.at <= at < region.end or region.at <= store < region.end:
            continue
        test = unit.values[region.test] if region.test != NONE else None
        if test is None or not test.at <= at < test.end:
            return True
    return False
