"""Acquisitions that want a release (listeners, timers, observers, registrations) and their releases."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Models, Pair, ReleaseCall
from leaklint.solve.aliases import Aliases
from leaklint.solve.callbacks import Callbacks, Same
from leaklint.solve.destinations import Destination, Destinations
from leaklint.solve.index import Index
from leaklint.solve.names import Patterns, is_from, resolved_name
from leaklint.solve.pair_table import PairRow, rows
from leaklint.solve.receivers import WRAPS, Receiver, Receivers
from leaklint.solve.relays import Relay, Relays
from leaklint.solve.subscription.selfremoval import ends_with_screen, takes_itself_off

_ON_NODES = "event listener"

# methods by which an emitter gives out the functions that listen to it
_HANDS_OUT = frozenset({"listeners", "rawListeners", "getListeners"})


class Acquisition(msgspec.Struct):
    """One acquiring call.

    handle: place that keeps its result, when it is kept in one; `destination` says where it goes.
    released_by: releases that certainly or possibly undo it.
    missed_by: releases of the same receiver and event that certainly do not, with the reason.
    """

    effect: int
    pair: Pair
    receiver: int
    life: Receiver
    event: int = NONE
    callback: int = NONE
    options: int = NONE
    destination: Destination = "dropped"
    handle: Place | None = None
    once: bool = False
    released_by: list[int] = []
    missed_by: list[tuple[int, str]] = []


class Removal(msgspec.Struct):
    """One releasing call, with what it names."""

    effect: int
    call: ReleaseCall
    receiver: int
    event: int = NONE
    callback: int = NONE
    options: int = NONE
    handle: int = NONE
    matches: int = 0  # acquisitions that it may undo


class Pairs:
    """All acquisitions of a unit, matched with all removals of the unit."""

    def __init__(self, index: Index, aliases: Aliases, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self.models = models
        self.callbacks = Callbacks(aliases)
        self.receivers = Receivers(aliases, models)
        self._destinations: Destinations | None = None
        self._claimed: set[int] = set()
        self.acquisitions: list[Acquisition] = []
        self.removals: dict[str, list[Removal]] = {}  # of the pairs that the unit calls something of
        for row in rows(models).of(index.named.keys()):
            pair = row.pair
            if pair.packages and not is_from(self.unit, index.import_modules, pair.packages):
                continue
            if not index.calls.keys().isdisjoint(pair.unless):
                continue
            found = list(self._acquired(row))
            removals = list(self._removed(row))
            for removal in removals:
                own = {id(item) for item in found if self._is_of(item, removal)}
                for acquisition in found:
                    mine = not own or id(acquisition) in own
                    if mine or not self._names_others(acquisition, removal):
                        self._match(acquisition, removal, misses=mine)
            if pair.wraps or pair.target >= 0 or not row.acquire.methods:
                # what else has a method of that name is no concern of it
                removals = [row for row in removals if row.matches or self._is_meant(pair, row)]
            self.removals[pair.name] = removals
            self.acquisitions += found
        if self.unit.language == "javascript":
            self._relayed()
        self.acquisitions.sort(key=lambda item: item.effect)

    # -- through functions of the file

    def _relayed(self) -> None:
        """`on(window, "resize", f)` of a file whose `on` calls `addEventListener` of what it is given."""
        inner = {item.effect: item for item in self.acquisitions if item.pair.name == _ON_NODES}
        if not inner:
            return
        relays = Relays(self.index)
        found = [
            self._relay(number, row, inner[row.inner])
            for number, row in relays.adding()
            if row.inner in inner
        ]
        added = [item for item in found if item is not None]
        if not added:
            return
        removing = relays.removing()
        inside = {row.scope for _, row in (*relays.adding(), *removing)}
        for number, row in removing:
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            release = ReleaseCall(call.name, row.target, row.event, row.callback)
            removal = Removal(number, release, self._target(call, row.target))
            removal.event = self._argument(call, row.event)
            removal.callback = self._callback(call, row.callback)
            for item in added:
                self._match(item, removal, misses=False)
        for item in added:
            for removal in self.removals.get(_ON_NODES, ()):
                around = set(self.index.enclosing(self.unit.effects[removal.effect].scope))
                if around.isdisjoint(inside):
                    self._match(item, removal, misses=False)
        self.acquisitions += added

    def _relay(self, number: int, relay: Relay, inner: Acquisition) -> Acquisition | None:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        receiver = self._target(call, relay.target)
        if receiver == NONE:
            return None
        item = Acquisition(number, inner.pair, receiver, self.receivers.life(receiver, inner.pair))
        item.event = self._argument(call, relay.event)
        item.callback = self._argument(call, relay.callback)
        item.options = inner.options
        if item.callback == NONE or self._is_null(item.callback):
            return None
        if self._destinations is None:
            self._destinations = Destinations(self.unit)
        item.destination, item.handle = self._destinations.of(number)
        return item

    # -- finding

    def _calls(self, patterns: Patterns) -> Iterator[int]:
        calls = self.index.named
        seen: set[int] = set()  # what is imported under another name goes by both
        for name in sorted(patterns.among(calls.keys())):
            for number in calls[name]:
                if number not in seen and patterns.match(self.unit, number):
                    seen.add(number)
                    yield number

    def _acquired(self, row: PairRow) -> Iterator[Acquisition]:
        pair = row.pair
        taken = {item.effect for item in self.acquisitions}
        for number in self._calls(row.acquire):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if number in taken or not self._is_receiver(pair, call) or self._is_own_method(number):
                continue
            receiver = self._target(call, pair.target)
            item = Acquisition(number, pair, receiver, self.receivers.life(receiver, pair))
            item.event = self._argument(call, pair.event)
            if pair.events and (item.event == NONE or self.unit.values[item.event].text not in pair.events):
                continue
            item.callback = self._callback(call, pair.callback)
            if self._names_property(call, pair.callback):
                item.event = call.args[0]
            item.options = self._argument(call, pair.options)
            if pair.wraps:
                item.callback = self._delegated(call, item.callback)
            if pair.callback >= 0 and (item.callback == NONE or self._is_null(item.callback)):
                continue  # a getter or a builder of the same name; nothing handed over
            around = self.unit.scopes[self.index.function(call.scope)].owner
            if pair.ends_with and ends_with_screen(self.unit, pair, around):
                continue
            if self._destinations is None:
                self._destinations = Destinations(self.unit)
            item.destination, item.handle = self._destinations.of(number)
            item.once = "." + call.name in pair.once
            if item.life == "unknown" and self._is_static_registry(call):
                item.life = "module"
            if item.life == "unknown" and item.event != NONE and self._is_abort(item):
                lives = {self.receivers.life_of(place) for place in self.aliases.of(item.receiver)}
                item.life = "injected" if "injected" in lives else "unknown"
            yield item

    def _is_static_registry(self, call: Call) -> bool:
        """Java: `Statistics.addListener(listener)`; with more arguments, the receiver may be one of them."""
        if self.unit.language != "java" or len(call.args) != 1 or call.receiver == NONE:
            return False
        place = self.unit.places[call.receiver]
        symbol = self.index.symbol(place)
        kinds = ("import", "class", "global")
        return symbol is not None and not place.path and symbol.kind in kinds and symbol.name[:1].isupper()

    def _is_meant(self, pair: Pair, removal: Removal) -> bool:
        if not pair.wraps:
            return removal.call.target >= 0
        call = self.unit.effects[removal.effect]
        assert isinstance(call, Call)
        return self._is_receiver(pair, call)

    def _delegated(self, call: Call, callback: int) -> int:
        """`$(document).on("click", ".row", handler)`: a selector may stand before the function."""
        if callback != NONE and self.unit.values[callback].kind == "string" and len(call.args) > 2:
            return call.args[-1]
        return callback

    def _is_null(self, value: int) -> bool:
        return self.unit.values[value].kind in ("null", "string", "number", "boolean")

    def _is_receiver(self, pair: Pair, call: Call) -> bool:
        if not pair.receivers:
            return True
        if call.receiver == NONE:
            return False
        direct = self.unit.places[call.receiver]
        for place in (direct, *self.aliases.of(call.receiver), *self._kept_calls(direct)):
            if resolved_name(self.unit, place) in pair.receivers:
                return True
            if pair.wraps and self._is_wrapper(place):
                return True
            symbol = self.index.symbol(place)
            if symbol is not None and not place.path and symbol.type in pair.receivers:
                return True
            own = symbol is not None and symbol.kind == "this" and len(place.path) == 1
            if symbol is not None and own and self.field_type(symbol.target, place.path[0]) in pair.receivers:
                return True
        return False

    def _is_of_entry(self, call: Call) -> bool:
        """JavaScript: `entry.target.removeListener(f)`: what a table of targets and listeners holds."""
        place = self.unit.places[call.receiver] if call.receiver != NONE else Place(NONE)
        if self.unit.language != "javascript" or place.symbol == NONE or not place.path:
            return False
        return self.unit.symbols[place.symbol].kind == "parameter"

    def _is_wrapper(self, place: Place) -> bool:
        """`app.$(window)`, `$j(document)`: what a function called like jQuery gives back."""
        call = self.unit.effects[place.call] if place.symbol == NONE and place.call != NONE else None
        return isinstance(call, Call) and not place.path and WRAPS.fullmatch(call.name) is not None

    def _kept_calls(self, place: Place) -> Iterator[Place]:
        """JavaScript: the calls whose results a field keeps: `this.query = matchMedia("…")`."""
        symbol = self.index.symbol(place)
        if self.unit.language != "javascript" or symbol is None or symbol.kind != "this":
            return
        for number in self.index.binds.get(place, ()) if len(place.path) == 1 else ():
            bind = self.unit.effects[number]
            if isinstance(bind, Bind) and bind.value != NONE:
                row = self.unit.values[bind.value]
                if row.kind == "call":
                    yield Place(NONE, (), row.call)

    def field_type(self, owner: int, step: str) -> str:
        """The declared type of a field of an object, or ""."""
        for symbol in self.unit.symbols:
            if (
                symbol.kind == "field"
                and "." + symbol.name == step
                and self.unit.scopes[symbol.scope].owner == owner
            ):
                return symbol.type
        return ""

    def _is_own_method(self, number: int) -> bool:
        """`this.setInterval()` of a class that declares it is not the global function."""
        return self.index.callee_scope(number) != NONE

    def _removed(self, row: PairRow) -> Iterator[Removal]:
        pair = row.pair
        for release, patterns in row.release:
            for number in self._calls(patterns):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if self.unit.language == "javascript" and self._is_own_method(number):
                    continue  # `this.unbind()` of a class that declares it
                if release.target >= 0 and self._is_text(call, release.target):
                    continue  # `bus.off("change", f)` of a module `./bus`: no function `off` of what it takes
                if release.target >= 0:
                    self._claimed.add(number)  # `DomEvent.off(target, …)` is no `off` of an emitter
                if not (pair.wraps or self._is_receiver(pair, call) or self._is_of_entry(call)) or (
                    release.target < 0 and number in self._claimed
                ):
                    continue
                yield Removal(
                    number,
                    release,
                    self._target(call, release.target),
                    call.args[0]
                    if self._names_property(call, release.callback)
                    else self._argument(call, release.event),
                    self._callback(call, release.callback),
                    self._argument(call, release.options),
                    self._argument(call, release.handle),
                )

    # -- matching

    def _match(self, item: Acquisition, removal: Removal, misses: bool) -> None:
        """misses: whether the removal is for this if for anything, so that a mismatch is a mistake."""
        if removal.call.handle != -1:
            self._match_handle(item, removal)
            return
        receiver = self.callbacks.same_receiver(item.receiver, removal.receiver)
        if receiver == "different" and item.pair.process_wide and self._is_type(item.receiver):
            receiver = "unknown"  # a helper that takes the one server as an argument
        told = removal.call.event >= 0 or NONE not in (item.event, removal.event)
        event = self._same_event(item, removal) if told else "equal"
        if removal.call.ends_all:
            if "different" not in (receiver, event):
                self._released(item, removal)
            return
        callback: Same = "equal"
        if removal.call.callback >= 0:
            callback = self.callbacks.same_callback(item.callback, removal.callback)
        capture: Same = "equal"
        if removal.call.options >= 0:
            capture = self.callbacks.same_capture(item.options, removal.options)
        wrong = [
            what
            for what, same in (
                ("receiver", receiver),
                ("event", event),
                ("function", callback),
                ("capture", capture),
            )
            if same == "different"
        ]
        last = item.event != NONE and self.unit.values[item.event].text in item.pair.last_events
        if not wrong and last and receiver == callback == "unknown" and self._is_nowhere(item.callback):
            return  # what the removal takes off may be anything but this
        if not wrong:
            self._released(item, removal)
        elif not misses:
            return  # an addition of its own is what it is for
        elif wrong == ["receiver"] and item.pair.wraps:
            return  # takes something else off what it is called on
        elif wrong == ["event"] and removal.callback == NONE:
            return  # `target.off("click")` takes off what others have added
        elif len(wrong) == 1 and (
            (wrong[0] in ("function", "capture") and (receiver == "equal" or self._alike(item, removal)))
            or (wrong[0] == "function" and self._is_new(removal.callback))
            or (receiver, event, callback).count("equal") == 2
        ):
            item.missed_by.append((removal.effect, wrong[0]))

    def _is_nowhere(self, callback: int) -> bool:
        """JavaScript: a function that is written where it is handed over: no variable or field holds it."""
        row = self.unit.values[callback]
        if (
            self.unit.language != "javascript"
            or row.kind != "closure"
            or not _HANDS_OUT.isdisjoint(self.index.calls)
        ):
            return False
        return not self.unit.scopes[row.scope].name

    def _same_event(self, item: Acquisition, removal: Removal) -> Same:
        if not item.pair.named:
            return self.callbacks.same_event(item.event, removal.event)
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        return self.callbacks.covers(call.name, removal.event)

    def _is_of(self, item: Acquisition, removal: Removal) -> bool:
        """Whether a removal names the very field or variable that an acquisition does, whoever's it is."""
        if removal.call.callback < 0 or NONE in (item.callback, removal.callback):
            return False
        if self._same_event(item, removal) == "different":
            return False
        added, removed = (self.callbacks.identity(value)[1] for value in (item.callback, removal.callback))
        return added is not None and removed is not None and bool(added.path) and added.path == removed.path

    def _names_others(self, item: Acquisition, removal: Removal) -> bool:
        """Whether the function of a removal is a field of another name: it has an addition of its own."""
        added, removed = (self.callbacks.identity(value)[1] for value in (item.callback, removal.callback))
        if added is None or removed is None or not added.path:
            return False  # `this` of a Runnable, a parameter: whatever field it is kept in
        unknown = self.callbacks.same_callback(item.callback, removal.callback) == "unknown"
        return unknown and added.path[-1:] != removed.path[-1:]

    def _is_type(self, receiver: int) -> bool:
        """Java: whether a call is one of a class, by its name."""
        if self.unit.language != "java" or receiver == NONE:
            return False
        place = self.unit.places[receiver]
        return place.symbol != NONE and not place.path and self.unit.symbols[place.symbol].name[:1].isupper()

    def _alike(self, item: Acquisition, removal: Removal) -> bool:
        """Whether two receivers are written the same: `el` of `enable(el)` and of `disable(el)`."""
        if NONE in (item.receiver, removal.receiver):
            return False
        a, r = self.unit.places[item.receiver], self.unit.places[removal.receiver]
        if NONE in (a.symbol, r.symbol) or a.path != r.path:
            return False
        return self.unit.symbols[a.symbol].name == self.unit.symbols[r.symbol].name

    def _is_new(self, callback: int) -> bool:
        """Whether a removal names a function that is made for it, or none, so that no addition can match."""
        return self.callbacks.identity(callback)[0] in ("inline", "rebound", "nothing")

    def _match_handle(self, item: Acquisition, removal: Removal) -> None:
        if removal.call.handle >= 0:
            if removal.handle == NONE:
                return
            places = self.aliases.of_value(removal.handle)
            row = self.unit.values[removal.handle]
            direct = self.unit.places[row.place] if row.kind == "place" else None
        else:
            if removal.receiver == NONE:
                return
            places = self.aliases.of(removal.receiver)
            direct = self.unit.places[removal.receiver]
        if any(place.call == item.effect and not place.path for place in places):
            self._released(item, removal)
        elif item.handle is not None:
            mine = {item.handle, *self.aliases.resolve(item.handle), *self._stored_in(item.handle)}
            if direct in mine or mine & set(places):
                self._released(item, removal)
            elif (
                direct is not None
                and _last(direct)
                and _last(direct) == _last(item.handle)
                and not self._are_strangers(direct, item.handle)
            ):
                self._released(item, removal)  # the same field reached another way
        elif item.destination in ("passed", "returned"):
            self._released(item, removal)

    def _are_strangers(self, one: Place, other: Place) -> bool:
        """JavaScript: `this.timer` of two classes of this file, neither of which extends the other."""
        if self.unit.language != "javascript" or NONE in (one.symbol, other.symbol):
            return False
        rows = [self.unit.symbols[place.symbol] for place in (one, other)]
        if (
            any(row.kind != "this" or row.target == NONE for row in rows)
            or len(one.path) + len(other.path) > 2
        ):
            return False
        first, second = rows[0].target, rows[1].target
        if first == second or any(self.unit.owners[number].kind != "class" for number in (first, second)):
            return False
        return second not in self.index.base_owners(first) and first not in self.index.base_owners(second)

    def _stored_in(self, handle: Place) -> set[Place]:
        """The fields that a handle in a local is stored in as well: `this.timer = timer`."""
        if handle.path or handle.symbol == NONE:
            return set()
        found = set()
        for place, binds in self.index.binds.items():
            for number in binds if place.path else ():
                bind = self.unit.effects[number]
                if isinstance(bind, Bind) and bind.value != NONE and bind.how == "assign":
                    row = self.unit.values[bind.value]
                    if row.kind == "place" and self.unit.places[row.place] == handle:
                        found.add(place)
        return found

    def _released(self, item: Acquisition, removal: Removal) -> None:
        item.released_by.append(removal.effect)
        removal.matches += 1

    def _argument(self, call: Call, position: int) -> int:
        """The value at a position; none after `...args`, which may be any number of them."""
        if not 0 <= position < len(call.args):
            return NONE
        values = call.args[: position + 1]
        return NONE if any(self.unit.values[value].kind == "spread" for value in values) else values[-1]

    def _callback(self, call: Call, position: int) -> int:
        """What is handed over to be called, or taken back."""
        return call.args[1] if self._names_property(call, position) else self._argument(call, position)

    def _names_property(self, call: Call, position: int) -> bool:
        """Java: `addPropertyChangeListener("theme", this)`: the first argument says what it is about."""
        if self.unit.language != "java" or position or len(call.args) != 2:
            return False
        return self._is_text(call, 0) or self._is_constant(call.args[0])

    def _is_constant(self, value: int) -> bool:
        """`PROPERTY`, `Settings.THEME`."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is None or symbol is None:
            return False
        name = place.path[-1][1:] if place.path else symbol.name
        return len(name) > 1 and name.isupper()

    def _is_text(self, call: Call, position: int) -> bool:
        value = self._argument(call, position)
        return value != NONE and self.unit.values[value].kind in ("string", "template")

    def _target(self, call: Call, position: int) -> int:
        """The place that is acquired from: the receiver, or an argument of a plain function."""
        if position < 0:
            return call.receiver
        value = self._argument(call, position)
        row = self.unit.values[value] if value != NONE else None
        return row.place if row is not None and row.kind == "place" else NONE

    # -- what ends by itself

    def releases_itself(self, item: Acquisition) -> bool:
        """Whether options (`once`, `signal`) or the event end the acquisition without a removal."""
        if item.once or takes_itself_off(self.index, item.pair, item.callback):
            return True
        if item.options != NONE and item.pair.self_release and self._options_release(item, item.options):
            return True
        if item.event != NONE:
            event = self.unit.values[item.event].text
            return event in item.pair.quiet_events or (
                item.life in ("injected", "unknown") and event in item.pair.last_events
            )
        return False

    def _options_release(self, item: Acquisition, options: int) -> bool:
        row = self.unit.values[options]
        if row.kind != "container" and item.pair.kind == "listener" and ".on" in item.pair.acquire:
            return False  # `emitter.on(event, f, this)`
        if row.kind == "place":
            return self._options_place(item, self.unit.places[row.place])
        if row.kind == "conditional":
            return any(self._options_release(item, part) for part in row.parts)
        if row.kind not in ("container", "boolean", "null"):
            return True  # options built elsewhere: not understood
        for key, part in zip(row.keys, row.parts, strict=False):
            value = self.unit.values[part]
            if key == "once" and self._is_lasting_signal(item):
                continue  # a signal that is never aborted never calls it
            if key in item.pair.self_release and not (value.kind == "boolean" and value.text == "false"):
                return True
            if key == "":
                return True  # spread or computed key
        return False

    def _is_lasting_signal(self, item: Acquisition) -> bool:
        """An abort signal that somebody else made, and may hand to many calls."""
        return item.life in ("injected", "module") and item.event != NONE and self._is_abort(item)

    def _is_abort(self, item: Acquisition) -> bool:
        return self.unit.values[item.event].text == "abort" and item.receiver != NONE

    def _options_place(self, item: Acquisition, place: Place) -> bool:
        symbol = self.index.symbol(place)
        if symbol is not None and (
            symbol.type == "boolean" or symbol.name in ("capture", "useCapture", "undefined", "passive")
        ):
            return False
        for index in self.index.binds.get(place, ()):
            bind = self.unit.effects[index]
            assert isinstance(bind, Bind)
            if bind.value != NONE:
                row = self.unit.values[bind.value]
                if row.kind == "container":
                    return any(key in item.pair.self_release for key in row.keys)
                if row.kind == "boolean":
                    return False
        return True


def _last(place: Place) -> str:
    return place.path[-1] if place.path and place.path[-1] != "[]" else ""
