"""Timers that start themselves again: a timeout or an animation frame that never comes to rest."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.pairs import Acquisition, Pairs


class Rearming:
    """Answers about one-shot timers of one unit."""

    def __init__(self, pairs: Pairs) -> None:
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
        else:
            return False
        if target == NONE:
            return False
        effect = self.unit.effects[item.effect]
        around = list(self.index.enclosing(effect.scope))
        if target in around:
            return not self._can_stop(item, target)
        if value.kind in ("closure", "call") and self.unit.language != "python":
            for number in self.index.of_function.get(target, ()):  # `setTimeout(() => this.step(), 1000)`
                call = self.unit.effects[number]
                called = self.index.callee_scope(number) if isinstance(call, Call) else NONE
                if called != NONE and called == around[0] and call.region == NONE:
                    return not self._can_stop(item, called)
        return False

    def _run_of(self, call: int) -> int:
        """Java: the method `run` of `new TimerTask() {…}`, or NONE."""
        made = self.unit.effects[call]
        body = self.unit.values[made.args[-1]] if isinstance(made, Call) and made.args else None
        if body is None or body.kind != "class":
            return NONE
        return self.index.method_names.get(body.owner, {}).get("run", NONE)

    def _function_at(self, item: Acquisition) -> int:
        value = self.unit.values[item.callback]
        place = self.unit.places[value.place]
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
