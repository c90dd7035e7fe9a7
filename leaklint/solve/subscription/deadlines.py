"""Java: the timeout of a future, which one of its endings cancels and another one leaves running.

Until its time comes, the scheduler keeps the task, and the task keeps the future with its result.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place
from leaklint.solve.index import Index

_ENDINGS = ("complete", "completeExceptionally")
_ALSO = ("cancel", "obtrudeValue", "obtrudeException")
_SCHEDULES = ("schedule", "newTimeout", "scheduleAtFixedRate", "scheduleWithFixedDelay", "scheduleTimeout")
_TASKS = ("ScheduledFuture", "Timeout", "TimerTask", "Cancellable", "Disposable")
_HEARS = ("whenComplete", "whenCompleteAsync", "handle", "handleAsync", "addListener", "addCallback")


class Deadline(msgspec.Struct):
    """A field with the task, where it is bound, where it is cancelled, and the ending that leaves it."""

    place: Place
    bind: int
    cancelled: int
    ended_by: str
    left_by: str


class Deadlines:
    """Timeouts of the futures of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit = index.unit

    def left(self) -> Iterator[Deadline]:
        """Each task that a subclass of `CompletableFuture` cancels at some of its endings only."""
        if self.unit.language != "java" or "cancel" not in self.index.calls:
            return
        for owner, row in enumerate(self.unit.owners):
            if any(self._name(base) == "CompletableFuture" for base in row.bases):
                yield from self._of_owner(owner)

    def _name(self, value: int) -> str:
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        return self.unit.symbols[place.symbol].name if place is not None and place.symbol != NONE else ""

    def _of_owner(self, owner: int) -> Iterator[Deadline]:
        this = self.unit.owners[owner].this
        if any(
            self._is_own_call(number, this) for name in _HEARS for number in self.index.calls.get(name, ())
        ):
            return
        cancels: dict[Place, list[int]] = {}
        for number in self.index.calls["cancel"]:
            call = self.unit.effects[number]
            place = (
                self.unit.places[call.receiver] if isinstance(call, Call) and call.receiver != NONE else None
            )
            if place is not None and place.symbol == this and len(place.path) == 1:
                cancels.setdefault(place, []).append(number)
        for place, numbers in cancels.items():
            bind = self._scheduled(place)
            reached = {name for number in numbers for name in self._reached_from(number, owner)}
            left = [name for name in _ENDINGS if name not in reached]
            ended = [name for name in (*_ENDINGS, *_ALSO) if name in reached]
            if bind != NONE and left and ended:
                yield Deadline(place, bind, numbers[0], ended[0], left[0])

    def _is_own_call(self, number: int, this: int) -> bool:
        """`whenComplete(…)` of the object itself: then every ending is heard."""
        call = self.unit.effects[number]
        if not isinstance(call, Call) or call.receiver == NONE:
            return True
        return self.unit.places[call.receiver] == Place(this)

    def _scheduled(self, place: Place) -> int:
        """The bind that stores a scheduled task in a field."""
        of_task = self._declared(place) in _TASKS
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            if row is None or row.kind == "null":
                continue
            call = self.unit.effects[row.call] if row.kind == "call" else None
            if of_task or (isinstance(call, Call) and call.name in _SCHEDULES):
                return number
        return NONE

    def _declared(self, place: Place) -> str:
        for symbol in self.unit.symbols:
            if symbol.kind != "field" or "." + symbol.name != place.path[0]:
                continue
            if self.unit.owners[self.unit.scopes[symbol.scope].owner].this == place.symbol:
                return symbol.type
        return ""

    def _reached_from(self, number: int, owner: int) -> set[str]:
        """Names of the methods of an owner that come to an effect, by themselves or through others."""
        found: set[str] = set()
        pending = [self.index.function_at(number)]
        seen: set[int] = set()
        while pending:
            scope = pending.pop()
            if scope in seen or len(seen) > 20:
                continue
            seen.add(scope)
            if self.unit.scopes[scope].owner == owner:
                found.add(self.unit.scopes[scope].name)
            pending += [self.index.function_at(caller) for caller in self.index.callers.get(scope, ())]
        return found
