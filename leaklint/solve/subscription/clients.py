"""JavaScript: handlers of one client after the other, which listen to what all clients share.

`attach(server, feed) { server.on("connection", (socket) => feed.on("price", (p) => socket.send(p))) }`
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.callbacks import Callbacks
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.percall import is_of_request

_HEARS = ("on", "addListener", "addEventListener", "prependListener")
# events of a server that come once for each client, stream or request
_ARRIVALS = frozenset(
    {"connection", "request", "upgrade", "session", "stream", "secureConnection", "CONNECT", "peer", "guest"}
)
_ROUTES = frozenset({"get", "post", "put", "patch", "delete", "all", "use", "ws", "options", "head"})
_SERVERS = frozenset({"createServer", "createSecureServer"})
_PORTS = frozenset({".onConnect", ".onConnectExternal"})  # of an extension of the browser
_TAKES_OFF = ("off", "removeListener", "removeEventListener", "removeAllListeners")
# calls that end the thing they are called on: with it, its listeners go
_ENDS = regex(r"close|end|destroy|kill|terminate|quit|disconnect|dispose|stop|release")


class Clients:
    """Answers about the handlers of one unit."""

    def __init__(self, index: Index, callbacks: Callbacks) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.callbacks = callbacks

    def outlived_by(self, item: Acquisition) -> bool:
        """Whether the handler of a client adds a function about this client to what was there before it."""
        return item.pair.kind == "listener" and self.leaves(item, item.callback)

    def leaves(self, item: Acquisition, callback: int) -> bool:
        """The same of a subscription whose handle is dropped, with the function that it is handed."""
        if self.unit.language != "javascript" or item.receiver == NONE:
            return False
        if item.once or item.options != NONE or item.destination != "dropped":
            return False
        around = list(self.index.enclosing(self.unit.effects[item.effect].scope))
        handler = next((function for function in around if self._serves(function)), NONE)
        if handler == NONE:
            return False
        targets = self._targets(item)
        if not targets or any(self._is_of_client(place, handler) for place in targets):
            return False
        return self._is_about_client(callback, handler) and not self._is_let_go(targets, handler)

    def _targets(self, item: Acquisition) -> tuple[Place, ...]:
        return tuple({self.unit.places[item.receiver], *self.callbacks.aliases.of(item.receiver)})

    def _serves(self, function: int) -> bool:
        """Whether a function runs once for each client, connection or request."""
        number, position = self.index.argument_of.get(function, (NONE, 0))
        call = self.unit.effects[number] if number != NONE else None
        if not isinstance(call, Call):
            return False
        if call.name in _SERVERS:
            return True
        first = self.unit.values[call.args[0]] if call.args else None
        text = first.text if first is not None and first.kind == "string" else ""
        if call.name in _HEARS and position == 1:
            return text in _ARRIVALS
        if call.name == "addListener" and position == 0 and call.receiver != NONE:
            return self.unit.places[call.receiver].path[-1:] != () and (
                self.unit.places[call.receiver].path[-1] in _PORTS
            )
        if call.name in _ROUTES and position > 0 and text.startswith("/"):
            return True
        return is_of_request(self.unit, self.unit.scopes[function].params)

    def _is_of_client(self, place: Place, handler: int) -> bool:
        """Whether something is made or found by the handler, or of unknown origin; its `this` is not."""
        if place.symbol == NONE or "[]" in place.path:
            return True
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this":
            return bool(self._bound_within(place, handler))
        if symbol.kind not in ("parameter", "variable", "constant"):
            return True
        if symbol.scope <= 0:
            return True  # of the module: others judge that
        return handler in self.index.enclosing(symbol.scope) or self._bound_within(place, handler)

    def _bound_within(self, place: Place, handler: int) -> bool:
        """Whether the handler, or one inside it, puts something there: `upstream = connect()`."""
        return any(
            handler in self.index.enclosing(self.unit.effects[number].scope)
            for steps in range(len(place.path) + 1)
            for number in self.index.binds.get(Place(place.symbol, place.path[:steps]), ())
        )

    def _is_about_client(self, callback: int, handler: int) -> bool:
        """Whether a callback written in the handler refers to what the handler was given or has made."""
        closure = self._closure(callback)
        if closure == NONE or handler not in self.index.enclosing(self.unit.scopes[closure].parent):
            return False
        return any(
            symbol.kind in ("parameter", "variable", "constant")
            and symbol.scope > 0
            and handler in self.index.enclosing(symbol.scope)
            for symbol in (self.unit.symbols[number] for number in self.unit.scopes[closure].captures)
        )

    def _closure(self, callback: int) -> int:
        if callback == NONE:
            return NONE
        row = self.unit.values[callback]
        if row.kind == "closure":
            return row.scope
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE or place.path:
            return NONE
        return self.index.function_of(place.symbol)

    def _is_let_go(self, targets: tuple[Place, ...], handler: int) -> bool:
        """Whether the handler takes listeners off the same thing, or ends it."""
        return any(self._is_on(number, targets, handler) for number in self._endings())

    def _endings(self) -> Iterator[int]:
        for name, numbers in self.index.calls.items():
            if name in _TAKES_OFF or _ENDS.fullmatch(name):
                yield from numbers

    def _is_on(self, number: int, targets: tuple[Place, ...], handler: int) -> bool:
        call = self.unit.effects[number]
        if not isinstance(call, Call) or call.receiver == NONE:
            return False
        return self.unit.places[call.receiver] in targets and handler in self.index.enclosing(call.scope)
