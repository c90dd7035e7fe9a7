"""What a function does about the old handle before it stores the next: asks for it, ends it, or neither."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.acquired import Acquired
from leaklint.solve.handles import Handle, Handles
from leaklint.solve.lazy import regex
from leaklint.solve.subscription.handlers import Handlers
from leaklint.solve.subscription.outcomes import END

# methods and properties that are called when something is over, or has failed
_TOLD = regex(
    r"_?(on|handle|did|was)\w*_?(Clos(e|ed|ing)|End(ed)?|Exit(ed)?|Error|Fail(ed|ure)?|Lost|Down|Disconnect\w*|"
    r"Terminated|Completed?|Finish(ed)?|Inactive|Unreachable|Broken|Died|Timeout|Expired)|"
    r"on(close|end|exit|error|disconnect|complete)"
)
_DEEPEST = 2
STOPS = regex(r"(?i)^_*(stop|clear|dispose|cancel|end|un|remove|reset|destroy|clean|close|disconnect|tear)")


class Preparing:
    """Answers of one unit about the ways to an effect."""

    def __init__(self, acquired: Acquired, handles: Handles) -> None:
        self.acquired = acquired
        self.handles = handles
        self.unit: Unit = acquired.unit
        self.index = acquired.index
        self.lifecycle = acquired.lifecycle
        self._handlers = Handlers(acquired.index, acquired.pairs.callbacks)

    def fields(self) -> Iterator[tuple[Place, list[int]]]:
        """The fields of objects with their binds."""
        for place, binds in self.index.binds.items():
            if len(place.path) != 1 or place.symbol == NONE:
                continue
            if self.unit.symbols[place.symbol].kind == "this":
                yield place, binds

    def name_of(self, number: int) -> str:
        call = self.unit.effects[number]
        return call.name if isinstance(call, Call) else ""

    def is_once(self, function: int) -> bool:
        """Whether only the constructor calls a method."""
        callers = self.index.callers.get(function, ())
        return bool(callers) and all(
            self.unit.scopes[self.index.function(self.unit.effects[number].scope)].kind == "constructor"
            for number in callers
        )

    def follows_end(self, function: int, depth: int = 0) -> bool:
        """Whether a function is called when the old one is over: by `onclose`, `on("exit", …)`, `catch`."""
        if any(END.fullmatch(event) or event == "error" for _, event in self._handlers.heard(function)):
            return True
        for number in self.index.callers.get(function, ()):
            call = self.unit.effects[number]
            if any(self.unit.regions[row].kind == "except" for row in self.index.regions(call.region)):
                return True
            around = list(self.index.enclosing(call.scope))
            if any(self._is_told_of_end(each) for each in around):
                return True
            outer = [each for each in around if self.unit.scopes[each].kind == "method" and each != function]
            if depth < _DEEPEST and any(self.follows_end(each, depth + 1) for each in outer):
                return True
        return False

    def _is_told_of_end(self, function: int) -> bool:
        row = self.unit.scopes[function]
        if row.kind in ("method", "function") and row.name and _TOLD.fullmatch(row.name):
            return True
        bind = self.unit.effects[self.index.bound_to[function]] if function in self.index.bound_to else None
        place = self.unit.places[bind.target] if isinstance(bind, Bind) else None
        if place is not None and place.path and _TOLD.fullmatch(place.path[-1][1:]):
            return True
        number, position = self.index.argument_of.get(function, (NONE, 0))
        call = self.unit.effects[number] if number != NONE else None
        if not isinstance(call, Call):
            return False
        if call.name in ("catch", "doOnError", "exceptionally"):
            return True
        text = self.unit.values[call.args[0]].text if position else ""
        return text == "error" or END.fullmatch(text) is not None

    def mentions(self, test: int, place: Place) -> bool:
        pending = [test]
        while pending:
            row = self.unit.values[pending.pop()]
            pending += row.parts
            if row.kind == "place":
                other = self.unit.places[row.place]
                if other.symbol == place.symbol and other.path[: len(place.path)] == place.path:
                    return True
        return False

    def is_guarded(self, effect: int, place: Place, strict: bool = True) -> bool:
        """`if (!this.timer)`, an early return, or any other test of the field, around or before.

        strict: an early return for any reason counts, as what it asks for is not understood.
        """
        row = self.unit.effects[effect]
        function = self.index.function(row.scope)
        around = set(self.index.regions(row.region))
        for number, region in enumerate(self.unit.regions):
            if region.test == NONE or self.index.function(region.scope) != function:
                continue
            if number in around or (
                region.leaves and region.last <= effect and (strict or self.mentions(region.test, place))
            ):
                return True  # only sometimes, or not at all while there is one
        return False

    def _runs_within(self, scope: int) -> int:
        """The function that a scope runs in, also where it is handed to `forEach`."""
        function = self.index.function(scope)
        number = self.index.argument_of.get(function, (NONE,))[0]
        if number != NONE and self.acquired.repeats.runs_in_place(number):
            return self.index.function(self.unit.effects[number].scope)
        return function

    def ended_before(self, effect: int, function: int, handle: Handle) -> bool:
        """Whether the function ends the old handle first, itself or through something it calls."""
        ending = {self.index.function(self.unit.effects[end].scope) for end in handle.ends}
        if function in ending:
            return True
        for number in range(effect - 1, -1, -1):
            call = self.unit.effects[number]
            if self._runs_within(call.scope) != function:
                if call.at < self.unit.scopes[function].at:
                    break
                continue
            if isinstance(call, Call) and (
                self.index.callee_scope(number) in ending
                or (STOPS.match(call.name) and not self._is_about_another(call, handle))
            ):
                return True
        return False

    def _is_about_another(self, call: Call, handle: Handle) -> bool:
        """`this.pending.clear()` where `this.server` is asked for."""
        receiver = self.unit.places[call.receiver] if call.receiver != NONE else None
        if receiver is None or handle.place is None or receiver.symbol != handle.place.symbol:
            return False
        return bool(receiver.path) and receiver.path[:1] != handle.place.path[:1]
