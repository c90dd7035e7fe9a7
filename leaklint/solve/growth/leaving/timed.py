"""Calls that start a one-shot timer, and what the timer runs when its time comes."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.index import Index

# callee -> position of what it runs; fewer or more arguments than `_ARGUMENTS` allows start something else
_STARTS = {
    "javascript": {"setTimeout": 0},
    "java": {"schedule": 0, "newTimeout": 0, "setTimer": 1},
    "python": {"call_later": 1, "call_at": 1, "Timer": 1},
}
_ARGUMENTS = {"schedule": (3, 3), "newTimeout": (3, 3), "setTimer": (2, 2)}
_ENDS = {
    "javascript": frozenset({"clearTimeout"}),
    "java": frozenset({"cancel"}),
    "python": frozenset({"cancel"}),
}
_DEPTH = 3
_BINDS = frozenset({"partial", "bind"})


class TimedCalls:
    """Answers about the one-shot timers of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self._starts = _STARTS[self.unit.language]
        self.ends = _ENDS[self.unit.language]

    def any(self) -> bool:
        """Whether the unit starts a one-shot timer at all."""
        return not self._starts.keys().isdisjoint(self.index.calls)

    def all(self) -> list[int]:
        return [number for name in self._starts for number in self.index.calls.get(name, ())]

    def started(self, value: int) -> int:
        """The call that starts the timer whose handle a value is, through a local of its own; or NONE."""
        row = self.unit.values[value] if value != NONE else None
        if row is not None and row.kind == "place":
            place = self.unit.places[row.place]
            binds = self.index.binds.get(place, ()) if place.symbol != NONE and not place.path else ()
            if len(binds) != 1:
                return NONE
            inner = self.unit.effects[binds[0]].value  # type: ignore[union-attr]
            row = self.unit.values[inner] if inner != NONE else None
        if row is None or row.kind != "call":
            return NONE
        call = self.unit.effects[row.call]
        return row.call if isinstance(call, Call) and self._starts_one(call) else NONE

    def _starts_one(self, call: Call) -> bool:
        least, most = _ARGUMENTS.get(call.name, (1, 99))
        return call.name in self._starts and least <= len(call.args) <= most

    def takes_out(self, number: int, removing: set[int]) -> bool:
        """Whether what a timer runs removes entries, itself or through functions of this file.

        So may whatever is not understood; a function of the caller, which is a plain name, has no part in it.
        """
        closure = self.callback(number)
        if closure != NONE:
            reached = list(self.reached(closure))
            return any(scope in removing for scope in reached) or self._calls_one(reached, removing)
        row = self._argument(number)
        if row == NONE or self.unit.values[row].kind != "place":
            return True
        place = self.unit.places[self.unit.values[row].place]
        given = place.symbol != NONE and self.unit.symbols[place.symbol].kind == "parameter"
        if self.unit.language == "javascript":
            return bool(place.path) or place.symbol == NONE
        return not given or len(place.path) > 1

    def _calls_one(self, scopes: list[int], wanted: set[int]) -> bool:
        """JavaScript: `cache.clear(key)`, by the name of `this.clear = function (key) {…}`."""
        if self.unit.language != "javascript":
            return False
        fields = {
            self.index.last_name(self.unit.places[self.index.bind(bind).target])
            for scope in wanted
            for function in self.index.enclosing(scope)
            if (bind := self.index.bound_to.get(function)) is not None
        }
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and call.receiver != NONE
            and call.name in fields
            and self.index.callee_scope(number) == NONE
            for scope in scopes
            for number in self.index.of_function.get(scope, ())
        )

    def _argument(self, number: int) -> int:
        """What a timer is to run, as it is handed over; `partial(f, x)` is f."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        position = self._starts.get(call.name, 0)
        value = call.args[position] if len(call.args) > position else NONE
        row = self.unit.values[value] if value != NONE else None
        if row is None or row.kind != "call" or self.unit.language != "python":
            return value
        inner = self.unit.effects[row.call]
        bound = isinstance(inner, Call) and inner.name in _BINDS and inner.args
        return inner.args[0] if bound else value  # type: ignore[union-attr]

    def callback(self, number: int) -> int:
        """The function that a timer runs, when it stands in this file."""
        value = self._argument(number)
        row = self.unit.values[value] if value != NONE else None
        if row is None:
            return NONE
        if row.kind == "closure":
            return row.scope
        if row.kind == "call":
            return self._run_of(row.call)
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE:
            return NONE
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this" and len(place.path) == 1:
            return self.index.method(symbol.target, place.path[0][1:])
        if place.path:
            return NONE
        made = self._made(place)
        return self._run_of(made) if made != NONE else self.index.function_of(place.symbol)

    def _made(self, place: Place) -> int:
        """The call whose result a local is, or NONE."""
        binds = self.index.binds.get(place, ())
        value = self.unit.effects[binds[0]].value if len(binds) == 1 else NONE  # type: ignore[union-attr]
        return (
            self.unit.values[value].call if value != NONE and self.unit.values[value].kind == "call" else NONE
        )

    def _run_of(self, call: int) -> int:
        """Java: the method `run` of `new Runnable() {…}`, or of a class of this file; or NONE."""
        made = self.unit.effects[call]
        if self.unit.language != "java" or not isinstance(made, Call) or not made.new:
            return NONE
        body = self.unit.values[made.args[-1]] if made.args else None
        owner = body.owner if body is not None and body.kind == "class" else NONE
        if owner == NONE and made.callee != NONE:
            symbol = self.index.symbol(self.unit.places[made.callee])
            owner = symbol.target if symbol is not None and symbol.kind == "class" else NONE
        names = self.index.method_names.get(owner, {})
        return names.get("run", names.get("call", NONE))

    def reached(self, function: int, deepest: int = _DEPTH) -> Iterator[int]:
        """A function, those nested in it, and those of this file that they call, so many calls deep."""
        pending, seen = [(function, 0)], set[int]()
        while pending:
            scope, depth = pending.pop()
            if scope in seen or depth > deepest:
                continue
            seen.add(scope)
            yield scope
            for other, inner in enumerate(self.unit.scopes):
                if inner.parent == scope or (
                    inner.parent != NONE and self.index.function(inner.parent) == scope
                ):
                    pending.append((other, depth))
            for effect in self.index.of_function.get(scope, ()):
                if isinstance(self.unit.effects[effect], Call):
                    callee = self.index.callee_scope(effect)
                    if callee != NONE:
                        pending.append((callee, depth + 1))
