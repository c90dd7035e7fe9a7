"""Decides which acquisitions leak: a longer-lived receiver, a site that repeats, no release.

Every answer that lowers a confidence says which false alarm it prevents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit, Value
from leaklint.solve import plurality
from leaklint.solve.dead import Dead
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle, first_word
from leaklint.solve.names import callee_name, patterns
from leaklint.solve.pairs import Acquisition, Pairs
from leaklint.solve.percall import PerCall
from leaklint.solve.rearming import Rearming
from leaklint.solve.repeats import Repeats
from leaklint.solve.subscription.addedagain import AddedAgain
from leaklint.solve.thread.tasks import Tasks

Confidence = Literal["high", "medium", "low"]

# names of functions that users trigger again and again
_REPEATED_NAME = regex(
    r"^_?(on|handle|show|open|mount|render|use|create|make|build|attach|toggle|update)([A-Z_]|$)"
)
# classes that are the program, and methods that start what runs once
_PROGRAMS = ("Main", "Launcher", "Application", "Starter", "Bootstrap")
_STARTS = frozenset(
    {"start", "init", "initialize", "register", "install", "configure", "setup", "boot", "activate"}
)
# JavaScript: methods that an object runs again and again, and those that undo them
_PENDANTS = {
    "start": ("stop", "shutdown", "pause"),
    "enable": ("disable",),
    "activate": ("deactivate",),
    "attach": ("detach",),
    "open": ("close",),
    "connect": ("disconnect",),
    "mount": ("unmount",),
    "show": ("hide",),
    "bind": ("unbind",),
    "listen": ("unlisten", "stopListening"),
    "subscribe": ("unsubscribe",),
    "play": ("stop",),
    "onAdd": ("onRemove",),
    "onEnable": ("onDisable",),
    "load": ("unload",),
}
# functions that do one piece of work for each call
_WORKS = regex(r"_?(run|exec|execute|spawn|process|perform|convert|build|compile|render|fetch|call)[A-Z]\w*")
# callees that run their callback again and again
_REPEATING = regex(
    r"^(on|on[A-Z]\w*|add\w*Listener|subscribe|get|post|put|patch|all|use|handle|click|forEach|map|each|watch\w*|"
    r"connect|effect|use[A-Z]\w*|createEffect|autorun|reaction|controller|directive|component)$"
)
# Java: names of what many objects listen to
_SUBJECTS = regex(
    r"(?i)(service|manager|registry|preferences|configuration|config|settings|store|bus|hub|provider|monitor|server|"
    r"workspace|cluster|topology|membership|discovery|gateway|theme|model|broker|dispatcher|publisher|feed|"
    r"tracker|repository|engine|project|client|cache|catalog)s?_?$"
)

# JavaScript: classes of which one larger thing carries many, with the names of such things
_CARRIED = (
    (
        regex(
            r"\w*(Channel|Stream|Consumer|Producer|Publisher|Subscriber|Subscription|Topic|Queue|Sender|Receiver)"
        ),
        regex(r"(?i)[._]*\w*(conn|connection|broker|mux|session|server)_?"),
    ),
    (
        regex(r"\w*(Request|Response|Query|Cursor|Transaction|Statement|Operation)"),
        regex(r"(?i)[._]*\w*(conn|connection|client|pool|agent|session|server|db|database)_?"),
    ),
    (
        regex(r"\w*(Connection|Socket|Peer|Session|Player|Room|Worker|Task|Job)"),
        regex(
            r"(?i)[._]*\w*(server|pool|agent|hub|swarm|network|gateway|cluster|broker|scheduler|manager)_?"
        ),
    ),
)
# Java: types of values that others change as well
_OBSERVABLE = regex(r"(ReadOnly|Simple|Observable)\w*|\w+(Property|Binding)")
# Java: classes whose objects are made for one game, connection, request or thing that is shown
_ONE_OF_MANY = regex(
    r"(Gui|GUI|Inventory|Match|Arena|Game|Duel|Quest|Round|Prompt|Endpoint|Connection|Channel|Request|Job|Legend|"
    r"Viewer|Screen|Wizard|Download|Upload|Player|Conversation|Call|Form|Browser|Transaction|Peer|Stream|Figure)"
    r"(Impl)?$"
)
# Java: classes of which each window has one
_OF_THE_WINDOW = regex(
    r"^Main|(Frame|Window|MenuBar|StatusBar|ToolBar|Toolbar|SidePane\w*|Sidebar|Desktop|Ribbon)$"
)


class Leak(msgspec.Struct):
    """An acquisition that nothing ends. `owner`: who acquires, for the message."""

    item: Acquisition
    confidence: Confidence
    owner: str
    where: Literal["effect", "class", "callback", "function"]
    teardown: str  # name of the method that should release, or ""
    unused_release: int = NONE  # a release that does not run when it should
    unused_why: str = ""


class Acquired:
    """Judges the acquisitions of one unit."""

    def __init__(
        self, pairs: Pairs, growths: Growths, lifecycle: Lifecycle, repeats: Repeats, dead: Dead
    ) -> None:
        self.pairs = pairs
        self.rearming = Rearming(pairs)
        self.tasks = Tasks(pairs, lifecycle, repeats)
        self.dead = dead
        self.unit: Unit = pairs.unit
        self.index = pairs.index
        self.growths = growths
        self.lifecycle = lifecycle
        self.repeats = repeats
        self.per_call = PerCall(self.index, lifecycle)
        self.again = AddedAgain(self.index, pairs.callbacks)
        self._weak = patterns(tuple(pairs.models.weak_wrappers))

    def leaks(self, *kinds: str) -> Iterator[Leak]:
        """Acquisitions of some kinds that nothing releases, in source order."""
        for item in self.pairs.acquisitions:
            if item.pair.kind in kinds:
                found = self.judge(item)
                if found is not None:
                    yield found

    def judge(self, item: Acquisition) -> Leak | None:
        effect = self.unit.effects[item.effect]
        if self.pairs.releases_itself(item) and not (
            self._is_removed_at_times(item)
            or self.again.outlasts_event(item)
            or self.again.beside_work(item)
            or self._is_carried(item)
        ):
            return None
        if not self.repeats.repeats(item.effect) and not self._is_in_field(item):
            return None
        if self._holds_weakly(item) or self._waits_for_page(item):
            return None
        if self.growths.init_guarded(item.effect):
            return None
        unused, why = NONE, ""
        for release in item.released_by:
            why = self._no_release(item, release)
            if not why:
                return None
            unused = release
        if item.pair.reschedules and not self.rearming.restarts(item):
            return None
        if item.destination in ("returned", "passed") and item.pair.returns_handle:
            return None  # somebody else has the handle now
        if item.pair.kind == "listener" and self._has_taker(item):
            return None
        if item.destination == "returned" and self.lifecycle.effect_hook(effect.scope) != NONE:
            return None  # what an effect returns is its clean-up
        if item.pair.idempotent and self._same_each_time(item):
            return None
        if self._is_handed_over(item):
            return None
        where = self._where(effect.scope)
        confidence = self._confidence(item, where)
        if confidence is None:
            return None
        if confidence == "low" and why.startswith(("it ", "React ")):
            confidence = "medium"  # the code means to release it
        owner, teardown = self.owner(effect.scope, where)
        if self.again.by_each_call(item):
            owner, teardown = "each call", ""
        return Leak(item, confidence, owner, where, teardown, unused, why)

    def _waits_for_page(self, item: Acquisition) -> bool:
        """A listener to the end of the page, of something that lasts as long as the page itself."""
        if item.event == NONE or self.unit.values[item.event].text not in item.pair.page_events:
            return False
        scope = self.unit.effects[item.effect].scope
        owner = self.lifecycle.owner_of(scope)
        if owner == NONE or self.lifecycle.is_component(owner):
            return self._where(scope) != "effect" and owner == NONE
        return not self.lifecycle.teardown_of(owner) or plurality.is_one(self.unit, owner)

    def _is_handed_over(self, item: Acquisition) -> bool:
        """`weakref.finalize(self, logger.removeHandler, handler)`: the removal is given to who calls it."""
        names = {release.call.rpartition(".")[2] for release in item.pair.release}
        if self.unit.language != "python" or not names:
            return False
        for effect in self.unit.effects:
            for value in effect.args if isinstance(effect, Call) else ():
                row = self.unit.values[value]
                path = self.unit.places[row.place].path if row.kind == "place" else ()
                if path and path[-1][1:] in names:
                    return True
        return False

    def _is_removed_at_times(self, item: Acquisition) -> bool:
        """JavaScript: `once`, for an event that need not come, with a removal that need not run."""
        if self.unit.language != "javascript" or not item.once or not item.released_by:
            return False
        return all(self._no_release(item, release) for release in item.released_by)

    def _has_taker(self, item: Acquisition) -> bool:
        """JavaScript: `subscriptions.add(bus.on("x", f))`, `h = map.addListener("x", f); h.remove()`."""
        if self.unit.language != "javascript":
            return False
        if item.destination == "kept" and item.handle is not None:
            if any(self._is_called_on(name, item.handle) for name in self.pairs.models.endings):
                return True
            return self._is_run(item.handle)
        return item.destination == "passed"

    def _is_run(self, place: Place) -> bool:
        """Whether what a place keeps is called: `off = bus.on("x", f); off()`."""
        root = self.index.symbol(place)
        name = place.path[-1][1:] if place.path else root.name if root is not None else ""
        for number in self.index.calls.get(name, ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE:
                called = self.unit.places[call.callee] if call.callee != NONE else None
            else:
                inner = self.unit.places[call.receiver]
                called = Place(inner.symbol, (*inner.path, "." + call.name), inner.call)
            if called == place:
                return True
        return False

    def _is_in_field(self, item: Acquisition) -> bool:
        """Java: a registration by the initializer of an instance field, once for each object."""
        return (
            item.pair.kind == "registration"
            and self.unit.language == "java"
            and self.repeats.is_of_instance(item.effect)
        )

    def _no_release(self, item: Acquisition, release: int) -> str:
        """Why a matching release does not help; "" when it does."""
        scope = self.index.function(self.unit.effects[release].scope)
        same = scope == self.index.function(self.unit.effects[item.effect].scope)  # `toggle()` does both
        if not same and (not self.lifecycle.is_called(scope) or self.lifecycle.is_forgotten(scope)):
            return f"nothing calls `{self.unit.scopes[scope].name}`"
        if item.pair.done_by and self._ends_another(item, release):
            return "what ends others does not end this one"
        return self.dead.why(item.effect, release)

    def _ends_another(self, item: Acquisition, release: int) -> bool:
        """`plt.close()` of another function, or in front of the figure that is drawn, saved and left next."""
        call, made = self.unit.effects[release], self.unit.effects[item.effect]
        if not isinstance(call, Call) or item.destination == "returned" or not self._is_done_with(item):
            return False
        if any(self.unit.values[value].text == "all" for value in call.args):
            return False
        scope, function = self.index.function(call.scope), self.index.function(made.scope)
        if scope == function:
            loops = {number for number in self.index.regions(call.region) if self._is_loop(number)}
            return release < item.effect and loops.isdisjoint(self.index.regions(made.region))
        calling = {self.index.function_at(number) for number in self.index.callers.get(scope, ())}
        called = {self.index.function_at(number) for number in self.index.callers.get(function, ())}
        nested = scope in self.index.enclosing(made.scope) or function in self.index.enclosing(call.scope)
        return not (nested or function in calling or scope in called or calling & called)

    def _is_numbered(self, item: Acquisition) -> bool:
        """`plt.figure(3)`, `plt.subplots(num="loss")`: the one of that number again, where there is one."""
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        return any(name == "num" for name, _ in call.keywords) or (call.name == "figure" and bool(call.args))

    def _is_given_back(self, item: Acquisition) -> bool:
        """Whether the function that acquires something returns it: its caller may end it."""
        function, handle = self.index.function_at(item.effect), item.handle
        for number in self.index.returns.get(function, ()) if handle is not None else ():
            row = self.unit.values[self.unit.effects[number].value]  # type: ignore[union-attr]
            for part in (row, *(self.unit.values[part] for part in row.parts)):
                if part.kind == "place" and self.unit.places[part.place] == handle:
                    return True
        return False

    def _is_loop(self, region: int) -> bool:
        return self.unit.regions[region].kind == "loop"

    def _holds_weakly(self, item: Acquisition) -> bool:
        """Whether every callback handed over reaches its object through a weak reference only."""
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        values = [self.unit.values[value] for value in (*call.args, *(value for _, value in call.keywords))]
        if self.unit.language == "java" and any(self._is_weak_listener(value) for value in values):
            return True
        closures = [value for value in values if value.kind == "closure"]
        if not closures or any(value.kind == "place" for value in values if value.kind != "closure"):
            return False
        captured = [symbol for value in closures for symbol in self.unit.scopes[value.scope].captures]
        return bool(captured) and all(self._is_weak(symbol) for symbol in captured)

    def _is_weak_listener(self, value: Value) -> bool:
        """`new WeakChangeListener(listener)`, `WeakListeners.create(…)`: a listener that keeps nothing."""
        if value.kind == "place":
            place = self.unit.places[value.place]
            binds = self.index.binds.get(place, ())
            bound = [self.unit.effects[index].value for index in binds]  # type: ignore[union-attr]
            return any(
                self.unit.values[inner].kind == "call" and self._is_weak_listener(self.unit.values[inner])
                for inner in bound
                if inner != NONE
            )
        call = self.unit.effects[value.call] if value.kind == "call" else None
        if not isinstance(call, Call):
            return False
        return (call.new and call.name.startswith("Weak")) or callee_name(self.unit, value.call).startswith(
            "Weak"
        )

    def _is_weak(self, symbol: int) -> bool:
        for index in self.index.binds.get(Place(symbol), ()):
            bind = self.unit.effects[index]
            assert isinstance(bind, Bind)
            value = self.unit.values[bind.value] if bind.value != NONE else None
            if value is not None and value.kind == "call" and self._weak.match(self.unit, value.call):
                return True
        return False

    def _where(self, scope: int) -> Literal["effect", "class", "callback", "function"]:
        if self.lifecycle.effect_hook(scope) != NONE or self.lifecycle.is_component_script(scope):
            return "effect"
        if self.lifecycle.owner_of(scope) != NONE:
            return "class"
        for function in self.index.enclosing(scope):
            if function in self.index.argument_of:
                return "callback"
        return "function"

    def _confidence(self, item: Acquisition, where: str) -> Confidence | None:
        life = item.life
        if self.unit.language == "java" and item.pair.kind == "timer" and self.tasks.outlives(item):
            return "medium"
        if self.again.beside_work(item) or self._is_carried(item):
            return "medium"
        if life in ("own", "local"):
            if item.pair.kind == "listener" and item.destination == "dropped" and item.receiver != NONE:
                place = self.unit.places[item.receiver]
                if self.again.happens(item.effect, place, item.callback):
                    return "medium"
            return None  # dies together with who added it
        if self._is_abort(item) and self.per_call.tidies(item.callback, self.lifecycle.teardown_names):
            return None  # the signal tells of the end of who listens
        if self.again.with_each_event(item):
            return "medium"
        effect = self.unit.effects[item.effect]
        owner = self.lifecycle.owner_of(effect.scope)
        if owner != NONE and self._is_ended(item):
            return None
        if owner != NONE and not self._on_parameter(item) and self._sibling_released(item, owner):
            return "high" if life == "global" else "medium"
        if life == "unknown":
            return "medium" if self.per_call.sets_state(item.callback, effect.scope) else None
        if where == "effect":
            return "high" if life == "global" else "medium"
        if where == "class":
            return self._in_class(item, owner)
        if life == "injected" and self._is_abort(item):
            if self.per_call.is_start(effect.scope) or item.destination != "dropped":
                return None  # listens until the program ends, or somebody keeps the handle
            return "medium"  # the signal belongs to the caller, and may serve many calls
        if life == "global" and self._is_repeated_function(effect.scope):
            return "medium"
        if self.unit.language == "javascript" and self._is_left_by_call(item):
            return "medium"
        return "low"

    def _is_let_go(self, item: Acquisition, owner: int) -> bool:
        """JavaScript: whether the end of an object empties the field with the receiver, which goes on."""
        if self.unit.language != "javascript" or item.receiver == NONE:
            return False
        if self._hears_of_end(item, owner):
            return False  # both end together
        this = self.unit.owners[owner].this
        fields = {place for place in self.pairs.aliases.of(item.receiver) if place.symbol == this}
        fields.add(self.unit.places[item.receiver])
        fields = {place for place in fields if self._is_handed_in(place, this)}
        ends = set(self.lifecycle.teardown_of(owner))
        for place, binds in self.index.binds.items():
            if place.symbol != this or len(place.path) != 1:
                continue
            values = [(self.index.function(bind.scope), bind.value) for bind in self._binds(binds)]
            if not any(
                scope in ends and value != NONE and self._is_nothing(value) for scope, value in values
            ):
                continue
            if any(self._is_called_on(name, place) for name in self.pairs.models.endings):
                continue  # ended, not let go
            if place in fields or any(
                value != NONE
                and self.unit.values[value].kind == "place"
                and self.unit.places[self.unit.values[value].place] in fields
                for _, value in values
            ):
                return True
        return False

    def _is_called_on(self, name: str, place: Place) -> bool:
        """Whether a method of some name is called on a place without arguments that would be taken off it."""
        for number in self.index.calls.get(name, ()):
            call = self.unit.effects[number]
            if not isinstance(call, Call) or call.receiver == NONE or call.args:
                continue
            if self.unit.places[call.receiver] == place:
                return True
        return False

    def _is_ended(self, item: Acquisition) -> bool:
        """JavaScript: whether what a field holds is ended here, and its listeners with it."""
        if self.unit.language != "javascript" or item.life != "injected" or item.receiver == NONE:
            return False
        place = self.unit.places[item.receiver]
        if place.symbol == NONE or len(place.path) != 1 or self.unit.symbols[place.symbol].kind != "this":
            return False
        return any(self._is_called_on(name, place) for name in self.pairs.models.endings)

    def _hears_of_end(self, item: Acquisition, owner: int) -> bool:
        """Whether a class listens to the end of the receiver as well."""
        return any(
            other.event != NONE
            and self.unit.values[other.event].text in other.pair.last_events
            and self.lifecycle.owner_of(self.unit.effects[other.effect].scope) == owner
            and self.pairs.callbacks.same_receiver(item.receiver, other.receiver) == "equal"
            for other in self.pairs.acquisitions
            if other is not item and other.pair.kind == item.pair.kind
        )

    def _is_handed_in(self, place: Place, this: int) -> bool:
        """A parameter of a method, or a field that keeps one."""
        if place.symbol == NONE or len(place.path) > 1:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "parameter" and not place.path:
            return self.unit.scopes[symbol.scope].kind in ("constructor", "method")
        if place.symbol != this or len(place.path) != 1:
            return False
        values = [bind.value for bind in self._binds(self.index.binds.get(place, ())) if bind.value != NONE]
        places = [
            self.unit.places[self.unit.values[value].place]
            for value in values
            if self.unit.values[value].kind == "place" and not self._is_nothing(value)
        ]
        return bool(places) and all(not each.path and self._is_handed_in(each, NONE) for each in places)

    def _binds(self, numbers: Sequence[int]) -> Iterator[Bind]:
        for number in numbers:
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            yield bind

    def _is_nothing(self, value: int) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            place = self.unit.places[row.place]
            return place.symbol != NONE and self.unit.symbols[place.symbol].name == "undefined"
        return row.kind == "null"

    def _are_many(self, owner: int) -> bool:
        return self.unit.language == "javascript" and self.per_call.makes_many(owner)

    def _is_left_by_call(self, item: Acquisition) -> bool:
        """Whether a handler of one call is added to what other calls use as well."""
        effect = self.unit.effects[item.effect]
        if item.life == "global" and self._is_made_by_factory(item, effect.scope):
            return True
        if item.life in ("global", "module") and self.per_call.makes_what_ends(effect.scope):
            return True
        return item.life in ("global", "module") and self.per_call.leaves_behind(item.callback, effect.scope)

    def _is_made_by_factory(self, item: Acquisition, scope: int) -> bool:
        """`function DatePicker(element) {…}`: each call makes an object out of closures."""
        for function in self.index.enclosing(scope):
            row = self.unit.scopes[function]
            if row.kind == "function" and row.name:
                if not row.name[:1].isupper() or row.name.isupper():
                    return False
                return bool(row.params) or self.per_call.refers_to_call(item.callback, scope)
        return False

    def _is_abort(self, item: Acquisition) -> bool:
        if item.pair.name == "abort listener":
            return True
        return item.event != NONE and self.unit.values[item.event].text == "abort"

    def _is_dropped_abort(self, item: Acquisition) -> bool:
        return self._is_abort(item) and item.destination == "dropped"

    def _in_class(self, item: Acquisition, owner: int) -> Confidence:
        """How sure a listener of a class is to outlive its instances."""
        if self.unit.language == "java" and item.pair.kind == "timer":
            return self._task(item, owner)
        if self.lifecycle.is_component(owner):
            if self.unit.language == "java" and self._is_shared(item, owner):
                return "medium"
            return "high" if item.life == "global" else "medium" if item.life in ("module", "page") else "low"
        if self.unit.language == "java" and item.life in ("global", "page"):
            ends = self.lifecycle.teardown_of(owner) and not self.repeats.is_singleton(owner)
            if not ends and self._is_one_of_many(item, owner):
                return "medium"
            return "medium" if ends else "low"  # serves as long as the system it listens to
        if self._is_dropped_abort(item) and self._is_of_one_call(item):
            return "medium"  # of a caller that may use its signal for the next call as well
        if self.unit.language == "javascript" and (
            self._in_static(item) or not plurality.has_instances(self.unit, owner)
        ):
            return "low"  # one object that serves the page, or code that no object runs
        if item.life == "global":
            return "medium"
        if item.life == "module" and (self.lifecycle.teardown_of(owner) or self._are_many(owner)):
            return "medium"
        if self.unit.language == "java" and item.life == "module" and self._is_one_of_many(item, owner):
            return "medium"
        if self.unit.language == "javascript" and item.life == "module":
            made = plurality.is_class_like(self.unit, owner) or plurality.comes_and_goes(self.unit, owner)
            return "medium" if made else "low"
        if item.life == "injected" and self._is_let_go(item, owner):
            return "medium"
        if self.unit.language == "java" and self._is_shared(item, owner):
            return "medium"
        if self.unit.language == "javascript" and (
            self._outlives(item, owner) or self._starts_again(item, owner) or self._is_of_part(item, owner)
        ):
            return "medium"
        if item.life == "injected" and self.unit.language == "javascript" and self._is_of_view(item):
            return "medium"
        if self._is_dropped_abort(item) and self.lifecycle.is_short_lived(owner):
            return "medium"  # in others, the signal tells of their own end
        return "low"  # an injected receiver may be a collaborator that dies with this object

    def _comes_and_goes(self, owner: int) -> bool:
        """Java: whether there are many of a class, one after the other, and none is part of the window."""
        name = self.unit.owners[owner].name
        many = plurality.comes_and_goes(self.unit, owner) or _ONE_OF_MANY.search(name) is not None
        return many and not _OF_THE_WINDOW.search(name)

    def _is_one_of_many(self, item: Acquisition, owner: int) -> bool:
        """Java: a part of a window, a session or the like, which what it listens to keeps with it."""
        if not self._comes_and_goes(owner) or self.repeats.is_singleton(owner):
            return False
        if self._in_static(item) or self.lifecycle.is_service(owner):
            return False
        return self._holds_owner(item.callback)

    def _is_of_view(self, item: Acquisition) -> bool:
        """Backbone: `this.collection.on(…)` of a view, which `remove()` does not take off as `listenTo()`."""
        place = self.unit.places[item.receiver]
        if place.path not in ((".model",), (".collection",)) or item.destination != "dropped":
            return False
        return self.pairs.receivers.is_view(self.unit.symbols[place.symbol].target)

    def _is_of_one_call(self, item: Acquisition) -> bool:
        """Whether a method that is no start listens for its caller, with what this one call is about."""
        scope = self.unit.effects[item.effect].scope
        method = [each for each in self.index.enclosing(scope) if self.unit.scopes[each].kind == "method"]
        if not method or self.per_call.is_start(scope):
            return False
        place = self.unit.places[item.receiver] if item.receiver != NONE else None
        if place is not None and place.symbol != NONE and self.unit.symbols[place.symbol].kind == "this":
            return False
        return self.per_call.leaves_behind(item.callback, scope) or self.per_call.refers_to_call(
            item.callback, scope
        )

    def _task(self, item: Acquisition, owner: int) -> Confidence:
        """A periodic task that holds its object, on a scheduler that others use as well."""
        if self.unit.owners[owner].kind == "anonymous" and self.unit.owners[owner].outer != NONE:
            return self._task(item, self.unit.owners[owner].outer)
        if self.lifecycle.is_component(owner) and item.life == "global":
            return "medium"
        if not self.lifecycle.teardown_of(owner) or self.repeats.is_singleton(owner):
            return "low"  # serves as long as the scheduler
        if self.lifecycle.is_service(owner) or not self._holds_owner(item.callback):
            return "low"
        return "low" if self._ends_scheduler(item) else "medium"

    def _ends_scheduler(self, item: Acquisition) -> bool:
        """Whether the class ends the scheduler that it was given, or hands it to something that may."""
        places = set(self.pairs.aliases.of(item.receiver))
        for name in ("shutdown", "shutdownNow", "close", "closeQuietly", "dispose", "terminate", "destroy"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver != NONE and places & set(self.pairs.aliases.of(call.receiver)):
                    return True
                if any(places & set(self.pairs.aliases.of_value(value)) for value in call.args):
                    return True
        return False

    def _holds_owner(self, callback: int) -> bool:
        """Whether a task refers to the object around: as a lambda, a method reference, or an inner class."""
        row = self.unit.values[callback]
        if row.kind == "closure":
            symbols = [self.unit.symbols[symbol] for symbol in self.unit.scopes[row.scope].captures]
            return any(symbol.kind == "this" for symbol in symbols)
        if row.kind == "place":
            place = self.unit.places[row.place]
            kind = self.unit.symbols[place.symbol].kind if place.symbol != NONE else ""
            bound = [self.unit.effects[index].value for index in self.index.binds.get(place, ())]  # type: ignore[union-attr]
            if kind in ("variable", "constant") and not place.path and len(bound) == 1:
                return bound[0] != NONE and self._is_code(bound[0]) and self._holds_owner(bound[0])
            if kind != "this":
                return False
            return all(self._is_code(value) for value in bound if value != NONE)
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return isinstance(call, Call) and bool(call.args) and self.unit.values[call.args[-1]].kind == "class"

    def _is_shared(self, item: Acquisition, owner: int) -> bool:
        """Java: an object that is closed, or one of many, listens to what its constructor was given."""
        if item.life != "injected" or item.receiver == NONE:
            return False
        many = self._comes_and_goes(owner)
        if _OF_THE_WINDOW.search(self.unit.owners[owner].name):
            return False
        if not many and not self.lifecycle.teardown_of(owner):
            return False
        if item.destination in ("returned", "passed"):
            return False
        serves = self.lifecycle.is_service(owner) and not self.repeats.is_scoped(owner)
        if serves or self.repeats.is_singleton(owner):
            return False  # as long as what it listens to
        place, given_out = self._root(self.unit.places[item.receiver])
        symbol = self.index.symbol(place)
        if symbol is None or len(place.path) > 1 or not self._holds_owner(item.callback):
            return False
        kind = symbol.type
        if symbol.kind == "parameter":
            if self.unit.scopes[symbol.scope].kind != "constructor":
                return False
            named = bool(_SUBJECTS.search(symbol.name) or _SUBJECTS.search(symbol.type))
        elif symbol.kind == "this" and place.path:
            kind = self.pairs.field_type(symbol.target, place.path[0])
            named = bool(_SUBJECTS.search(place.path[0]))
            if many and not self.is_given(place):
                return False
        else:
            return False
        return named or (many and not given_out and bool(_OBSERVABLE.match(kind)))

    def _root(self, place: Place) -> tuple[Place, bool]:
        """What gives out the value that is listened to: `preferences` of `preferences.fontProperty()`."""
        given_out = False
        for _ in range(3):
            call = self.unit.effects[place.call] if place.symbol == NONE and place.call != NONE else None
            if not isinstance(call, Call) or call.receiver == NONE or place.path:
                break
            place, given_out = self.unit.places[call.receiver], True
        return place, given_out

    def _outlives(self, item: Acquisition, owner: int) -> bool:
        """JavaScript: an object that is ended listens to what its constructor was given, to the last."""
        names = {self.unit.scopes[scope].name for scope in self.unit.owners[owner].methods}
        if item.life != "injected" or item.receiver == NONE:
            return False
        if names.isdisjoint(plurality.LAST_METHODS) and not (
            self.lifecycle.teardown_of(owner) and self._is_subject(self.unit.places[item.receiver])
        ):
            return False
        if plurality.is_one(self.unit, owner) or self._ends_receiver(item):
            return False
        if item.destination in ("returned", "passed") or self.lifecycle.is_short_lived(owner):
            return False
        if item.event != NONE and self.unit.values[item.event].text in item.pair.last_events:
            return False
        return self.is_given(self.unit.places[item.receiver])

    def _is_of_part(self, item: Acquisition, owner: int) -> bool:
        """JavaScript: a menu, row or dialog without an end listens to a model or store that it was given."""
        if item.life != "injected" or item.receiver == NONE or item.destination != "dropped":
            return False
        if not plurality.comes_and_goes(self.unit, owner) or plurality.is_one(self.unit, owner):
            return False
        if self.unit.owners[owner].name.startswith(("App", "Main", "Root")):
            return False  # `ApplicationMenu`
        place = self.unit.places[item.receiver]
        return not self._ends_receiver(item) and self._is_subject(place) and self.is_given(place)

    def _is_carried(self, item: Acquisition) -> bool:
        """JavaScript: a channel hears from its constructor on of the end of the connection that it was given,
        which carries many channels, one after the other."""
        owner = self.lifecycle.owner_of(self.unit.effects[item.effect].scope)
        if self.unit.language != "javascript" or item.pair.kind != "listener" or item.receiver == NONE:
            return False
        if owner == NONE or item.options != NONE or item.destination != "dropped" or item.released_by:
            return False
        if not self.again.is_of_end(item) or self.pairs.callbacks.identity(item.callback)[0] == "unknown":
            return False
        place = self.unit.places[item.receiver]
        symbol = self.index.symbol(place)
        name = place.path[-1] if place.path else symbol.name if symbol is not None else ""
        row = self.unit.owners[owner]
        if not any(part.fullmatch(row.name) and whole.fullmatch(name) for part, whole in _CARRIED):
            return False
        return self.is_given(place) and not self._ends_receiver(item)

    def _is_subject(self, place: Place) -> bool:
        """`bus`, `this.store`: named like what many objects listen to."""
        symbol = self.index.symbol(place)
        if symbol is None:
            return False
        names = place.path[-1:] if place.path else (symbol.name, symbol.type)
        return any(_SUBJECTS.search(name) for name in names if name)

    def _starts_again(self, item: Acquisition, owner: int) -> bool:
        """JavaScript: `start()` listens to what the object was given, and `stop()` goes on listening."""
        if item.life != "injected" or item.receiver == NONE or plurality.is_one(self.unit, owner):
            return False
        row = self.unit.scopes[self.index.function(self.unit.effects[item.effect].scope)]
        ends = {self.unit.scopes[scope].name for scope in self.unit.owners[owner].methods}
        if row.kind != "method" or ends.isdisjoint(_PENDANTS.get(row.name, ())):
            return False
        if item.destination in ("returned", "passed") or self._ends_receiver(item):
            return False
        if item.event != NONE and self.unit.values[item.event].text in item.pair.last_events:
            return False
        return self.is_given(self.unit.places[item.receiver])

    def _ends_receiver(self, item: Acquisition) -> bool:
        """Whether a field that keeps the same thing is ended here."""
        given = set(self.pairs.aliases.of(item.receiver)) | {self.unit.places[item.receiver]}
        for place, binds in self.index.binds.items():
            if len(place.path) != 1 or place.symbol == NONE:
                continue
            rows = [self.unit.values[bind.value] for bind in self._binds(binds) if bind.value != NONE]
            kept = any(row.kind == "place" and self.unit.places[row.place] in given for row in rows)
            if kept and any(self._is_called_on(name, place) for name in self.pairs.models.endings):
                return True
        return any(self._is_called_on(name, place) for place in given for name in self.pairs.models.endings)

    def is_given(self, place: Place) -> bool:
        """Whether a place is a parameter of a constructor, or the field that keeps one."""
        if place.symbol == NONE or len(place.path) > 1:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "parameter" and not place.path:
            return self.unit.scopes[symbol.scope].kind == "constructor"
        if symbol.kind != "this" or not place.path:
            return False
        values = [bind.value for bind in self._binds(self.index.binds.get(place, ())) if bind.value != NONE]
        rows = [self.unit.values[value] for value in values if not self._is_nothing(value)]
        if not rows:
            return self.pairs.receivers.life_of(place) == "injected"
        return all(row.kind == "place" and self.is_given(self.unit.places[row.place]) for row in rows)

    def _is_code(self, value: int) -> bool:
        """Whether a field is bound to a function: a lambda, a method reference, an anonymous class."""
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if isinstance(call, Call):
            return call.new
        return row.kind == "closure" or self.pairs.callbacks.identity(value)[0] == "rebound"

    def _on_parameter(self, item: Acquisition) -> bool:
        """Java: a listener added to what a method was given; its pendant may be another object's."""
        if self.unit.language != "java" or item.receiver == NONE:
            return False
        place = self.unit.places[item.receiver]
        return (
            place.symbol != NONE
            and not place.path
            and self.unit.symbols[place.symbol].kind in ("parameter", "variable", "constant")
        )

    def _in_static(self, item: Acquisition) -> bool:
        around = self.index.enclosing(self.unit.effects[item.effect].scope)
        return any("static" in self.unit.scopes[function].flags for function in around)

    def _sibling_released(self, item: Acquisition, owner: int) -> bool:
        """Whether the class takes off another acquisition of the same receiver: this one was forgotten."""
        for other in self.pairs.acquisitions:
            if other is item or not other.released_by or other.pair.kind != item.pair.kind:
                continue
            if self.lifecycle.owner_of(self.unit.effects[other.effect].scope) != owner:
                continue
            if self._is_for_a_while(other):
                continue  # says nothing of what the object does at its end
            if self.pairs.callbacks.same_receiver(item.receiver, other.receiver) == "equal":
                return True
        return False

    def _is_for_a_while(self, item: Acquisition) -> bool:
        """JavaScript: a local function that waits for an event, taken off by the very call that added it."""
        row = self.unit.values[item.callback] if item.callback != NONE else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if self.unit.language != "javascript" or symbol is None or symbol.scope in (0, NONE):
            return False
        return symbol.kind in ("constant", "function") and not (place is not None and place.path)

    def _is_repeated_function(self, scope: int) -> bool:
        for function in self.index.enclosing(scope):
            row = self.unit.scopes[function]
            argument = self.index.argument_of.get(function)
            if argument is not None and _REPEATING.match(self._call_name(argument[0])):
                return True
            if row.name and _REPEATED_NAME.match(row.name):
                return True
        return False

    def _call_name(self, number: int) -> str:
        call = self.unit.effects[number]
        return call.name if isinstance(call, Call) else ""

    def _same_each_time(self, item: Acquisition) -> bool:
        """A module-level function keeps nothing of who adds it, and a target has it once."""
        kind, place = self.pairs.callbacks.identity(item.callback)
        if kind != "stable" or place is None:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind in ("import", "global"):
            return True
        if symbol.scope != 0:
            return False
        return symbol.kind in ("function", "constant") or (
            symbol.kind == "variable" and item.life == "global"
        )

    def registration_confidence(self, leak: Leak) -> Confidence | None:
        """How sure a registration is to be made again and again.

        A plain function that registers module-level code is most often start-up configuration.
        """
        scope = self.unit.effects[leak.item.effect].scope
        if self._is_fallback(leak.item.effect) or self._at_start(scope):
            return "low"
        if leak.item.pair.done_by:
            kept = self._is_numbered(leak.item) or self._is_given_back(leak.item)
            return "medium" if self._is_done_with(leak.item) and not kept else "low"
        if leak.item.pair.when_closed and (leak.where != "class" or not leak.teardown):
            return "low"  # serves until the process ends
        if self._is_in_field(leak.item):
            owner = self.unit.scopes[self.index.function(scope)].owner
            return None if self.repeats.is_singleton(owner) else "medium"
        if leak.item.pair.callback >= 0 and self.unit.language == "java" and self._starts(scope):
            return "low"  # a hook of what is started once
        made = self.unit.scopes[self.index.function(scope)].kind == "constructor"
        if made and leak.item.pair.name == "log appender" and not leak.teardown:
            return "low"  # an extension that is made once
        kind, place = self.pairs.callbacks.identity(leak.item.callback)
        wraps = leak.item.pair.name != "log appender" and self._wraps_parameter(leak.item.callback)
        if leak.where == "function" and self.unit.language == "javascript" and self._is_of_work(leak):
            return "medium"
        own_state = (kind in ("inline", "rebound") and not wraps) or (
            place is not None
            and (
                self.unit.symbols[place.symbol].kind == "this"
                or self.per_call.refers_to_call(leak.item.callback, scope)
            )
        )
        if leak.where == "class":
            owner = self.lifecycle.owner_of(scope)
            per_call = leak.item.pair.callback < 0 and self.unit.language == "java" and not made
            if self.repeats.is_singleton(owner) and not per_call:
                return None
            if leak.item.pair.callback < 0 and self.lifecycle.is_registrar(scope):
                return "low"  # `install()` of what is installed once
            return "medium" if own_state or leak.item.pair.callback < 0 else "low"
        if self.lifecycle.is_registrar(scope) or leak.item.callback == NONE:
            return "low"
        return "medium" if own_state or self._is_closed_here(leak.item) else "low"

    def _is_closed_here(self, item: Acquisition) -> bool:
        """Python: whether the function that registers a local closes it, and leaves it registered."""
        row = self.unit.values[item.callback]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if self.unit.language != "python" or place is None or place.symbol == NONE:
            return False
        function = self.index.function(self.unit.effects[item.effect].scope)
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and call.receiver != NONE
            and self.unit.places[call.receiver] == place
            and self.index.function(call.scope) == function
            for number in self.index.calls.get("close", ())
        )

    def _is_done_with(self, item: Acquisition) -> bool:
        """Whether the function that acquires something does with it what is done last (`savefig`)."""
        function = self.index.function(self.unit.effects[item.effect].scope)
        return any(
            self.index.function(self.unit.effects[number].scope) == function
            for name in item.pair.done_by
            for number in self.index.calls.get(name, ())
        )

    def _is_of_work(self, leak: Leak) -> bool:
        """JavaScript: `process.on("exit", kill)` of a function that does one piece of work, for that."""
        scope = self.unit.effects[leak.item.effect].scope
        row = self.unit.scopes[self.index.function(scope)]
        if not row.params or not _WORKS.match(row.name) or leak.item.callback == NONE:
            return False
        return self.per_call.refers_to_call(leak.item.callback, scope)

    def _is_fallback(self, effect: int) -> bool:
        """`if (!file.delete()) file.deleteOnExit()`: only where the proper way has failed."""
        for index in self.index.regions(self.unit.effects[effect].region):
            region = self.unit.regions[index]
            if region.kind == "except":
                return True
            if region.kind == "branch" and region.test != NONE:
                pending = [region.test]
                while pending:
                    row = self.unit.values[pending.pop()]
                    pending += row.parts
                    call = self.unit.effects[row.call] if row.kind == "call" else None
                    if isinstance(call, Call) and call.name in ("delete", "exists", "isFile", "unlink"):
                        return True
        return False

    def _starts(self, scope: int) -> bool:
        """Whether a function is named as one that starts or registers something."""
        names = (self.unit.scopes[function].name for function in self.index.enclosing(scope))
        return any(first_word(name) in _STARTS for name in names if name)

    def _at_start(self, scope: int) -> bool:
        """Whether a class is the program itself: `Main`, `Launcher`."""
        owner = self.lifecycle.owner_of(scope)
        return owner != NONE and self.unit.owners[owner].name.endswith(_PROGRAMS)

    def _wraps_parameter(self, value: int) -> bool:
        """`new Thread(hook)` of a parameter: an API of its own, whose callers decide how often."""
        row = self.unit.values[value]
        if row.kind != "call":
            return False
        call = self.unit.effects[row.call]
        assert isinstance(call, Call)
        parts = [self.unit.values[argument] for argument in call.args]
        places = [self.unit.places[part.place] for part in parts if part.kind == "place"]
        return (
            bool(parts)
            and len(places) == len(parts)
            and all(
                place.symbol != NONE and self.unit.symbols[place.symbol].kind == "parameter"
                for place in places
            )
        )

    def _component_name(self) -> str:
        """The name of what an object literal describes: its file, for a single-file component."""
        if self.unit.dialect in ("vue", "svelte"):
            return self.unit.path.rpartition("/")[2].partition(".")[0]
        return "the object"

    def owner(self, scope: int, where: str) -> tuple[str, str]:
        """The name of who acquires, and of the method that should release, as messages tell them."""
        if where == "class":
            owner = self.lifecycle.owner_of(scope)
            teardown = self.lifecycle.teardown_of(owner)
            name = self.unit.scopes[teardown[0]].name if teardown else ""
            return self.unit.owners[owner].name or self._component_name(), name
        for function in self.index.enclosing(scope):
            name = self.unit.scopes[function].name
            if name:
                return name, ""
        return "each call", ""
