"""Java: functions that each call hangs on a future which is completed when its owner ends.

`stopped.whenComplete((v, e) -> result.cancel(true))`: the future keeps every one of them until then. What
waits for the start of something (`ready.thenRun(…)`) runs soon, and is let go.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place
from leaklint.solve.lazy import regex
from leaklint.solve.subscription.registrations import Registration, Registrations

_HANGS_ON = frozenset(
    name + end
    for name in ("whenComplete", "thenRun", "thenAccept", "handle", "exceptionally")
    for end in ("", "Async")
)
_COMPLETES = ("complete", "completeExceptionally", "cancel", "obtrudeValue")
_OF_END = regex(r"(?i)\.?_*(\w*(stop|clos|shut_?down|terminat|dispos|cancel|end|exit|dead)\w*)")
_LAST = regex(r"(?i)_*(stop|close|shut_?down|terminate|dispose|destroy|end|exit|kill|cancel)\w*")


class Dependents:
    """Such functions of one unit. `registrations` tells what is made for one call."""

    def __init__(self, registrations: Registrations) -> None:
        self.registrations = registrations
        self.index = registrations.index
        self.unit = registrations.unit

    def found(self) -> Iterator[Registration]:
        """In the order of their names."""
        for name in sorted(_HANGS_ON & self.index.calls.keys()) if self.unit.language == "java" else ():
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                if not isinstance(call, Call) or call.receiver == NONE or not call.args:
                    continue
                place = self.unit.places[call.receiver]
                if self._piles_up(number, call) and self._lasts(place):
                    yield Registration(number, place, call.args[0], False)

    def _piles_up(self, number: int, call: Call) -> bool:
        """Whether a method leaves behind what is about this one call."""
        row = self.unit.values[call.args[0]]
        if row.kind != "closure" or self.index.destinations.of(number)[0] != "dropped":
            return False
        function = self.index.function(call.scope)
        captured = [self.unit.symbols[symbol] for symbol in self.unit.scopes[row.scope].captures]
        own = any(
            symbol.kind in ("parameter", "variable", "constant")
            and self.index.function(symbol.scope) == function
            for symbol in captured
        )
        return own and self.registrations.repeats.repeats(number) and not self.registrations.opens(call.scope)

    def _lasts(self, field: Place) -> bool:
        """Whether a field keeps one future for good, which only the end of its object completes."""
        if len(field.path) != 1 or field.symbol == NONE or self.unit.symbols[field.symbol].kind != "this":
            return False
        binds = [self.index.bind(number) for number in self.index.binds.get(field, ())]
        values = [self.unit.values[bind.value] for bind in binds if bind.value != NONE]
        made = [self.unit.effects[value.call] for value in values if value.kind == "call"]
        if len(binds) != 1 or not made or getattr(made[0], "name", "") != "CompletableFuture":
            return False
        ends = [
            number
            for name in _COMPLETES
            for number in self.index.calls.get(name, ())
            if self._is_on(number, field)
        ]
        last = all(_LAST.fullmatch(self.unit.scopes[self.index.function_at(each)].name) for each in ends)
        return bool(ends) and last and _OF_END.fullmatch(field.path[0]) is not None

    def _is_on(self, number: int, field: Place) -> bool:
        call = self.unit.effects[number]
        return isinstance(call, Call) and call.receiver != NONE and self.unit.places[call.receiver] == field
