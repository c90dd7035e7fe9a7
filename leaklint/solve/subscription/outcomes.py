"""JavaScript: two one-time listeners for two outcomes of one call, of which only the one that fires goes.

`new Promise((done, fail) => { bus.once("reply", done); bus.once("refusal", fail); … })` on a bus that serves
many calls: each reply leaves a listener for the refusal, and what it closes over.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.callbacks import Callbacks
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition

# events that tell of the end of what they happen to: `once` does not take them off before
END = regex(
    r"(?i)clos\w+|end(ed)?|finish(ed)?|exit|disconnect(ed)?|destroy(ed)?|dispos\w+|detached|gone|unload"
)
# a parameter by which a function tells of its outcome
_TOLD = regex(r"_?(cb|callback|done|next|fn|resolve|reject|on[A-Z]\w*|\w+(Callback|Cb))")


class Outcomes:
    """Answers about the one-time listeners of one unit."""

    def __init__(self, index: Index, callbacks: Callbacks) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.callbacks = callbacks

    def emitter(self, item: Acquisition) -> Place | None:
        """The object itself, a field of it, or a variable of the module that has a rival for the outcome."""
        if not item.once or item.pair.kind != "listener" or item.receiver == NONE or item.options != NONE:
            return None
        if self.unit.language != "javascript":
            return None
        place = self._lasting(item.receiver)
        if place is None:
            return None
        for scope in self.index.enclosing(self.unit.effects[item.effect].scope):
            told = self._told(scope)
            used = told & set(self._used(item.callback)) if told else set()
            if used:
                if self._is_of_itself(place, scope) or self._tidies(item.callback, scope):
                    return None
                return place if self._has_rival(item, scope) else None
        return None

    def _is_of_itself(self, place: Place, function: int) -> bool:
        """`job.promise()` tells how the object itself ends, which is no matter of the call."""
        if place.path or self.unit.symbols[place.symbol].kind != "this":
            return False
        for scope in self.index.enclosing(function):
            told = self._told(scope)
            if not told.issuperset(self.unit.scopes[scope].params):
                return False
            if self.unit.scopes[scope].kind == "method":
                return True
        return False

    def _tidies(self, callback: int, function: int) -> bool:
        """Whether a callback calls a function of the same call, which may take both off."""
        closure = self._function(callback)
        for number in self.index.of_function.get(closure, ()):
            called = self.index.callee_scope(number) if isinstance(self.unit.effects[number], Call) else NONE
            if called not in (NONE, closure) and function in self.index.enclosing(called):
                return True
        return False

    def _function(self, callback: int) -> int:
        """The function that a callback is or names, or NONE."""
        row = self.unit.values[callback] if callback != NONE else None
        if row is not None and row.kind == "closure":
            return row.scope
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        named = place is not None and not place.path and place.symbol != NONE
        return self.index.function_of(place.symbol) if named and place is not None else NONE

    def _lasting(self, receiver: int) -> Place | None:
        """What a receiver means, if it outlives the call: it is of the object or of the module."""
        for place in self.callbacks.aliases.of(receiver):
            symbol = self.index.symbol(place)
            if symbol is None:
                return None
            own = symbol.kind == "this" and len(place.path) < 2
            shared = symbol.kind in ("constant", "variable") and symbol.scope == 0
            if own or (not place.path and (shared or symbol.kind == "import")):
                return place
        return None

    def _told(self, function: int) -> set[int]:
        """The parameters by which a function tells of its outcome: those of an executor, a callback."""
        params = self.unit.scopes[function].params
        number = self.index.argument_of.get(function, (NONE, 0))[0]
        made = self.unit.effects[number] if number != NONE else None
        if isinstance(made, Call) and made.name == "Promise" and made.new:
            return set(params)
        return {symbol for symbol in params if _TOLD.fullmatch(self.unit.symbols[symbol].name)}

    def _used(self, callback: int) -> Iterator[int]:
        """The symbols that a callback refers to, or that it is."""
        row = self.unit.values[callback] if callback != NONE else None
        if row is not None and row.kind == "closure":
            yield from self.unit.scopes[row.scope].captures
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        if place is None or place.path or place.symbol == NONE:
            return
        yield place.symbol
        function = self.index.function_of(place.symbol)
        if function != NONE:
            yield from self.unit.scopes[function].captures

    def _has_rival(self, item: Acquisition, function: int) -> bool:
        """Whether another one-time listener of the same call tells of another outcome."""
        mine = self.unit.effects[item.effect]
        told = self._told(function)
        names = {once[1:] for once in item.pair.once}
        for number in self.index.of_function.get(self.index.function(mine.scope), ()):
            call = self.unit.effects[number]
            if number == item.effect or not isinstance(call, Call) or call.name not in names:
                continue
            if len(call.args) < 2 or call.receiver == NONE or self._lasting(call.receiver) is None:
                continue
            if self._is_end(item.event) and self._is_end(call.args[0]):
                continue  # either is the last that is heard of it
            if END.fullmatch(self.unit.values[call.args[0]].text):
                continue  # the other one is left, if any
            if self._succeeds_with_end(item.event, item.callback, function):
                continue
            if self._succeeds_with_end(call.args[0], call.args[1], function):
                continue  # after such a call there is nothing left to listen to
            if told & set(self._used(call.args[1])) and call.region == mine.region:
                return True
        return False

    def _succeeds_with_end(self, event: int, callback: int, executor: int) -> bool:
        """`new Promise((resolve) => { socket.once("close", resolve); … })`."""
        params = self.unit.scopes[executor].params
        text = self.unit.values[event].text if event != NONE else ""
        return END.fullmatch(text) is not None and bool(set(params[:1]) & set(self._used(callback)))

    def _is_end(self, event: int) -> bool:
        text = self.unit.values[event].text if event != NONE else ""
        return text == "error" or END.fullmatch(text) is not None
