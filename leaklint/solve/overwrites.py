"""Handles that are lost: overwritten by the next one, or forgotten right after they were registered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.acquired import Acquired
from leaklint.solve.handles import Handle, Handles
from leaklint.solve.lifecycle import first_word
from leaklint.solve.pairs import Acquisition
from leaklint.solve.subscriptions import is_event

_KINDS = frozenset({"timer", "observer", "subscription", "handle"})
# first words of methods that an object sees again and again
_AGAIN = re.compile(
    r"^_?(on(Change|Update|Resize|Scroll|Select|Input|Data|Message|Drop)|handle(Change|Update|Resize|Data|Message)|"
    r"update|set|refresh|change|switch|replace|swap|restart|reload|reconnect|componentDidUpdate|"
    r"attributeChangedCallback|ngOnChanges|updated)([A-Z_]|$)"
)
_AGAIN_JAVA = re.compile(
    r"^(configure|re(configure|schedule|size|load|build|arm))([A-Z]|$)|^on[A-Z]\w*(Changed|Updated)$"
)
_STOPS = re.compile(
    r"(?i)^_*(stop|clear|dispose|cancel|end|un|remove|reset|destroy|clean|close|disconnect|tear)"
)


class Lost(msgspec.Struct):
    """A handle that nobody can end any more. `by`: the bind that overwrites it."""

    item: Acquisition
    place: Place
    by: int
    how: Literal["overwritten", "forgotten"]


class Overwrites:
    """Lost handles of one unit."""

    def __init__(self, acquired: Acquired, handles: Handles) -> None:
        self.acquired = acquired
        self.handles = handles
        self.unit: Unit = acquired.unit
        self.index = acquired.index
        self.lifecycle = acquired.lifecycle

    def lost(self) -> Iterator[Lost]:
        """In source order."""
        for item in self.acquired.pairs.acquisitions:
            found: Lost | None = None
            if item.pair.kind in _KINDS and item.destination == "kept" and not item.pair.reschedules:
                found = self._overwritten(item)
            elif item.pair.kind == "listener" and item.life in ("global", "module", "page", "injected"):
                found = self._forgotten(item)
            if found is not None:
                yield found

    # -- overwritten by the next one

    def _overwritten(self, item: Acquisition) -> Lost | None:
        if item.pair.kind == "subscription" and not is_event(self._name(item)):
            return None  # whether it returns a handle is not certain
        handle = self.handles.of(item)
        place = handle.place
        if handle.fate not in ("field", "ended") or place is None or not place.path or not handle.ends:
            return None  # LK203 to LK205 speak of handles that nothing ends
        scope = self.unit.effects[item.effect].scope
        function = self.index.function(scope)
        row = self.unit.scopes[function]
        if row.kind != "method" or row.name in self.lifecycle.teardown_names:
            return None
        java = self.unit.language == "java" and _AGAIN_JAVA.match(row.name)
        if not java and not _AGAIN.match(row.name):
            return None
        if self._is_guarded(item.effect, place) or self._ended_before(item.effect, function, handle):
            return None
        return Lost(item, place, self._bind(item, place), "overwritten")

    def _bind(self, item: Acquisition, place: Place) -> int:
        return next(
            (number for number in self.index.binds.get(place, ()) if number > item.effect), item.effect
        )

    def _name(self, item: Acquisition) -> str:
        call = self.unit.effects[item.effect]
        return call.name if isinstance(call, Call) else ""

    def _is_guarded(self, effect: int, place: Place) -> bool:
        """`if (!this.timer)`, an early return, or any other test of the field, around or before."""
        row = self.unit.effects[effect]
        function = self.index.function(row.scope)
        around = set(self.index.regions(row.region))
        for number, region in enumerate(self.unit.regions):
            if region.test == NONE or self.index.function(region.scope) != function:
                continue
            if number in around or (region.leaves and region.last <= effect):
                return (
                    True  # only sometimes, or not at all while there is one: a state that is not understood
                )
        return False

    def _ended_before(self, effect: int, function: int, handle: Handle) -> bool:
        """Whether the function ends the old handle first, itself or through something it calls."""
        ending = {self.index.function(self.unit.effects[end].scope) for end in handle.ends}
        if function in ending:
            return True
        for number in range(effect - 1, -1, -1):
            call = self.unit.effects[number]
            if self.index.function(call.scope) != function:
                if call.at < self.unit.scopes[function].at:
                    break
                continue
            if isinstance(call, Call) and (
                self.index.callee_scope(number) in ending or _STOPS.match(call.name)
            ):
                return True
        return False

    # -- forgotten after it was registered

    def _forgotten(self, item: Acquisition) -> Lost | None:
        """`this.f = …; target.on("x", this.f); this.f = null`: the removal will name nothing."""
        kind, place = self.acquired.pairs.callbacks.identity(item.callback)
        if kind != "stable" or place is None or not place.path:
            return None
        scope = self.index.function(self.unit.effects[item.effect].scope)
        row = self.unit.scopes[scope]
        if row.kind not in ("constructor", "method") or first_word(row.name) in self.lifecycle.teardown_names:
            return None
        removed = [self.unit.effects[number] for number in item.released_by]
        if any(self.index.function(effect.scope) == scope for effect in removed):
            return None
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            if number <= item.effect or self.index.function(bind.scope) != scope or bind.value == NONE:
                continue
            if bind.region == NONE and self.unit.values[bind.value].kind == "null":
                return Lost(item, place, number, "forgotten")
        return None
