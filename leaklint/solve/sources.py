"""What a subscription listens to: where the chain of operators begins, and whether it ends by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Models
from leaklint.solve.names import patterns
from leaklint.solve.pairs import Pairs
from leaklint.solve.receivers import Receiver

# names of things that a program has one of, for as long as it runs
SERVICE = re.compile(
    r"(?i)(service|manager|registry|preferences|configuration|store|bus|hub|provider|monitor|server|workspace)s?_?$"
)
_LIMIT = 40
_COMBINE = frozenset({"merge", "combineLatest", "zip", "race", "concat"})


class Sources:
    """Answers about the receivers of subscribing calls of one unit."""

    def __init__(self, pairs: Pairs, models: Models) -> None:
        self.pairs = pairs
        self.index = pairs.index
        self.unit: Unit = pairs.unit
        self._completing = models.completing
        self._one_shots = patterns(tuple(models.one_shots))
        self._streams = patterns(tuple(models.streams))

    def ends_itself(self, receiver: int) -> bool:
        """Whether an operator (`takeUntil`, `first`) or the source (an HTTP request) ends it."""
        return any(self._ends(call) for call in self._chain(receiver))

    def _ends(self, number: int) -> bool:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.name in self._completing or self._one_shots.match(self.unit, number):
            return True
        for argument in (*call.args, *(value for _, value in call.keywords)):
            row = self.unit.values[argument]
            if row.kind == "spread":
                return True  # operators built elsewhere
            if row.kind == "call":
                inner = self.unit.effects[row.call]
                if isinstance(inner, Call) and inner.name in self._completing:
                    return True
        return False

    def _chain(self, receiver: int) -> Iterator[int]:
        """The calls that a receiver is the result of, last one first, through locals and fields."""
        pending, seen = list(self._means(self.unit.places[receiver])), set[int]()
        while pending and len(seen) < _LIMIT:
            place = pending.pop()
            if place.symbol != NONE or place.call == NONE or place.call in seen:
                continue
            seen.add(place.call)
            yield place.call
            call = self.unit.effects[place.call]
            assert isinstance(call, Call)
            if call.receiver != NONE:
                pending += self._means(self.unit.places[call.receiver])

    def _means(self, place: Place) -> Iterator[Place]:
        """A place, what it is an alias of, and what is stored in the field that it is."""
        yield place
        for other in self.pairs.aliases.resolve(place):
            if other != place:
                yield other
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            if isinstance(bind, Bind) and bind.value != NONE and self.unit.values[bind.value].kind == "call":
                yield Place(NONE, (), self.unit.values[bind.value].call)

    def root(self, receiver: int) -> Place | None:
        """The place that the chain of operators begins with, or None when it is not understood."""
        place: Place | None = self.unit.places[receiver]
        for _ in range(_LIMIT):
            if place is None:
                return None
            if place.symbol == NONE:
                place = self._before(place)
                continue
            resolved = self.pairs.aliases.resolve(place)
            if len(resolved) == 1 and resolved[0] != place:
                place = resolved[0]
                continue
            return place
        return None

    def _before(self, place: Place) -> Place | None:
        if place.call == NONE:
            return None
        call = self.unit.effects[place.call]
        assert isinstance(call, Call)
        if call.receiver != NONE and (self._streams.match(self.unit, place.call) or call.name.endswith("$")):
            return self.unit.places[call.receiver]
        if call.args and (call.name == "fromEvent" or (call.receiver == NONE and call.name in _COMBINE)):
            first = self.unit.values[call.args[0]]
            if first.kind == "container" and first.parts:
                first = self.unit.values[first.parts[0]]
            if first.kind == "place":
                return self.unit.places[first.place]
            if first.kind == "call":
                return Place(NONE, (), first.call)
        return None

    def life(self, receiver: int) -> tuple[Receiver, Place | None]:
        """How long the source of a subscription lives, and what it is."""
        root = self.root(receiver)
        if root is None:
            return "unknown", None
        life = self.pairs.receivers.life_of(root)
        if life == "unknown" and self._is_inherited_service(root):
            life = "injected"
        return life, root

    def _is_inherited_service(self, place: Place) -> bool:
        """`this.configService` of a class that never sets it: its base class was given one."""
        if not place.path or self.unit.symbols[place.symbol].kind != "this":
            return False
        if self.index.binds.get(Place(place.symbol, place.path[:1])):
            return False
        return SERVICE.search(place.path[0]) is not None
