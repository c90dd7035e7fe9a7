"""Python: timers that start themselves again, of objects that come and go."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.lazy import regex
from leaklint.solve.subscription.subjects import Subjects

# call -> position of what it calls later
_LATER = {
    **dict.fromkeys(("Timer", "call_later", "call_at", "callLater", "singleShot", "timeout_add", "after"), 1),
    **dict.fromkeys(("timeout_add_seconds", "CallLater", "add_timeout", "run_later", "spawn_later"), 1),
    **dict.fromkeys(("schedule_once", "defer", "call_soon", "next_tick"), 0),
}
# call -> position of what it calls again and again; GLib, as long as that returns True
_PERIODIC = {"timeout_add": 1, "timeout_add_seconds": 1, "idle_add": 0, "schedule_interval": 0}
_MAIN = regex(r"Main|App")
_ENDS = ("cancel", "stop", "after_cancel", "source_remove", "unschedule", "remove_timeout", "kill", "Stop")
# methods that are called when a connection or a screen has ended, or that end one object
_END_OF_ONE = frozenset(
    {"on_close", "onClose", "connection_lost", "connectionLost", "on_disconnect", "onDisconnect", "closed"}
    | {"close", "aclose", "stop", "disconnect", "shutdown", "dispose", "destroy", "__exit__", "__aexit__"}
    | {"async_will_remove_from_hass", "on_unmount", "on_finish", "detach", "teardown", "on_connection_close"}
)


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
        names = sorted((_LATER.keys() | _PERIODIC.keys()) & self.index.calls.keys())
        for name in names:
            for number in self.index.calls[name]:
                item = self._judge(number, _LATER[name]) if name in _LATER else None
                item = item or (self._periodic(number, _PERIODIC[name]) if name in _PERIODIC else None)
                if item is not None and item.owner not in seen:
                    seen.add(item.owner)
                    yield item

    def _judge(self, number: int, position: int) -> SelfTimer | None:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        scope = self.index.function(call.scope)
        owner = self.subjects.lifecycle.owner_of(call.scope)
        kind = self.unit.scopes[scope].kind
        if owner == NONE or kind not in ("method", "function") or self._is_own(call, owner):
            return None
        method = (
            self._method(call, position, owner) if kind == "method" else self._nested(call, position, owner)
        )
        if method == NONE or not (method == scope or self._runs(method, scope)):
            return None
        if any(self._asks(each) for each in {method, scope}) or self._is_stopped(number):
            return None
        return SelfTimer(number, owner, method) if self._come_and_go(owner) else None

    def _periodic(self, number: int, position: int) -> SelfTimer | None:
        """`GLib.timeout_add(500, self.refresh)`, where `refresh()` always returns True."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        owner = self.subjects.lifecycle.owner_of(call.scope)
        if owner == NONE or not self._is_clock(call) or self._is_removed_by_name(call):
            return None
        method = self._method(call, position, owner)
        if method == NONE or self._is_stopped(number) or not self._are_closed(owner):
            return None
        goes_on = call.name == "schedule_interval" or self._always_returns_true(method)
        return SelfTimer(number, owner, method) if goes_on else None

    def _are_closed(self, owner: int) -> bool:
        """Whether objects of a class are made again and again, or end one by one; not the main window."""
        if self.subjects.repeats.is_singleton(owner) or any(
            map(_MAIN.search, plurality.names(self.unit, owner))
        ):
            return False
        ends = not _END_OF_ONE.isdisjoint(self.index.method_names.get(owner, {}))
        return ends or self.subjects.are_made(owner)

    def _is_clock(self, call: Call) -> bool:
        """Whether a call is one of GLib's, or of the clock of pyglet or arcade, which hold what they call."""
        if call.receiver == NONE or call.name != "schedule_interval":
            return call.receiver != NONE
        return any(module.startswith(("pyglet", "arcade")) for module in self.index.import_modules)

    def _is_removed_by_name(self, call: Call) -> bool:
        """`pyglet.clock.unschedule(f)`, `GLib.idle_remove_by_data(self)`: no handle is needed."""
        names = ("unschedule", "idle_remove_by_data", "source_remove_by_user_data")
        return any(name in self.index.calls for name in names)

    def _always_returns_true(self, method: int) -> bool:
        """Whether a method has one way out, and returns True there."""
        returns = [self.unit.effects[number] for number in self.index.returns.get(method, ())]
        rows = [row for row in returns if isinstance(row, Leave)]
        if all(row.region != NONE for row in rows):
            return False  # may come to its end, and returns None there
        return all(row.value != NONE and self._is_true(row.value) for row in rows)

    def _is_true(self, value: int) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            return self.index.last_name(self.unit.places[row.place]) == "SOURCE_CONTINUE"
        return row.text in ("true", "1")

    def _is_own(self, call: Call, owner: int) -> bool:
        """`self.after(…)` of a widget, which forgets it when it is destroyed."""
        this = Place(self.unit.owners[owner].this)
        return call.receiver != NONE and self.unit.places[call.receiver] == this

    def _method(self, call: Call, position: int, owner: int) -> int:
        """The method of the same object that is called later, by its name or in a lambda."""
        for value in self._given(call, position):
            row = self.unit.values[value]
            if row.kind == "closure":
                calls = [
                    number
                    for number in self.index.of_function.get(row.scope, ())
                    if isinstance(self.unit.effects[number], Call)
                ]
                return self.index.callee_scope(calls[0]) if len(calls) == 1 else NONE
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is not None and place.symbol == self.unit.owners[owner].this and len(place.path) == 1:
                return self.index.method(owner, place.path[0][1:])
        return NONE

    def _given(self, call: Call, position: int) -> list[int]:
        given = [value for name, value in call.keywords if name in ("function", "callback", "func")]
        return [*given, *call.args[position : position + 1]]

    def _nested(self, call: Call, position: int, owner: int) -> int:
        """The function inside of a method, with the object in it, that is called later."""
        for value in self._given(call, position):
            row = self.unit.values[value]
            symbol = self.index.symbol(self.unit.places[row.place]) if row.kind == "place" else None
            if symbol is not None and symbol.kind == "function" and symbol.scope != 0:
                inner = self.unit.scopes[symbol.target]
                return symbol.target if self.unit.owners[owner].this in inner.captures else NONE
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
            return self._is_taken(target, self.index.function(call.scope))
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

    def _is_taken(self, local: Place, scope: int) -> bool:
        """Whether a local with the handle is stored, handed on or ended, and not only started."""
        if self.unit.symbols[local.symbol].scope == 0 or self.index.references.get(local.symbol):
            return True
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and call.receiver != NONE
            and self.unit.places[call.receiver].symbol == local.symbol
            and call.name not in ("start", "setDaemon", "setName")
            for number in self.index.of_function[scope]
        )

    def _come_and_go(self, owner: int) -> bool:
        """Whether objects of a class are made again and again, or are parts of such objects."""
        if self.subjects.repeats.is_singleton(owner):
            return False
        if self.subjects.are_made(owner) or self.subjects.are_many(owner):
            return True
        if not _END_OF_ONE.isdisjoint(self.index.method_names.get(owner, {})):
            return True
        for number in self.index.calls.get(self.unit.owners[owner].name, ()):
            scope = self.unit.scopes[self.index.function(self.unit.effects[number].scope)]
            if scope.kind == "constructor" and scope.owner not in (NONE, owner):
                whole = scope.owner
                if not self.subjects.repeats.is_singleton(whole):
                    return self.subjects.are_made(whole) or self.subjects.are_many(whole)
        return False
