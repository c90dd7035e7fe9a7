"""Listeners made anew at each call and registered with what was given: nobody can take them off."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle, first_word
from leaklint.solve.repeats import Repeats

_REGISTERS = ("add", "register", "subscribe")
_REGISTERED = ("Listener", "Observer", "Callback")
# gives out a part that was there before
_GIVES = regex(r"get[A-Z]\w*|\w+Property|(current|selected|active)[A-Z]\w*")
# methods by which a cell of a list is filled again, with something of a longer life
_FILLS = frozenset({"updateItem", "onBindViewHolder", "bindView"})
_REPLACES = ("set", "update", "bind", "change", "replace", "use")
_REMOVES = ("remove", "delete", "unregister", "unsubscribe")
_REMOVED = ("Listener", "Listeners", "Observer", "Callback", "unregister", "unsubscribe")
# what begins or ends something, and gives out what stands for that
_DOES = frozenset(
    {
        "open",
        "close",
        "connect",
        "disconnect",
        "bind",
        "write",
        "flush",
        "start",
        "stop",
        "shutdown",
        "submit",
    }
    | {"send", "schedule", "run", "execute", "load", "fetch", "sync"}
)
# methods that run once for each object
_OPENING = frozenset(
    {"init", "initialize", "initialise", "start", "open", "setup", "configure", "set", "on", "do"}
)


class Registration(msgspec.Struct):
    """A listener that a call leaves behind. by_parent: the receiver is named as the longer-lived one."""

    effect: int
    receiver: Place
    listener: int
    by_parent: bool


class Registrations:
    """Registrations of one unit whose listener nothing keeps."""

    def __init__(self, index: Index, growths: Growths, lifecycle: Lifecycle, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.growths = growths
        self.lifecycle = lifecycle
        self.repeats = repeats

    def left_behind(self) -> Iterator[Registration]:
        """Each registration of a fresh listener in a method that runs again and again."""
        calls = self.index.calls
        names = [
            name
            for name in calls
            if name.startswith(_REGISTERS) and (name.endswith(_REGISTERED) or name == "subscribe")
        ]
        if not names or any(name.startswith(_REMOVES) and name.endswith(_REMOVED) for name in calls):
            return  # who takes listeners off knows about them
        numbers = sorted(number for name in names for number in calls[name])
        for number in numbers:
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE or not call.args or not self.repeats.repeats(number):
                continue
            if self.index.destinations.of(number)[0] != "dropped":
                continue  # somebody has the handle
            listener = self._listener(call)
            if call.name == "subscribe" and (len(call.args) < 2 or self._is_function(call.args[0])):
                continue  # a stream: it ends by itself or through its handle
            root, by_parent = self._root(call)
            if root is None or not self.is_fresh(listener) or self.growths.guards.init_guarded(number):
                continue
            given = self.is_given_field(root) and not self.opens(call.scope)
            given = given and not self.lifecycle.while_made(call.scope)
            direct = self.unit.places[call.receiver] == root
            if (
                by_parent
                or given
                or self._is_filled(root, call.scope)
                or (direct and self._is_replaced(root, call.scope))
            ):
                yield Registration(number, root, listener, by_parent)

    def _listener(self, call: Call) -> int:
        """The last argument, or the first, where the last one is made to say what is listened to."""
        first, last = call.args[0], call.args[-1]
        if call.name == "subscribe" or self.unit.values[last].kind != "call" or self.is_fresh(last):
            return last
        return first if self.is_fresh(first) else last

    def _is_function(self, value: int) -> bool:
        return self.unit.values[value].kind == "closure"

    def _root(self, call: Call) -> tuple[Place | None, bool]:
        """The variable or field behind `a.b().addListener`, and whether it is named a parent."""
        place = self.unit.places[call.receiver]
        by_parent = False
        for _ in range(4):
            part = self._part(place)
            if part is not None:
                place = part
            if place.symbol != NONE:
                symbol = self.unit.symbols[place.symbol]
                name = place.path[0][1:] if place.path else symbol.name
                given = symbol.kind in ("parameter", "this")
                return place, given and (by_parent or name.lstrip("_").startswith("parent"))
            inner = self.unit.effects[place.call] if place.call != NONE else None
            if not isinstance(inner, Call) or inner.receiver == NONE or inner.new or inner.args:
                return None, False
            if inner.name in _DOES or first_word(inner.name) in ("new", "create", "make"):
                return None, False  # `channels.close()` gives out what tells of this one end
            by_parent = by_parent or inner.name in ("parent", "getParent")
            place = self.unit.places[inner.receiver]
        return None, False

    def _part(self, local: Place) -> Place | None:
        """What a local is given by a getter: `Range range = model.getRange();`."""
        symbol = self.index.symbol(local)
        if symbol is None or local.path or symbol.kind not in ("variable", "constant"):
            return None
        binds = self.index.binds.get(local, ())
        value = self.index.bind(binds[0]).value if len(binds) == 1 else NONE
        row = self.unit.values[value] if value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        if not isinstance(call, Call) or call.args or not _GIVES.fullmatch(call.name):
            return None
        return Place(NONE, (), row.call)  # type: ignore[union-attr]

    def _is_filled(self, root: Place, scope: int) -> bool:
        """JavaFX: `updateItem(track, empty)` that listens to the track, which other cells show later."""
        function = self.unit.scopes[self.index.function(scope)]
        return function.name in _FILLS and not root.path and root.symbol in function.params

    def is_fresh(self, value: int) -> bool:
        """A function that captures something, or an object made for this call only."""
        row = self.unit.values[value]
        if row.kind == "closure":
            return any(
                self.unit.symbols[symbol].kind in ("this", "parameter", "variable", "constant")
                for symbol in self.unit.scopes[row.scope].captures
            )
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return isinstance(call, Call) and call.new
        if row.kind != "place":
            return False
        place = self.unit.places[row.place]
        if self._is_method(place):
            return True
        if place.symbol == NONE or place.path or len(self.index.uses.of_symbol.get(place.symbol, ())) != 1:
            return False
        binds = self.index.binds.get(place, ())
        if len(binds) != 1 or self.unit.symbols[place.symbol].kind not in ("variable", "constant"):
            return False
        bind = self.unit.effects[binds[0]]
        assert isinstance(bind, Bind)
        made = self.unit.values[bind.value] if bind.value != NONE else None
        if made is not None and made.kind == "closure":
            return self.is_fresh(bind.value)
        if made is None or made.kind != "call":
            return False
        call = self.unit.effects[made.call]
        return isinstance(call, Call) and call.new

    def _is_method(self, place: Place) -> bool:
        """`this::changed`: a new object each time."""
        if place.symbol == NONE or len(place.path) != 1 or self.index.binds.get(place):
            return False
        symbol = self.unit.symbols[place.symbol]
        return symbol.kind == "this" and self.index.method(symbol.target, place.path[0][1:]) != NONE

    def is_given_field(self, root: Place) -> bool:
        """Whether a field always holds what the constructor was given."""
        if root.symbol == NONE or len(root.path) != 1 or self.unit.symbols[root.symbol].kind != "this":
            return False
        binds = self.index.binds.get(root, ())
        values = [self.unit.effects[index].value for index in binds]  # type: ignore[union-attr]
        return bool(binds) and all(
            value != NONE
            and self._is_handed_in(value)
            and self.unit.scopes[self.index.function(self.unit.effects[bind].scope)].kind == "constructor"
            for value, bind in zip(values, binds, strict=True)
        )

    def _is_handed_in(self, value: int) -> bool:
        """A parameter, a part of one, or `Objects.requireNonNull(parameter, …)`."""
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if isinstance(call, Call):
            if call.name in ("requireNonNull", "checkNotNull", "notNull"):
                return bool(call.args) and self._is_handed_in(call.args[0])
            part = not call.args and call.receiver != NONE and _GIVES.fullmatch(call.name)
            return bool(part) and self._is_parameter(self.unit.places[call.receiver])
        return row.kind == "place" and self._is_parameter(self.unit.places[row.place])

    def _is_replaced(self, root: Place, scope: int) -> bool:
        """`setModel(model)` that listens to the new model: the old one keeps its listener."""
        function = self.unit.scopes[self.index.function(scope)]
        symbol = self.unit.symbols[root.symbol]
        if symbol.kind != "parameter" or root.path or root.symbol not in function.params:
            return False
        word = next((word for word in _REPLACES if function.name.startswith(word)), "")
        rest = function.name[len(word) :].lower()
        return bool(word and rest) and rest in (symbol.name.lower(), symbol.type.lower())

    def _is_parameter(self, place: Place) -> bool:
        return place.symbol != NONE and self.unit.symbols[place.symbol].kind == "parameter"

    def opens(self, scope: int) -> bool:
        """Whether a method is named as one that runs once for each object."""
        function = self.unit.scopes[self.index.function(scope)]
        return (
            function.kind in ("constructor", "class")
            or function.name in self.lifecycle.setup_names
            or first_word(function.name) in _OPENING
            or self.lifecycle.is_registrar(scope)
        )
