"""JavaScript: what each call leaves behind, and which functions and classes are used again and again.

A handler that refers to the request, socket or promise of one call belongs to that call; on an emitter
of the module it stays when the call is over.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Scope, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle, first_word
from leaklint.solve.plurality import LAST_METHODS

# names of functions that users or messages trigger again and again
_AGAIN = regex(
    r"_?(on(?!Module|Application|Init|Ready|Boot|Register|Start)|handle|show|open|mount|render|use|toggle|update|"
    r"refresh|redraw|reload|process|request|send|query|fetch)([A-Z_]|$)"
)
# callees that run their callback for each request, message, click
_SERVES = regex(
    r"get|post|put|patch|delete|all|use|route|on|handle|addEventListener|addListener|subscribe|createServer|"
    r"on[A-Z]\w*|registerCommand|command|consume|process|job|task|action|setInterval"
)
# events that come once in the life of a program or page
_ONCE = regex(
    r"(?i)(dom)?content_?loaded|load(ed)?|ready|listening|init(ialized?)?|started?|mount(ed)?|online|device_?ready|"
    r"activate|install|uncaughtException|unhandledRejection|exit|sig\w+|window-all-closed|before-?quit|will-?quit"
)
# first words of functions that run while a program or an object starts
_STARTS = frozenset(
    [
        *("init", "initialize", "setup", "start", "register", "install", "configure", "boot", "bootstrap"),
        *(
            "activate",
            "main",
            "run",
            "enable",
            "apply",
            "listen",
            "load",
            "define",
            "patch",
            "wrap",
            "instrument",
        ),
        *(
            "prepare",
            "launch",
            "add",
            "bind",
            "attach",
            "hook",
            "watch",
            "plugin",
            "extend",
            "create",
            "make",
        ),
        *("build", "with", "get", "connect", "provide", "inject", "observe", "ensure", "monitor", "track"),
    ]
)
# names of the parameters of a handler of requests
_REQUESTS = (
    frozenset({"req", "res"}),
    frozenset({"request", "response"}),
    frozenset({"ctx", "next"}),
    frozenset({"request", "reply"}),
    frozenset({"request", "h"}),
    frozenset({"req", "reply"}),
    frozenset({"event", "context"}),
)
_SERVERS = frozenset(
    {"listen", "serve", "start", "main", "run", "register", "install", "init", "setup", "boot"}
)
_LAST = LAST_METHODS | {"close", "disconnect", "remove", "destroyed", "unbind", "detach"}
_TIDIES = regex(
    r"((clear|cancel)[A-Z]|remove|disconnect|dispose|off$|un(subscribe|observe|listen|bind|watch))"
)


class PerCall:
    """Answers for the scopes of one unit."""

    def __init__(self, index: Index, lifecycle: Lifecycle) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.lifecycle = lifecycle
        self._made: dict[int, bool] = {}

    def leaves_behind(self, callback: int, scope: int) -> bool:
        """Whether a function that runs often hands out a callback that refers to what that call is about."""
        closure = self._closure(callback)
        if closure == NONE:
            return False
        if self._settles(closure):
            return True
        return self.runs_often(scope) and any(True for _ in self._own(closure, scope))

    def sets_state(self, callback: int, scope: int) -> bool:
        """React: whether a component makes this callback while it renders, to set a state of its own."""
        closure = self._closure(callback)
        hooks = {
            number
            for name in ("useState", "useReducer")
            for number in self.index.calls.get(name, ())
            if self.unit.effects[number].scope == scope
        }
        if closure == NONE or not hooks:
            return False
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and call.callee != NONE
            and self._comes_from(self.unit.places[call.callee], hooks)
            for number in self.index.of_function.get(closure, ())
        )

    def _comes_from(self, place: Place, calls: set[int]) -> bool:
        """Whether a variable holds a part of what some call returned: `const [state, set] = use()`."""
        if place.symbol == NONE or place.path:
            return False
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            if row is not None and row.kind == "place" and self.unit.places[row.place].call in calls:
                return True
        return False

    def refers_to_call(self, callback: int, scope: int) -> bool:
        """Whether a callback refers to locals or parameters of the functions around it."""
        closure = self._closure(callback)
        return closure != NONE and any(True for _ in self._own(closure, scope))

    def runs_often(self, scope: int, depth: int = 0) -> bool:
        """Whether a function is run by what comes again and again: a request, a message, a click."""
        for function in self.index.enclosing(scope):
            row = self.unit.scopes[function]
            argument = self.index.argument_of.get(function)
            if argument is not None and self._serves(argument[0]):
                return True
            if row.name and _AGAIN.match(row.name):
                return True
            if is_of_request(self.unit, row.params) or self._is_of_event(row):
                return True
            if row.name and (first_word(row.name) in _STARTS or row.kind == "constructor"):
                return row.kind == "function" and self._is_served(function)
            if depth < 2 and any(
                self.runs_often(self.unit.effects[caller].scope, depth + 1)
                for caller in self.index.callers.get(function, ())
                if self.unit.effects[caller].scope != scope
            ):
                return True
        return False

    def _is_of_event(self, row: Scope) -> bool:
        """`exports.handler = async (event) => {…}`: a serverless function, which runs once an event."""
        first = self.unit.symbols[row.params[0]].name.lstrip("_") if row.params else ""
        return first == "event" and row.name in ("handler", "lambdaHandler", "lambda_handler")

    def _is_served(self, function: int) -> bool:
        """`server.on("connection", (socket) => attach(socket))`: called by what runs for each connection."""
        for caller in self.index.callers.get(function, ()):
            around = next(self.index.enclosing(self.unit.effects[caller].scope), NONE)
            given = self.index.argument_of.get(around)
            if given is not None and self._serves(given[0]):
                return True
        return False

    def is_start(self, scope: int) -> bool:
        """Whether a function is named as one that starts what runs until the program ends."""
        for function in self.index.enclosing(scope):
            if self.unit.scopes[function].name:
                return first_word(self.unit.scopes[function].name) in _SERVERS
        return False

    def tidies(self, callback: int, endings: frozenset[str]) -> bool:
        """Whether a callback only ends things: a signal that is told of an end by it is no operation's."""
        row = self.unit.values[callback]
        if row.kind == "call":  # `this.destroy.bind(this)`
            call = self.unit.effects[row.call]
            place = (
                self.unit.places[call.receiver] if isinstance(call, Call) and call.receiver != NONE else None
            )
            return place is not None and bool(place.path) and place.path[-1][1:] in endings
        if row.kind == "place":
            place = self.unit.places[row.place]
            return bool(place.path) and place.path[-1][1:] in endings
        if row.kind != "closure":
            return False
        calls = [self.unit.effects[number] for number in self.index.of_function.get(row.scope, ())]
        names = [call.name for call in calls if isinstance(call, Call)]
        return bool(names) and all(_TIDIES.match(name) for name in names)

    def _serves(self, number: int) -> bool:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if not _SERVES.fullmatch(call.name):
            return False
        event = self.unit.values[call.args[0]] if call.args else None
        return event is None or event.kind != "string" or not _ONCE.fullmatch(event.text)

    def _closure(self, value: int) -> int:
        """The function that a callback is: written in place, or held by a local of the call."""
        if value == NONE:
            return NONE
        row = self.unit.values[value]
        if row.kind == "closure":
            return row.scope
        if row.kind == "place":
            place = self.unit.places[row.place]
            if place.symbol != NONE and not place.path and self.unit.symbols[place.symbol].scope > 0:
                return self.index.function_of(place.symbol)
        return NONE

    def _own(self, closure: int, scope: int) -> Iterator[int]:
        """Locals and parameters of the functions around `scope` that a closure refers to."""
        around = set(self.index.enclosing(scope))
        for number in self.unit.scopes[closure].captures:
            symbol = self.unit.symbols[number]
            if symbol.kind not in ("parameter", "variable", "constant") or symbol.scope <= 0:
                continue
            if self.index.function(symbol.scope) in around:
                yield number

    def _settles(self, closure: int) -> bool:
        """Whether a closure calls `resolve` or `reject` of a promise made around it."""
        for number in self.unit.scopes[closure].captures:
            symbol = self.unit.symbols[number]
            if symbol.kind != "parameter":
                continue
            argument = self.index.argument_of.get(symbol.scope)
            call = self.unit.effects[argument[0]] if argument is not None else None
            if isinstance(call, Call) and call.new and call.name == "Promise":
                return True
        return False

    def makes_what_ends(self, scope: int) -> bool:
        """`function player(element) { …; return { destroy() {…} } }`: each call makes an object that ends."""
        for function in self.index.enclosing(scope):
            if self.unit.language != "javascript" or not self.unit.scopes[function].params:
                continue
            for number in self.index.returns.get(function, ()):
                value = self.unit.effects[number].value  # type: ignore[union-attr]
                row = self.unit.values[value] if value != NONE else None
                if row is None:
                    continue
                if row.kind == "container" and row.text == "object" and not _LAST.isdisjoint(row.keys):
                    return True
                place = self.unit.places[row.place] if row.kind == "place" else None
                if place is None or place.path or place.symbol == NONE:
                    continue
                own = self.index.function(self.unit.symbols[place.symbol].scope) == function
                if own and any(Place(place.symbol, ("." + name,)) in self.index.binds for name in _LAST):
                    return True
        return False

    def makes_many(self, owner: int) -> bool:
        """Whether the unit makes objects of a class for what comes again and again."""
        known = self._made.get(owner)
        if known is None:
            self._made[owner] = False
            known = self._made[owner] = self._find_many(owner)
        return known

    def _find_many(self, owner: int) -> bool:
        row = self.unit.owners[owner]
        if row.symbol == NONE or not row.name:
            return False
        for number in self.index.calls.get(row.name, ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.callee == NONE or self.unit.places[call.callee] != Place(row.symbol) or not call.new:
                continue
            if self.lifecycle.repeats.repeats(number) and self.runs_often(call.scope):
                return True
        return False


def is_of_request(unit: Unit, params: tuple[int, ...]) -> bool:
    """`(req, res, next) => {…}`, `async (ctx, next) => {…}`: the handler of one request."""
    names = {unit.symbols[number].name.lstrip("_") for number in params[:4]}
    return len(names) > 1 and any(names >= pair for pair in _REQUESTS)
