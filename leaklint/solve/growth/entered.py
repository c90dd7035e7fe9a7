"""Python: what one call opens for itself, and leaves to the end of its object.

`self.stack.enter_context(TemporaryDirectory())` of a method that gives the directory to nobody: it is used by
this call, and kept with all earlier ones until the stack is closed. The same with a list of executors or
clients that only `close()` walks over.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.models import Models
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.lifecycle import first_word
from leaklint.solve.names import callee_name
from leaklint.solve.once import once_a_table

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


_EXECUTORS = frozenset({"concurrent.futures.ThreadPoolExecutor", "concurrent.futures.ProcessPoolExecutor"})


class _Makers:
    """What makes executors, clients and the like, by the models."""

    def __init__(self, models: Models) -> None:
        self.names = {*_EXECUTORS, *(name for row in models.resource for name in row.make)}
        self.last_names = {name.rpartition(".")[2] for name in self.names}


_makers = once_a_table(_Makers)


class Entered(msgspec.Struct):
    """`growth` puts into `holder` what its own call only uses; left: where all of it is left, or ended."""

    holder: Holder
    growth: Growth
    left: int


class OwnContexts:
    """Such stacks of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit

    def listed(self) -> Iterator[Entered]:
        """Each list of what has threads or connections of its own, once, where only the end walks over it."""
        known = _makers(self.growths.holders.models)
        if self.index.calls.keys().isdisjoint(known.last_names):
            return
        for holder in self.growths.holders.by_place.values():
            if holder.kind != "list" or holder.lifetime != "instance" or holder.emptied_elsewhere:
                continue
            left = self._walked(holder)
            for item in sorted(holder.growths, key=lambda row: row.effect) if left != NONE else ():
                made = self._made(item, known.names)
                function = self.index.function_at(item.effect)
                if made == NONE or not self._is_of_call(item, holder, function):
                    continue
                if self.index.function_at(made) == function and not self._goes_on(made, function):
                    yield Entered(holder, item, left)
                    break

    def _made(self, item: Growth, makes: set[str]) -> int:
        """The call that makes what a growth adds, of one of these names, or NONE."""
        row = self.unit.values[item.values[0]] if len(item.values) == 1 else None
        if row is not None and row.kind == "place" and not self.unit.places[row.place].path:
            binds = self.index.binds.get(self.unit.places[row.place], ())
            value = self.index.bind(binds[0]).value if len(binds) == 1 else NONE
            row = self.unit.values[value] if value != NONE else None
        if row is None or row.kind != "call" or callee_name(self.unit, row.call) not in makes:
            return NONE
        return row.call

    def _walked(self, holder: Holder) -> int:
        """A loop over the list in a method that ends its object, where nothing else reads it; or NONE."""
        found = NONE
        grows = {item.effect for item in holder.growths}
        for region in self.unit.regions:
            walks = region.iterates if region.iterates != NONE else region.test
            if region.kind == "loop" and walks != NONE and self._reads(walks, holder):
                if not self.growths.lifecycle.in_teardown(self.index.function(region.scope)):
                    return NONE
                found = region.first
        for number, effect in enumerate(self.unit.effects):
            scope = self.index.function(effect.scope)
            if number in grows or self.growths.lifecycle.in_teardown(scope) or isinstance(effect, Bind):
                continue
            values = effect.args if isinstance(effect, Call) else (getattr(effect, "value", NONE),)
            receiver = getattr(effect, "receiver", NONE)
            if receiver != NONE and self.unit.places[receiver] == holder.place:
                return NONE
            if any(value != NONE and self._reads(value, holder) for value in values):
                return NONE
        return found

    def _reads(self, value: int, holder: Holder) -> bool:
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return isinstance(call, Call) and any(self._reads(each, holder) for each in call.args)
        if row.kind == "place":
            return self.unit.places[row.place] == holder.place
        return any(self._reads(part, holder) for part in row.parts)

    def _is_of_call(self, item: Growth, holder: Holder, function: int) -> bool:
        """Whether a method that does one piece of work after the other adds something."""
        row = self.unit.scopes[function]
        if row.kind != "method" or row.name.startswith("__") or first_word(row.name) in _OPENS:
            return False
        return self.growths.counting.counts(item, holder)

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
                if function in leaving or not self._is_of_call(item, holder, function):
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
        captured = {
            symbol
            for scope in self.unit.scopes
            for symbol in scope.captures
            if scope.name not in ("list", "set", "dict")  # comprehensions, which run at once
        }
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
