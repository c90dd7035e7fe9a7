"""Overrides of end-of-life methods that leave out what their base class does there."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.pairs import Pairs

# end-of-life method -> methods at the other end that call their base class when this one should
_ENDS: dict[str, tuple[str, ...]] = {
    "dispose": ("constructor", "init", "initialize", "attach"),
    "destroy": ("init", "initialize", "create", "setup", "mount"),
    "release": ("init", "acquire"),
    "disconnectedCallback": ("connectedCallback",),
    "componentWillUnmount": ("componentDidMount",),
    "ngOnDestroy": ("ngOnInit", "ngAfterViewInit"),
    "unmount": ("mount",),
    "onRemove": ("onAdd",),
    "onBeforeDetach": ("onAfterAttach",),
    "onAfterDetach": ("onBeforeAttach",),
    "removeHooks": ("addHooks",),
    "deactivate": ("activate",),
    "teardown": ("setup",),
    "disconnect": ("connect",),
}
# what ends a thing that an object has made for itself
_ENDINGS = frozenset(
    {"close", "shutdown", "shutdownNow", "cancel", "stop", "dispose", "destroy", "interrupt", "quit"}
)
_COLLECTORS = ("_register", "addDisposable", "registerDisposable")


class SuperForgotten(msgspec.Struct):
    """`method` overrides an end of life of a base class and never calls it. `shown`: what says so."""

    owner: int
    method: int
    shown: int
    why: str


class Supers:
    """Forgotten calls of base classes in one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def forgotten(self) -> Iterator[SuperForgotten]:
        """In source order of the classes."""
        for owner, row in enumerate(self.unit.owners):
            if row.kind != "class" or not row.bases:
                continue
            names = self.index.method_names.get(owner, {})
            for end in _ENDS.keys() & names.keys():
                method = self.unit.scopes[names[end]]
                if method.flags & {"static", "abstract"} or self._super_call(names[end], end) != NONE:
                    continue
                found = self._evidence(owner, end)
                if found is not None and self._does_something(names[end]):
                    yield SuperForgotten(owner, names[end], *found)

    def _evidence(self, owner: int, end: str) -> tuple[int, str] | None:
        for base in self.index.base_owners(owner):
            method = self.index.method(base, end)
            if method != NONE and self._does_something(method):
                return NONE, f"`{self.unit.owners[base].name}` ends things of its own there"
        names = self.index.method_names[owner]
        for name in _COLLECTORS:
            if name in names:
                return None
            for number in self.index.calls.get(name, ()):
                if self._is_on_this(number, owner):
                    return number, "the base class is to end this there"
        for opener in _ENDS[end]:
            if opener in names and opener != "constructor":
                number = self._super_call(names[opener], opener)
                if number != NONE:
                    return number, f"`{opener}()` does call it"
        return None

    def _is_on_this(self, number: int, owner: int) -> bool:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.receiver == NONE:
            return False
        place = self.unit.places[call.receiver]
        if place.symbol == NONE or place.path:
            return False
        symbol = self.unit.symbols[place.symbol]
        return symbol.kind == "this" and symbol.target == owner

    def _super_call(self, method: int, name: str) -> int:
        """A call of the base class's method of that name inside a method, however it is written, or NONE."""
        numbers: list[int] = [*self.index.calls.get(name, ()), *self.index.calls.get("call", ())]
        for number in numbers:
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE or method not in self.index.enclosing(call.scope):
                continue
            place = self.unit.places[call.receiver]
            if place.symbol == NONE:
                continue
            if self.unit.symbols[place.symbol].kind == "super":
                return number
            if ".prototype" in place.path and "." + name in (place.path[-1], "." + call.name):
                return number
        return NONE

    def _does_something(self, method: int) -> bool:
        """Whether a method has a body with more than a thrown error."""
        return any(
            effect.scope == method and isinstance(effect, Call) and not effect.name.endswith("Error")
            for effect in self.unit.effects
        )


class JavaSupers(Supers):
    """The same in Java, where the base class has to show that it ends what it has added or made itself.

    A base class that only passes its own end on, as a filter of streams does, may be overridden on purpose.
    """

    endings = _ENDINGS

    def __init__(self, pairs: Pairs, lifecycle: Lifecycle) -> None:
        super().__init__(pairs.index)
        self.pairs = pairs
        self.lifecycle = lifecycle

    def forgotten(self) -> Iterator[SuperForgotten]:
        """In source order of the classes."""
        for owner, row in enumerate(self.unit.owners):
            bases = self.index.base_owners(owner) if row.bases else ()
            names = self.index.method_names.get(owner, {}) if bases else {}
            for end in sorted(self.lifecycle.teardown_names & names.keys()):
                found = self._left_out(owner, names[end], end)
                if found is not None and not self._calls_super(names[end], end):
                    yield found

    def _calls_super(self, method: int, end: str) -> bool:
        """Whether a method, or one that it calls, calls that of the base class."""
        return any(self._super_call(scope, end) != NONE for scope in self._reached(method))

    def _left_out(self, owner: int, method: int, end: str) -> SuperForgotten | None:
        for base in self.index.base_owners(owner):
            above = self.index.method(base, end)
            if above in (NONE, method) or len(self.unit.scopes[above].params) != len(
                self.unit.scopes[method].params
            ):
                continue
            ended = [*self._released(above), *self._closed(above)]
            if ended and not self._does_it_itself(method, ended):
                why = f"`{self.unit.owners[self.unit.scopes[above].owner].name}` ends things of its own there"
                return SuperForgotten(owner, method, ended[0], why)
        return None

    def _does_it_itself(self, method: int, ended: list[int]) -> bool:
        """`executor.shutdownNow()`, in the override or in what it calls, for `executor.shutdown()`."""
        rows = [self.unit.effects[number] for number in ended]
        names = {row.name for row in rows if isinstance(row, Call)}.union(self.endings)
        places = [self.unit.places[row.receiver] for row in rows if isinstance(row, Call)]
        things = {step for place in places for step in place.path[-1:]}
        for scope in self._reached(method):
            for number in self.index.of_function.get(scope, ()):
                call = self.unit.effects[number]
                if not isinstance(call, Call) or call.name not in names or call.receiver == NONE:
                    continue
                if things.intersection(self.unit.places[call.receiver].path):
                    return True
        return False

    def _reached(self, method: int) -> set[int]:
        """A method and those of the file that it calls."""
        seen: set[int] = set()
        pending = [method]
        while pending:
            scope = pending.pop()
            if scope not in seen:
                seen.add(scope)
                calls = (number for number in self.index.of_function.get(scope, ()))
                pending += [
                    called
                    for number in calls
                    if isinstance(self.unit.effects[number], Call)
                    and (called := self.index.callee_scope(number)) != NONE
                ]
        return seen

    def _released(self, method: int) -> Iterator[int]:
        """Calls in a method that take off what its class adds."""
        for item in self.pairs.acquisitions:
            if (
                self.lifecycle.owner_of(self.unit.effects[item.effect].scope)
                == self.unit.scopes[method].owner
            ):
                yield from (number for number in item.released_by if self.index.function_at(number) == method)

    def _closed(self, method: int) -> Iterator[int]:
        """Calls in a method that end what a field of its class was made with."""
        for name in sorted(self.endings & self.index.calls.keys()):
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                place = self.unit.places[call.receiver] if call.receiver != NONE else None
                if place is not None and self.index.function_at(number) == method and self._is_made(place):
                    yield number

    def _is_made(self, field: Place) -> bool:
        if len(field.path) != 1 or field.symbol == NONE or self.unit.symbols[field.symbol].kind != "this":
            return False
        binds = [self.unit.effects[number] for number in self.index.binds.get(field, ())]
        values = [
            self.unit.values[bind.value] for bind in binds if isinstance(bind, Bind) and bind.value != NONE
        ]
        made = [value for value in values if value.kind == "call"]
        return bool(made) and all(value.kind in ("call", "null") for value in values)
