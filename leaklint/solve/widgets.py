"""Things that run until they are ended (connections, charts, players), made by what comes and goes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.acquired import Acquired, Confidence
from leaklint.solve.handles import Handle, Handles
from leaklint.solve.pairs import Acquisition

_URL = "object URL"
_SHOWN = frozenset({".src", ".href", ".poster", ".backgroundImage", ".srcObject"})


class Widget(msgspec.Struct):
    """Something that nobody ends. `owner`: who made it, for the message."""

    item: Acquisition
    confidence: Confidence
    owner: str
    teardown: str
    place: Place | None


class Widgets:
    """Judges the handles of one unit that are no timers, listeners or subscriptions."""

    def __init__(self, acquired: Acquired, handles: Handles) -> None:
        self.acquired = acquired
        self.handles = handles
        self.unit: Unit = acquired.unit
        self.index = acquired.index
        self.lifecycle = acquired.lifecycle

    def leaks(self) -> Iterator[Widget]:
        """Widgets and connections that their component never ends, in source order."""
        for item in self.acquired.pairs.acquisitions:
            if item.pair.kind == "handle" and item.pair.name != _URL and self._repeats(item):
                found = self._judge(item)
                if found is not None:
                    yield found

    def urls(self) -> Iterator[Widget]:
        """Object URLs of a file that revokes none, in source order."""
        if self.index.calls.get("revokeObjectURL"):
            return
        for item in self.acquired.pairs.acquisitions:
            if item.pair.name == _URL and self._repeats(item):
                confidence = self._url_confidence(item)
                if confidence is not None:
                    scope = self.unit.effects[item.effect].scope
                    owner, _ = self.acquired.owner(scope, "function")
                    yield Widget(item, confidence, owner, "", None)

    def _repeats(self, item: Acquisition) -> bool:
        return self.acquired.repeats.repeats(item.effect) and not self.acquired.growths.init_guarded(
            item.effect
        )

    def _judge(self, item: Acquisition) -> Widget | None:
        place = item.handle
        if item.destination == "kept" and place is not None and place.path[-1:] == (".current",):
            handle = Handle("field", place, NONE, self.handles.ends(place))  # a ref of a component
            if self.handles.roles.is_given_away(place):
                return None
        else:
            handle = self.handles.of(item)
        if handle.fate in ("given", "ended") or handle.ends or self._ended_elsewhere(handle):
            return None
        scope = self.unit.effects[item.effect].scope
        owner = self.lifecycle.owner_of(scope)
        confidence = self._confidence(scope, owner)
        if confidence is None:
            return None
        name, teardown = self.acquired.owner(scope, "class" if owner != NONE else "function")
        return Widget(item, confidence, name, teardown, handle.place)

    def _ended_elsewhere(self, handle: Handle) -> bool:
        """Whether anything of the same last name is ended: the same field reached another way."""
        if handle.place is None or not handle.place.path:
            return False
        step = handle.place.path[-1]
        return any(
            place.path[-1:] == (step,) and self.handles.ends(place) for place in self.handles.roles.received
        )

    def _confidence(self, scope: int, owner: int) -> Confidence | None:
        if self.lifecycle.effect_hook(scope) != NONE:
            return "medium"
        if owner == NONE:
            return None  # a plain function: its caller may live as long as the page
        if self.lifecycle.is_component(owner):
            return "medium"
        if self.acquired.repeats.is_singleton(owner) or plurality.is_one(self.unit, owner):
            return None
        if self.lifecycle.teardown_of(owner) and plurality.comes_and_goes(self.unit, owner):
            return "medium"
        return "low"

    def _url_confidence(self, item: Acquisition) -> Confidence | None:
        if item.destination == "returned":
            return None  # the caller revokes it
        if item.destination == "passed":
            return "medium" if self._is_setter(item) else None
        if item.destination != "kept" or item.handle is None:
            return None
        if item.handle.path[-1:] and item.handle.path[-1] in _SHOWN:
            return "medium"
        roles = list(self.handles.roles.of(item.handle))
        if any(role in ("returned", "kept", "element") for role, _ in roles):
            return None
        if any(role == "argument" and not self._sets(effect) for role, effect in roles):
            return None  # handed on: somebody else may revoke it
        return "medium"

    def _is_setter(self, item: Acquisition) -> bool:
        """`setPreview(URL.createObjectURL(file))`: a state that the next file replaces."""
        for role, effect in (self.handles.roles.role(value) for value in self._values(item)):
            if role == "argument" and self._sets(effect):
                return True
        return False

    def _values(self, item: Acquisition) -> Iterator[int]:
        for number, value in enumerate(self.unit.values):
            if value.kind == "call" and value.call == item.effect:
                yield number

    def _sets(self, effect: int) -> bool:
        call = self.unit.effects[effect]
        if not isinstance(call, Call):
            return False
        return call.name == "setAttribute" or (call.name[:3] == "set" and call.name[3:4].isupper())
