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
        """Timers of which single tasks are cancelled, and that are never purged.

        Those of an object only where one call has one task, to be cancelled with it.
        """
        if "purge" in self.index.calls or "cancel" not in self.index.calls:
            return
        seen: set[Place] = set()
        for name in _SCHEDULES:
            for number in self.index.calls.get(name, ()):
                timer = self._timer(number)
                if timer is None or timer in seen:
                    continue
                shared = self.unit.symbols[timer.symbol].kind == "class"
                if not shared and not self._is_late(number):
                    continue
                seen.add(timer)
                cancelled = self._cancelled(NONE if shared else self.unit.symbols[timer.symbol].target)
                if cancelled != NONE:
                    yield CancelledTask(timer, number, cancelled)

    def _timer(self, number: int) -> Place | None:
        """The `Timer` in a field that a call schedules on."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.receiver == NONE:
            return None
        for place in self.aliases.of(call.receiver):
            is_field = place.symbol != NONE and self.unit.symbols[place.symbol].kind in ("class", "this")
            if is_field and len(place.path) == 1 and self.types.of_place(place) == "Timer":
                return place
        return None

    def _is_late(self, number: int) -> bool:
        """Whether a task runs once, and not within a minute: one that comes again leaves at its next turn."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.name != "schedule" or len(call.args) != 2:
            return False
        row = self.unit.values[call.args[1]]
        return not (
            row.kind == "number" and row.text.rstrip("Ll").isdigit() and int(row.text.rstrip("Ll")) < 60_000
        )

    def _cancelled(self, owner: int) -> int:
        """A call that cancels a single task; owner: only in this class or around it, and one of many."""
        for number in self.index.calls["cancel"]:
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE or call.args:
                continue
            if self._is_itself(self.unit.places[call.receiver]):
                continue  # a task that ends itself leaves the queue at its next turn
            place = self.unit.places[call.receiver]
            if owner != NONE and not (self._is_near(call.scope, owner) and self._is_of_entry(place)):
                continue
            kind = self.types.of_place(place)
            if kind == "TimerTask" or self._extends_task(kind):
                return number
        return NONE

    def _is_near(self, scope: int, owner: int) -> bool:
        """Whether code stands in a class, in one within it or in one around it."""
        here = self.unit.scopes[self.index.function(scope)].owner
        return here in self._around(owner) or owner in self._around(here)

    def _around(self, owner: int) -> list[int]:
        found = []
        while owner != NONE:
            found.append(owner)
            owner = self.unit.owners[owner].outer
        return found

    def _is_of_entry(self, place: Place) -> bool:
        """`request.timeout`, and what is taken out of a table: `TimerTask task = tasks.remove(id)`."""
        symbol = self.index.symbol(place)
        if symbol is None or symbol.kind not in ("variable", "constant", "parameter"):
            return False
        if place.path or symbol.kind == "parameter":
            return True
        values = [self.index.bind(number).value for number in self.index.binds.get(place, ())]
        calls = [
            self.unit.effects[self.unit.values[value].call]
            for value in values
            if value != NONE and self.unit.values[value].kind == "call"
        ]
        return any(isinstance(call, Call) and call.name in ("remove", "get") and call.args for call in calls)

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
