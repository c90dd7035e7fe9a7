"""Fields of one class that hold the same kind of thing, of which the end of life ends all but one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Models
from leaklint.solve.collectors import OWN_COLLECTORS
from leaklint.solve.containers import containers
from leaklint.solve.handles import Handles
from leaklint.solve.lazy import regex

_ENDS = frozenset(
    {"dispose", "destroy", "release", "close", "terminate", "unsubscribe", "disconnect", "stop", "dispose_"}
)
# an event that tells of the end can't be ended before it has told
_LAST = regex(r"(?i)dispos|clos|destroy|exit")


# classes whose objects listen, poll or run until they are told to stop
_WORKS_ON = regex(
    r"(Tracker|Watcher|Poller|Ticker|Monitor|Recorder|Scheduler|Listener|Subscriber|Subscription|Socket|Connection|"
    r"Controls|Player|Heartbeat|Keepalive|Debouncer|Throttler|Broadcaster|Channel|Worker)$"
)


class Forgotten(msgspec.Struct):
    """`made` keeps a `kind` in `place`; `sibling` ends, or hands over, another one of the same owner.

    more: the binds of further ones that are forgotten as well.
    """

    place: Place
    made: int
    kind: str
    sibling: int
    other: Place
    more: list[int] = []


class Owned:
    """Things that the classes of one unit make for themselves."""

    def __init__(self, handles: Handles, models: Models) -> None:
        self.handles = handles
        self.index = handles.index
        self.unit: Unit = handles.unit
        self._models = models

    def forgotten(self) -> Iterator[Forgotten]:
        """The first forgotten field of each owner and kind, with the others; in source order."""
        plain = containers(self._models).by_name
        for (_, kind), places in self._made().items():
            if len(places) < 2:
                continue
            if kind in plain:
                continue  # containers have no end
            over = list(self._ended(places))
            if not over:
                continue
            ended, ends = over[0], {self._made_by(places[place]) for place, _ in over}
            left = [
                (place, made)
                for place, made in places.items()
                if self._collected(made) == NONE
                and self._made_by(made) not in ends
                and not self._may_end(place)
                and not _LAST.search(place.path[0])
            ]
            if left:
                (place, made), others = left[0], [made for _, made in left[1:]]
                yield Forgotten(place, made, kind, ended[1], ended[0], others)

    def unlike(self) -> Iterator[Forgotten]:
        """A part that works on its own, by its class, made beside one of another class that the end ends."""
        if "abort" in self.index.calls:
            return  # a signal may tell it of the end
        made = self._made()
        for (owner, kind), places in made.items():
            if len(places) != 1 or not _WORKS_ON.search(kind):
                continue
            place, bind = next(iter(places.items()))
            if self._collected(bind) != NONE or self._ends(place) or not self._can_end(kind):
                continue
            given = self.handles.roles.is_given_away(place)
            for (other, another), siblings in made.items():
                if other != owner or another == kind:
                    continue
                ended = next(self._ended(siblings), None)
                if ended is None or (given and not self.handles.roles.is_given_away(ended[0])):
                    continue  # whoever was handed it may end it, unless that is said of the other one too
                if self._is_made_together(bind, ended[0], siblings):
                    yield Forgotten(place, bind, kind, ended[1], ended[0])
                    break

    def _is_made_together(self, bind: int, other: Place, siblings: dict[Place, int]) -> bool:
        """Whether two fields are filled by the same function: the constructor, most often."""
        return self.index.function_at(bind) == self.index.function_at(siblings[other])

    def _can_end(self, kind: str) -> bool:
        """Whether a class has a method that ends it, as far as this file shows."""
        for number, row in enumerate(self.unit.owners):
            if row.name == kind:
                return not _ENDS.isdisjoint(self.index.method_names.get(number, {}))
        return True

    def _made(self) -> dict[tuple[int, str], dict[Place, int]]:
        """(owner's `this`, class) -> field -> the bind that makes it, for fields that are made once."""
        found: dict[tuple[int, str], dict[Place, int]] = defaultdict(dict)
        for place, binds in self.index.binds.items():
            if len(place.path) != 1 or place.symbol == NONE:
                continue
            if self.unit.symbols[place.symbol].kind != "this":
                continue
            for number in binds:
                name = self._constructed(number)
                if name:
                    found[place.symbol, name].setdefault(place, number)
        return found

    def _constructed(self, bind: int) -> str:
        """The class whose instance a bind stores, wrapped in `this._register(…)` or not."""
        call = self._call_of(bind)
        if call is not None and call.name in OWN_COLLECTORS and len(call.args) == 1:
            inner = self.unit.values[call.args[0]]
            call = self.unit.effects[inner.call] if inner.kind == "call" else None  # type: ignore[assignment]
        return call.name if isinstance(call, Call) and call.new else ""

    def _call_of(self, bind: int) -> Call | None:
        row = self.unit.effects[bind]
        assert isinstance(row, Bind)
        if row.value == NONE or self.unit.values[row.value].kind != "call":
            return None
        call = self.unit.effects[self.unit.values[row.value].call]
        return call if isinstance(call, Call) else None

    def _collected(self, bind: int) -> int:
        """The call that a new thing is handed to as it is made, or NONE."""
        call = self._call_of(bind)
        if call is None or call.new:
            return NONE
        return self._made_by(bind)

    def _made_by(self, bind: int) -> int:
        """The call whose result a bind stores: the same for both fields of `this.a = this.b = new T()`."""
        return self.unit.values[self.unit.effects[bind].value].call  # type: ignore[union-attr]

    def _ended(self, places: dict[Place, int]) -> Iterator[tuple[Place, int]]:
        for place, made in places.items():
            if self._collected(made) != NONE:
                yield place, made
            for end in self.handles.ends(place):
                call = self.unit.effects[end]
                if isinstance(call, Call) and call.name in _ENDS and self.handles.in_end_of_life(end):
                    yield place, end

    def _ends(self, place: Place) -> bool:
        names = {self.unit.effects[end].name for end in self.handles.ends(place)}  # type: ignore[union-attr]
        return bool(names & _ENDS) or _LAST.search(place.path[0]) is not None

    def _may_end(self, place: Place) -> bool:
        if _LAST.search(place.path[0]):
            return True
        names = {self.unit.effects[end].name for end in self.handles.ends(place)}  # type: ignore[union-attr]
        if names & _ENDS:
            return True
        return self.handles.roles.is_given_away(place)
