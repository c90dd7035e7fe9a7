"""Python: what one call enters for itself, in a stack of contexts that only the end of its object leaves.

`self.stack.enter_context(TemporaryDirectory())` of a method that gives the directory to nobody: it is used by
this call, and kept with all earlier ones until the stack is closed.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.lifecycle import first_word

_OPENS = frozenset(
    {
        "open",
        "start",
        "setup",
        "set",
        "connect",
        "init",
        "initialize",
        "initialise",
        "enter",
        "load",
        "configure",
    }
    | {
        "install",
        "mount",
        "activate",
        "prepare",
        "begin",
        "attach",
        "add",
        "register",
        "create",
        "make",
        "build",
    }
    | {"use", "patch", "mock", "apply", "launch", "spawn", "boot", "on", "ensure", "acquire"}
)
_WRAPS = frozenset({"Path", "str", "open", "PurePath", "abspath", "fspath", "int", "len"})


class Entered(msgspec.Struct):
    """`growth` enters into `holder` what its own call only uses; left: where the stack is left."""

    holder: Holder
    growth: Growth
    left: int


class OwnContexts:
    """Such stacks of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[Entered]:
        """Each stack once, where some method leaves all of it at once."""
        if "enter_context" not in self.index.calls and "enter_async_context" not in self.index.calls:
            return
        for holder in self.growths.holders.by_place.values():
            if holder.kind != "exits" or holder.lifetime != "instance" or not holder.releases:
                continue
            leaving = {self.index.function_at(row.effect) for row in holder.releases}
            if not all(self.growths.lifecycle.in_teardown(scope) for scope in leaving):
                continue  # left when a piece of work is done
            for item in sorted(holder.growths, key=lambda row: row.effect):
                function = self.index.function_at(item.effect)
                row = self.unit.scopes[function]
                if row.kind != "method" or function in leaving or first_word(row.name) in _OPENS:
                    continue
                if row.name.startswith("__") or not self.growths.counting.counts(item, holder):
                    continue
                if not self._goes_on(item.effect, function):
                    yield Entered(holder, item, holder.releases[0].effect)
                    break

    def _goes_on(self, entering: int, function: int) -> bool:
        """Whether anything outlives the call with what it entered, or nothing takes it at all."""
        effects = self.index.of_function[function]
        held: set[Place] = set()
        calls = {entering}
        for number in effects:
            if number <= entering:
                continue
            effect = self.unit.effects[number]
            if isinstance(effect, Call):
                values = (*effect.args, *(value for _, value in effect.keywords))
                given = any(self._is(value, calls, held) for value in values)
                if given and effect.name in _WRAPS and effect.receiver == NONE:
                    calls.add(number)
            elif isinstance(effect, Bind) and effect.value != NONE:
                if self._is(effect.value, calls, held):
                    target = self.unit.places[effect.target]
                    symbol = self.index.symbol(target)
                    if target.path or symbol is None or self.index.function(symbol.scope) != function:
                        return True
                    held.add(target)
            elif isinstance(effect, Leave) and self._gives(effect, calls, held):
                return True
        captured = {symbol for scope in self.unit.scopes for symbol in scope.captures}
        return not held or any(place.symbol in captured for place in held)

    def _gives(self, leave: Leave, calls: set[int], held: set[Place]) -> bool:
        return leave.how != "await" and leave.value != NONE and self._is(leave.value, calls, held)

    def _is(self, value: int, calls: set[int], held: set[Place]) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            place = self.unit.places[row.place]
            return any(place.symbol == each.symbol and set(place.path) <= {"[]"} for each in held)
        if row.kind == "call":
            return row.call in calls
        return any(self._is(part, calls, held) for part in row.parts)
