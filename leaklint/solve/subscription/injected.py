"""JavaScript: judges objects that listen to what they were given, which may live on after them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.pairs import Pairs
from leaklint.solve.subscription.addedagain import AddedAgain

# JavaScript: methods that an object runs again and again, and those that undo them
PENDANTS = {
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
# names of what many objects listen to
SUBJECTS = regex(
    r"(?i)(service|manager|registry|preferences|configuration|config|settings|store|bus|hub|provider|monitor|server|"
    r"workspace|cluster|topology|membership|discovery|gateway|theme|model|broker|dispatcher|publisher|feed|"
    r"tracker|repository|engine|project|client|cache|catalog)s?_?$"
)
# what is told how to end: by a signal, a status
_TOLD_HOW = frozenset({"kill", "close", "end", "terminate"})
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


class Injected:
    """Judges the receivers of one unit that came from outside."""

    def __init__(self, pairs: Pairs, lifecycle: Lifecycle, again: AddedAgain) -> None:
        self.pairs = pairs
        self.unit: Unit = pairs.unit
        self.index = pairs.index
        self.lifecycle = lifecycle
        self.again = again

    def outlives(self, item: Acquisition, owner: int) -> bool:
        """JavaScript: an object that is ended listens to what its constructor was given, to the last."""
        names = {self.unit.scopes[scope].name for scope in self.unit.owners[owner].methods}
        if item.life != "injected" or item.receiver == NONE:
            return False
        if names.isdisjoint(plurality.LAST_METHODS) and not (
            self.lifecycle.teardown_of(owner) and self._is_subject(self.unit.places[item.receiver])
        ):
            return False
        if plurality.is_one(self.unit, owner) or self.ends_receiver(item):
            return False
        if item.destination in ("returned", "passed") or self.lifecycle.is_short_lived(owner):
            return False
        if item.event != NONE and self.unit.values[item.event].text in item.pair.last_events:
            return False
        return self.is_given(self.unit.places[item.receiver])

    def starts_again(self, item: Acquisition, owner: int) -> bool:
        """JavaScript: `start()` listens to what the object was given, and `stop()` goes on listening."""
        if item.life != "injected" or item.receiver == NONE or plurality.is_one(self.unit, owner):
            return False
        row = self.unit.scopes[self.index.function(self.unit.effects[item.effect].scope)]
        ends = {self.unit.scopes[scope].name for scope in self.unit.owners[owner].methods}
        if row.kind != "method" or ends.isdisjoint(PENDANTS.get(row.name, ())):
            return False
        if item.destination in ("returned", "passed") or self.ends_receiver(item):
            return False
        if item.event != NONE and self.unit.values[item.event].text in item.pair.last_events:
            return False
        return self.is_given(self.unit.places[item.receiver])

    def is_of_part(self, item: Acquisition, owner: int) -> bool:
        """JavaScript: a menu, row or dialog without an end listens to a model or store that it was given."""
        if item.life != "injected" or item.receiver == NONE or item.destination != "dropped":
            return False
        if not plurality.comes_and_goes(self.unit, owner) or plurality.is_one(self.unit, owner):
            return False
        if self.unit.owners[owner].name.startswith(("App", "Main", "Root")):
            return False  # `ApplicationMenu`
        place = self.unit.places[item.receiver]
        return not self.ends_receiver(item) and self._is_subject(place) and self.is_given(place)

    def is_carried(self, item: Acquisition) -> bool:
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
        return self.is_given(place) and not self.ends_receiver(item)

    def is_of_view(self, item: Acquisition) -> bool:
        """Backbone: `this.collection.on(…)` of a view, which `remove()` does not take off as `listenTo()`."""
        place = self.unit.places[item.receiver]
        if place.path not in ((".model",), (".collection",)) or item.destination != "dropped":
            return False
        return self.pairs.receivers.is_view(self.unit.symbols[place.symbol].target)

    def is_let_go(self, item: Acquisition, owner: int) -> bool:
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
                scope in ends and value != NONE and self.index.is_nothing(value) for scope, value in values
            ):
                continue
            if any(self.is_called_on(name, place) for name in self.pairs.models.endings):
                continue  # ended, not let go
            if place in fields or any(
                value != NONE
                and self.unit.values[value].kind == "place"
                and self.unit.places[self.unit.values[value].place] in fields
                for _, value in values
            ):
                return True
        return False

    def is_ended(self, item: Acquisition) -> bool:
        """JavaScript: whether what a field holds is ended here, and its listeners with it."""
        if self.unit.language != "javascript" or item.receiver == NONE:
            return False
        if item.life not in ("injected", "unknown"):
            return False
        place = self.unit.places[item.receiver]
        if place.symbol == NONE or len(place.path) != 1 or self.unit.symbols[place.symbol].kind != "this":
            return False
        return any(self.is_called_on(name, place) for name in self.pairs.models.endings)

    def ends_receiver(self, item: Acquisition, where: Callable[[int], bool] = lambda scope: True) -> bool:
        """Whether a field that keeps the same thing is ended here, in some of the functions."""
        given = set(self.pairs.aliases.of(item.receiver)) | {self.unit.places[item.receiver]}
        return self.ends(given, self.pairs.models.endings, where)

    def ends(
        self, given: Set[Place], names: Iterable[str], where: Callable[[int], bool] = lambda scope: True
    ) -> bool:
        """Whether one of some places, or a field that keeps the same thing, is ended by such a method."""
        for place, binds in self.index.binds.items():
            if len(place.path) != 1 or place.symbol == NONE:
                continue
            rows = [self.unit.values[bind.value] for bind in self._binds(binds) if bind.value != NONE]
            kept = any(row.kind == "place" and self.unit.places[row.place] in given for row in rows)
            if kept and any(self.is_called_on(name, place, where) for name in names):
                return True
        return any(self.is_called_on(name, place, where) for place in given for name in names)

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

    def _is_plain(self, call: Call) -> bool:
        """Whether a call names nothing that it ends: `socket.end()`, `child.kill("SIGTERM")`."""
        told = call.name in _TOLD_HOW and self.unit.language == "javascript"
        return not call.args or (
            told and all(self.unit.values[value].kind in ("string", "number") for value in call.args)
        )

    def is_called_on(
        self, name: str, place: Place, where: Callable[[int], bool] = lambda scope: True
    ) -> bool:
        """Whether a method of some name is called on a place without arguments that would be taken off it."""
        for number in self.index.calls.get(name, ()):
            call = self.unit.effects[number]
            if not isinstance(call, Call) or call.receiver == NONE or not self._is_plain(call):
                continue
            if self.unit.places[call.receiver] == place and where(self.index.function(call.scope)):
                return True
        return False

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
        rows = [self.unit.values[value] for value in values if not self.index.is_nothing(value)]
        if not rows:
            return self.pairs.receivers.life_of(place) == "injected"
        return all(row.kind == "place" and self.is_given(self.unit.places[row.place]) for row in rows)

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
            if self.unit.values[value].kind == "place" and not self.index.is_nothing(value)
        ]
        return bool(places) and all(not each.path and self._is_handed_in(each, NONE) for each in places)

    def _is_subject(self, place: Place) -> bool:
        """`bus`, `this.store`: named like what many objects listen to."""
        symbol = self.index.symbol(place)
        if symbol is None:
            return False
        names = place.path[-1:] if place.path else (symbol.name, symbol.type)
        return any(SUBJECTS.search(name) for name in names if name)

    def _binds(self, numbers: Sequence[int]) -> Iterator[Bind]:
        for number in numbers:
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            yield bind
