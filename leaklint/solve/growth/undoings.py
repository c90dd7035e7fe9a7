"""JavaScript: functions that give back their own undoing, and leave something of what they did.

`subscribe()` puts a handle into a list and returns a function that ends the handle: the list keeps it.
Also collections of disposables that gain one for each item, and lose them all only at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Delete, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle

_ADDS = frozenset({"add", "push", "set", "unshift"})
_TAKES = frozenset(
    {"delete", "remove", "splice", "pop", "shift", "clear", "dispose", "unset", "without", "pull", "release"}
)
_ALL = frozenset({"clear", "dispose"})
# what is given back to undo: a function, or an object with one
_WRAPS = frozenset({"Disposable", "toDisposable", "create", "DisposableDelegate", "Subscription", "Teardown"})
_UNDOES = frozenset(
    {"dispose", "unsubscribe", "remove", "destroy", "off", "cancel", "close", "stop", "release", "detach"}
)
# parameters that name one of few, not an object of its own
_NAMES = regex(r"(?i)(\w*_)?(type|event|name|key|topic|channel|kind|id|selector|path|url|eventName|method)")
_ENDING = regex(
    r"(?i)^_*\$?(tear|dispos|destroy|clos|unload|stop|end|clear|reset|shutdown|deactivat|unmount|detach)"
)
_UNDO = regex(
    r"_?(un|remove|delete|dispos|destroy|detach|off|clear|release|deregister|drop|forget|reset|stop)"
)
_FRESH = ("WeakSet", "WeakMap", "WeakRef")
# collections of what is disposed of together
_DISPOSABLES = regex(
    r"(?i)^\.?[_#]*(\w*dispos\w*|\w*subscriptions?|\w*subs|\w*listeners|\w*unsub\w*|cleanups?|teardowns?)$"
)
# functions that run for one item after the other
_PER_ITEM = regex(
    r"observe[A-Z]\w*|on(Did|Will)(Add|Create|Open|Insert|Connect|Attach|Show|Join)\w*|on[A-Z]\w*(Added|Created|Opened)"
)


class Undone(msgspec.Struct):
    """`growth` fills `place`, and `undo` (a call of what is given back) leaves the entry in.

    how: half: the undoing passes it by; item: one more for each item, all kept until the end.
    """

    place: Place
    growth: int
    undo: int
    how: Literal["half", "item"]


class Undoings:
    """Half-done undoings of one unit."""

    def __init__(self, index: Index, lifecycle: Lifecycle) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.lifecycle = lifecycle

    def found(self) -> Iterator[Undone]:
        """In source order; one for each container and function."""
        if self.unit.language != "javascript" or _ADDS.isdisjoint(self.index.calls):
            return
        for function, returns in self.index.returns.items():
            for number in returns:
                closure = self._undoing(self.unit.effects[number].value)  # type: ignore[union-attr]
                if closure != NONE:
                    yield from self._half(self.index.function(function), closure)

    def _undoing(self, value: int) -> int:
        """The closure that a returned value undoes with, or NONE."""
        row = self.unit.values[value]
        if row.kind == "closure":
            return row.scope
        if row.kind == "call":
            call = self.unit.effects[row.call]
            if isinstance(call, Call) and call.name in _WRAPS and call.args:
                return self._undoing(call.args[0])
        if row.kind == "container" and row.text == "object":
            for key, part in zip(row.keys, row.parts, strict=False):
                if key in _UNDOES and self.unit.values[part].kind == "closure":
                    return self.unit.values[part].scope
        return NONE

    def _half(self, function: int, closure: int) -> Iterator[Undone]:
        if self.unit.scopes[function].kind not in ("function", "method", "lambda"):
            return
        inside = self._inside(closure)
        undo = self._undoes(inside, function)
        if undo == NONE or self._hands_on(inside, function):
            return
        seen: set[Place] = set()
        for number in self.index.of_function.get(function, ()):
            place, kept = self._growth(number, function)
            if place is None or place in seen or self._is_taken(place, kept, inside):
                continue
            if self._is_weak(place) or self._is_taken_elsewhere(place, inside):
                continue
            seen.add(place)
            yield Undone(place, number, undo, "half")

    def _inside(self, closure: int) -> list[int]:
        """The effects of a closure, of those in it, and of the functions of this file that it calls."""
        scopes = {closure}
        found: list[int] = []
        for number, effect in enumerate(self.unit.effects):
            if closure in self.index.enclosing(effect.scope):
                found.append(number)
                if isinstance(effect, Call):
                    callee = self.index.callee_scope(number)
                    if callee != NONE and callee not in scopes:
                        scopes.add(callee)
                        found += self.index.of_function.get(callee, ())
        return found

    def _undoes(self, inside: list[int], function: int) -> int:
        """The first effect that ends or takes out what the function around has made or was given."""
        for number in inside:
            effect = self.unit.effects[number]
            if isinstance(effect, Delete):
                return number
            if isinstance(effect, Call) and effect.name in _UNDOES | _TAKES | {
                "clearInterval",
                "clearTimeout",
            }:
                return number
        return NONE

    def _hands_on(self, inside: list[int], function: int) -> bool:
        """Whether it calls anything but ends of what the function made, and takes of known containers."""
        for number in inside:
            call = self.unit.effects[number]
            if not isinstance(call, Call) or not _UNDO.match(call.name):
                continue
            place = self.unit.places[call.receiver] if call.receiver != NONE else None
            symbol = self.index.symbol(place) if place is not None else None
            if place is None or symbol is None:
                if not call.name.startswith("clear"):
                    return True
                continue
            own = symbol.kind == "this" and bool(place.path)
            mine = (
                symbol.scope > 0 and self._is_own_scope(symbol.scope, function) and not self._is_this(place)
            )
            if not own and not mine:
                return True
        return False

    def _is_own_scope(self, scope: int, function: int) -> bool:
        return function in self.index.enclosing(scope)

    def _is_this(self, place: Place) -> bool:
        """`const that = this`."""
        for number in self.index.binds.get(Place(place.symbol), ()):
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            root = (
                self.index.symbol(self.unit.places[row.place])
                if row is not None and row.kind == "place"
                else None
            )
            if root is not None and root.kind == "this":
                return True
        return False

    def _growth(self, number: int, function: int) -> tuple[Place | None, set[Place]]:
        """The lasting container that an effect of a function fills, and what it puts in."""
        effect = self.unit.effects[number]
        values: tuple[int, ...] = ()
        if isinstance(effect, Call) and effect.name in _ADDS and effect.receiver != NONE and effect.args:
            place, values = self.unit.places[effect.receiver], effect.args
            if effect.name == "set" and len(values) != 2:
                return None, set()
        elif isinstance(effect, Bind) and effect.how == "element" and effect.key != NONE:
            place, values = self.unit.places[effect.target], (effect.key, effect.value)
        else:
            return None, set()
        if not self._is_lasting(place):
            return None, set()
        kept: set[Place] = set()
        for value in values:
            row = self.unit.values[value] if value != NONE else None
            mine = self._own(self.unit.places[row.place], function) if row and row.kind == "place" else None
            if mine is not None:
                kept.add(mine)
            elif row is not None and row.kind == "call" and self._subscribes(row.call):
                kept.add(Place(NONE, (), row.call))
        return (place, kept) if kept else (None, kept)

    def _subscribes(self, number: int) -> bool:
        call = self.unit.effects[number]
        return isinstance(call, Call) and (
            call.name == "subscribe" or re.match(r"(on|observe)[A-Z]", call.name) is not None
        )

    def _is_lasting(self, place: Place) -> bool:
        if place.symbol == NONE or "[]" in place.path:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this":
            return len(place.path) == 1
        return symbol.kind in ("variable", "constant") and symbol.scope == 0 and not place.path

    def _own(self, place: Place, function: int) -> Place | None:
        """A parameter or local of the function itself that is an object of its own."""
        if place.path or place.symbol == NONE:
            return None
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind not in ("parameter", "variable", "constant", "function") or symbol.scope == NONE:
            return None
        if self.index.function(symbol.scope) != function or symbol.type in ("string", "number", "boolean"):
            return None
        return None if _NAMES.fullmatch(symbol.name) else place

    # -- what takes it out

    def _is_taken(self, place: Place, kept: set[Place], inside: list[int]) -> bool:
        for number in inside:
            effect = self.unit.effects[number]
            if isinstance(effect, Bind | Delete):
                target = self.unit.places[effect.target]
                if Place(target.symbol, target.path[: len(place.path)]) == place:
                    return True
            elif isinstance(effect, Call) and effect.receiver != NONE:
                receiver = self.unit.places[effect.receiver]
                if receiver in kept and effect.name in _TAKES - _UNDOES:
                    return True  # a list in a map, which loses the entry
                if receiver == place and effect.name in _TAKES:
                    if effect.name in _ALL or effect.name not in ("remove", "delete"):
                        return True
                    rows = [self.unit.values[value] for value in effect.args]
                    taken = {self.unit.places[row.place] for row in rows if row.kind == "place"}
                    if effect.name == "delete" or len(taken) != len(rows) or taken & kept:
                        return True
                    if any(other.symbol == NONE or other.path for other in taken):
                        return True
                elif receiver == place and effect.name not in ("has", "get", "forEach", "includes"):
                    return True
            if isinstance(effect, Call) and self._is_argument(place, effect):
                return True
        return False

    def _is_argument(self, place: Place, call: Call) -> bool:
        """`arrayRemove(this.listeners, listener)`."""
        rows = [self.unit.values[value] for value in call.args]
        return any(row.kind == "place" and self.unit.places[row.place] == place for row in rows)

    def _is_weak(self, place: Place) -> bool:
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if isinstance(call, Call) and call.name in _FRESH:
                return True
        return False

    def _is_taken_elsewhere(self, place: Place, inside: list[int]) -> bool:
        """Whether anything takes single entries out, or empties it all but at the end of its owner."""
        mine = set(inside)
        for name in _TAKES:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if number in mine or call.receiver == NONE or self.unit.places[call.receiver] != place:
                    continue
                if name not in _ALL or not self._is_end(call.scope):
                    return True
        for number in self.index.binds.get(place, ()):
            scope = self.unit.effects[number].scope
            if self.unit.scopes[self.index.function(scope)].kind in ("constructor", "class", "module"):
                continue
            if not self._is_end(scope) and not self._is_start(number):
                return True
        for number in self.index.deletes:
            effect = self.unit.effects[number]
            if isinstance(effect, Delete) and self.unit.places[effect.target] == place:
                return True
        return any(
            isinstance(call := self.unit.effects[number], Call) and self._is_argument(place, call)
            for name in ("remove", "pull", "without", "arrayRemove", "removeFrom", "reject", "filter")
            for number in self.index.calls.get(name, ())
        )

    def _is_start(self, number: int) -> bool:
        """`this.subscriptions = new CompositeDisposable()` where work begins."""
        bind = self.unit.effects[number]
        row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        scope = self.unit.scopes[self.index.function(self.unit.effects[number].scope)]
        return (
            row is not None and row.kind in ("call", "container") and scope.name in self.lifecycle.setup_names
        )

    def _is_end(self, scope: int) -> bool:
        for function in self.index.enclosing(scope):
            name = self.unit.scopes[function].name
            if name and (name in self.lifecycle.teardown_names or _ENDING.match(name)):
                return True
        return False

    # -- one more for each item

    def per_item(self) -> Iterator[Undone]:
        """`observeEditors((editor) => this.subscriptions.add(editor.onSave(…)))`."""
        if self.unit.language != "javascript":
            return
        seen: set[tuple[Place, int]] = set()
        for name in ("add", "push"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver == NONE or not call.args:
                    continue
                place = self.unit.places[call.receiver]
                if not self._is_collection(place):
                    continue
                item = self._item(call)
                if item == NONE or (place, item) in seen:
                    continue
                if self._is_taken_elsewhere(place, []) or self._is_kept_by(call):
                    continue
                seen.add((place, item))
                yield Undone(place, number, item, "item")

    def _is_collection(self, place: Place) -> bool:
        symbol = self.index.symbol(place)
        if symbol is None or not self._is_lasting(place):
            return False
        return _DISPOSABLES.match(place.path[0] if place.path else symbol.name) is not None

    def _is_kept_by(self, call: Call) -> bool:
        """Whether the function around gives back what ends a single item."""
        return any(self.index.returns.get(function) for function in self.index.enclosing(call.scope))

    def _item(self, call: Call) -> int:
        """The call that runs the function around for each item, whose subscription is added; or NONE."""
        function = self.index.function(call.scope)
        argument = self.index.argument_of.get(function)
        around = self.unit.effects[argument[0]] if argument is not None else None
        if not isinstance(around, Call) or argument is None or not _PER_ITEM.fullmatch(around.name):
            return NONE
        params = set(self.unit.scopes[function].params)
        for value in call.args:
            row = self.unit.values[value]
            made = self.unit.effects[row.call] if row.kind == "call" else None
            if not isinstance(made, Call) or made.receiver == NONE or not self._subscribes(row.call):
                continue
            if self.unit.places[made.receiver].symbol in params:
                return argument[0]
        return NONE
