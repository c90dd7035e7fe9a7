"""Releases through another object: `self.bus.active.remove(self)` takes out of a field of some bus.

Nothing says which object `self.bus` is, so a field of that name loses entries in every class of the file that
has one: better a leak missed than a container accused that others empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Delete, Place
from leaklint.models import Models
from leaklint.solve.aliases import Aliases
from leaklint.solve.containers import containers
from leaklint.solve.holding.holder import Holder, Release
from leaklint.solve.index import Index


def releases_by_others(
    index: Index, aliases: Aliases, holders: dict[Place, Holder], models: Models
) -> Iterator[tuple[Holder, Release]]:
    """The fields that objects of other classes take entries out of."""
    fields: dict[str, list[Holder]] = defaultdict(list)
    for place, holder in holders.items():
        if place.path:
            fields[place.path[-1]].append(holder)
    if not fields:
        return
    unit = index.unit

    def meant(number: int) -> Iterator[tuple[Holder, int]]:
        """Holders that a place may be, with the depth, unless it is one itself or a field of the object."""
        for place in aliases.of(number):
            path = place.path
            while path and path[-1] == "[]":
                path = path[:-1]
            base = Place(place.symbol, path, place.call)
            if not path or base in holders or base.symbol == NONE:
                continue
            if len(path) == 1 and unit.symbols[base.symbol].kind == "this":
                continue
            for holder in fields.get(path[-1], ()):
                yield holder, len(place.path) - len(path)

    for name in containers(models).touching & index.calls.keys():
        for number in index.calls[name]:
            call = unit.effects[number]
            assert isinstance(call, Call)
            for holder, depth in meant(call.receiver) if call.receiver != NONE else ():
                selector = models.kind[holder.kind].release.get(name)
                if selector:
                    key = call.args[0] if call.args and selector in ("key", "value") else NONE
                    yield holder, Release(number, depth, selector, key, NONE, name)
    for number in index.deletes:
        delete = unit.effects[number]
        assert isinstance(delete, Delete)
        for holder, depth in meant(delete.target):
            yield holder, Release(number, depth, "key", delete.key)
    for place, numbers in index.binds.items():
        path = place.path
        if len(path) < 2 or path[-1] not in fields or place in holders:
            continue
        for number in numbers:
            bind = unit.effects[number]
            assert isinstance(bind, Bind)
            if bind.how == "assign":
                for holder in fields[path[-1]]:
                    yield holder, Release(number, 0, "rebind")
