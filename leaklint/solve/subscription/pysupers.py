"""Python: overrides of end-of-life methods that leave out what their base class does there."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place
from leaklint.solve.once import solved
from leaklint.solve.subscription.attachments import Attachments
from leaklint.solve.subscription.supers import JavaSupers, SuperForgotten

# ends of life besides those that the models name, and names among those that are none for every class
_ENDS = frozenset({"deactivate", "disable", "on_unload", "on_destroy", "async_stop", "async_close"})
_OTHERS = frozenset(
    {"reset", "cancel", "finish", "join", "free", "kill", "finalize", "__del__", "exit", "quit"}
)
# end of life -> the other end, where a call of the base class says that it has both
_OPENERS = {
    "__exit__": "__enter__",
    "__aexit__": "__aenter__",
    "disconnect": "connect",
    "deactivate": "activate",
    "teardown": "setup",
    "tear_down": "set_up",
    "close": "open",
}
_ENDINGS = frozenset(
    {"close", "aclose", "shutdown", "stop", "cancel", "terminate", "kill", "join", "dispose", "destroy"}
    | {"disconnect", "unsubscribe", "cleanup", "quit", "unlink", "release", "source_remove"}
)


class PythonSupers(JavaSupers):
    """Forgotten calls of base classes in one unit."""

    endings = _ENDINGS

    def __init__(self, attachments: Attachments) -> None:
        super().__init__(attachments.pairs, attachments.lifecycle)
        self.verbs = attachments.verbs

    def forgotten(self) -> Iterator[SuperForgotten]:
        """In source order of the classes."""
        for owner, row in enumerate(self.unit.owners):
            names = self.index.method_names.get(owner, {}) if row.bases else {}
            for end in sorted(((self.lifecycle.teardown_names | _ENDS) - _OTHERS) & names.keys()):
                if self._super_call(names[end], end) == NONE and self._does_something(names[end]):
                    found = self._left_out(owner, names[end], end) or self._one_sided(owner, names[end], end)
                    if found is not None:
                        yield found

    def _one_sided(self, owner: int, method: int, end: str) -> SuperForgotten | None:
        """`super().__enter__()` in one, and no `super().__exit__()` in the other."""
        opener = _OPENERS.get(end, "")
        other = self.index.method_names[owner].get(opener, NONE)
        if other == NONE or self.index.base_owners(owner):
            return None
        number = self._super_call(other, opener)
        called = self.unit.effects[number] if number != NONE else None
        if not isinstance(called, Call) or called.name != opener:
            return None
        return SuperForgotten(owner, method, number, f"`{opener}()` does call it")

    def _left_out(self, owner: int, method: int, end: str) -> SuperForgotten | None:
        found = super()._left_out(owner, method, end)
        if found is None or found.shown == NONE:
            return found
        names = self.index.method_names[owner]
        opened = [number for number in self._openings(found.shown) if self._is_run(number, names)]
        return found if opened else None

    def _is_run(self, opening: int, names: dict[str, int]) -> bool:
        """Whether what opens is a method that the class has not put its own in place of."""
        name = self.unit.scopes[self.index.function_at(opening)].name
        return name not in names or self._super_call(names[name], name) != NONE

    def _openings(self, ending: int) -> list[int]:
        """What the base class does elsewhere, and undoes there: calls that attach, or binds of a field."""
        end = self.unit.effects[ending]
        assert isinstance(end, Call) and end.receiver != NONE
        return list(self._attaching(end)) or self.index.binds.get(self.unit.places[end.receiver], [])

    def _attaching(self, end: Call) -> Iterator[int]:
        """`market.add(self.on_price)` in another method, for `market.remove(self.on_price)`."""
        owner = self.lifecycle.owner_of(end.scope)
        here = self.index.function(end.scope)
        for name in self._undone_by.get(end.name, ()):
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                if (
                    isinstance(call, Call)
                    and call.receiver != NONE
                    and self.index.function(call.scope) != here
                    and self.lifecycle.owner_of(call.scope) == owner
                    and self.unit.places[call.receiver] == self.unit.places[end.receiver]
                ):
                    yield number

    @solved
    def _undone_by(self) -> dict[str, list[str]]:
        """Verb that takes off -> those of the file that attach."""
        found: dict[str, list[str]] = {}
        for name in self.index.calls:
            for inverse in self.verbs.opposites(name):
                found.setdefault(inverse, []).append(name)
        return found

    def _released(self, method: int) -> Iterator[int]:
        for number in self.index.of_function.get(method, ()):
            call = self.unit.effects[number]
            if isinstance(call, Call) and call.receiver != NONE and any(True for _ in self._attaching(call)):
                yield number

    def _super_call(self, method: int, name: str) -> int:
        """Any call of the base class inside a method: `super().close()`, `Base.close(self)`."""
        around = self.unit.scopes[method].owner
        for number in self.index.of_function.get(method, ()):
            effect = self.unit.effects[number]
            if not isinstance(effect, Call) or effect.receiver == NONE:
                continue
            place = self.unit.places[effect.receiver]
            made = self.unit.effects[place.call] if place.call != NONE else None
            if isinstance(made, Call) and made.receiver == NONE and made.name == "super":
                return number
            if effect.name == name and self._is_base(place, around):
                return number
        return NONE

    def _is_base(self, place: Place, owner: int) -> bool:
        """Whether a place names one of the classes that a class extends."""
        rows = [self.unit.values[base] for base in self.unit.owners[owner].bases]
        return any(row.kind == "place" and self.unit.places[row.place] == place for row in rows)
