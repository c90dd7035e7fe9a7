"""JavaScript: listeners that wait for one answer, and stay where a timeout gives up the wait.

`setTimeout(() => reject(new Error("late")), 1000); port.on("data", onData)`, where only `onData` takes itself
off: an answer that never comes leaves it on what the next call listens to as well.
"""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.growth.leaving.timed import TimedCalls
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition

# what takes a listener off, ends what it listens to, or may do so under a name of its own
_TIDIES = regex(
    r"off|un\w+|(remove|clear|clean|close|destroy|end|terminate|disconnect|dispose|abort|detach|stop|reset|tear|kill|"
    r"finish|finali[sz]e|settle|cancel(?!ed$))\w*"
)
_CLEARS = regex(r"clear(Timeout|Interval)")
WHY = "a timeout that gives up the wait passes it by"


class GivenUp:
    """Answers about the listeners of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self._timed = TimedCalls(index)

    def timer(self, item: Acquisition) -> int:
        """The call that starts the timer which gives up the wait of a listener and leaves it, or NONE."""
        if self.unit.language != "javascript" or item.pair.kind != "listener" or not self._timed.any():
            return NONE
        if item.receiver == NONE or item.callback == NONE or not self._lasts(item):
            return NONE
        closure, around = self._function(item.callback), set(self._around(item.effect))
        if item.once and not item.released_by:
            if self.unit.values[item.event].kind == "string":
                return NONE  # the next event of that name takes it off
        elif not item.released_by or item.once or closure == NONE:
            return NONE
        if any(closure not in self._around(number) for number in item.released_by):
            return NONE
        if not self._settles(item.callback, around):
            return NONE
        for number in self._timed.all():
            call = self.unit.effects[number]
            if isinstance(call, Call) and call.args and self.index.function_at(number) in around:
                runs = self._function(call.args[0])
                if self._settles(call.args[0], around) and (runs == NONE or not self._tidies(runs)):
                    return number
        return NONE

    def _around(self, effect: int) -> list[int]:
        return list(self.index.enclosing(self.unit.effects[effect].scope))

    def _function(self, value: int) -> int:
        """The function that a value is, in place or by a local of the call; or NONE."""
        row = self.unit.values[value]
        if row.kind == "closure":
            return row.scope
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.path or place.symbol == NONE:
            return NONE
        return self.index.function_of(place.symbol) if self.unit.symbols[place.symbol].scope > 0 else NONE

    def _lasts(self, item: Acquisition) -> bool:
        """Whether what is listened to is not made by the call itself."""
        place: Place = self.unit.places[item.receiver]
        symbol = self.index.symbol(place)
        if symbol is None:
            return False
        if symbol.kind in ("constant", "variable") and symbol.scope > 0:
            return self.index.function(symbol.scope) not in self._around(item.effect)
        return symbol.kind in ("this", "parameter", "constant", "variable", "import")

    def _settles(self, value: int, around: set[int]) -> bool:
        """Whether a function tells the one who waits: it is, or calls, `resolve`, `reject` or a callback."""
        function = self._function(value)
        if function == NONE:
            place = self.unit.values[value].place
            symbol = self.index.symbol(self.unit.places[place]) if place != NONE else None
            own = symbol is not None and symbol.kind == "parameter" and symbol.scope in around
            return own and not self.unit.places[place].path
        for scope in self._timed.reached(function):
            for number in self.index.of_function.get(scope, ()):
                call = self.unit.effects[number]
                if not isinstance(call, Call) or call.receiver != NONE or call.callee == NONE:
                    continue
                symbol = self.index.symbol(self.unit.places[call.callee])
                if symbol is not None and symbol.kind == "parameter" and symbol.scope in around:
                    return True
        return False

    def _tidies(self, function: int) -> bool:
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and _TIDIES.fullmatch(call.name)
            and not _CLEARS.fullmatch(call.name)
            for scope in self._timed.reached(function)
            for number in self.index.of_function.get(scope, ())
        )
