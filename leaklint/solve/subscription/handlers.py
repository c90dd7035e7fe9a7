"""JavaScript: functions that hear of events, by name or as a method, and the elements that events come from.

`el.addEventListener("down", this.onDown)`, `on("down", (e) => this.onDown(e))`; `e.target.closest("li")`.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.callbacks import Callbacks
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition

HEARS = regex(r"on|addListener|addEventListener|prependListener|handle|bind|delegate|live")
EVENTS = regex(r"_?(e|ev|evt|event|[a-z]\w*(Event|Evt))")
# steps from an event to what it happens to, which goes on when the event is over
BEYOND = frozenset({".target", ".currentTarget", ".delegateTarget", ".srcElement", ".sender"})
# steps from an element to others of the page
_RELATED = regex(r"\.(parent(Node|Element)|(first|last)(Element)?Child|(next|previous)(Element)?Sibling)")
_FINDS = frozenset({"closest", "querySelector", "parent", "parents"})
# end an element, and with it what listens to it
_ENDS = frozenset({"remove", "removeChild", "removeNode", "detach", "replaceWith", "replaceChildren"})
_DEEPEST = 4


class Handlers:
    """Answers about the handlers of one unit."""

    def __init__(self, index: Index, callbacks: Callbacks) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.callbacks = callbacks
        self._of: dict[int, list[tuple[Call, str]]] | None = None

    def heard(self, function: int) -> list[tuple[Call, str]]:
        """The calls that a function is handed to as a handler, by name or through one line, with events."""
        if self._of is None:
            self._of = {}
            for name in self.index.calls:
                for number in self.index.calls[name] if HEARS.fullmatch(name) else ():
                    call = self.unit.effects[number]
                    if isinstance(call, Call) and call.receiver != NONE and len(call.args) == 2:
                        event = self.unit.values[call.args[0]]
                        text = event.text if event.kind == "string" else ""
                        self._of.setdefault(self.named(call.args[1]), []).append((call, text))
        return self._of.get(function, []) if function != NONE else []

    def named(self, value: int) -> int:
        """The function that a value names, or that the one line of a closure calls."""
        row = self.unit.values[value]
        if row.kind == "closure":
            steps = self.index.of_function.get(row.scope, ())
            called = [number for number in steps if isinstance(self.unit.effects[number], Call)]
            return self.index.callee_scope(called[0]) if len(called) == 1 else NONE
        _, place = self.callbacks.identity(value)
        if place is None or place.symbol == NONE:
            return NONE
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this" and len(place.path) == 1:
            return self.index.method(symbol.target, place.path[0][1:])
        return self.index.function_of(place.symbol) if not place.path else NONE

    def is_of_event(self, place: Place, function: int, depth: int = 0) -> bool:
        """`e.target.parentNode`, `e.target.closest("li")` of a function that is given an event."""
        if depth > _DEEPEST:
            return False
        if place.symbol != NONE:
            symbol = self.unit.symbols[place.symbol]
            own = {self.unit.symbols[number].name for number in self.unit.scopes[function].params}
            if symbol.kind != "parameter" or not EVENTS.fullmatch(symbol.name):
                return False
            if not any(EVENTS.fullmatch(name) for name in own) or place.path[:1] == ():
                return False
            return place.path[0] in BEYOND and all(_RELATED.fullmatch(step) for step in place.path[1:])
        call = self.unit.effects[place.call] if place.call != NONE else None
        if not isinstance(call, Call) or call.name not in _FINDS or call.receiver == NONE:
            return False
        if not all(_RELATED.fullmatch(step) for step in place.path):
            return False
        return any(
            self.is_of_event(each, function, depth + 1)
            for each in (self.unit.places[call.receiver], *self.callbacks.aliases.of(call.receiver))
        )

    def ends_element(self, item: Acquisition) -> bool:
        """Whether a handler takes an element out of the page: `el.on("animationend", () => el.remove())`."""
        row = self.unit.values[item.callback]
        function = row.scope if row.kind == "closure" else self.named(item.callback)
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and call.name in _ENDS
            and (call.args == () or call.name != "remove")  # `classList.remove("open")` ends nothing
            for number in self.index.of_function.get(function, ())
        )

    def made_of(self, place: Place) -> Iterator[Place]:
        """A field, and what the constructor puts there: `this.el = el`."""
        yield place
        symbol = self.index.symbol(place)
        if symbol is None or symbol.kind != "this" or len(place.path) != 1:
            return
        binds = [self.unit.effects[number] for number in self.index.binds.get(place, ())]
        for bind in binds if len(binds) == 1 else ():
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            if row is not None and row.kind == "place":
                yield self.unit.places[row.place]
