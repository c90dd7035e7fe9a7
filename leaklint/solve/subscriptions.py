"""Which subscriptions leak: a source that outlives the subscriber, a handle that nobody ends.

Every answer that lowers a confidence says which false alarm it prevents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.acquired import Acquired, Confidence
from leaklint.solve.handles import Handle, Handles
from leaklint.solve.lifecycle import first_word
from leaklint.solve.pairs import Acquisition
from leaklint.solve.sources import Sources

# fields in which classes collect what they will dispose of, and the calls that put something there
_COLLECTION = re.compile(r"(?i)dispos|subscri|subs$|cleanup|teardown|unsub|listeners?$|^\.?_?store$|unlisten")
_COLLECTS = frozenset({"push", "add", "set", "register", "track"})
_OWN_COLLECTORS = frozenset(
    {"_register", "register", "addDisposable", "registerDisposable", "own", "track", "toDisposeOnDetach"}
)
# names of things that a program has one of, for as long as it runs
_SERVICE = re.compile(
    r"(?i)(service|manager|registry|preferences|configuration|store|bus|hub|provider|monitor|server|workspace)s?_?$"
)
_ROOT_COMPONENT = frozenset({"AppComponent", "App", "RootComponent", "AppRoot", "Main"})
_REGISTERS = frozenset({"on", "add", "subscribe", "watch", "listen", "register", "observe", "connect"})


class Subscription(msgspec.Struct):
    """A subscription that nothing ends. `state`: what is known of its handle, as a clause."""

    item: Acquisition
    handle: Handle
    confidence: Confidence
    source: Place
    owner: str
    teardown: str
    state: str
    sibling: int = NONE  # another subscription of the class that is ended


class Subscriptions:
    """Judges the subscriptions of one unit."""

    def __init__(self, acquired: Acquired, handles: Handles, sources: Sources) -> None:
        self.acquired = acquired
        self.handles = handles
        self.sources = sources
        self.unit: Unit = acquired.unit
        self.index = acquired.index
        self.lifecycle = acquired.lifecycle
        self.repeats = acquired.repeats
        self._items = [item for item in acquired.pairs.acquisitions if item.pair.kind == "subscription"]
        self._fates: dict[int, Handle] = {}
        self._collectors: frozenset[int] | None = None

    def leaks(self) -> Iterator[Subscription]:
        """Subscriptions that nothing ends, in source order."""
        for item in self._items:
            if self._listens(item):
                found = self._judge(item)
                if found is not None:
                    yield found

    def _listens(self, item: Acquisition) -> bool:
        """Whether a function, or an object of functions, is handed over, not the name of a topic."""
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        return item.receiver != NONE and any(self._is_function(value) for value in call.args[:2])

    def _is_function(self, value: int) -> bool:
        row = self.unit.values[value]
        if row.kind == "closure" or (row.kind == "container" and row.owner != NONE):
            return True
        if row.kind == "container" and row.text == "object":
            return any(key in ("next", "error", "complete") for key in row.keys)
        kind, place = self.acquired.pairs.callbacks.identity(value)
        if kind == "rebound":
            return True
        if place is None or place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this" and len(place.path) == 1:
            return self.index.method(symbol.target, place.path[0][1:]) != NONE
        return not place.path and self.index.function_of(place.symbol) != NONE

    def _judge(self, item: Acquisition) -> Subscription | None:
        if self.sources.ends_itself(item.receiver) or not self.repeats.repeats(item.effect):
            return None
        if self.acquired.growths.init_guarded(item.effect):
            return None
        handle = self.fate(item)
        scope = self.unit.effects[item.effect].scope
        owner = self.lifecycle.owner_of(scope)
        if handle.fate in ("given", "ended"):
            return None
        state = self._state(handle, owner)
        if state is None:
            return None
        life, source = self.sources.life(item.receiver)
        if source is None or life in ("own", "local", "unknown"):
            return None  # dies together with the subscriber, or nobody knows
        sibling = self._sibling(item, owner)
        confidence = self._confidence(item, owner, life, source, sibling)
        if confidence is None:
            return None
        name, teardown = self.acquired.owner(scope, "class" if owner != NONE else "function")
        return Subscription(item, handle, confidence, source, name, teardown, state, sibling)

    def fate(self, item: Acquisition) -> Handle:
        known = self._fates.get(item.effect)
        if known is None:
            known = self._fates[item.effect] = self.handles.of(item)
        return known

    def _state(self, handle: Handle, owner: int) -> str | None:
        """What is known of the handle; None when it is ended well enough."""
        if handle.fate == "dropped":
            return "its handle is dropped, so nothing can end it"
        if not handle.ends:
            return "its handle is kept, but nothing ends it"
        if owner == NONE or any(self.handles.in_end_of_life(end) for end in handle.ends):
            return None
        if not (self.lifecycle.teardown_of(owner) or self.collects(owner)):
            return None
        return "it is ended only where another one takes its place"

    # -- how sure

    def _confidence(
        self, item: Acquisition, owner: int, life: str, source: Place, sibling: int
    ) -> Confidence | None:
        scope = self.unit.effects[item.effect].scope
        if self.lifecycle.effect_hook(scope) != NONE:
            return "high" if life in ("module", "global") else "medium"
        if owner == NONE:
            return "low"
        name = self.unit.owners[owner].name
        if self.repeats.is_singleton(owner) or name in _ROOT_COMPONENT:
            return None
        if self._is_per_call(item, scope):
            return "medium"  # each call leaves its own objects behind, however long the owner lives
        if life == "injected" and not self._is_constructor_parameter(source):
            return None  # handed to a method: it may be smaller than this object
        if self.lifecycle.is_component(owner):
            return "medium" if source.path or life != "injected" or self._is_service(source) else "low"
        if self.lifecycle.lives_long(owner):
            return "low"  # serves as long as its source
        if sibling != NONE:
            return "medium"
        if self.lifecycle.teardown_of(owner) or self.collects(owner):
            return "medium" if life in ("module", "global") or self._is_service(source) else "low"
        return "low"

    def _is_constructor_parameter(self, source: Place) -> bool:
        """Injected into the object for good: into its constructor, or into a field."""
        symbol = self.unit.symbols[source.symbol]
        if symbol.kind != "parameter":
            return True
        return symbol.scope != NONE and self.unit.scopes[symbol.scope].kind == "constructor"

    def _is_service(self, source: Place) -> bool:
        """Whether a source is named, or typed, like something that there is one of."""
        symbol = self.unit.symbols[source.symbol]
        steps = source.path[:1] if symbol.kind == "this" else (symbol.name, symbol.type, *source.path[:1])
        if symbol.kind == "this" and source.path:
            steps += self._field_types(symbol.target, source.path[0])
        return any(_SERVICE.search(step) for step in steps if step)

    def _field_types(self, owner: int, step: str) -> tuple[str, ...]:
        names = []
        for symbol in self.unit.symbols:
            if (
                symbol.kind == "field"
                and "." + symbol.name == step
                and self.unit.scopes[symbol.scope].owner == owner
            ):
                names.append(symbol.type)
        return tuple(names)

    def _is_per_call(self, item: Acquisition, scope: int) -> bool:
        """Whether a method that is called again and again subscribes for an object that it has just made."""
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        function = self.index.function(scope)
        row = self.unit.scopes[function]
        if row.kind != "method" or row.name in self.lifecycle.teardown_names:
            return False
        if (
            first_word(row.name) in self.lifecycle.setup_names | _REGISTERS
            or self.fate(item).fate != "dropped"
        ):
            return False
        for value in call.args:
            closure = self.unit.values[value]
            if closure.kind == "closure" and self._captures_fresh(closure.scope, function):
                return True
        return False

    def _captures_fresh(self, closure: int, function: int) -> bool:
        for number in self.unit.scopes[closure].captures:
            symbol = self.unit.symbols[number]
            if symbol.kind in ("variable", "constant") and self.index.function(symbol.scope) == function:
                for index in self.index.binds.get(Place(number), ()):
                    value = self.unit.effects[index].value  # type: ignore[union-attr]
                    if value != NONE and self.unit.values[value].kind == "call":
                        made = self.unit.effects[self.unit.values[value].call]
                        if isinstance(made, Call) and (made.new or made.name.startswith("create")):
                            return True
        return False

    # -- siblings

    def _sibling(self, item: Acquisition, owner: int) -> int:
        """Another subscription of the same class whose handle is ended or handed to its collection."""
        if owner == NONE:
            return NONE
        for other in self._items:
            if other is item or self.lifecycle.owner_of(self.unit.effects[other.effect].scope) != owner:
                continue
            fate = self.fate(other)
            if (
                fate.fate == "ended"
                or other.destination == "passed"
                or (fate.fate == "field" and any(self.handles.in_end_of_life(end) for end in fate.ends))
            ):
                return other.effect
        return NONE

    def collects(self, owner: int) -> bool:
        """Whether a class collects things to dispose of: `this._register(…)`, `this.toDispose.push(…)`."""
        if self._collectors is None:
            self._collectors = frozenset(self._find_collectors())
        return owner in self._collectors

    def _find_collectors(self) -> Iterator[int]:
        for name in _COLLECTS | _OWN_COLLECTORS:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver == NONE:
                    continue
                place = self.unit.places[call.receiver]
                if place.symbol == NONE or self.unit.symbols[place.symbol].kind != "this":
                    continue
                if (not place.path and name in _OWN_COLLECTORS) or (
                    len(place.path) == 1 and name in _COLLECTS and _COLLECTION.search(place.path[0][1:])
                ):
                    yield self.unit.symbols[place.symbol].target
