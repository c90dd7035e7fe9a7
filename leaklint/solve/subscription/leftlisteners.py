"""Java: listeners without a name that stay where their siblings are taken off, or are added again and again.

`leaklint.solve.subscription.registrations` judges the methods of files that take no listener off at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.subscription.registrations import Registration, Registrations

_ADDS = ("add", "register")
_ENDS_IN = ("Listener", "Observer", "Callback", "Handler", "Watcher")
_REMOVES = ("remove", "unregister", "delete")
_WHOLE = ("remove", "unregister", "delete", "removeAll", "unregisterAll")
_ALL = ("removeAll", "clear", "deleteObservers")


class LeftListeners:
    """Fresh listeners of one unit that nothing can take off again."""

    def __init__(self, registrations: Registrations) -> None:
        self.registrations = registrations
        self.index: Index = registrations.index
        self.unit: Unit = registrations.unit
        self.lifecycle: Lifecycle = registrations.lifecycle

    def found(self) -> Iterator[Registration]:
        """Each registration of a fresh listener beside a removed one, or on a part that gets it again."""
        names = [name for name in self.index.calls if name.startswith(_ADDS) and name.endswith(_ENDS_IN)]
        if not names:
            return
        removed = self._removed()
        for number in sorted(number for name in names for number in self.index.calls[name]):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if (
                call.receiver == NONE
                or not call.args
                or self.registrations.growths.guards.init_guarded(number)
            ):
                continue
            root = self._root(call.receiver)
            if root is None or number in self.index.uses.of_call:
                continue
            listener, others = self._listener(call)
            if not self.registrations.is_fresh(listener) and not self._is_made(listener):
                continue
            again = all(self._is_constant(value) for value in others[:1])  # else under a key, it may replace
            if self._is_beside(root, call, removed) or (
                again and self._is_added_again(root, number, call, listener)
            ):
                yield Registration(number, root, listener, False)

    def _listener(self, call: Call) -> tuple[int, tuple[int, ...]]:
        """The listener and the other arguments; GWT names the kind of event last."""
        if len(call.args) == 2 and self._is_constant(call.args[1]):
            return call.args[0], call.args[1:]
        return call.args[-1], call.args[:-1]

    def _root(self, receiver: int) -> Place | None:
        """The field of the object behind `this.a.b().c()`."""
        place = self.unit.places[receiver]
        for _ in range(5):
            if place.symbol != NONE:
                kind = self.unit.symbols[place.symbol].kind
                return place if kind == "this" and len(place.path) == 1 else None
            inner = self.unit.effects[place.call] if place.call != NONE else None
            if not isinstance(inner, Call) or inner.receiver == NONE or inner.new or inner.args:
                return None
            place = self.unit.places[inner.receiver]
        return None

    def _is_made(self, value: int) -> bool:
        """`getListener()`, a method of this class that makes a new one each time."""
        row = self.unit.values[value]
        if row.kind != "call":
            return False
        scope = self.index.callee_scope(row.call)
        returned = self.index.returns.get(scope, ()) if scope != NONE else ()
        return bool(returned) and all(self._gives_new(number) for number in returned)

    def _gives_new(self, number: int) -> bool:
        value = self.unit.values[self.unit.effects[number].value]  # type: ignore[union-attr]
        call = self.unit.effects[value.call] if value.kind == "call" else None
        return value.kind == "closure" or (isinstance(call, Call) and call.new)

    # -- beside one that is taken off

    def _removed(self) -> dict[tuple[int, Place], set[tuple[str, str]]]:
        """(owner, field) -> what takes listeners off it at the end: method, and part of the field."""
        found: dict[tuple[int, Place], set[tuple[str, str]]] = {}
        for name, numbers in self.index.calls.items():
            if not name.startswith(_REMOVES):
                continue
            for number in numbers:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                root = self._root(call.receiver) if call.receiver != NONE else None
                owner = self.lifecycle.owner_of(call.scope)
                if root is None or owner == NONE or not self.lifecycle.in_teardown(call.scope):
                    continue
                found.setdefault((owner, root), set()).add((name, self._part(call)))
        return found

    def _part(self, call: Call) -> str:
        """The getter whose result a method is called on, or ""."""
        place = self.unit.places[call.receiver]
        inner = self.unit.effects[place.call] if place.symbol == NONE and place.call != NONE else None
        return inner.name if isinstance(inner, Call) else ""

    def _is_beside(
        self, root: Place, call: Call, removed: dict[tuple[int, Place], set[tuple[str, str]]]
    ) -> bool:
        """Whether the end of the object takes another listener off the same, longer-lived field."""
        owner = self.lifecycle.owner_of(call.scope)
        rows = removed.get((owner, root), set())
        names = {name for name, _ in rows}
        if not any(name.endswith(_ENDS_IN) for name in names) or any(name.startswith(_ALL) for name in names):
            return False
        added = call.name.removeprefix("add").removeprefix("register")
        if any(name.endswith(added) and part == self._part(call) for name, part in rows):
            return False  # meant for this one, whatever it takes off
        return self.registrations.is_given_field(root)

    # -- again and again

    def _is_added_again(self, root: Place, number: int, call: Call, listener: int) -> bool:
        """Whether a part of the object gets one more with each call of a method."""
        function = self.index.function(call.scope)
        row = self.unit.scopes[function]
        if row.kind != "method" or self._is_conditional(call) or self._takes_off(root):
            return False
        makes = [
            index for index in self.index.binds.get(root, ()) if self.index.function_at(index) == function
        ]
        if makes:
            return all(self._is_guarded(index, number) for index in makes)
        if self.registrations.opens(call.scope) and not self._tells_of_call(listener, row.params):
            return False  # tried again until the object has started
        return self._is_called_often(function)

    def _takes_off(self, root: Place) -> bool:
        """Whether anything is ever taken off a field, or off what it gives out."""
        for name, numbers in self.index.calls.items():
            about = name in _WHOLE or any(word in name for word in _ENDS_IN)
            if not about or not name.startswith(_REMOVES):
                continue  # `removeAttribute`, `removeAllItems`
            for number in numbers:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver != NONE and self._root(call.receiver) == root:
                    return True
        return False

    def _is_constant(self, value: int) -> bool:
        """`SWT.Resize`: the kind of event."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        return place is not None and bool(place.path) and place.path[-1][1:2].isupper()

    def _tells_of_call(self, value: int, params: tuple[int, ...]) -> bool:
        """Whether a listener refers to a parameter of the method that adds it."""
        row = self.unit.values[value]
        scopes: list[int] = [row.scope] if row.kind == "closure" else []
        call = self.unit.effects[row.call] if row.kind == "call" else None
        last = self.unit.values[call.args[-1]] if isinstance(call, Call) and call.args else None
        if last is not None and last.kind == "class":
            scopes = list(self.unit.owners[last.owner].methods)
        return any(symbol in params for scope in scopes for symbol in self.unit.scopes[scope].captures)

    def _is_conditional(self, call: Call) -> bool:
        regions = self.index.regions(call.region)
        return any(self.unit.regions[region].kind in ("branch", "except") for region in regions)

    def _is_guarded(self, bind: int, number: int) -> bool:
        """`if (bar == null) bar = new Bar();` in front of what is done in any case."""
        effect = self.unit.effects[bind]
        assert isinstance(effect, Bind)
        made = self.unit.values[effect.value] if effect.value != NONE else None
        if bind > number or made is None or made.kind != "call":
            return False
        kinds = [self.unit.regions[region] for region in self.index.regions(effect.region)]
        return len(kinds) == 1 and kinds[0].kind == "branch" and not kinds[0].leaves

    def _is_called_often(self, function: int) -> bool:
        """Whether two places of the unit call a method, none of which is where the object begins."""
        callers = self.index.callers.get(function, ())
        if len(callers) < 2:
            return False
        return not any(
            self.unit.scopes[self.index.function_at(caller)].kind in ("constructor", "class")
            for caller in callers
        )
