"""JavaScript: functions of a file that hand a target, an event and a callback on: `on(window, "resize", f)`.

What is said of `target.addEventListener(type, f)` inside such a function is true of each of its calls.
"""

from __future__ import annotations

import msgspec

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.index import Index

_ADDS = frozenset({"addEventListener", "attachEvent", "addListener", "on"})
_REMOVES = frozenset({"removeEventListener", "detachEvent", "removeListener", "off"})


class Relay(msgspec.Struct):
    """A function and the positions of what it hands on. `inner`: the call inside; `event` may be NONE."""

    scope: int
    inner: int
    target: int
    event: int
    callback: int


class Relays:
    """The functions of one unit that add or remove a listener for their caller, and their calls."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def adding(self) -> list[tuple[int, Relay]]:
        """Calls of functions that add what they are given."""
        return self._calls(_ADDS)

    def removing(self) -> list[tuple[int, Relay]]:
        """Calls of functions that remove what they are given."""
        return self._calls(_REMOVES)

    def _calls(self, names: frozenset[str]) -> list[tuple[int, Relay]]:
        found: dict[int, Relay] = {}
        for name in sorted(names & self.index.calls.keys()):
            for number in self.index.calls[name]:
                relay = self._relay(number)
                if relay is not None:
                    found.setdefault(relay.scope, relay)
        return [
            (number, relay)
            for relay in found.values()
            for number in self._callers(relay.scope)
            if self._suits(number, relay)
        ]

    def _relay(self, number: int) -> Relay | None:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        scope = self.index.function(call.scope)
        params = self.unit.scopes[scope].params
        if call.receiver == NONE or len(params) < 2 or len(call.args) < 2:
            return None
        target = self._position(self.unit.places[call.receiver], params)
        event = self._argument(call.args[0], params)
        callback = self._argument(call.args[1], params)
        if NONE in (target, callback) or len({target, event, callback}) < 3:
            return None
        return Relay(scope, number, target, event, callback)

    def _position(self, place: Place, params: tuple[int, ...]) -> int:
        if place.symbol not in params or place.path:
            return NONE
        return params.index(place.symbol)

    def _argument(self, value: int, params: tuple[int, ...]) -> int:
        row = self.unit.values[value]
        if row.kind == "place":  # a function around the one that was handed over
            place = self.unit.places[row.place]
            scope = self.index.function_of(place.symbol) if place.symbol != NONE and not place.path else NONE
            if scope != NONE and place.symbol not in params:
                return self._called_in(scope, params)
        if row.kind == "closure":
            return self._called_in(row.scope, params)
        if row.kind == "operation":  # `"on" + type`
            found = [self._argument(part, params) for part in row.parts]
            return max(found, default=NONE)
        if row.kind != "place":
            return NONE
        return self._position(self.unit.places[row.place], params)

    def _called_in(self, scope: int, params: tuple[int, ...]) -> int:
        """The position of the parameter that a function calls, or NONE."""
        for number in self.index.of_function.get(scope, ()):
            call = self.unit.effects[number]
            if not isinstance(call, Call):
                continue
            place = call.receiver if call.receiver != NONE and call.name in ("call", "apply") else call.callee
            if place != NONE and (found := self._position(self.unit.places[place], params)) != NONE:
                return found
        return NONE

    def _callers(self, scope: int) -> list[int]:
        """Calls of the function by its name, or by that of the field that it stands in."""
        found = list(self.index.callers.get(scope, ()))
        bound = self.index.bound_to.get(scope)
        name = self.unit.scopes[scope].name
        if not found and bound is not None and name:
            found = [number for number in self.index.calls.get(name, ()) if number != bound]
        return found

    def _suits(self, number: int, relay: Relay) -> bool:
        call = self.unit.effects[number]
        if not isinstance(call, Call) or len(call.args) <= max(relay.target, relay.event, relay.callback):
            return False
        return self.unit.values[call.args[relay.target]].kind in ("place", "call")
