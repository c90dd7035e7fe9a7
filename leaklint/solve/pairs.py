"""Acquisitions that want a release (listeners, timers, observers, registrations) and their releases."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Models, Pair, ReleaseCall
from leaklint.solve.aliases import Aliases
from leaklint.solve.callbacks import Callbacks
from leaklint.solve.index import Index
from leaklint.solve.names import Patterns, is_from, resolved_name
from leaklint.solve.pair_table import PairRow, rows
from leaklint.solve.pairing.acquisition import Acquisition, Removal
from leaklint.solve.pairing.arguments import Arguments
from leaklint.solve.pairing.endings import Endings
from leaklint.solve.pairing.matching import Matching
from leaklint.solve.receivers import WRAPS, Receivers
from leaklint.solve.relays import Relay, Relays
from leaklint.solve.subscription.selfremoval import ends_with_screen

_ON_NODES = "event listener"


class Pairs:
    """All acquisitions of a unit, matched with all removals of the unit."""

    def __init__(self, index: Index, aliases: Aliases, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases
        self.models = models
        self.callbacks = Callbacks(aliases)
        self.receivers = Receivers(aliases, models)
        self.arguments = Arguments(index)
        self.matching = Matching(index, aliases, self.callbacks)
        self.endings = Endings(index)
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
                own = {id(item) for item in found if self.matching.is_of(item, removal)}
                for acquisition in found:
                    mine = not own or id(acquisition) in own
                    if mine or not self.matching.names_others(acquisition, removal):
                        self.matching.match(acquisition, removal, misses=mine)
            if pair.wraps or pair.target >= 0 or not row.acquire.methods:
                # what else has a method of that name is no concern of it
                removals = [row for row in removals if row.matches or self._is_meant(pair, row)]
            self.removals[pair.name] = removals
            self.acquisitions += found
        if self.unit.language == "javascript":
            self._relayed()
        self.acquisitions.sort(key=lambda item: item.effect)

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
            removal = Removal(number, release, self.arguments.target(call, row.target))
            removal.event = self.arguments.argument(call, row.event)
            removal.callback = self.arguments.callback(call, row.callback)
            for item in added:
                self.matching.match(item, removal, misses=False)
        for item in added:
            for removal in self.removals.get(_ON_NODES, ()):
                around = set(self.index.enclosing(self.unit.effects[removal.effect].scope))
                if around.isdisjoint(inside):
                    self.matching.match(item, removal, misses=False)
        self.acquisitions += added

    def _relay(self, number: int, relay: Relay, inner: Acquisition) -> Acquisition | None:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        receiver = self.arguments.target(call, relay.target)
        if receiver == NONE:
            return None
        item = Acquisition(number, inner.pair, receiver, self.receivers.life(receiver, inner.pair))
        item.event = self.arguments.argument(call, relay.event)
        item.callback = self.arguments.argument(call, relay.callback)
        item.options = inner.options
        item.within = relay.inner
        if item.callback == NONE or self.arguments.is_null(item.callback):
            return None
        if self._arranges_removal(inner, relay.scope):
            return None
        item.destination, item.handle = self.index.destinations.of(number)
        return item

    def _arranges_removal(self, inner: Acquisition, scope: int) -> bool:
        """`cleanups.push(() => target.removeEventListener(type, f))` of the function that adds."""
        for release in inner.released_by:
            function = self.index.function_at(release)
            if (
                function != scope
                and scope in self.index.enclosing(function)
                and function in self.index.argument_of
            ):
                return True
        return False

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
            receiver = self.arguments.target(call, pair.target)
            item = Acquisition(number, pair, receiver, self.receivers.life(receiver, pair))
            item.event = self.arguments.argument(call, pair.event)
            if pair.events and (item.event == NONE or self.unit.values[item.event].text not in pair.events):
                continue
            item.callback = self.arguments.callback(call, pair.callback)
            if self.arguments.names_property(call, pair.callback):
                item.event = call.args[0]
            item.options = self.arguments.argument(call, pair.options)
            if pair.only_with and not self._is_given(pair.only_with, item.options):
                continue
            if pair.wraps:
                item.callback = self.arguments.delegated(call, item.callback)
            if pair.callback >= 0 and (item.callback == NONE or self.arguments.is_null(item.callback)):
                continue  # a getter or a builder of the same name; nothing handed over
            around = self.unit.scopes[self.index.function(call.scope)].owner
            if pair.ends_with and ends_with_screen(self.unit, pair, around):
                continue
            item.destination, item.handle = self.index.destinations.of(number)
            item.once = "." + call.name in pair.once
            if item.life == "unknown" and self._is_static_registry(call):
                item.life = "module"
            if item.life == "unknown" and item.event != NONE and self.endings.is_abort(item):
                lives = {self.receivers.life_of(place) for place in self.aliases.of(item.receiver)}
                item.life = "injected" if "injected" in lives else "unknown"
            yield item

    def _is_given(self, keys: list[str], options: int) -> bool:
        """Whether an object of options has one of some keys, and not as false."""
        row = self.unit.values[options] if options != NONE else None
        return row is not None and any(
            key in keys and self.unit.values[part].text != "false"
            for key, part in zip(row.keys, row.parts, strict=False)
        )

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

    def _is_receiver(self, pair: Pair, call: Call) -> bool:
        if not pair.receivers:
            return True
        if call.receiver == NONE:
            return False
        direct = self.unit.places[call.receiver]
        for place in (direct, *self.aliases.of(call.receiver), *self._kept_calls(direct)):
            if resolved_name(self.unit, place) in pair.receivers or self._ends_in(place, pair.receivers):
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

    def _ends_in(self, place: Place, receivers: list[str]) -> bool:
        """`.interceptors.request`: whatever it is a part of."""
        return any(row[:1] == "." and "".join(place.path).endswith(row) for row in receivers)

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
                if release.target >= 0 and self.arguments.is_text(call, release.target):
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
                    self.arguments.target(call, release.target),
                    call.args[0]
                    if self.arguments.names_property(call, release.callback)
                    else self.arguments.argument(call, release.event),
                    self.arguments.callback(call, release.callback),
                    self.arguments.argument(call, release.options),
                    self.arguments.argument(call, release.handle),
                )
