"""The verbs that attach something and those that take it off again, as Python libraries name them."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word

_THING = (
    r"(listener|observer|callback|handler|hook|subscriber|watcher|processor|receiver|consumer|sink|"
    r"reader|writer|filter)s?"
)
ATTACHES = regex(
    rf"(?i)(add|register|attach|append|set|install)_?(event_?|global_?|signal_?|change_?|\w+_)?{_THING}|"
    r"subscribe\w*|connect(_after|_object|_signal)?|listen(_to|s_for)?|observe|attach|add_?observer|"
    r"trace_add|trace_variable|register_after_fork|bind_all|watch|on|bind|\w+_callback_add"
)
# what adds to such a collection
ADDS = frozenset({"append", "add", "insert", "appendleft"})
DETACH = {
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
# registers what is called once, and forgotten then
ONCE = regex(r"(?i)next_?tick|once|timeout_|call_?(soon|later)|_done_")
# lists and sets of what is called: `bus.on_close.append(f)`, `channel.return_callbacks.add(f)`
_CALLED = regex(
    r"(?i)(\w*_)?(listener|observer|callback|handler|hook|subscriber|watcher|cb|slot)s?|_?on_\w+|on[A-Z]\w+|"
    r"\w*[a-z](Listener|Observer|Callback|Handler|Hook|Subscriber)s"
)
_TRACE = {"trace_add": ("trace_remove",), "trace_variable": ("trace_vdelete",), "register_after_fork": ()}
# functions that run once: they make, mount or set up
_STARTS = frozenset(
    {"create", "make", "build", "mount", "configure", "setup", "set", "init", "initialize"}
    | {"main", "install", "register", "ready", "lifespan", "startup", "bootstrap", "start", "load"}
    | {"enable", "activate", "add", "connect", "subscribe", "include", "use", "plugin"}
    | {"instrument", "patch", "test", "launch", "get", "wire", "attach", "hook", "pytest", "app"}
    | {"extend", "define", "declare"}
)
_QT = ("PyQt", "PySide", "qtpy", "pyqtgraph", "AnyQt", "vispy.app")
# events after which the receiver is gone as well
_LAST = frozenset({"destroy", "destroyed", "closed", "finished", "delete-event", "<Destroy>", "unmap"})
# a signal holds these weakly unless it is told otherwise
_WEAK_SIGNALS = ("django", "blinker", "flask", "pydispatch", "scrapy", "celery")


class Verbs:
    """Reads the calls of one unit by their names."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def attaches(self, name: str) -> bool:
        """Whether a name is one that attaches something."""
        if ATTACHES.fullmatch(name):
            return True
        return name == "schedule" and any(
            module.startswith("watchdog") for module in self.index.import_modules
        )

    def additions(self) -> Iterator[int]:
        """Calls that add to such a collection of another object."""
        for name in sorted(ADDS & self.index.calls.keys()):
            yield from filter(self.adds_to_called, self.index.calls[name])

    def adds_to_called(self, number: int) -> bool:
        """`bus.listeners.append(f)`: the collection of another object, whose name says that it is called."""
        call = self.unit.effects[number]
        if not isinstance(call, Call) or call.receiver == NONE or call.new:
            return False
        place = self.meant(self.unit.places[call.receiver])
        if place.symbol == NONE or not place.path:
            return False
        steps = [step for step in place.path if step != "[]"]
        own = self.unit.symbols[place.symbol].kind in ("this", "class") and len(steps) < 2
        return bool(steps) and not own and _CALLED.fullmatch(steps[-1][1:]) is not None

    def meant(self, place: Place) -> Place:
        """What a local stands for: `hooks = client.event_hooks["response"]`."""
        if place.symbol == NONE or place.path or self.unit.symbols[place.symbol].scope in (NONE, 0):
            return place
        binds = self.index.binds.get(place, ())
        bind = self.index.bind(binds[0]) if len(binds) == 1 else None
        if bind is None or bind.how not in ("declare", "assign") or bind.value == NONE:
            return place
        row = self.unit.values[bind.value]
        return self.unit.places[row.place] if row.kind == "place" else place

    def is_passing(self, call: Call) -> bool:
        """Whether what is attached goes by itself: after its first call, or with its object."""
        return bool(ONCE.search(call.name)) or self.is_weak(call) or self.is_run_once(call)

    def is_run_once(self, call: Call) -> bool:
        """`loop.add_callback(f)`: an event loop calls it once."""
        on = self.last(self.unit.places[call.receiver]) if call.name.startswith("add_callback") else ""
        return on.lower().endswith("loop")

    def is_weak(self, call: Call) -> bool:
        """`signal.connect(receiver)` of Django and blinker holds its receiver weakly, unless told not to."""
        if not call.name.startswith("connect"):
            return False
        for name, value in call.keywords:
            if name == "weak":
                return self.unit.values[value].text.lower() != "false"
        modules = self.index.import_modules
        return any(module.startswith(_WEAK_SIGNALS) for module in modules) or not (call.args or call.keywords)

    def is_last(self, call: Call) -> bool:
        receiver = self.unit.places[call.receiver]
        texts = {self.unit.values[value].text for value in call.args}
        return not _LAST.isdisjoint(texts | {step.lstrip(".") for step in receiver.path})

    def is_qt(self) -> bool:
        """Whether the unit imports Qt."""
        return any(module.startswith(_QT) or "Qt" in module for module in self.index.import_modules) or any(
            symbol.imported.startswith(("Qt", "pyqt")) or symbol.imported in ("QObject", "QWidget")
            for symbol in self.unit.symbols
            if symbol.kind == "import"
        )

    def starts(self, scope: int) -> bool:
        """Whether a function is named as one that runs once, or stands in a class that is the program."""
        for function in self.index.enclosing(scope):
            row = self.unit.scopes[function]
            if row.name and first_word(row.name) in _STARTS:
                return True
            if row.name.lower().endswith(("_app", "setup", "main", "lifespan", "plugin")):
                return True
            if "startup" in row.name.lower():
                return True
            if row.name in ("do_activate", "do_command_line"):
                return True  # of the one `Gtk.Application`
            if row.name.lower().endswith(("args", "argv")):
                return True  # of the command line
        return False

    def opposites(self, name: str) -> tuple[str, ...]:
        if name in _TRACE:
            return _TRACE[name]
        if name.endswith("_callback_add"):
            return (name.removesuffix("add") + "remove",)
        verb = first_word(name)
        rest = name[len(verb) :] if name.lower().startswith(verb) else ""
        return tuple(inverse + rest for inverse in DETACH.get(verb, ()))

    def alike(self, a: Place, b: Place) -> bool:
        """Whether two receivers end in the same name, or are the same variable."""
        return a == b or self.last(a) == self.last(b) != ""

    def last(self, place: Place) -> str:
        for step in reversed(place.path):
            if step != "[]":
                return step.lstrip("._")
        return self.unit.symbols[place.symbol].name.lstrip("_") if place.symbol != NONE else ""
