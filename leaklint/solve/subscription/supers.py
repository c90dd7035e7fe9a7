"""Overrides of end-of-life methods that leave out what their base class does there."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.index import Index

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
