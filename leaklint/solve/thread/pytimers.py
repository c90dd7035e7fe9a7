"""Python: timers that start themselves again, of objects that come and go."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.subscription.subjects import Subjects

# call -> position of what it calls later
_LATER = {
    **dict.fromkeys(("Timer", "call_later", "call_at", "callLater", "singleShot", "timeout_add", "after"), 1),
    **dict.fromkeys(("timeout_add_seconds", "CallLater", "add_timeout", "run_later", "spawn_later"), 1),
    **dict.fromkeys(("schedule_once", "defer", "call_soon", "next_tick"), 0),
}
_ENDS = ("cancel", "stop", "after_cancel", "source_remove", "unschedule", "remove_timeout", "kill", "Stop")


class SelfTimer(msgspec.Struct):
    """`effect` starts a timer for `method`, which does so again, in each object of `owner`."""

    effect: int
    owner: int
    method: int


class SelfTimers:
    """Such timers of one unit, as far as nothing stops them."""

    def __init__(self, subjects: Subjects) -> None:
        self.subjects = subjects
        self.index = subjects.index
        self.unit: Unit = subjects.unit

    def found(self) -> Iterator[SelfTimer]:
        seen: set[int] = set()
        for name in sorted(_LATER.keys() & self.index.calls.keys()):
            for number in self.index.calls[name]:
                item = self._judge(number, _LATER[name])
                if item is not None and item.owner not in seen:
                    seen.add(item.owner)
                    yield item

    def _judge(self, number: int, position: int) -> SelfTimer | None:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        scope = self.index.function(call.scope)
        owner = self.subjects.lifecycle.owner_of(call.scope)
        if owner == NONE or self.unit.scopes[scope].kind != "method" or self._is_own(call, owner):
            return None
        method = self._method(call, position, owner)
        if method == NONE or not (method == scope or self._runs(method, scope)):
            return None
        if any(self._asks(each) for each in {method, scope}) or self._is_stopped(number):
            return None
        return SelfTimer(number, owner, method) if self._come_and_go(owner) else None

    def _is_own(self, call: Call, owner: int) -> bool:
        """`self.after(…)` of a widget, which forgets it when it is destroyed."""
        this = Place(self.unit.owners[owner].this)
        return call.receiver != NONE and self.unit.places[call.receiver] == this

    def _method(self, call: Call, position: int, owner: int) -> int:
        """The method of the same object that is called later."""
        given = [value for name, value in call.keywords if name in ("function", "callback", "func")]
        given += call.args[position : position + 1]
        for value in given:
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is not None and place.symbol == self.unit.owners[owner].this and len(place.path) == 1:
                return self.index.method(owner, place.path[0][1:])
        return NONE

    def _runs(self, method: int, scope: int) -> bool:
        """Whether a method calls another one, whatever happens."""
        return any(
            self.index.function(self.unit.effects[number].scope) == method
            and not any(
                self.unit.regions[region].kind == "branch"
                for region in self.index.regions(self.unit.effects[number].region)
            )
            for number in self.index.callers.get(scope, ())
        )

    def _asks(self, scope: int) -> bool:
        """Whether a method asks for anything before it goes on."""
        return any(
            region.test != NONE
            and region.kind in ("branch", "loop")
            and self.index.function(region.scope) == scope
            for region in self.unit.regions
        )

    def _is_stopped(self, number: int) -> bool:
        after = self.unit.effects[number + 1] if number + 1 < len(self.unit.effects) else None
        call = self.unit.effects[number]
        if not isinstance(after, Bind) or not after.at <= call.at <= call.end <= after.end:
            return False  # its handle is dropped
        target = self.unit.places[after.target]
        if not target.path:
            return any(name in self.index.calls for name in _ENDS)
        for name in _ENDS:
            for other in self.index.calls.get(name, ()):
                end = self.unit.effects[other]
                assert isinstance(end, Call)
                places = [self.unit.places[end.receiver]] if end.receiver != NONE else []
                places += [
                    self.unit.places[self.unit.values[value].place]
                    for value in end.args
                    if self.unit.values[value].kind == "place"
                ]
                if any(target.path[-1] in place.path or not place.path for place in places):
                    return True
        return any(
            place.path[-2:] in {(target.path[-1], "." + name) for name in _ENDS} for place in self.unit.places
        )

    def _come_and_go(self, owner: int) -> bool:
        """Whether objects of a class are made again and again, or are parts of such objects."""
        if self.subjects.repeats.is_singleton(owner):
            return False
        if self.subjects.are_made(owner) or self.subjects.are_many(owner):
            return True
        for number in self.index.calls.get(self.unit.owners[owner].name, ()):
            scope = self.unit.scopes[self.index.function(self.unit.effects[number].scope)]
            if scope.kind == "constructor" and scope.owner not in (NONE, owner):
                whole = scope.owner
                if not self.subjects.repeats.is_singleton(whole):
                    return self.subjects.are_made(whole) or self.subjects.are_many(whole)
        return False
