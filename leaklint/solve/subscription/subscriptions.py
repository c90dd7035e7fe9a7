"""Which subscriptions leak: a source that outlives the subscriber, a handle that nobody ends.

Every answer that lowers a confidence says which false alarm it prevents.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.acquired import Acquired
from leaklint.solve.collectors import Collectors
from leaklint.solve.handles import Handle, Handles
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.receivers import Receiver
from leaklint.solve.subscription.sources import SERVICE, Sources

_ROOT_COMPONENT = frozenset({"AppComponent", "App", "RootComponent", "AppRoot", "Main"})
_REACTION = "reaction"
_RENDERER = "renderer listener"
_PAGE = frozenset({"window", "document", "body"})
_EVENT = regex(r"on(Did|Will)[A-Z]|on[A-Z]\w*Changed$|onChange$")
# events that tell of the end of their source
_LAST_WORDS = regex(r"(?i)clos|dispos|destroy|exit|terminat|finish|end$|ended$|complete|stopp?")
# first words of methods that are called once for an object, or that register for a caller
_ONCE = frozenset(
    [
        "init",
        "initialize",
        "setup",
        "start",
        "configure",
        "activate",
        "load",
        "on",
        "add",
        "subscribe",
        "watch",
        "listen",
        "register",
        "observe",
        "connect",
        "install",
        "boot",
        "bootstrap",
        "prepare",
        "do",
    ]
)


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
        self._counts: dict[int, tuple[int, int]] = {}
        self.collectors = Collectors(acquired.index)

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
        if item.pair.name == _REACTION:
            return True
        if item.pair.process_wide:
            return self._is_wide(item, call)
        if item.receiver == NONE or self._is_props(item.receiver):
            return False
        if item.pair.packages:
            return any(self._is_function(value) for value in call.args[:2])
        if call.name != "subscribe":
            if len(call.args) > 2:
                return False  # `onDidChange(f, this, disposables)` hands the handle over
            if not call.name[2:3].isupper() or _LAST_WORDS.search(call.name):
                return False
        elif call.args and not self._is_function(call.args[0]) and "unsubscribe" in self.index.calls:
            return False  # topics are taken off by name
        return any(self._is_function(value) for value in call.args[:2]) and (
            is_event(call.name) or self._answers(item) or self._renders(item)
        )

    def _renders(self, item: Acquisition) -> bool:
        """React: a component subscribes while it renders, one more time with each rendering."""
        scope = self.unit.effects[item.effect].scope
        return item.destination == "dropped" and self.acquired.per_call.sets_state(item.callback, scope)

    def _is_wide(self, item: Acquisition, call: Call) -> bool:
        """`onSnapshot(query, f)`; `renderer.listen("document", "click", f)`, but not on an element."""
        if item.pair.name == _RENDERER:
            first = self.unit.values[call.args[0]] if call.args else None
            return first is not None and first.kind == "string" and first.text in _PAGE
        for value in call.args if item.pair.self_release else ():
            if not set(item.pair.self_release).isdisjoint(self.unit.values[value].keys):
                return False  # `onValue(query, f, { onlyOnce: true })`
        return any(self._is_function(value) for value in call.args)

    def _whole(self, item: Acquisition) -> tuple[Receiver, Place | None]:
        """What a function without a receiver subscribes to: it goes by the name of the function."""
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        place = call.receiver if call.receiver != NONE else call.callee
        return "global", self.unit.places[place] if place != NONE else None

    def _is_props(self, receiver: int) -> bool:
        """`props.onChange(f)` calls a callback of the parent: nothing is subscribed to."""
        place = self.unit.places[receiver]
        if place.path:
            return place.path[-1] in (".props", ".options", ".callbacks")
        return place.symbol != NONE and self.unit.symbols[place.symbol].name in ("props", "options", "opts")

    def _answers(self, item: Acquisition) -> bool:
        """Whether an `onSomething()` certainly returns a handle: it is ended, or a like one is."""
        handle = self.fate(item)
        if handle.fate == "field":
            return any(self._is_dispose(end) for end in handle.ends)
        owner = self.lifecycle.owner_of(self.unit.effects[item.effect].scope)
        return handle.fate == "dropped" and self.counted(owner)[0] > 0

    def _is_dispose(self, effect: int) -> bool:
        call = self.unit.effects[effect]
        return isinstance(call, Call) and call.name == "dispose"

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
        reaction = item.pair.name == _REACTION
        if not self.repeats.repeats(item.effect) or (
            not reaction and self.sources.ends_itself(item.receiver)
        ):
            return None
        if self.acquired.growths.guards.init_guarded(item.effect):
            return None
        handle = self.fate(item)
        scope = self.unit.effects[item.effect].scope
        owner = self.lifecycle.owner_of(scope)
        if handle.fate in ("given", "ended"):
            return None
        state = self._state(handle, owner)
        if state is None:
            return None
        if not reaction and item.receiver != NONE and self.sources.waits_in_vain(item.receiver):
            state = "nothing fires the subject that its `takeUntil` waits for"
        if item.pair.process_wide:
            life, source = self._whole(item)
        else:
            life, source = self._observed(item) if reaction else self.sources.life(item.receiver)
            if source is None and not reaction:
                life, source = self.sources.meant_to_end(item.receiver)
        again = self._renders(item) or (source is not None and self._is_added_again(item, source))
        if source is not None and handle.fate == "dropped" and self._is_left_by_client(item):
            return Subscription(item, handle, "medium", source, "each call", "", state)
        if source is not None and handle.fate == "dropped" and again:
            name, teardown = self.acquired.owner(scope, "class" if owner != NONE else "function")
            return Subscription(item, handle, "medium", source, name, teardown, state)
        if source is None or life in ("own", "local", "unknown"):
            return None  # dies together with the subscriber, or nobody knows
        if life == "injected" and not item.pair.process_wide and self._ends_source(item, source):
            return None  # the class ends what it listens to
        confidence = self._confidence(item, handle, owner, life, source)
        if confidence is None:
            return None
        name, teardown = self.acquired.owner(scope, "class" if owner != NONE else "function")
        return Subscription(item, handle, confidence, source, name, teardown, state, self._sibling(owner))

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
        if not (self.lifecycle.teardown_of(owner) or self.collectors.includes(owner)):
            return None
        return "it is ended only where another one takes its place"

    def _observed(self, item: Acquisition) -> tuple[Receiver, Place | None]:
        """What outlives the owner among the things that a reaction reads."""
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        read = self.unit.values[call.args[0]] if call.args else None
        if read is None or read.kind != "closure":
            return "unknown", None
        for row in self.unit.values:
            if row.kind != "place" or not read.at <= row.at < read.end:
                continue
            place = self.unit.places[row.place]
            if place.symbol == NONE or not place.path:
                continue
            steps = 1 if self.unit.symbols[place.symbol].kind == "this" else 0
            root = Place(place.symbol, place.path[:steps])
            life = self.sources.pairs.receivers.life_of(root)
            if life in ("module", "injected"):
                return life, root
        return "unknown", None

    # -- how sure

    def _confidence(
        self, item: Acquisition, handle: Handle, owner: int, life: str, source: Place
    ) -> Confidence | None:
        scope = self.unit.effects[item.effect].scope
        if self.lifecycle.effect_hook(scope) != NONE or self.lifecycle.is_component_script(scope):
            return "high" if life in ("module", "global") else "medium"
        if owner == NONE:
            left = life in ("module", "global") and self._is_left_by_call(item, scope)
            return "medium" if left else "low"
        if self.repeats.is_singleton(owner):
            return None
        many = self.acquired.per_call.makes_many(owner)
        if self._is_per_call(item, scope):
            return "medium"  # each call leaves its own objects behind, however long the owner lives
        if life == "injected" and not self._is_constructor_parameter(source):
            return None  # handed to a method: it may be smaller than this object
        if handle.fate == "field" and handle.ends:
            return "medium"  # the class does end it, only not at its end
        if not many and plurality.is_one(self.unit, owner):
            return "low"  # serves as long as its source
        if self.lifecycle.is_component(owner):
            return "medium" if source.path or life != "injected" or self._is_service(source) else "low"
        if life == "injected" and not self._is_service(source):
            if self._is_left_at_end(item, handle, owner, source):
                return "medium"
            return "low"  # may be a collaborator that dies with this object
        if life in ("module", "global") and (
            many or plurality.comes_and_goes(self.unit, owner) or plurality.ends_many(self.unit, owner)
        ):
            return "medium"
        ended, dropped = self.counted(owner)
        if ended >= dropped:
            return "medium"  # a class that ends most of them forgot this one
        if (
            self.lifecycle.teardown_of(owner)
            or self.collectors.includes(owner)
            or plurality.extends_many(self.unit, owner)
        ):
            return "medium" if plurality.comes_and_goes(self.unit, owner) else "low"
        return "low"

    def _ends_source(self, item: Acquisition, source: Place) -> bool:
        """`dispose() { this.session.close(); }`; or an overlay, whose keys are heard, is disposed of."""
        if item.receiver == NONE or self.lifecycle.owner_of(self.unit.effects[item.effect].scope) == NONE:
            return False
        if self.acquired.injected.ends({source}, ("dispose", "destroy")):
            return True
        return self.acquired.injected.ends_receiver(item, self.lifecycle.in_teardown)

    def _is_left_at_end(self, item: Acquisition, handle: Handle, owner: int, source: Place) -> bool:
        """Whether an object that ends drops the handle of what its constructor was given."""
        names = {self.unit.scopes[scope].name for scope in self.unit.owners[owner].methods}
        if handle.fate != "dropped" or names.isdisjoint(plurality.LAST_METHODS) or item.receiver == NONE:
            return False
        if self.lifecycle.is_short_lived(owner):
            return False
        root = Place(source.symbol, source.path[:1] if self._is_this(source) else (), source.call)
        return self.acquired.injected.is_given(root)

    def _is_added_again(self, item: Acquisition, source: Place) -> bool:
        """`open() { …; this.popup.backdropClick().subscribe(…) }` of a popup that is made once."""
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        field = Place(source.symbol, source.path[:1])
        return any(self.acquired.again.happens(item.effect, field, value) for value in call.args[:1])

    def _is_left_by_client(self, item: Acquisition) -> bool:
        """`app.get("/live", (req, res) => store.subscribe((state) => res.write(state)))`."""
        call = self.unit.effects[item.effect]
        return isinstance(call, Call) and self.acquired.again.is_left_by_client(item, call.args[:2])

    def _is_this(self, place: Place) -> bool:
        return place.symbol != NONE and self.unit.symbols[place.symbol].kind == "this"

    def _is_left_by_call(self, item: Acquisition, scope: int) -> bool:
        """Whether a function that runs often leaves a callback of its own behind."""
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        for number in self.index.calls.get("unsubscribe", ()):
            if self.unit.effects[number].args:  # type: ignore[union-attr]
                return False  # callbacks are taken off by themselves
        if self.acquired.per_call.makes_what_ends(scope):
            return True
        return any(self.acquired.per_call.leaves_behind(value, scope) for value in call.args[:2])

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
        return any(SERVICE.search(step) for step in steps if step)

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
        if first_word(row.name) in _ONCE or self.fate(item).fate != "dropped":
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

    def counted(self, owner: int) -> tuple[int, int]:
        """How many subscriptions of a class are ended or collected, and how many are not."""
        if not self._counts:
            for item in self._items:
                number = self.lifecycle.owner_of(self.unit.effects[item.effect].scope)
                ended, dropped = self._counts.get(number, (0, 0))
                self._counts[number] = (ended + 1, dropped) if self._is_ended(item) else (ended, dropped + 1)
        return self._counts.get(owner, (0, 0))

    def _is_ended(self, item: Acquisition) -> bool:
        fate = self.fate(item)
        if fate.fate == "field":
            return any(self.handles.in_end_of_life(end) for end in fate.ends)
        return fate.fate == "ended" or item.destination == "passed" or fate.place is not None

    def _sibling(self, owner: int) -> int:
        """A subscription of the class that is ended."""
        for item in self._items:
            scope = self.unit.effects[item.effect].scope
            if owner != NONE and self.lifecycle.owner_of(scope) == owner and self._is_ended(item):
                return item.effect
        return NONE


def is_event(name: str) -> bool:
    """Whether a method of this name subscribes, whatever it is called on."""
    return name == "subscribe" or _EVENT.match(name) is not None
