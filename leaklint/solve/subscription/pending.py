"""JavaScript: timers that a class clears here and there, but not at the end of its objects.

A class that keeps the handle of a timer and clears it knows what has to be done; when its own end leaves
it out, the callback holds the object until it fires, or for good.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.handles import Handles
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.pairs import Pairs

_SOON = 250  # milliseconds: what fires at once holds nothing for long
# flags by which a callback asks whether its object is still there
_GONE = regex(r"(?i)destroy|dispos|mounted|unmount|closed|connected|alive|stopped")
# classes of one's own, and functions of libraries, that stand for a timer
_TIMERS = regex(r"(\w*(Timer|Timeout|Poller|Ticker))|debounce\w*|throttle\w*")
_ENDS = frozenset({"cancel", "stop", "clear", "dispose", "destroy", "abort", "clearTimeout", "clearInterval"})


class Pending(msgspec.Struct):
    """`started` keeps a timer in `place`; `end` clears it, the end of its object does not."""

    started: int
    end: int
    place: Place
    owner: int
    teardown: str
    what: str


class PendingTimers:
    """Timers of one unit that the end of their object leaves out."""

    def __init__(self, pairs: Pairs, handles: Handles, lifecycle: Lifecycle) -> None:
        self.pairs = pairs
        self.handles = handles
        self.lifecycle = lifecycle
        self.index = pairs.index
        self.unit: Unit = pairs.unit

    def found(self) -> Iterator[Pending]:
        """One for each field, in source order."""
        if self.unit.language != "javascript":
            return
        seen: set[Place] = set()
        for item in self.pairs.acquisitions:
            place = item.handle
            if item.pair.kind != "timer" or item.destination != "kept" or place is None or place in seen:
                continue
            owner = self._owner(item.effect, place)
            if owner == NONE or (item.pair.reschedules and not self._waits(item)):
                continue
            ends = self._left_out(place, [*item.released_by, *self.handles.ends(place)], item)
            if ends:
                seen.add(place)
                yield Pending(item.effect, ends[0], place, owner, self._teardown(owner), item.pair.name)
        yield from self._own()

    def _owner(self, effect: int, place: Place) -> int:
        """The class that keeps a timer in a field of its own, and whose objects come and go."""
        if place.symbol == NONE or len(place.path) != 1 or self.unit.symbols[place.symbol].kind != "this":
            return NONE
        owner = self.lifecycle.owner_of(self.unit.effects[effect].scope)
        if owner == NONE or self.lifecycle.in_teardown(self.unit.effects[effect].scope):
            return NONE
        if self.lifecycle.is_component(owner):
            return owner
        names = {self.unit.scopes[scope].name for scope in self.unit.owners[owner].methods}
        if names.isdisjoint(plurality.LAST_METHODS) or plurality.is_one(self.unit, owner):
            return NONE
        return NONE if self._hands_on(owner) else owner

    def _hands_on(self, owner: int) -> bool:
        """Whether its end calls a method that a base or derived class declares: that one may do it."""
        for scope in self.unit.owners[owner].methods:
            if self.unit.scopes[scope].name not in plurality.LAST_METHODS:
                continue
            for number in self.index.of_function.get(scope, ()):
                call = self.unit.effects[number]
                if not isinstance(call, Call) or call.receiver == NONE:
                    continue
                place = self.unit.places[call.receiver]
                if self._is_of_this(place) and not place.path:
                    callee = self.index.callee_scope(number)
                    if callee == NONE or "abstract" in self.unit.scopes[callee].flags:
                        return True
        return False

    def _is_end(self, callback: int) -> bool:
        """`setTimeout(this.dispose, delay)`: the timer is there to end the object."""
        row = self.unit.values[callback]
        if row.kind == "closure":
            calls = [self.unit.effects[number] for number in self.index.of_function.get(row.scope, ())]
            return any(isinstance(call, Call) and call.name in plurality.LAST_METHODS for call in calls)
        if row.kind == "call":
            _, place = self.pairs.callbacks.identity(callback)
        else:
            place = self.unit.places[row.place] if row.kind == "place" else None
        return place is not None and bool(place.path) and place.path[-1][1:] in plurality.LAST_METHODS

    def _teardown(self, owner: int) -> str:
        names = [self.unit.scopes[scope].name for scope in self.unit.owners[owner].methods]
        return next((name for name in names if name in plurality.LAST_METHODS), "")

    def _waits(self, item: Acquisition) -> bool:
        """Whether a timeout holds its object, and for a while."""
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        if not call.name.startswith("setTimeout") or len(call.args) < 2:
            return False
        delay = self.unit.values[call.args[1]]
        digits = delay.text.replace("_", "") if delay.kind == "number" else ""
        if (digits.isdigit() and int(digits) < _SOON) or (
            item.callback != NONE and self._is_end(item.callback)
        ):
            return False
        callback = self.unit.values[item.callback] if item.callback != NONE else None
        if callback is None:
            return False
        if callback.kind == "closure":
            if self._asks(callback.scope):
                return False
            captured = self.unit.scopes[callback.scope].captures
            return any(self.unit.symbols[symbol].kind == "this" for symbol in captured)
        if callback.kind == "call":
            return self.pairs.callbacks.identity(item.callback)[0] == "rebound"
        return callback.kind == "place" and self._is_of_this(self.unit.places[callback.place])

    def _asks(self, function: int) -> bool:
        """`if (this.destroyed) return`: the callback does nothing for an object that is gone."""
        for region in self.unit.regions:
            if (
                region.kind != "branch"
                or region.test == NONE
                or self.index.function(region.scope) != function
            ):
                continue
            pending = [region.test]
            while pending:
                row = self.unit.values[pending.pop()]
                pending += row.parts
                path = self.unit.places[row.place].path if row.kind == "place" else ()
                if path and _GONE.search(path[-1]):
                    return True
        return False

    def _is_of_this(self, place: Place) -> bool:
        return place.symbol != NONE and self.unit.symbols[place.symbol].kind == "this"

    def _left_out(self, place: Place, ends: list[int], item: Acquisition | None) -> list[int]:
        """Calls that clear a timer while its object lives; none when its end may clear it, too."""
        callback = self.unit.values[item.callback] if item is not None and item.callback != NONE else None
        inner = callback.scope if callback is not None and callback.kind == "closure" else NONE
        found = []
        for end in dict.fromkeys(ends):
            if self._at_end(end, place) or self._runs_out(end, inner):
                return []
            if inner not in self.index.enclosing(self.unit.effects[end].scope):
                found.append(end)
        if self.handles.roles.is_given_away(place) and any(
            role != "argument" or effect not in ends for role, effect in self._given(place)
        ):
            return []
        return found

    def _runs_out(self, end: int, callback: int) -> bool:
        """`speed *= 0.9; if (speed < 1) clearInterval(this.timer)`: what the callback changes ends it."""
        if callback == NONE or callback not in self.index.enclosing(self.unit.effects[end].scope):
            return False
        around = self.index.regions(self.unit.effects[end].region)
        tests = [self.unit.regions[region].test for region in around]
        pending, asked = [test for test in tests if test != NONE], set[Place]()
        while pending:
            row = self.unit.values[pending.pop()]
            call = self.unit.effects[row.call] if row.kind == "call" else None
            pending += [*row.parts, *(call.args if isinstance(call, Call) else ())]
            if row.kind == "place":
                asked.add(self.unit.places[row.place])
        return any(
            self.index.bind(number).how == "augment" and self.index.function_at(number) == callback
            for place in asked
            for number in self.index.binds.get(place, ())
        )

    def _at_end(self, end: int, place: Place) -> bool:
        """Whether a call may run when the object ends; a framework calls what it knows, and nothing else."""
        owner = self.unit.symbols[place.symbol].target
        if not self.lifecycle.is_component(owner):
            return self.handles.in_end_of_life(end)
        pending, seen = [self.unit.effects[end].scope], set[int]()
        while pending:
            for function in self.index.enclosing(pending.pop()):
                if function in seen:
                    continue
                seen.add(function)
                if self._name_of(function) in plurality.LAST_METHODS or self._is_clean_up(function):
                    return True
                pending += [self.unit.effects[caller].scope for caller in self._callers(function)]
        return False

    def _is_clean_up(self, function: int) -> bool:
        """A closure that is given back, or handed to what is no event."""
        argument = self.index.argument_of.get(function)
        call = self.unit.effects[argument[0]] if argument is not None else None
        if isinstance(call, Call):
            return call.name in ("add", "push", "register", "_register", "addDisposable", "onDestroy")
        return self.unit.scopes[function].kind == "lambda" and function not in self.index.bound_to

    def _name_of(self, function: int) -> str:
        """The name of a method, or of the field that keeps an arrow function."""
        bind = self.unit.effects[self.index.bound_to[function]] if function in self.index.bound_to else None
        path = self.unit.places[bind.target].path if isinstance(bind, Bind) else ()
        return self.unit.scopes[function].name or (path[-1][1:] if path else "")

    def _callers(self, function: int) -> Iterator[int]:
        yield from self.index.callers.get(function, ())
        name = self._name_of(function)
        for number in self.index.calls.get(name, ()) if name else ():
            call = self.unit.effects[number]
            receiver = call.receiver if isinstance(call, Call) else NONE
            if receiver != NONE and self._is_of_this(self.unit.places[receiver]):
                yield number

    def _given(self, place: Place) -> Iterator[tuple[str, int]]:
        return ((role, effect) for role, effect in self.handles.roles.of(place) if role != "read")

    def _own(self) -> Iterator[Pending]:
        """`this.warning = new Timer()`, which some method cancels, and the end of the object does not."""
        for place, binds in self.index.binds.items():
            if len(place.path) != 1 or not self._is_of_this(place):
                continue
            for number in binds:
                bind = self.unit.effects[number]
                row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
                call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
                if not isinstance(call, Call) or not _TIMERS.fullmatch(call.name):
                    continue
                owner = self.unit.symbols[place.symbol].target
                component = owner != NONE and self.lifecycle.is_component(owner)
                if not component and (owner == NONE or not self._teardown(owner) or self._hands_on(owner)):
                    continue
                if not component and plurality.is_one(self.unit, owner):
                    continue
                ends = [
                    end
                    for end in self.handles.ends(place)
                    if getattr(self.unit.effects[end], "name", "") in _ENDS
                ]
                ends = self._left_out(place, ends, None)
                if ends:
                    yield Pending(number, ends[0], place, owner, self._teardown(owner), call.name)
                break
