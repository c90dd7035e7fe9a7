"""Several parts started together, of which one is not stopped with the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lifecycle import Lifecycle

_ENDS = {
    "start": ("stop", "shutdown", "close"),
    "open": ("close",),
    "connect": ("disconnect", "close"),
    "register": ("unregister", "deregister"),
    "attach": ("detach",),
    "acquire": ("release",),
    "subscribe": ("unsubscribe",),
    "init": ("destroy", "dispose"),
}
_LEAST = 2  # siblings that are stopped: fewer show no habit


class NotStopped(msgspec.Struct):
    """A part that is started and never ended. stopped: the end of one of its siblings."""

    owner: int
    name: str
    started: int
    sibling: str
    stopped: int
    end: str


class Pendants:
    """Parts of the owners of one unit that are started by name."""

    def __init__(self, index: Index, lifecycle: Lifecycle) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.lifecycle = lifecycle

    def not_stopped(self) -> Iterator[NotStopped]:
        """`getA().start()`, `getB().start()`, `getC().start()`, and only two of them are stopped."""
        for verb, ends in _ENDS.items():
            if len(self.index.calls.get(verb, ())) > _LEAST and any(end in self.index.calls for end in ends):
                yield from self._of_verb(verb, ends)

    def _of_verb(self, verb: str, ends: tuple[str, ...]) -> Iterator[NotStopped]:
        started = self._parts(verb)
        for (owner, _), parts in started.items():
            if len(parts) <= _LEAST:
                continue
            ended: dict[str, tuple[int, str]] = {}
            for end in ends:
                for (other, _), numbers in self._parts(end, given=True).items():
                    if other == owner:
                        ended.update({name: (number, end) for name, number in numbers.items()})
            siblings = [name for name in parts if name in ended]
            missing = [
                name
                for name, started in parts.items()
                if name not in ended and not self._ends_with(owner, name) and not self._is_all(started)
            ]
            if len(missing) == 1 and len(siblings) >= _LEAST:
                number, end = ended[siblings[0]]
                yield NotStopped(owner, missing[0], parts[missing[0]], siblings[0], number, end)

    def _is_all(self, started: int) -> bool:
        """`if self.command: self.command.start(); return`: it runs in place of the others."""
        around = self.index.regions(self.unit.effects[started].region)
        rows = (self.unit.regions[each] for each in around)
        return any(row.kind == "branch" and row.leaves in ("return", "raise") for row in rows)

    def _ends_with(self, owner: int, name: str) -> bool:
        """`Thread(target=self.api.serve)` beside `self.api.shutdown()`: it ends with what it serves."""
        this = self.unit.owners[owner].this
        for number in self.index.binds.get(Place(this, (name,)), ()):
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if bind.value != NONE else None  # type: ignore[union-attr]
            made = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if not isinstance(made, Call):
                continue
            for value in (*made.args, *(value for _, value in made.keywords)):
                given = self.unit.values[value]
                place = self.unit.places[given.place] if given.kind == "place" else None
                if place is None or place.symbol != this or len(place.path) != 2:
                    continue
                if self._is_ended(Place(this, place.path[:1])):
                    return True
        return False

    def _is_ended(self, part: Place) -> bool:
        for end in {end for ends in _ENDS.values() for end in ends}:
            for number in self.index.calls.get(end, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver != NONE and self.unit.places[call.receiver] == part:
                    return True
        return False

    def _parts(self, method: str, given: bool = False) -> dict[tuple[int, int], dict[str, int]]:
        """(owner, function) -> part -> call of a method on it, `given` arguments or none."""
        found: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
        for number in self.index.calls.get(method, ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE or (call.args and not given):
                continue
            name = self._part(self.unit.places[call.receiver])
            owner = self.lifecycle.owner_of(call.scope)
            if name and owner != NONE:
                found[owner, self.index.function(call.scope)].setdefault(name, number)
        return found

    def _part(self, place: Place) -> str:
        """`.field` or `getter()` of the object itself; locals and elements are no parts."""
        if place.symbol == NONE:
            if place.call == NONE or place.path:
                return ""
            call = self.unit.effects[place.call]
            if not isinstance(call, Call) or call.args or call.new:
                return ""
            return f"{call.name}()"
        if self.unit.symbols[place.symbol].kind != "this" or len(place.path) != 1:
            return ""
        return place.path[0]
