"""Python callbacks and observers that are attached to something longer-lived and never taken off.

Libraries have as many names for this as there are libraries, so calls are known by their verb
(`subscribe`, `add_listener`, `connect`, `register_callback`), and each shape needs evidence of its own
that the receiver outlives what is attached.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.destinations import Destinations
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word
from leaklint.solve.pairs import Pairs

How = Literal[
    "undone-elsewhere",
    "never-undone",
    "per-call",
    "per-object",
    "shared",
    "handle",
    "sibling",
    "sender",
    "other",
]

_THING = (
    r"(listener|observer|callback|handler|hook|subscriber|watcher|processor|receiver|consumer|sink|"
    r"reader|writer|filter)s?"
)
_ATTACHES = regex(
    rf"(?i)(add|register|attach|append|set|install)_?(event_?|global_?|signal_?|change_?|\w+_)?{_THING}|"
    r"subscribe\w*|connect(_after|_object|_signal)?|listen(_to|s_for)?|observe|attach|add_?observer|"
    r"trace_add|trace_variable|register_after_fork|bind_all|watch|on|bind|\w+_callback_add"
)
# lists and sets of what is called: `bus.on_close.append(f)`, `channel.return_callbacks.add(f)`
_ADDS = frozenset({"append", "add", "insert", "appendleft"})
_CALLED = regex(
    r"(?i)(\w*_)?(listener|observer|callback|handler|hook|subscriber|watcher|cb|slot)s?|_?on_\w+|on[A-Z]\w+|"
    r"\w*[a-z](Listener|Observer|Callback|Handler|Hook|Subscriber)s"
)
_DETACH = {
    "add": ("remove", "delete", "del", "discard", "drop"),
    "register": ("unregister", "deregister", "remove"),
    "attach": ("detach", "remove"),
    "append": ("remove",),
    "insert": ("remove",),
    "appendleft": ("remove",),
    "subscribe": ("unsubscribe", "dispose"),
    "connect": ("disconnect",),
    "listen": ("unlisten", "remove", "stop"),
    "observe": ("unobserve", "remove"),
    "trace": ("trace",),
    "watch": ("unwatch", "stop"),
    "install": ("uninstall", "remove"),
    "on": ("off", "remove", "un", "remove_listener", "off_"),
    "bind": ("unbind", "remove"),
    "schedule": ("unschedule", "unschedule_all", "remove_handler_for_watch"),
    "set": ("remove", "unset"),
}
_TRACE = {"trace_add": ("trace_remove",), "trace_variable": ("trace_vdelete",), "register_after_fork": ()}
# functions that run once: they make, mount or set up
_STARTS = frozenset(
    {
        *(
            "create",
            "make",
            "build",
            "mount",
            "configure",
            "setup",
            "set",
            "init",
            "initialize",
            "main",
            "install",
        ),
        *(
            "register",
            "ready",
            "lifespan",
            "startup",
            "bootstrap",
            "start",
            "load",
            "enable",
            "activate",
        ),
        *(
            "add",
            "connect",
            "subscribe",
            "include",
            "use",
            "plugin",
            "instrument",
            "patch",
            "test",
            "launch",
            "get",
        ),
        *("wire", "attach", "hook", "pytest", "app", "extend", "define", "declare"),
    }
)
# first words of methods that an object sees again and again
_AGAIN = frozenset({"update", "refresh", "draw", "paint", "tick", "poll", "process", "handle", "redraw"})
_QT = ("PyQt", "PySide", "qtpy", "pyqtgraph", "AnyQt", "vispy.app")
_WINDOWS = frozenset(
    {"Toplevel", "Dialog", "SimpleDialog", "QDialog", "QMainWindow", "QDockWidget", "QWidget"}
)
# events after which the receiver is gone as well
_LAST = frozenset({"destroy", "destroyed", "closed", "finished", "delete-event", "<Destroy>", "unmap"})
# take off whatever was attached; some of them have a verb that they belong to
_UNDOES = ("disconnect_all", "unsubscribe_all", "remove_all", "clear", "off", "unsubscribe", "dispose")
_OTHERS = {"unsubscribe": "subscribe", "off": "on"}
# registers what is called once, and forgotten then
_ONCE = regex(r"(?i)next_?tick|once|timeout_|call_?(soon|later)|_done_")
# names of what ends once, late
_END = regex(r"(?i)clos|stop|shut|exit|finish|terminat|lost|disconnect|dead|abort|cancelled$")
# functions that give out the one object of its kind
_ONE = regex(r"(get_?)?(the_?)?(default|instance|app|application|main_?loop|global)\w*|\w+_get_default")
# a signal holds these weakly unless it is told otherwise
_WEAK_SIGNALS = ("django", "blinker", "flask", "pydispatch", "scrapy", "celery")


class Attached(msgspec.Struct):
    """`effect` attaches `callback` to `receiver` (NONE for a decorator)."""

    effect: int
    receiver: Place | None
    callback: int
    how: How
    owner: int = NONE
    hint: int = NONE
    sure: bool = True


class Attachments:
    """Attachments of one unit that stay."""

    def __init__(self, growths: Growths, pairs: Pairs) -> None:
        self.growths = growths
        self.pairs = pairs
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.lifecycle = growths.lifecycle
        self.repeats = growths.repeats
        self._destinations: Destinations | None = None

    def found(self) -> Iterator[Attached]:
        names = [name for name in self.index.calls if self.attaches(name)]
        verbs = self._own_verbs()
        known = {number for name in (*names, *verbs) for number in self.index.calls.get(name, ())}
        numbers = sorted(known.union(self.additions()))
        for number in numbers:
            item = self._judge(number, verbs)
            if item is not None:
                yield item
        yield from self._decorated()
        yield from self._taken_off_others()

    def attaches(self, name: str) -> bool:
        """Whether a name is one that attaches something."""
        if _ATTACHES.fullmatch(name):
            return True
        return name == "schedule" and any(
            module.startswith("watchdog") for module in self.index.import_modules
        )

    def additions(self) -> Iterator[int]:
        """Calls that add to such a collection of another object."""
        for name in sorted(_ADDS & self.index.calls.keys()):
            yield from filter(self.adds_to_called, self.index.calls[name])

    def adds_to_called(self, number: int) -> bool:
        """`bus.listeners.append(f)`: the collection of another object, whose name says that it is called."""
        call = self.unit.effects[number]
        if not isinstance(call, Call) or call.receiver == NONE or call.new:
            return False
        place = self.unit.places[call.receiver]
        if place.symbol == NONE or not place.path:
            return False
        steps = [step for step in place.path if step != "[]"]
        own = self.unit.symbols[place.symbol].kind in ("this", "class") and len(steps) < 2
        return bool(steps) and not own and _CALLED.fullmatch(steps[-1][1:]) is not None

    def is_passing(self, call: Call) -> bool:
        """Whether what is attached goes by itself: after its first call, or with its object."""
        return bool(_ONCE.search(call.name)) or self._is_weak(call) or self._is_run_once(call)

    def _is_run_once(self, call: Call) -> bool:
        """`loop.add_callback(f)`: an event loop calls it once."""
        on = self._last(self.unit.places[call.receiver]) if call.name.startswith("add_callback") else ""
        return on.lower().endswith("loop")

    def _taken_off_others(self) -> Iterator[Attached]:
        """`root.addHandler(h)` and then `child.removeHandler(h)` in one function: h stays where it is."""
        names = [name for name in self.index.calls if name.startswith(("remove", "discard", "disconnect"))]
        for name in names:
            if name in ("remove", "discard"):
                continue  # from one set to another
            for number in self.index.calls[name]:
                off = self.unit.effects[number]
                assert isinstance(off, Call)
                item = self._elsewhere(off) if off.receiver != NONE and len(off.args) == 1 else None
                if item is not None:
                    yield Attached(
                        item[0], self.unit.places[item[1].receiver], item[1].args[0], "other", NONE, number
                    )

    def _elsewhere(self, off: Call) -> tuple[int, Call] | None:
        given = self.unit.values[off.args[0]]
        what = self.unit.places[given.place] if given.kind == "place" else None
        away = self.unit.places[off.receiver]
        if what is None or NONE in (what.symbol, away.symbol):
            return None
        if what.path or away.path or self.unit.symbols[what.symbol].kind != "variable":
            return None
        found: tuple[int, Call] | None = None
        for number in self.index.of_function[self.index.function(off.scope)]:
            on = self.unit.effects[number]
            if not isinstance(on, Call) or on.receiver == NONE or len(on.args) != 1:
                continue
            row = self.unit.values[on.args[0]]
            if row.kind != "place" or self.unit.places[row.place] != what:
                continue
            root = self.unit.places[on.receiver]
            if off.name in self._opposites(on.name) and not root.path and root.symbol != NONE:
                if root == away or not self._are_two(root, away):
                    return None
                found = (number, on)
            elif on is not off and on.name == off.name:
                return None
        return found

    def _are_two(self, a: Place, b: Place) -> bool:
        """Whether two variables certainly hold different objects: each is made by a call of its own."""
        for place in (a, b):
            binds = self.index.binds.get(place, ())
            if len(binds) != 1 or self.unit.symbols[place.symbol].kind == "parameter":
                return False
            bind = self.growths.bind(binds[0])
            if bind.value == NONE or self.unit.values[bind.value].kind != "call":
                return False
        return True

    def _judge(self, number: int, verbs: dict[str, list[tuple[int, str]]]) -> Attached | None:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.receiver == NONE or not self.repeats.repeats(number) or self.growths.init_guarded(number):
            return None
        if _ONCE.search(call.name):
            return self._of_the_end(number, call)
        callback = self._callback(call)
        made = NONE if callback != NONE else self._made_object(call)
        if callback == made or self._is_weak(call) or self._keeps_weakly(call) or self._is_run_once(call):
            return None
        receiver = self.unit.places[call.receiver]
        scope = self.index.function(call.scope)
        owner = self.lifecycle.owner_of(call.scope)
        if owner != NONE and receiver == Place(self.unit.owners[owner].this):
            return None
        forgotten = self._undone_nowhere(number, call, verbs)
        if forgotten != NONE:
            return Attached(number, receiver, callback, "undone-elsewhere", owner, forgotten)
        other = self._without_sender(call)
        if other != NONE:
            return Attached(number, receiver, callback, "sender", owner, other)
        adds = call.name in _ADDS and self.adds_to_called(number)
        if not (adds or self.attaches(call.name)) or self.is_undone(call):
            return None
        if made != NONE:
            return self._of_call(number, receiver, made, scope, owner, call.name)
        if owner != NONE and self._is_given(receiver, owner) and not self._is_last(call):
            qt = self.is_qt()
            if qt and not self.is_fresh(callback):
                return None  # Qt forgets bound methods together with their object
            sibling = self._sibling(call, owner, receiver)
            if sibling != NONE:
                return Attached(number, receiver, callback, "sibling", owner, sibling)
            if self._is_window(owner) and self.unit.scopes[scope].kind == "constructor":
                return Attached(number, receiver, callback, "never-undone", owner)
        again = not self.is_qt() and first_word(self.unit.scopes[scope].name) in _AGAIN
        lasting = self._is_module_place(receiver) or self._is_kept_for_long(receiver, callback, scope)
        if not lasting or self._starts(scope):
            return None
        if not self.is_fresh(callback) and not again:
            return None
        if self.unit.scopes[scope].kind == "constructor" or self.is_used(number):
            return None
        return Attached(number, receiver, callback, "per-call", owner)

    def _of_the_end(self, number: int, call: Call) -> Attached | None:
        """`self._stopping.add_done_callback(f)` per call: it fires when what outlives the call ends."""
        if call.name not in ("add_done_callback", "add_close_callback", "addCallback", "rawlink"):
            return None
        receiver = self.unit.places[call.receiver]
        callback = self._callback(call)
        if callback == NONE or receiver.symbol == NONE or not _END.search(self._last(receiver)):
            return None
        symbol = self.unit.symbols[receiver.symbol]
        if symbol.kind in ("variable", "constant") and symbol.scope != 0:
            return None  # made by the call, most often
        scope = self.index.function(call.scope)
        if self.unit.scopes[scope].kind == "constructor" or self._starts(scope):
            return None
        made = [self.growths.bind(row).scope for row in self._binds_of(receiver)]
        if any(self.index.function(each) == scope for each in made):
            return None
        undone = ("remove_done_callback", "remove_close_callback", "unlink")
        if not self.index.calls.keys().isdisjoint(undone):
            return None
        return Attached(number, receiver, callback, "per-call", self.lifecycle.owner_of(call.scope))

    def _binds_of(self, place: Place) -> list[int]:
        return self.index.binds.get(place, [])

    def _is_observer_of_all(self, receiver: Place, scope: int) -> bool:
        """watchdog: `self._observer.schedule(…)` in a method that is called for one thing after the other."""
        if receiver.symbol == NONE or len(receiver.path) != 1 or self._starts(scope):
            return False
        made = [self.growths.bind(number) for number in self._binds_of(receiver)]
        return (
            self.unit.symbols[receiver.symbol].kind == "this"
            and self.unit.scopes[scope].kind == "method"
            and all(self.index.function(bind.scope) != scope for bind in made)
        )

    def _of_call(
        self, number: int, receiver: Place, made: int, scope: int, owner: int, call_name: str
    ) -> Attached | None:
        """An object of a class of this file, made by each call for what outlives it."""
        if call_name == "schedule" and self._is_observer_of_all(receiver, scope):
            return Attached(number, receiver, made, "per-call", owner)
        if not self._is_module_place(receiver) or receiver.path or self._starts(scope):
            return None
        if self.unit.symbols[receiver.symbol].kind == "import" or self.is_used(number):
            return None
        if self.unit.scopes[scope].kind not in ("function", "method"):
            return None
        return Attached(number, receiver, made, "per-call", owner)

    def _made_object(self, call: Call) -> int:
        """The argument that is a fresh object of a class of this file, or NONE."""
        for value in call.args:
            row = self.unit.values[value]
            if row.kind == "place":
                place = self.unit.places[row.place]
                binds = self.index.binds.get(place, ()) if place.symbol != NONE and not place.path else ()
                bind = self.growths.bind(binds[0]) if len(binds) == 1 else None
                if bind is None or bind.value == NONE or self.unit.symbols[place.symbol].scope == 0:
                    continue
                row = self.unit.values[bind.value]
            made = self.unit.effects[row.call] if row.kind == "call" else None
            if isinstance(made, Call) and made.receiver == NONE and made.callee != NONE:
                symbol = self.index.symbol(self.unit.places[made.callee])
                if symbol is not None and symbol.kind == "class" and (made.args or made.keywords):
                    return value
        return NONE

    def is_used(self, number: int) -> bool:
        """Whether somebody takes what the call gives back: a handle, or a context that ends it."""
        if self._destinations is None:
            self._destinations = Destinations(self.unit)
        return self._destinations.of(number)[0] != "dropped"

    def is_qt(self) -> bool:
        """Whether the unit imports Qt."""
        return any(module.startswith(_QT) or "Qt" in module for module in self.index.import_modules) or any(
            symbol.imported.startswith("Qt") for symbol in self.unit.symbols if symbol.kind == "import"
        )

    def _is_last(self, call: Call) -> bool:
        receiver = self.unit.places[call.receiver]
        texts = {self.unit.values[value].text for value in call.args}
        return not _LAST.isdisjoint(texts | {step.lstrip(".") for step in receiver.path})

    def _is_window(self, owner: int) -> bool:
        """Whether objects of a class are windows, which users open and close."""
        values = [self.unit.values[base] for base in self.unit.owners[owner].bases]
        places = [self.unit.places[value.place] for value in values if value.kind == "place"]
        return any(self._last(place) in _WINDOWS for place in places)

    def _is_given(self, receiver: Place, owner: int) -> bool:
        """Whether the constructor was given the receiver or its whole, or it is the one of its kind."""
        if receiver.symbol == NONE:
            return False
        symbol = self.unit.symbols[receiver.symbol]
        if symbol.kind == "parameter":
            made = self.unit.scopes[symbol.scope]
            return made.kind == "constructor" and made.owner == owner and not self._is_parent(receiver.symbol)
        if symbol.kind != "this" or not receiver.path:
            return False
        binds = self.index.binds.get(Place(receiver.symbol, receiver.path[:1]), ())
        for number in binds:
            bind = self.growths.bind(number)
            row = self.unit.values[bind.value] if bind.value != NONE else None
            if row is None or row.kind == "null":
                continue
            call = self.unit.effects[row.call] if row.kind == "call" else None
            if isinstance(call, Call):
                if not _ONE.fullmatch(call.name):
                    return False
            elif row.kind == "place":
                place = self.unit.places[row.place]
                if place.path or place.symbol == NONE:
                    return False
                if self.unit.symbols[place.symbol].kind != "parameter" or self._is_parent(place.symbol):
                    return False
            else:
                return False
        return bool(binds)

    def _is_parent(self, parameter: int) -> bool:
        """Whether a parameter goes on to the base class: the parent widget, which ends its children."""
        for value in self.index.references.get(parameter, ()):
            row = self.unit.values[value]
            if self.unit.places[row.place].path:
                continue
            for number in self.index.calls.get("__init__", ()):
                call = self.unit.effects[number]
                if isinstance(call, Call) and value in (*call.args, *(v for _, v in call.keywords)):
                    return True
        return False

    # -- what is attached

    def _callback(self, call: Call) -> int:
        """The argument that is a function, a bound method or the object itself, or NONE."""
        for value in (*call.args[::-1], *(value for _, value in call.keywords)):
            row = self.unit.values[value]
            if row.kind == "closure":
                return value
            if row.kind == "call" and self._is_partial(row.call):
                return value
            if row.kind != "place":
                continue
            place = self.unit.places[row.place]
            if place.symbol == NONE:
                continue
            symbol = self.unit.symbols[place.symbol]
            if symbol.kind == "this":
                if not place.path:
                    return value
                if len(place.path) == 1 and self.index.method(symbol.target, place.path[0][1:]) != NONE:
                    return value
            if symbol.kind == "function" and not place.path and symbol.scope != 0:
                return value
            if len(place.path) > 0 and self._is_method_of_made(place, call.scope):
                return value
        return NONE

    def _is_method_of_made(self, place: Place, scope: int) -> bool:
        """`audit.before`, where this very function has made `audit` of a class of the file."""
        root = Place(place.symbol, place.path[:-1], place.call)
        for number in self._binds_of(root):
            bind = self.growths.bind(number)
            row = self.unit.values[bind.value] if bind.value != NONE else None
            made = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if not isinstance(made, Call) or made.callee == NONE or bind.scope != scope:
                continue
            symbol = self.index.symbol(self.unit.places[made.callee])
            if symbol is not None and symbol.kind == "class" and symbol.target != NONE:
                return self.index.method(symbol.target, place.path[-1][1:]) != NONE
        return False

    def _is_partial(self, number: int) -> bool:
        call = self.unit.effects[number]
        return isinstance(call, Call) and call.name in ("partial", "partialmethod")

    def is_fresh(self, value: int) -> bool:
        """A function made in the call that keeps something of it."""
        row = self.unit.values[value]
        if row.kind == "call":
            return True
        scope = row.scope if row.kind == "closure" else NONE
        if row.kind == "place":
            place = self.unit.places[row.place]
            symbol = self.unit.symbols[place.symbol]
            if symbol.kind != "this" and place.path:
                return True  # a method of what the function has made
            if symbol.kind != "function" or symbol.scope == 0:
                return False
            scope = symbol.target
        return scope != NONE

    def _keeps_weakly(self, call: Call) -> bool:
        """Whether the method that is called, of a class of the file, makes a weak reference."""
        place = self.unit.places[call.receiver]
        for number in self._binds_of(place):
            bind = self.growths.bind(number)
            row = self.unit.values[bind.value] if bind.value != NONE else None
            made = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            symbol = (
                self.index.symbol(self.unit.places[made.callee])
                if isinstance(made, Call) and made.callee != NONE
                else None
            )
            if symbol is None or symbol.kind != "class" or symbol.target == NONE:
                continue
            method = self.index.method(symbol.target, call.name)
            return any(
                isinstance(effect, Call) and effect.name in ("WeakMethod", "ref", "proxy")
                for effect in map(self.unit.effects.__getitem__, self.index.of_function.get(method, ()))
            )
        return False

    def _is_weak(self, call: Call) -> bool:
        """`signal.connect(receiver)` of Django and blinker holds its receiver weakly, unless told not to."""
        if not call.name.startswith("connect"):
            return False
        for name, value in call.keywords:
            if name == "weak":
                return self.unit.values[value].text.lower() != "false"
        modules = self.index.import_modules
        return any(module.startswith(_WEAK_SIGNALS) for module in modules) or not (call.args or call.keywords)

    # -- what undoes it

    def _opposites(self, name: str) -> tuple[str, ...]:
        if name in _TRACE:
            return _TRACE[name]
        if name.endswith("_callback_add"):
            return (name.removesuffix("add") + "remove",)
        verb = first_word(name)
        rest = name[len(verb) :] if name.lower().startswith(verb) else ""
        return tuple(inverse + rest for inverse in _DETACH.get(verb, ()))

    def is_undone(self, call: Call) -> bool:
        """Whether the file takes anything like it off again, or ends what it was attached to."""
        wanted = self._opposites(call.name)
        root = self.unit.places[call.receiver]
        for name in wanted:
            for number in self.index.calls.get(name, ()):
                other = self.unit.effects[number]
                assert isinstance(other, Call)
                if self._takes_another(call, other):
                    continue
                if other.receiver == NONE or self._alike(self.unit.places[other.receiver], root):
                    return True
        for name in _UNDOES:
            if name in _OTHERS and self.index.calls.get(_OTHERS[name]) and call.name != _OTHERS[name]:
                continue  # what it takes off is attached by a name of its own
            for number in self.index.calls.get(name, ()):
                other = self.unit.effects[number]
                if not isinstance(other, Call) or other.receiver == NONE or self._takes_another(call, other):
                    continue
                if self._alike(self.unit.places[other.receiver], root):
                    return True
        return False

    def _takes_another(self, call: Call, other: Call) -> bool:
        """Whether a removal names another method of the object than the one that was attached."""
        attached, removed = self._own_method(call), self._own_method(other)
        return attached is not None and removed is not None and attached != removed

    def _own_method(self, call: Call) -> Place | None:
        """The bound method of the object itself that a call is handed."""
        for value in call.args[::-1]:
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is None or place.symbol == NONE or len(place.path) != 1:
                continue
            symbol = self.unit.symbols[place.symbol]
            method = self.index.method(symbol.target, place.path[0][1:]) if symbol.kind == "this" else NONE
            if method != NONE and "property" not in self.unit.scopes[method].flags:
                return place
        return None

    def _without_sender(self, call: Call) -> int:
        """`connect(f, sender=S)` against `disconnect(f)`: Django looks for the two together."""
        keys = {name for name, _ in call.keywords} & {"sender", "dispatch_uid"}
        if call.name != "connect" or not keys or not call.args:
            return NONE
        for number in self.index.calls.get("disconnect", ()):
            other = self.unit.effects[number]
            assert isinstance(other, Call)
            if other.receiver == NONE or not other.args:
                continue
            if self.unit.places[other.receiver] != self.unit.places[call.receiver]:
                continue
            if self.pairs.callbacks.same_callback(call.args[0], other.args[0]) == "equal":
                return (
                    number
                    if not keys & {name for name, _ in other.keywords} and len(other.args) == 1
                    else NONE
                )
        return NONE

    def _alike(self, a: Place, b: Place) -> bool:
        """Whether two receivers end in the same name, or are the same variable."""
        return a == b or self._last(a) == self._last(b) != ""

    def _last(self, place: Place) -> str:
        for step in reversed(place.path):
            if step != "[]":
                return step.lstrip("._")
        return self.unit.symbols[place.symbol].name.lstrip("_") if place.symbol != NONE else ""

    # -- a pair of methods of this file, of which only one is ever called

    def _own_verbs(self) -> dict[str, list[tuple[int, str]]]:
        """Method that keeps its parameter -> (owner, name of the method that takes it out)."""
        found: dict[str, list[tuple[int, str]]] = {}
        owners = {
            scope: number for number, row in enumerate(self.unit.owners) for scope in row.methods
        }  # class methods have no object
        for holder in self.growths.holders.by_place.values():
            if holder.lifetime not in ("instance", "process") or not holder.releases:
                continue
            removing = {self.index.function(self.unit.effects[row.effect].scope) for row in holder.releases}
            for item in holder.growths:
                scope = self.index.function(self.unit.effects[item.effect].scope)
                row = self.unit.scopes[scope]
                if scope not in owners or not self._keeps_parameter(item.values, row.params):
                    continue
                for other in removing - {scope}:
                    name = self.unit.scopes[other].name
                    inverse = first_word(name) in _DETACH.get(first_word(row.name), ())
                    if inverse and owners.get(other) == owners[scope]:
                        found.setdefault(row.name, []).append((owners[scope], name))
        return found

    def _keeps_parameter(self, values: tuple[int, ...], params: tuple[int, ...]) -> bool:
        for value in values:
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is not None and not place.path and place.symbol in params:
                return True
        return False

    def _undone_nowhere(self, number: int, call: Call, verbs: dict[str, list[tuple[int, str]]]) -> int:
        """The method that would take it out, when its class is in the file and nothing calls it."""
        for owner, inverse in verbs.get(call.name, ()):
            around = self.lifecycle.owner_of(call.scope)
            if around == owner or not self._is_of(call.receiver, owner):
                continue
            if self.index.calls.get(inverse) or self._is_taken(inverse):
                return NONE
            made = self.unit.places[call.receiver]
            if made.symbol != NONE and self._is_made(made, owner):
                return NONE  # the two die together
            return self.index.method_names[owner][inverse]
        return NONE

    def _is_made(self, place: Place, owner: int) -> bool:
        """Whether a local or field holds what this very code constructs."""
        root = Place(place.symbol, place.path[:1])
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "variable" and symbol.scope == 0:
            return False
        for number in self.index.binds.get(root, ()):
            bind = self.growths.bind(number)
            row = self.unit.values[bind.value] if bind.value != NONE else None
            call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if isinstance(call, Call) and call.name == self.unit.owners[owner].name:
                return True
        return False

    def _is_taken(self, name: str) -> bool:
        """Whether the method is handed around as a value."""
        step = "." + name
        return any(
            value.kind == "place" and self.unit.places[value.place].path[-1:] == (step,)
            for value in self.unit.values
        )

    def _is_of(self, receiver: int, owner: int) -> bool:
        """Whether a receiver is an object of a class, by its type or its name, or the class itself."""
        row = self.unit.owners[owner]
        place = self.unit.places[receiver]
        if place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        if not place.path and (symbol.type == row.name or place.symbol == row.symbol):
            return True
        name = self._last(place).replace("_", "").lower()
        if len(name) > 2 and row.name.lower().endswith(name):
            return True
        for field in self.unit.symbols:
            if (
                field.kind == "field"
                and field.type == row.name
                and "." + field.name == (place.path[-1:] or ("",))[0]
            ):
                return True
        return False

    # -- objects that come and go

    def _sibling(self, call: Call, owner: int, receiver: Place) -> int:
        """A call of a closing method that takes another attachment of the same verb off."""
        for name in self._opposites(call.name):
            for number in self.index.calls.get(name, ()):
                other = self.unit.effects[number]
                if not isinstance(other, Call) or other.receiver == NONE:
                    continue
                if self.lifecycle.owner_of(other.scope) != owner or not self._closes(other.scope):
                    continue
                if call.name in _ADDS and not self.adds_to_called(number):
                    continue  # takes something out of another list
                if not self._alike(self.unit.places[other.receiver], receiver):
                    return number
                if self._takes_another(call, other):
                    return number
        return NONE

    def _closes(self, scope: int) -> bool:
        names = [self.unit.scopes[function].name for function in self.index.enclosing(scope)]
        return self.lifecycle.in_teardown(scope) or any(
            first_word(name)
            in (
                "disable",
                "disabled",
                "destroy",
                "unload",
                "remove",
                "close",
                "stop",
                "hide",
                "leave",
                "exit",
            )
            or name in ("disabled", "do_destroy", "plugin_on_disable")
            for name in names
        )

    # -- code that runs again and again

    def _is_module_place(self, place: Place) -> bool:
        if place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "import":
            return True
        return symbol.kind in ("variable", "constant") and symbol.scope == 0

    def _is_kept_for_long(self, receiver: Place, callback: int, scope: int) -> bool:
        """A field that only the constructor sets, while a method adds functions around what it is handed."""
        symbol = self.unit.symbols[receiver.symbol] if receiver.symbol != NONE else None
        if symbol is None or symbol.kind != "this" or not receiver.path or self.is_qt():
            return False
        row = self.unit.scopes[scope]
        if row.kind != "method" or self.lifecycle.while_made(scope) or row.name in self.lifecycle.setup_names:
            return False
        binds = self.index.binds.get(Place(receiver.symbol, receiver.path[:1]), ())
        made = [self.unit.scopes[self.index.function_at(number)].kind for number in binds]
        if not made or any(kind != "constructor" for kind in made):
            return False
        value = self.unit.values[callback]
        inner = value.scope if value.kind == "closure" else NONE
        if value.kind == "place":
            inner = self.unit.symbols[self.unit.places[value.place].symbol].target
        captured = self.unit.scopes[inner].captures if inner != NONE else ()
        return not set(row.params).isdisjoint(captured)

    def _starts(self, scope: int) -> bool:
        """Whether a function is named as one that runs once, or stands in a class that is the program."""
        for function in self.index.enclosing(scope):
            row = self.unit.scopes[function]
            if row.name and first_word(row.name) in _STARTS:
                return True
            if row.name.lower().endswith(("_app", "setup", "main", "lifespan", "startup", "plugin")):
                return True
        return False

    # -- registering decorators

    def _decorated(self) -> Iterator[Attached]:
        """`@bus.subscribe def react(...)` inside a constructor: one more function for each object."""
        for number, row in enumerate(self.unit.scopes):
            if row.kind != "function" or not row.decorators or row.parent == NONE:
                continue
            around = self.unit.scopes[self.index.function(row.parent)]
            if (
                around.kind != "constructor"
                or around.owner == NONE
                or self.repeats.is_singleton(around.owner)
            ):
                continue
            this = self.unit.owners[around.owner].this
            constructor = self.index.function(row.parent)
            if this not in row.captures or self._leaves_early(constructor, row.at):
                continue
            for value in row.decorators:
                name = self._decorator_name(value)
                if name and _ATTACHES.fullmatch(name) and not self.index.references.get(row.symbol):
                    bind = self._first_effect(number)
                    if bind != NONE:
                        yield Attached(bind, None, value, "per-object", around.owner)

    def _leaves_early(self, scope: int, at: int) -> bool:
        """`if self.ready: return`: the rest happens once."""
        return any(
            row.scope == scope and row.leaves == "return" and row.end < at for row in self.unit.regions
        )

    def _decorator_name(self, value: int) -> str:
        """The last name of a decorator that is imported, or a method of something imported."""
        row = self.unit.values[value]
        place = None
        if row.kind == "place":
            place = self.unit.places[row.place]
        elif row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            place = self.unit.places[call.callee if call.receiver == NONE else call.receiver]
            if place.symbol != NONE and self.unit.symbols[place.symbol].kind == "import":
                return call.name
            return ""
        if place is None or place.symbol == NONE or self.unit.symbols[place.symbol].kind != "import":
            return ""
        return place.path[-1][1:] if place.path else self.unit.symbols[place.symbol].name

    def _first_effect(self, scope: int) -> int:
        own = self.index.of_function.get(scope)
        return own[0] if own else NONE
