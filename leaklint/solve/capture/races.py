"""JavaScript: races of a short promise against one that lasts.

`Promise.race` adds a reaction to each of its promises. The one that lasts keeps them all, and with them
what the short ones came to, until it is settled.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit, Value
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle

# makers of a promise together with what settles it
_DEFERS = regex(r"withResolvers|[dD]efer(red)?|(create|make|new)Deferred|pDefer|openPromise|PromiseSource")
# what settles a promise before long, whatever comes
_SOON = ("setTimeout", "setImmediate", "nextTick", "queueMicrotask", "requestAnimationFrame")
_COMPARES = frozenset({"<", "<=", ">", ">=", "in"})
# methods that ask again and again for what comes next, or are handed one piece of work after the other
_ASKS = regex(
    r"[_#]*(next|read|receive|recv|pull|take|poll|request|send|call|query|fetch|write|exec|command)([A-Z_]\w*)?"
)


class Race(msgspec.Struct):
    """`effect` lets something race against the promise in `place`, which `made` makes once."""

    effect: int
    place: Place
    made: int


class Races:
    """Races of one unit."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self.lifecycle = lifecycle
        self.index: Index = lifecycle.index
        self.unit: Unit = self.index.unit
        self.repeats = lifecycle.repeats

    def lasting(self) -> Iterator[Race]:
        """Races that are run again and again against the same promise, in source order."""
        for name in ("race", "any"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if not self._is_promise(call) or not self.repeats.repeats(number) or not call.args:
                    continue
                array = self.unit.values[call.args[0]]
                if array.kind != "container" or len(array.parts) < 2:
                    continue
                for part in array.parts:
                    found = self._lasts(part, number)
                    if found is not None:
                        yield found
                        break

    def _is_promise(self, call: Call) -> bool:
        if call.receiver == NONE:
            return False
        place = self.unit.places[call.receiver]
        return place.symbol != NONE and not place.path and self.unit.symbols[place.symbol].name == "Promise"

    def _lasts(self, value: int, number: int) -> Race | None:
        row = self.unit.values[value]
        if row.kind != "place":
            return None
        place = self.unit.places[row.place]
        if place.symbol == NONE or "[]" in place.path:
            return None
        symbol = self.unit.symbols[place.symbol]
        made = self._made_once(place)
        if made is None:
            return None
        where = self.unit.effects[made].scope
        if symbol.kind == "this":
            return Race(number, place, made) if self._serves_field(symbol.target, where, number) else None
        if symbol.kind not in ("constant", "variable"):
            return None
        around = self.index.function(where)
        if symbol.scope == 0 and self.unit.scopes[around].kind == "module":
            return Race(number, place, made)
        inside = around in self.index.enclosing(self.unit.effects[number].scope)
        if inside and self._in_loop(number, made):
            return Race(number, place, made)
        return None

    # -- what the promise is

    def _made_once(self, place: Place) -> int | None:
        """The only bind of a place, if it makes a promise that something else settles; `stop.promise` too."""
        if place not in self.index.binds and place.path[-1:] == (".promise",):
            owner = Place(place.symbol, place.path[:-1])
            bind, row = self._bound(owner)
            return bind if row is not None and self._defers(row) else None
        bind, row = self._bound(place)
        if row is not None and row.kind == "place":
            return bind if self._is_deferred(row) else None
        return bind if row is not None and self._makes_promise(row) else None

    def _bound(self, place: Place) -> tuple[int | None, Value | None]:
        binds = self.index.binds.get(place) or []
        bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
        if not isinstance(bind, Bind) or bind.value == NONE:
            return None, None
        return binds[0], self.unit.values[bind.value]

    def _is_deferred(self, row: Value, depth: int = 0) -> bool:
        """`const { promise } = Promise.withResolvers()`, and `this.stopped = promise` behind it."""
        part = self.unit.places[row.place]
        if part.symbol != NONE and not part.path and depth < 2:
            _, row_of = self._bound(part)
            return row_of is not None and row_of.kind == "place" and self._is_deferred(row_of, depth + 1)
        call = self.unit.effects[part.call] if part.call != NONE else None
        named = isinstance(call, Call) and _DEFERS.fullmatch(call.name) is not None
        return named and part.path == (".promise",)

    def _defers(self, row: Value) -> bool:
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return isinstance(call, Call) and _DEFERS.fullmatch(call.name) is not None

    def _makes_promise(self, row: Value, depth: int = 0) -> bool:
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call):
            return False
        if call.new and call.name == "Promise":
            return not self._settles_soon(call)
        if call.name == "once" and len(call.args) > 1:
            return True
        scope = self.index.callee_scope(row.call) if depth < 2 and not call.new else NONE
        if scope == NONE or "async" in self.unit.scopes[scope].flags:
            return False
        returned = [self.unit.effects[number].value for number in self.index.returns.get(scope, ())]  # type: ignore[union-attr]
        return bool(returned) and all(
            self._makes_promise(self.unit.values[value], depth + 1) for value in returned
        )

    def _settles_soon(self, call: Call) -> bool:
        """`new Promise((resolve) => setTimeout(resolve, 1000))` is settled before it keeps much."""
        row = self.unit.values[call.args[0]] if call.args else None
        if row is None or row.kind != "closure":
            return row is None
        return any(
            row.scope in self.index.enclosing(self.unit.effects[number].scope)
            for name in _SOON
            for number in self.index.calls.get(name, ())
        )

    # -- how long it lasts, and how often it is raced against

    def _serves_field(self, owner: int, made: int, number: int) -> bool:
        """Whether a method runs the race often on one object, which makes the promise when it is made."""
        if not self.lifecycle.while_made(made) or self.lifecycle.is_short_lived(owner):
            return False
        if self._in_loop(number, NONE):
            return True
        row = self.unit.scopes[self.index.function_at(number)]
        return row.kind == "method" and _ASKS.fullmatch(row.name) is not None

    def _in_loop(self, number: int, made: int) -> bool:
        """Whether a race stands in a loop without a counter, behind what makes the promise."""
        around = set(self.index.regions(self.unit.effects[made].region)) if made != NONE else set()
        for region in self.index.regions(self.unit.effects[number].region):
            row = self.unit.regions[region]
            if row.kind == "loop" and row.iterates == NONE and region not in around:
                return row.test == NONE or not self._counts(row.test)
        return False

    def _counts(self, test: int) -> bool:
        row = self.unit.values[test]
        return row.kind == "operation" and (
            row.text in _COMPARES or any(self._counts(part) for part in row.parts)
        )
