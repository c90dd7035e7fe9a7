"""Timers that start themselves again: a timeout or an animation frame that never comes to rest."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.pairs import Pairs

# run what they are handed once the work is done: a loop goes on in there
_GOES_ON = {"then": 0, "finally": 0, "done": 0, "always": 0}
_ERRORS = frozenset({"err", "error", "e"})
_HEARS = regex(r"on(ce)?$|on[A-Z]|add\w*Listener|catch|fail|subscribe|listen|watch|use$|bind$")


class Rearming:
    """Answers about one-shot timers of one unit."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs
        self.index = pairs.index
        self.unit: Unit = pairs.unit

    def restarts(self, item: Acquisition) -> bool:
        """Whether a timer's callback starts the timer again, with no way out."""
        value = self.unit.values[item.callback] if item.callback != NONE else None
        if value is None:
            return False
        if value.kind == "closure":
            target = value.scope
        elif value.kind == "place":
            place = self.unit.places[value.place]
            target = self._function_at(item)
            if place.symbol == NONE:
                return False
        elif value.kind == "call" and self.unit.language == "java":
            target = self._run_of(value.call)
        elif value.kind == "call" and self.unit.language == "javascript":
            target = self._bound(item.callback)
        else:
            return False
        if target == NONE:
            return False
        effect = self.unit.effects[item.effect]
        around = list(self.index.enclosing(effect.scope))
        loop = list(self._in_turn(around))
        if value.kind == "call" and self.unit.language == "javascript":
            return target in loop and not self._stops_within(item, target, around)
        if target in around:
            return not self._can_stop(item, target)
        if value.kind in ("closure", "call") and self.unit.language != "python":
            for number in self.index.of_function.get(target, ()):  # `setTimeout(() => this.step(), 1000)`
                call = self.unit.effects[number]
                called = self.index.callee_scope(number) if isinstance(call, Call) else NONE
                if called != NONE and called in loop and call.region == NONE:
                    return not self._stops_within(item, called, around)
        return False

    def _stops_within(self, item: Acquisition, function: int, around: list[int]) -> bool:
        inside = around[: around.index(function) + 1]
        return any(self._can_stop(item, each) for each in inside)

    def _in_turn(self, around: list[int]) -> Iterator[int]:
        """The function that starts a timer, and those that it is the last step of: `work().then(() => …)`."""
        for function in around:
            yield function
            number, position = self.index.argument_of.get(function, (NONE, NONE))
            call = self.unit.effects[number] if number != NONE else None
            if self.unit.language != "javascript" or not isinstance(call, Call):
                return
            if call.region != NONE or not self._goes_on(call, position, function):
                return

    def _goes_on(self, call: Call, position: int, function: int) -> bool:
        """Whether a call runs a function when its work is done: `then(f)`, `load((error, result) => …)`."""
        if call.name in _GOES_ON:
            return _GOES_ON[call.name] == position
        params = self.unit.scopes[function].params
        first = self.unit.symbols[params[0]].name if params else ""
        return position == len(call.args) - 1 and first in _ERRORS and not _HEARS.match(call.name)

    def _bound(self, callback: int) -> int:
        """`this.poll.bind(this)`: the method, or NONE."""
        kind, place = self.pairs.callbacks.identity(callback)
        return self._named(place) if kind == "rebound" and place is not None else NONE

    def _run_of(self, call: int) -> int:
        """Java: the method `run` of `new TimerTask() {…}`, or NONE."""
        made = self.unit.effects[call]
        body = self.unit.values[made.args[-1]] if isinstance(made, Call) and made.args else None
        if body is None or body.kind != "class":
            return NONE
        return self.index.method_names.get(body.owner, {}).get("run", NONE)

    def _function_at(self, item: Acquisition) -> int:
        return self._named(self.unit.places[self.unit.values[item.callback].place])

    def _named(self, place: Place) -> int:
        if place.symbol == NONE:
            return NONE
        symbol = self.unit.symbols[place.symbol]
        if not place.path and symbol.kind == "this":  # Java: a task that posts itself again
            return self.index.method(symbol.target, "run") if symbol.target != NONE else NONE
        if not place.path:
            return self.index.function_of(place.symbol)
        if symbol.kind == "this" and len(place.path) == 1:
            return self.index.method(symbol.target, place.path[0][1:])
        return NONE

    def _can_stop(self, item: Acquisition, target: int) -> bool:
        """A test around the re-arming call, or a return before it, lets the loop end."""
        effect = self.unit.effects[item.effect]
        if any(
            self.unit.regions[index].kind in ("branch", "loop", "try", "except")
            for index in self.index.regions(effect.region)
        ):
            return True
        return any(
            region.scope == target
            and region.leaves
            and region.last <= item.effect
            and region.kind == "branch"
            for region in self.unit.regions
        )
