"""What becomes of the handle of an acquisition: dropped, given away, ended, or kept and forgotten.

The handle of a subscription, timer or observer is the only thing that can end it. This module says
where it goes; `leaklint.solve.subscription.subscriptions` decides whether that is a leak.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Models
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.roles import Roles

_CHAIN = 200  # effects within which a chain of calls goes on
Fate = Literal["dropped", "given", "ended", "local", "field"]


class Handle(msgspec.Struct):
    """A handle's fate. `place`: the field or local that keeps it; `ends`: calls that end it there."""

    fate: Fate
    place: Place | None = None
    bind: int = NONE
    ends: list[int] = []


class Handles:
    """Fates of the handles of one unit."""

    def __init__(self, roles: Roles, lifecycle: Lifecycle, models: Models) -> None:
        self.roles = roles
        self.index = roles.index
        self.unit: Unit = roles.unit
        self.lifecycle = lifecycle
        self.endings = models.endings
        self._upward: dict[int, bool] = {}

    def of(self, item: Acquisition) -> Handle:
        """Where the result of an acquiring call goes."""
        if item.destination in ("returned", "passed"):
            return Handle("given")
        if item.destination == "chained":
            if item.pair.kind == "handle" and self._is_chain_dropped(item.effect):
                return Handle("dropped")  # `echarts.init(el).setOption(…)`
            return Handle("given")  # `.subscribe(…).add(…)`: the chain speaks of the handle
        if item.destination == "dropped" or item.handle is None:
            return Handle("dropped")
        place = item.handle
        if place.symbol == NONE or "[]" in place.path:
            return Handle("given")  # kept in something that is not understood
        place = self._moved_to(place)
        ends = list(dict.fromkeys([*self.ends(place), *item.released_by]))
        if self._is_given_away(place, item) or self._is_waited_for(place):
            return Handle("given", place)
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this" and not ends and self._is_of_base(symbol.target, place):
            return Handle("given", place)
        if symbol.kind in ("this", "class", "static"):
            bind = self._bind(item, place)
            return Handle("ended" if ends and bind == NONE else "field", place, bind, ends)
        if symbol.kind in ("variable", "constant") and not place.path:
            if self.roles.called.get(place) or ends:
                return Handle("ended", place, NONE, ends)
            if symbol.scope == 0 or self._is_set_outside(symbol.scope, item):
                return Handle("field", place, self._bind(item, place), ends)
            return Handle("local", place)
        return Handle("given", place)  # a field of some other object: its owner ends it

    def _is_waited_for(self, place: Place) -> bool:
        """`ready.then((stop) => stop())`: a promise of the handle, which whoever waits for it may end."""
        return any(
            isinstance(call := self.unit.effects[number], Call) and call.name == "then"
            for number in self.roles.received.get(place, ())
        )

    def _is_chain_dropped(self, number: int) -> bool:
        """Whether nobody keeps what the last call of a chain gives back, and none of them ends it."""
        used = {value.call for value in self.unit.values if value.kind == "call"}
        last = number
        for other in range(number + 1, min(number + _CHAIN, len(self.unit.effects))):
            call = self.unit.effects[other]
            if not isinstance(call, Call) or call.receiver == NONE:
                continue
            place = self.unit.places[call.receiver]
            if place.symbol == NONE and place.call == last:
                if call.name in self.endings or call.name in ("then", "catch", "finally"):
                    return False
                last = other
        return last != number and last not in used

    def ends(self, place: Place) -> list[int]:
        """Calls that end what a place keeps: `x.dispose()`, `x()`, `x.y.dispose()` not among them."""
        found = list(self.roles.called.get(place, ()))
        for number in self.roles.received.get(place, ()):
            call = self.unit.effects[number]
            if isinstance(call, Call) and call.name.removesuffix("Async") in self.endings:
                found.append(number)
        parent, step = Place(place.symbol, place.path[:-1], place.call), place.path[-1:] or ("",)
        if place.path:  # `this.stop()` where `this.stop` keeps the handle
            for number in self.roles.received.get(parent, ()):
                call = self.unit.effects[number]
                if isinstance(call, Call) and "." + call.name == step[0]:
                    found.append(number)
        return found

    def _is_of_base(self, owner: int, place: Place) -> bool:
        """TypeScript: a field that a class uses and does not declare; the class that it extends ends it."""
        if self.unit.dialect not in ("ts", "tsx") or owner == NONE or len(place.path) != 1:
            return False
        if not self.unit.owners[owner].bases or self.unit.owners[owner].kind != "class":
            return False
        if self.lifecycle.extends_framework(owner):
            return False
        known = {owner, *self.index.base_owners(owner)}
        return not any(
            symbol.kind == "field"
            and "." + symbol.name == place.path[0]
            and self.unit.scopes[symbol.scope].owner in known
            for symbol in self.unit.symbols
        )

    def _moved_to(self, place: Place) -> Place:
        """The field that a local hands its handle on to; the place itself when it keeps it."""
        if place.path or self.ends(place):
            return place
        for role, number in self.roles.of(place):
            bind = self.unit.effects[number] if role == "bound" else None
            if isinstance(bind, Bind):
                target = self.unit.places[bind.target]
                if target.symbol == NONE or len(target.path) != 1:
                    continue
                if self.unit.symbols[target.symbol].kind == "this":
                    return target
        return place

    def _is_given_away(self, place: Place, item: Acquisition) -> bool:
        """Whether anything but a release (`clearInterval(handle)`) gets hold of a handle."""
        return any(
            role != "read" and not (role == "argument" and effect in item.released_by)
            for role, effect in self.roles.of(place)
        )

    def _is_set_outside(self, scope: int, item: Acquisition) -> bool:
        return self.index.function(scope) != self.index.function(self.unit.effects[item.effect].scope)

    def _bind(self, item: Acquisition, place: Place) -> int:
        """The bind that keeps the handle: the next one of the place after the call."""
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            if (
                number > item.effect
                and isinstance(bind, Bind)
                and bind.at <= self.unit.effects[item.effect].at
            ):
                return number
        return NONE

    # -- from where an ending is reached

    def in_end_of_life(self, effect: int) -> bool:
        """Whether a call may run when its owner's life ends: in a tear-down, or in what one calls."""
        return self._reaches(self.unit.effects[effect].scope, 0)

    def _reaches(self, scope: int, depth: int) -> bool:
        known = self._upward.get(scope)
        if known is None:
            self._upward[scope] = False  # a cycle adds nothing
            known = self._upward[scope] = self._find(scope, depth)
        return known

    def _find(self, scope: int, depth: int) -> bool:
        if depth > 8:
            return True
        for function in self.index.enclosing(scope):
            row = self.unit.scopes[function]
            if row.name in self.lifecycle.teardown_names:
                return True
            argument = self.index.argument_of.get(function)
            if argument is not None and not self._is_event(argument[0]):
                return True  # a clean-up handed to somebody, as far as this unit shows
            if function in self.index.bound_to or self._is_handed_over(function):
                return True
            for caller in self.index.callers.get(function, ()):
                if self._reaches(self.unit.effects[caller].scope, depth + 1):
                    return True
        return False

    def _is_handed_over(self, function: int) -> bool:
        """Whether a method or function is used as a value: somebody else may call it at the end."""
        row = self.unit.scopes[function]
        if row.symbol != NONE and row.kind == "function":
            return any(role != "read" for role, _ in self.roles.of(Place(row.symbol)))
        if row.owner == NONE or not row.name:
            return False
        this = self.unit.owners[row.owner].this
        return any(role != "read" for role, _ in self.roles.of(Place(this, ("." + row.name,))))

    def _is_event(self, call: int) -> bool:
        name = self.unit.effects[call].name  # type: ignore[union-attr]
        return name.startswith("on") or name in ("addEventListener", "addListener", "subscribe", "setTimeout")
