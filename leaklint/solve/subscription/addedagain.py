"""JavaScript: what gets one more listener each time a method runs, or each time an event comes.

`show() { if (!this.menu) this.menu = new Menu(); this.menu.on("select", …) }`: the menu is made once.
`ipcMain.on("ask", event => event.sender.once("destroyed", …))`: the sender goes on after the message.
"""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.callbacks import Callbacks
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.subscription.besides import Besides
from leaklint.solve.subscription.clients import Clients
from leaklint.solve.subscription.handlers import BEYOND, EVENTS, HEARS, Handlers
from leaklint.solve.subscription.outcomes import END

# methods that users of an object call again and again
_AGAIN = regex(
    r"_?(show|open|toggle|update|refresh|select|redraw|reload|popup|display|set(?!Up)|change|edit)([A-Z_]|$)"
)
_KEEPS_EVENT = ("useCallback", "useEvent", "useEffectEvent", "throttle", "debounce")
# events, and names of their handlers, that come once for what they happen to
_ONE = regex(
    r"(?i)_?(on|handle)?_?(dom)?(content_?)?(loaded|load\w*|ready|open(ed)?|connect(ed)?|connection|secureconnect|"
    r"listening|init\w*|start(ed)?|up|upgrade\w*|success|blocked|error|fail\w*|clos\w+|end(ed)?|finish\w*|exit|"
    r"disconnect\w*|destroy\w*|dispos\w+|abort\w*|unload|beforeunload|mount\w*|attach\w*|add\w*|creat\w+|"
    r"terminat\w+|timeout|response|complete\w*|install|activate|spawn|login|authenticated|session|pair|"
    r"socket|stream|upgrade|new\w*|insert\w*|render\w*)|[^a-zA-Z]*"
)
_FIRST = regex(
    r"(?i)hello|hi|welcome|handshake|init\w*|ready|start(ed)?|open(ed)?|connect(ed)?|auth\w*|login|ack"
)
_CHANNEL = regex(r"(?i)channel|topic|command|message|request")
_TAKES_OFF = ("removeEventListener", "removeListener", "removeAllListeners", "off", "unbind", "undelegate")
# what a function asks before it listens for the first time only
_ASKS = frozenset(
    {"has", "get", "includes", "indexOf", "data", "hasAttribute", "getAttribute", "hasClass"}
) | {
    *("listenerCount", "listeners", "contains", "some", "find", "attr"),
}


class AddedAgain:
    """Answers about what is attached to the fields of one unit."""

    def __init__(self, index: Index, callbacks: Callbacks) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.callbacks = callbacks
        self._besides = Besides(index, callbacks, self)
        self._clients = Clients(index, callbacks)
        self._handlers = Handlers(index, callbacks)

    def happens(self, effect: int, field: Place | None, callback: int) -> bool:
        """Whether a method that runs again attaches a function of its own to a field that is made once."""
        if self.unit.language != "javascript" or field is None or field.symbol == NONE:
            return False
        if self.unit.symbols[field.symbol].kind != "this" or len(field.path) != 1:
            return False
        function = self.index.function_at(effect)
        row = self.unit.scopes[function]
        if row.kind != "method" or not row.name or not _AGAIN.match(row.name):
            return False
        if self.callbacks.identity(callback)[0] not in ("inline", "rebound"):
            return False
        if any(self.unit.regions[number].kind == "branch" for number in self._around(effect)):
            return False
        return self._is_made_once(field, function)

    def _around(self, effect: int) -> list[int]:
        return list(self.index.regions(self.unit.effects[effect].region))

    def _is_made_once(self, field: Place, function: int) -> bool:
        """Whether every bind of a field is guarded by a test of it, or stands where the object is made."""
        made = False
        for number in self.index.binds.get(field, ()):
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            if bind.value == NONE or self.unit.values[bind.value].kind == "null":
                if self.index.function(bind.scope) != self.index.function_at(self.index.binds[field][0]):
                    return False  # let go, and made again
                continue
            around = self.index.function(bind.scope)
            early = self.unit.scopes[around].kind in ("constructor", "class")
            if not (early or self._tests(number, field) or self._callers_test(around, field)):
                return False
            made = True
        return made

    def _callers_test(self, function: int, field: Place) -> bool:
        """`if (!this.menu) this.makeMenu()`."""
        callers = self.index.callers.get(function, ())
        return bool(callers) and all(self._tests(number, field) for number in callers)

    def _tests(self, effect: int, field: Place) -> bool:
        """Whether a test of a field stands around an effect."""
        for number in self._around(effect):
            region = self.unit.regions[number]
            pending = [region.test] if region.kind == "branch" and region.test != NONE else []
            while pending:
                row = self.unit.values[pending.pop()]
                pending += row.parts
                if row.kind == "place" and self.unit.places[row.place] == field:
                    return True
        return False

    # -- each time an event comes

    def with_each_event(self, item: Acquisition) -> bool:
        """Whether the handler of an event that comes again adds a function of its own to what goes on."""
        if self.unit.language != "javascript" or item.pair.kind != "listener" or item.receiver == NONE:
            return False
        effect = self.unit.effects[item.effect]
        kind, place = self.callbacks.identity(item.callback)
        if item.destination != "dropped" or kind not in ("inline", "rebound", "stable"):
            return False
        if self._handlers.ends_element(item):
            return False
        targets = self.callbacks.wrapped(self.callbacks.aliases.of(item.receiver))
        for function in self.index.enclosing(effect.scope):
            if self.takes_off(function) or self.asks(item.effect, function, targets):
                return False
            if self._is_for_first_message(item.effect, function):
                return False
            own = place is not None and place.symbol != NONE and not place.path
            if kind == "stable" and not (own and self._is_within(place.symbol, function)):  # type: ignore[union-attr]
                continue
            if self._is_beyond(targets, function) or self._hears_it_already(targets, function):
                return True
            if self._is_added_by_handler(item, targets, function):
                return True
            if any(each.symbol != NONE and self._is_within(each.symbol, function) for each in targets):
                return False  # a thing of this very call
        return False

    def is_of_end(self, item: Acquisition) -> bool:
        """Whether what is listened for is the end of something."""
        return item.event != NONE and END.fullmatch(self.unit.values[item.event].text) is not None

    def by_each_call(self, item: Acquisition) -> bool:
        """Whether an event, or a call that is soon over, adds a function that stays."""
        return self.with_each_event(item) or self.beside_work(item) or self.by_each_client(item)

    def by_each_client(self, item: Acquisition) -> bool:
        """Whether the handler of a client adds it to what all clients share: see `Clients`."""
        return self._clients.outlived_by(item)

    def is_left_by_client(self, item: Acquisition, callbacks: tuple[int, ...]) -> bool:
        """Whether the handler of a client drops a subscription to what all clients share."""
        return any(self._clients.leaves(item, callback) for callback in callbacks)

    def outlasts_event(self, item: Acquisition) -> bool:
        """Whether what tells of the end of a thing is added to it with each event before the end."""
        return item.options == NONE and self.is_of_end(item) and self.with_each_event(item)

    def beside_work(self, item: Acquisition) -> bool:
        """Whether a call that is soon over waits for what may never come: see `Besides`."""
        return self._besides.waits(item)

    def _is_within(self, symbol: int, function: int) -> bool:
        row = self.unit.symbols[symbol]
        return row.scope > 0 and function in self.index.enclosing(row.scope)

    def _is_beyond(self, targets: tuple[Place, ...], function: int) -> bool:
        """`event.currentTarget` of a function that is given an event."""
        row = self.unit.scopes[function]
        call, _ = self._heard(function)
        if not self._comes_again(function):
            return False
        for place in targets:
            if place.symbol == NONE or place.symbol not in row.params or len(place.path) != 1:
                continue
            name = self.unit.symbols[place.symbol].name
            if place.path[0] in BEYOND and (EVENTS.fullmatch(name) or call is not None):
                return True
        return False

    def _comes_again(self, function: int) -> bool:
        """Whether a function may be a handler, of what does not come once only for what it happens to."""
        call, event = self._heard(function)
        given = self.index.argument_of.get(function)
        taker = self.unit.effects[given[0]] if given is not None else None
        if call is None and isinstance(taker, Call) and taker.name not in _KEEPS_EVENT:
            return False  # `events.forEach(event => …)`, `once("start", event => …)`
        name = event if call is not None else self.unit.scopes[function].name or "x"
        return _ONE.fullmatch(name) is None or (call is not None and not event and self._is_channel(call))

    def _is_channel(self, call: Call) -> bool:
        """`ipc.on(this.channel, …)`: messages come through it one after the other, whatever it is called."""
        row = self.unit.values[call.args[0]]
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        names = (symbol.name if symbol is not None else "", *(place.path if place is not None else ()))
        return _CHANNEL.search(names[-1]) is not None

    def _hears_it_already(self, targets: tuple[Place, ...], function: int) -> bool:
        """`socket.on("message", () => socket.on("close", …))`."""
        call, event = self._heard(function)
        if call is None or not event or not HEARS.fullmatch(call.name) or _ONE.fullmatch(event):
            return False
        if call.receiver == NONE or len(call.args) > 2:
            return False  # options: `{ once: true }`
        heard = self.callbacks.wrapped(self.callbacks.aliases.of(call.receiver))
        return any(place in heard for place in targets if place.symbol != NONE or place.path)

    def _is_added_by_handler(self, item: Acquisition, targets: tuple[Place, ...], function: int) -> bool:
        """Whether a handler adds to the element of its event, or to what it hears the event from."""
        direct = self.unit.places[item.receiver]
        if self.asks(item.effect, function, (direct,)):
            return False
        if not self._comes_again(function):
            return False
        if any(self._handlers.is_of_event(place, function) for place in (direct, *targets)):
            return True
        mine = {each for place in (direct, *targets) for each in self._handlers.made_of(place)}
        for call, event in self._handlers.heard(function):
            if not event or _ONE.fullmatch(event):
                continue
            heard = self.callbacks.aliases.of(call.receiver)
            if not mine.isdisjoint({each for place in heard for each in self._handlers.made_of(place)}):
                return True
        return False

    def _heard(self, function: int) -> tuple[Call | None, str]:
        """The call that a function is handed to as a handler, with the name of its event."""
        number, position = self.index.argument_of.get(function, (NONE, 0))
        call = self.unit.effects[number] if number != NONE else None
        if not isinstance(call, Call) or position < 1 or not HEARS.fullmatch(call.name):
            return None, ""
        row = self.unit.values[call.args[0]]
        return call, row.text if row.kind == "string" else ""

    def takes_off(self, function: int) -> bool:
        """Whether a function, or one inside it, takes any listener off."""
        return any(
            function in self.index.enclosing(self.unit.effects[number].scope)
            for name in _TAKES_OFF
            for number in self.index.calls.get(name, ())
        )

    def asks(self, effect: int, function: int, targets: tuple[Place, ...]) -> bool:
        """Whether a function listens only when it has not listened before, as far as its tests tell."""
        at = self.unit.effects[effect].at
        for region in self.unit.regions:
            if (
                region.kind != "branch"
                or region.test == NONE
                or self.index.function(region.scope) != function
            ):
                continue
            around = region.at <= at < region.end  # of closures within it as well
            before = region.last <= effect and region.leaves in ("return", "raise")
            if (around or before) and self._asks_for_first(region.test, function, targets):
                return True
        return False

    def _is_for_first_message(self, effect: int, function: int) -> bool:
        """`if (message.kind === "hello")` around: what a peer says once."""
        at = self.unit.effects[effect].at
        for region in self.unit.regions:
            if region.test == NONE or region.negated or not region.at <= at < region.end:
                continue
            if self.index.function(region.scope) != function:
                continue
            pending = [region.test]
            while pending:
                row = self.unit.values[pending.pop()]
                pending += row.parts
                if row.kind == "string" and row.text and _FIRST.fullmatch(row.text):
                    return True
        return False

    def _asks_for_first(self, test: int, function: int, targets: tuple[Place, ...]) -> bool:
        pending = [test]
        while pending:
            row = self.unit.values[pending.pop()]
            pending += row.parts
            call = self.unit.effects[row.call] if row.kind == "call" else None
            if isinstance(call, Call) and call.name in _ASKS:
                return True
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is None or place.symbol == NONE:
                continue
            if any(place.path and place.symbol == each.symbol for each in targets):
                return True  # `if (!event.target.watched)`
            kind = self.unit.symbols[place.symbol].kind
            if kind == "this" or (kind == "variable" and not self._is_within(place.symbol, function)):
                return True  # a state that outlasts the event
        return False
