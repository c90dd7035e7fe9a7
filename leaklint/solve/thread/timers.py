"""Shared timers whose cancelled tasks wait in the queue until their time comes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.aliases import Aliases
from leaklint.solve.index import Index
from leaklint.solve.types import Types

_SCHEDULES = ("schedule", "scheduleAtFixedRate")


class CancelledTask(msgspec.Struct):
    """A timer, where a task is put in, and where one is cancelled."""

    timer: Place
    scheduled: int
    cancelled: int


class Timers:
    """Timers of one unit."""

    def __init__(self, index: Index, aliases: Aliases, types: Types) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self.types = types

    def retained(self) -> Iterator[CancelledTask]:
        """Static timers of which single tasks are cancelled, and that are never purged or ended."""
        if "purge" in self.index.calls or "cancel" not in self.index.calls:
            return
        seen: set[Place] = set()
        for name in _SCHEDULES:
            for number in self.index.calls.get(name, ()):
                timer = self._timer(number)
                if timer is None or timer in seen:
                    continue
                seen.add(timer)
                cancelled = self._cancelled()
                if cancelled != NONE:
                    yield CancelledTask(timer, number, cancelled)

    def _timer(self, number: int) -> Place | None:
        """The static `Timer` that a call schedules on."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.receiver == NONE:
            return None
        for place in self.aliases.of(call.receiver):
            is_static = place.symbol != NONE and self.unit.symbols[place.symbol].kind == "class"
            if is_static and self.types.of_place(place) == "Timer":
                return place
        return None

    def _cancelled(self) -> int:
        """A call that cancels a single task."""
        for number in self.index.calls["cancel"]:
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE or call.args:
                continue
            if self._is_itself(self.unit.places[call.receiver]):
                continue  # a task that ends itself leaves the queue at its next turn
            kind = self.types.of_place(self.unit.places[call.receiver])
            if kind == "TimerTask" or self._extends_task(kind):
                return number
        return NONE

    def _is_itself(self, place: Place) -> bool:
        return place.symbol != NONE and not place.path and self.unit.symbols[place.symbol].kind == "this"

    def _extends_task(self, kind: str) -> bool:
        owner = self.types.owner(kind)
        if owner == NONE:
            return False
        for base in self.unit.owners[owner].bases:
            value = self.unit.values[base]
            if value.kind == "place":
                place = self.unit.places[value.place]
                if place.symbol != NONE and self.unit.symbols[place.symbol].name == "TimerTask":
                    return True
        return False
