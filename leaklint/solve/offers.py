"""Takes the interface out of a solved unit: what it offers to other files, and what it does to theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leaklint.evidence import Evidence
from leaklint.ir import NONE, Call, Delete, Place, Unit
from leaklint.solve.growth.memos import Memos
from leaklint.solve.growths import Growths
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Growth, Release
from leaklint.solve.interface import (
    Interface,
    Offered,
    Touch,
    foreign_name,
    module_name,
    offered_function,
    offered_name,
)
from leaklint.solve.keepers import Keepers
from leaklint.solve.keytypes import KeyTypes
from leaklint.solve.lazy import regex
from leaklint.solve.makers import Makers
from leaklint.solve.pairs import Pairs

_OF_TWO_WORDS = regex(r"[a-z][A-Z]")


def interface(unit: Unit, holders: Holders, growths: Growths, memos: Memos, pairs: Pairs) -> Interface:
    """The interface of a solved unit."""
    found = Interface(unit.path, unit.language, module_name(unit))
    for place, holder in holders.by_place.items():
        name = offered_name(unit, place)
        if not name or holder.lifetime != "process" or holder.default_of != NONE:
            continue
        row = holder.container
        settled = holder.bounded or (row is not None and (row.bounded or row.weak))
        settled = settled or any(growths.is_useless(release, holder) is None for release in holder.releases)
        bind = unit.effects[holder.declared] if holder.declared != NONE else None
        symbol = unit.symbols[place.symbol]
        at, end = (bind.at, bind.end) if bind is not None else (symbol.at, symbol.end)
        for exported in _exported(unit, place, name):
            found.offered[exported] = Offered(
                holder.kind, settled, Evidence(unit.path, at, end, "made here and lives on")
            )
    for place, items in holders.foreign.items():
        target = foreign_name(unit, place)
        if target is not None:
            found.touches += [_touch(unit, growths, *target, item) for item in items]
    for memo in memos.found:
        name = offered_function(unit, memo.scope)
        if name and not memo.cleared:
            found.offered.setdefault(name, Offered("memo", False, memo.declaration))
    found.touches += _clearings(unit, growths, memos)
    if unit.language == "java":
        keepers = Keepers(holders, pairs)
        found.keeps, found.asks = dict(keepers.keeps()), sorted(keepers.asks())
        key_types = KeyTypes(holders, growths.keys.enums)
        makers = Makers(pairs, growths.lifecycle, growths.repeats)
        found.makes = {name: sorted(ways) for name, ways in makers.makes().items()}
        found.counted = sorted(makers.counted())
        found.enums, found.keyed = sorted(key_types.enums()), sorted(key_types.keyed())
    if unit.language == "javascript":
        found.fields, found.frees = sorted(_filled(holders)), sorted(_freed(unit, holders))
    return found


def _filled(holders: Holders) -> set[str]:
    """JavaScript: fields that only grow, by names that another class of the project will hardly have."""
    return {
        place.path[0][1:]
        for place, holder in holders.by_place.items()
        if holder.lifetime == "instance" and len(place.path) == 1 and holder.growths and not holder.releases
        if _OF_TWO_WORDS.search(place.path[0])
    }


def _freed(unit: Unit, holders: Holders) -> set[str]:
    """JavaScript: fields such as `maintenanceList` of `delete server.maintenanceList[id]`."""
    index = holders.index
    emptied = [
        effect.target for number in index.deletes if isinstance(effect := unit.effects[number], Delete)
    ]
    for name in holders.ledger.known.release & index.calls.keys():
        calls = (unit.effects[number] for number in index.calls[name])
        emptied += [call.receiver for call in calls if isinstance(call, Call) and call.receiver != NONE]
    places = (unit.places[place] for place in emptied)
    return {
        place.path[-1][1:]
        for place in places
        if place.path and place.symbol != NONE and _OF_TWO_WORDS.search(place.path[-1])
        if unit.symbols[place.symbol].kind in ("variable", "constant", "parameter", "import")
    }


def _clearings(unit: Unit, growths: Growths, memos: Memos) -> Iterator[Touch]:
    """`parser.parse.cache_clear()`, of a function that was imported."""
    for name in memos.clears & growths.index.calls.keys():
        for number in growths.index.calls[name]:
            call = unit.effects[number]
            if not isinstance(call, Call) or call.receiver == NONE:
                continue
            target = foreign_name(unit, unit.places[call.receiver])
            if target is not None and growths.repeats.runs(call.scope) != "import":
                yield Touch(*target, "release", Evidence(unit.path, call.at, call.end, "emptied here"))


def _touch(unit: Unit, growths: Growths, module: str, name: str, item: Growth | Release) -> Touch:
    effect = unit.effects[item.effect]
    what: Literal["grow", "release"] = "grow"
    if isinstance(item, Release):
        idle = growths.repeats.runs(effect.scope) == "import"
        what = "grow" if idle else "release"
    return Touch(module, name, what, Evidence(unit.path, effect.at, effect.end, "emptied here"))


def _exported(unit: Unit, place: Place, name: str) -> list[str]:
    """The names that a holder has outside; JavaScript says so itself."""
    if unit.language != "javascript":
        return [name]
    path = "".join(place.path)
    return [exported + path for exported, symbol in unit.exports.items() if symbol == place.symbol]
