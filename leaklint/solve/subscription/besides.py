"""JavaScript: calls that are soon over, and wait for what may come much later: the end of their object.

`ask(text) { return new Promise((done, fail) => { this.socket.once("close", fail); … done(…) }) }`
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.callbacks import Callbacks
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.subscription.outcomes import END, Outcomes

_BEGINNINGS = ("listen", "connect", "open", "bind")
_ENDINGS = ("close", "end", "destroy", "kill", "terminate", "quit", "exit", "stop", "disconnect", "dispose")
# methods that make the thing whose end they wait for, that end it, or that serve as long as it
_OF_THING = regex(
    r"_*(?i:re)?(?i:connect|open|start|init|set_?up|launch|spawn|boot|log_?in|auth|listen|bind|attach|mount|"
    r"ready|wait|until|clos|end|stop|destroy|dispos|shut|quit|exit|kill|terminat|disconnect|creat|make|register|"
    r"watch|subscri|accept|install|enable|join|pipe|forward|monitor|track|observ|ensure|configur|build|begin|"
    r"establish|negotiat|handshake|detach|abort|cancel|reset|flush|drain|finish|upgrade|handle|prepare|add|on[A-Z_]).*"
)
_CLEARS = regex(r"(clear|cancel)[A-Z]\w*")


class Tests(Protocol):
    """What is asked of a function: whether it takes a listener off, or listens for the first time only."""

    def takes_off(self, function: int) -> bool: ...

    def asks(self, effect: int, function: int, targets: tuple[Place, ...]) -> bool: ...


class Besides:
    """Answers about what the calls of one unit wait for."""

    def __init__(self, index: Index, callbacks: Callbacks, tests: Tests) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.tests = tests
        self._outcomes = Outcomes(index, callbacks)

    def waits(self, item: Acquisition) -> bool:
        """Whether a method waits for the end of its object or a field, beside work that ends sooner."""
        event = self.unit.values[item.event].text if item.event != NONE else ""
        if item.pair.kind != "listener" or item.receiver == NONE:
            return False
        if item.once and self._is_left_by_rival(item):
            return True
        if item.destination != "dropped":
            return False
        if self.unit.language != "javascript" or not (END.fullmatch(event) or event == "error"):
            return False
        place, scope = self.unit.places[item.receiver], self.unit.effects[item.effect].scope
        if place.symbol == NONE or len(place.path) > 1 or self.unit.symbols[place.symbol].kind != "this":
            return False
        around = list(self.index.enclosing(scope))
        method = next((each for each in around if self.unit.scopes[each].kind == "method"), NONE)
        if method == NONE or item.options != NONE or self._is_of_thing(method, place):
            return False
        if self.tests.takes_off(method) or any(
            self.tests.asks(item.effect, each, (place,)) for each in around
        ):
            return False
        return self._ends_sooner(item, around)

    def _is_left_by_rival(self, item: Acquisition) -> bool:
        """Whether the listener of the other outcome of a call may be the one that fires."""
        place = self._outcomes.emitter(item)
        if place is None:
            return False
        around = list(self.index.enclosing(self.unit.effects[item.effect].scope))
        named = next((each for each in around if self.unit.scopes[each].name), NONE)
        if named == NONE or self._is_of_thing(named, place) or self.tests.takes_off(named):
            return False
        if self.unit.scopes[named].kind == "constructor" or self.unit.scopes[named].name[:1].isupper():
            return False  # once for each object
        return not any(self.tests.asks(item.effect, each, (place,)) for each in around)

    def _is_of_thing(self, method: int, place: Place) -> bool:
        """Whether a method makes or ends what it listens to, by its name or by what it does."""
        row = self.unit.scopes[method]
        if not row.name or _OF_THING.fullmatch(row.name) or (row.name == "run" and not row.params):
            return True
        for number in self.index.binds.get(place, ()) if place.path else ():
            if method in self.index.enclosing(self.unit.effects[number].scope):
                return True
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and call.receiver != NONE
            and self.unit.places[call.receiver] == place
            and method in self.index.enclosing(call.scope)
            for name in (*_BEGINNINGS, *_ENDINGS)
            for number in self.index.calls.get(name, ())
        )

    def _ends_sooner(self, item: Acquisition, around: list[int]) -> bool:
        """Whether a callback clears a timer of the call, or settles what something else settles as well."""
        row = self.unit.values[item.callback]
        closure = row.scope if row.kind == "closure" else NONE
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is not None and not place.path and place.symbol != NONE:
            closure = self.index.function_of(place.symbol)
        if closure != NONE:
            calls = [self.unit.effects[number] for number in self.index.of_function.get(closure, ())]
            if any(isinstance(call, Call) and _CLEARS.fullmatch(call.name) and call.args for call in calls):
                return any(self._is_local(symbol, around) for symbol in self.unit.scopes[closure].captures)
            used = set(self.unit.scopes[closure].captures)
        else:
            used = {place.symbol} if place is not None and not place.path else set()
        return any(self._is_settled_too(scope, used) for scope in around)

    def _is_local(self, symbol: int, around: list[int]) -> bool:
        row = self.unit.symbols[symbol]
        return (
            row.kind in ("variable", "constant")
            and row.scope > 0
            and self.index.function(row.scope) in around
        )

    def _is_settled_too(self, executor: int, used: set[int]) -> bool:
        """Whether a promise is settled by more than the ends of things."""
        number = self.index.argument_of.get(executor, (NONE, 0))[0]
        made = self.unit.effects[number] if number != NONE else None
        params = set(self.unit.scopes[executor].params)
        if not isinstance(made, Call) or made.name != "Promise" or not params & used:
            return False
        if params & used == set(self.unit.scopes[executor].params[:1]):
            params &= used  # waits for the end: who fails before has not done what it was to do
        ends = [call for call in self._calls_within(executor) if self._is_of_end(call)]
        spots = [call.at for call in self._calls_within(executor) if self._names(call.callee, params)]
        spots += [
            row.at for row in self.unit.values if row.kind == "place" and self._names(row.place, params)
        ]
        return any(
            made.at < at < made.end and not any(call.at <= at < call.end for call in ends) for at in spots
        )

    def _calls_within(self, function: int) -> Iterator[Call]:
        for effect in self.unit.effects:
            if isinstance(effect, Call) and function in self.index.enclosing(effect.scope):
                yield effect

    def _is_of_end(self, call: Call) -> bool:
        row = self.unit.values[call.args[0]] if call.args and call.name in ("on", "once") else None
        return row is not None and (END.fullmatch(row.text) is not None or row.text == "error")

    def _names(self, place: int, symbols: set[int]) -> bool:
        return (
            place != NONE and not self.unit.places[place].path and self.unit.places[place].symbol in symbols
        )
