"""JavaScript: what is made after an `await` or in `.then(…)`, when the clean-up may have run already.

A clean-up ends what it finds. What arrives later finds nobody who ends it, unless a flag says that the
owner is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.handles import Handles
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.pairs import Pairs

_WAITS = frozenset({"then", "finally", "catch"})
# names of flags, signals and refs by which code asks whether its owner is still there
_ASKS = regex(
    r"(?i)mount|destroy|dispos|cancel|clos|abort|aliv|activ|stale|stopp|tear|unsub|ignore|gone|connected|ended|"
    r"detach|remov|valid|current|latest|live|run|outdated|obsolete|finish|deleted|halt|exist"
)
_CLEARS = ("clearInterval", "clearTimeout", "cancelAnimationFrame", "revokeObjectURL", "clearWatch")
_ENDS = frozenset(
    {
        *(
            "dispose",
            "destroy",
            "close",
            "terminate",
            "unsubscribe",
            "disconnect",
            "stop",
            "remove",
            "release",
        ),
        *("cancel", "off", "unlisten", "shutdown", "teardown", "kill", "clearInterval", "clearTimeout"),
        *("cancelAnimationFrame", "abort", "detach", "revoke", "revokeObjectURL", "clearWatch"),
    }
)
# makers of things that need no end of their own, though a method of an `_ENDS` name exists
_PLAIN = regex(
    r"json|text|blob|arrayBuffer|parse|map|filter|assign|keys|values|get([A-Z]\w*)?|querySelector\w*"
)
# hooks whose callback runs when the component goes
_UNMOUNTS = regex(r"use\w*Unmount\w*|on(Before)?Unmount(ed)?|onDestroy|onCleanup|onScopeDispose|onDestroyed")


Where = Literal["effect", "class", "function"]


class Late(msgspec.Struct):
    """`made` comes after a wait; `end` would end it, in a clean-up that may have run before.

    wait: the `await` or `.then()` before it. place: what keeps the handle; None for a listener.
    function: the scope whose clean-up it is. others: what else comes after this wait, for this clean-up.
    """

    made: int
    wait: int
    end: int
    place: Place | None
    where: Where
    function: int
    sure: bool
    others: list[int] = []


class LateArrivals:
    """Acquisitions of one unit that may come after their own end."""

    def __init__(self, index: Index, lifecycle: Lifecycle, handles: Handles, pairs: Pairs) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.lifecycle = lifecycle
        self.handles = handles
        self.pairs = pairs

    def found(self) -> Iterator[Late]:
        """One for each clean-up and what it does not wait for, in source order."""
        if not self._waits():
            return
        first: dict[tuple[int, int], Late] = {}
        for late in sorted((*self._kept(), *self._listeners()), key=lambda each: each.made):
            known = first.setdefault((late.wait, late.function), late)
            if known is not late and late.place != known.place:
                known.others.append(late.made)
        yield from first.values()

    def _waits(self) -> bool:
        if not _WAITS.isdisjoint(self.index.calls):
            return True
        return any(isinstance(effect, Leave) and effect.how == "await" for effect in self.unit.effects)

    def _kept(self) -> Iterator[Late]:
        for place, binds in list(self.index.binds.items()):
            if not self._is_lasting(place):
                continue
            late = [number for number in binds if self._makes(number)]
            late = [number for number in late if self._start(number) != NONE]
            if not late:
                continue
            ends = [number for number in self.handles.ends(place) if self._ends(number, place)]
            ends += self._cleared(place)
            for made in late:
                for end in ends:
                    found = self._pair(made, end, place)
                    if found is not None:
                        yield found
                        break

    def _listeners(self) -> Iterator[Late]:
        for item in self.pairs.acquisitions:
            if item.pair.kind not in ("listener", "observer") or item.once or item.handle is not None:
                continue
            if item.life in ("own", "local") or self.pairs.endings.releases_itself(item):
                continue
            if self._start(item.effect) == NONE:
                continue
            for end in item.released_by:
                found = self._pair(item.effect, end, None)
                if found is not None:
                    yield found
                    break

    def _is_lasting(self, place: Place) -> bool:
        """A field, the box of a ref, or a variable that a clean-up shares with what comes late."""
        if place.symbol == NONE or "[]" in place.path or len(place.path) > 1:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this":
            return len(place.path) == 1
        if symbol.kind not in ("variable", "constant") or symbol.scope <= 0:
            return False
        return place.path in ((), (".current",), (".value",))

    def _makes(self, number: int) -> bool:
        bind = self.unit.effects[number]
        if not isinstance(bind, Bind) or bind.value == NONE:
            return False
        row = self.unit.values[bind.value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return isinstance(call, Call) and not _PLAIN.fullmatch(call.name)

    def _ends(self, number: int, place: Place) -> bool:
        call = self.unit.effects[number]
        if not isinstance(call, Call):
            return False
        return call.name in _ENDS or (call.receiver == NONE and call.callee != NONE)

    def _cleared(self, place: Place) -> list[int]:
        """`clearInterval(place)` and the like."""
        found = []
        for name in (
            "clearInterval",
            "clearTimeout",
            "cancelAnimationFrame",
            "revokeObjectURL",
            "clearWatch",
        ):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                row = self.unit.values[call.args[0]] if call.args else None
                if row is not None and row.kind == "place" and self.unit.places[row.place] == place:
                    found.append(number)
        return found

    # -- what waits

    def _start(self, made: int) -> int:
        """The effect after which `made` comes late: an `await` before it, or the `.then()` around it."""
        effect = self.unit.effects[made]
        function = self.index.function(effect.scope)
        around = set(self.index.regions(effect.region))
        for number in self.index.of_function.get(function, ()):
            if number >= made:
                break
            other = self.unit.effects[number]
            if isinstance(other, Leave) and other.how == "await" and self._is_before(other.region, around):
                return number
        for scope in self.index.enclosing(effect.scope):
            argument = self.index.argument_of.get(scope)
            call = self.unit.effects[argument[0]] if argument is not None else None
            if isinstance(call, Call) and call.name in _WAITS and call.receiver != NONE:
                return argument[0] if argument is not None else NONE
            if argument is None and "immediate" not in self.unit.scopes[scope].flags:
                break
        return NONE

    def _is_before(self, region: int, around: set[int]) -> bool:
        """Whether an `await` in a region comes before what stands in the regions `around`, surely."""
        return all(
            index in around or self.unit.regions[index].kind in ("try", "with")
            for index in self.index.regions(region)
        )

    # -- whose clean-up

    def _pair(self, made: int, end: int, place: Place | None) -> Late | None:
        effect, ending = self.unit.effects[made], self.unit.effects[end]
        clean = self._clean_up(ending.scope)
        if clean is None:
            return None
        function, setup, where = clean
        inside = list(self.index.enclosing(effect.scope))
        if where == "class":
            if self.lifecycle.owner_of(effect.scope) != self.lifecycle.owner_of(ending.scope):
                return None
            if self.lifecycle.in_teardown(effect.scope):
                return None
        elif setup not in inside or function in inside or setup == inside[0]:
            return None
        if self._calls_again(function, made):
            return None
        if self._is_asked(made, function, setup, place) or self._aborts(function):
            return None
        return Late(
            made,
            self._start(made),
            end,
            place,
            where,
            function,
            (where != "function" or self._is_observable(setup))
            and not self.lifecycle.is_of_root(effect.scope),
        )

    def _clean_up(self, scope: int, depth: int = 0) -> tuple[int, int, Where] | None:
        """(clean-up, the function that returns it, what it belongs to) around an ending call."""
        for function in self.index.enclosing(scope):
            argument = self.index.argument_of.get(function)
            call = self.unit.effects[argument[0]] if argument is not None else None
            if isinstance(call, Call) and call.name in _WAITS:
                return None  # the clean-up waits as well
            if isinstance(call, Call) and _UNMOUNTS.fullmatch(call.name):
                return function, self.index.function(call.scope), "effect"
            if self._is_async(function):
                return None
            row = self.unit.scopes[function]
            setup = self._returned_by(function)
            if setup != NONE:
                hook = self.lifecycle.effect_hook(setup) != NONE and setup in self.index.argument_of
                return function, setup, "effect" if hook else "function"
            if row.owner != NONE and row.kind == "method" and row.name in self.lifecycle.teardown_names:
                if not self.lifecycle.is_component(row.owner):
                    return None
                return function, NONE, "class"
            for caller in self.index.callers.get(function, ()) if depth < 2 else ():
                outer = self._clean_up(self.unit.effects[caller].scope, depth + 1)
                if outer is not None:
                    return outer
        return None

    def _returned_by(self, function: int) -> int:
        """The function whose result is this closure: its clean-up."""
        around = self.index.function(self.unit.scopes[function].parent)
        for number in self.index.returns.get(around, ()):
            value = self.unit.values[self.unit.effects[number].value]  # type: ignore[union-attr]
            if value.kind == "closure" and value.scope == function:
                return around
        return NONE

    def _is_async(self, function: int) -> bool:
        return "async" in self.unit.scopes[function].flags

    def _is_observable(self, setup: int) -> bool:
        """`new Observable((observer) => { …; return () => … })`."""
        argument = self.index.argument_of.get(setup)
        call = self.unit.effects[argument[0]] if argument is not None else None
        return isinstance(call, Call) and call.name in ("Observable", "create") and argument is not None

    def _calls_again(self, function: int, made: int) -> bool:
        """Whether what arrives late calls the clean-up itself."""
        inside = set(self.index.enclosing(self.unit.effects[made].scope))
        return any(
            not inside.isdisjoint(self.index.enclosing(self.unit.effects[caller].scope))
            for caller in self.index.callers.get(function, ())
        )

    # -- who asks

    def _aborts(self, function: int) -> bool:
        """`controller.abort()`: what was waited for fails, and nothing comes late."""
        names = {
            call.name
            for number in self.index.of_function.get(function, ())
            if isinstance(call := self.unit.effects[number], Call)
        }
        return "abort" in names or "cancel" in names

    def _is_asked(self, made: int, function: int, setup: int, place: Place | None) -> bool:
        """Whether a test between the wait and the thing asks for the owner, or for anything it sets."""
        set_there = {
            self.unit.places[bind.target]
            for number in self.index.of_function.get(function, ())
            if isinstance(bind := self.unit.effects[number], Bind)
        } - {place}
        inside = set(self.index.enclosing(self.unit.effects[made].scope)) - {setup}
        mine = set(self.index.regions(self.unit.effects[made].region))
        for index, region in enumerate(self.unit.regions):
            if region.kind != "branch" or region.test == NONE:
                continue
            around = self.index.function(region.scope)
            if around not in inside:
                continue
            beside = index not in mine and around == self.index.function(self.unit.effects[made].scope)
            before = bool(region.leaves) and region.last <= made
            if beside and not before and region.first <= made:
                continue  # an arm that has nothing to do with it
            if self._asks(region.test, set_there, place):
                return True
        return False

    def _asks(self, test: int, wanted: set[Place], place: Place | None) -> bool:
        pending = [test]
        while pending:
            row = self.unit.values[pending.pop()]
            pending += row.parts
            if row.kind == "call":
                call = self.unit.effects[row.call]
                if isinstance(call, Call):
                    if _ASKS.search(call.name):
                        return True
                    pending += call.args
                    if call.receiver != NONE and self._is_flag(
                        self.unit.places[call.receiver], wanted, place
                    ):
                        return True
            elif row.kind == "place" and self._is_flag(self.unit.places[row.place], wanted, place):
                return True
        return False

    def _is_flag(self, asked: Place, wanted: set[Place], place: Place | None) -> bool:
        if asked in wanted:
            return True
        if place is not None and asked == place:
            return False
        name = self.unit.symbols[asked.symbol].name if asked.symbol != NONE else ""
        return any(_ASKS.search(step) for step in (name, *asked.path) if step)
