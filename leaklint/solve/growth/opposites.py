"""Removals that were left out: a method named like the opposite of the one that fills takes nothing out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word

# a verb that stores, and the verbs that ought to take out again
_INVERSE = {
    "add": ("remove", "delete", "discard"),
    "register": ("unregister", "deregister", "remove"),
    "subscribe": ("unsubscribe",),
    "put": ("remove", "delete"),
    "attach": ("detach",),
    "bind": ("unbind",),
    "install": ("uninstall",),
    "load": ("unload",),
    "create": ("remove", "delete", "destroy"),
    "open": ("close",),
    "opened": ("closed",),
    "begin": ("end", "finish", "complete"),
    "start": ("stop", "end", "finish", "complete"),
    "enter": ("leave", "exit"),
    "login": ("logout",),
    "signIn": ("signOut",),
    "checkout": ("checkin",),
    "reserve": ("release", "cancel"),
    "lock": ("unlock",),
    "insert": ("delete", "remove"),
    "enqueue": ("dequeue",),
    "onOpen": ("onClose",),
    "onConnect": ("onDisconnect", "onClose"),
    "on_open": ("on_close",),
    "on_connect": ("on_disconnect", "on_close"),
    "track": ("untrack",),
    "watch": ("unwatch",),
    "publish": ("unpublish",),
    "export": ("unexport",),
    "join": ("leave", "quit", "part"),
    "connect": ("disconnect",),
    "connected": ("disconnected",),
    "acquire": ("release",),
    "allocate": ("release", "free"),
    "deploy": ("undeploy",),
}
# what is begun and ended under a name that the program knows, to see how long it took
_MEASURES = frozenset({"begin", "start"})
# keys of which there is a new one for each thing
_OF_ONE = regex(
    r"(?i)\w*(id|uuid|guid|token|session|socket|ws|conn|connection|client|user|peer|player|match|job|upload)"
)


class Forgotten(msgspec.Struct):
    """A method named like the opposite of the one that fills, which takes nothing out."""

    holder: Holder
    growth: Growth
    adds: int
    removes: int


class Opposites:
    """Such methods of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.holders = growths.holders
        self.index = growths.index
        self.unit: Unit = growths.unit

    def forgotten(self) -> Iterator[Forgotten]:
        """Each holder that `addX` fills and `removeX` of the same owner leaves as it is, once."""
        by_owner: dict[int, list[Holder]] = defaultdict(list)
        for holder in self.holders.by_place.values():
            if holder.growths and holder.lifetime in ("instance", "process") and self._only_grows(holder):
                by_owner[self._owner(holder.place)].append(holder)
        for owner, holders in by_owner.items():
            if owner == NONE:
                continue
            opposites = self._opposites(owner)
            for holder in holders:
                found = self._forgotten(holder, opposites)
                if found is not None:
                    yield found

    def _owner(self, place: Place) -> int:
        symbol = self.unit.symbols[place.symbol]
        return symbol.target if symbol.kind in ("this", "class") and place.path else NONE

    def _only_grows(self, holder: Holder) -> bool:
        row = holder.container
        if holder.bounded or (row is not None and (row.weak or row.bounded)):
            return False
        return all(
            item.selector in ("all", "rebind")
            and self.growths.lifecycle.in_teardown(self.index.function(self.unit.effects[item.effect].scope))
            for item in holder.releases
        )

    def _opposites(self, owner: int) -> dict[int, list[int]]:
        """Method that stores -> methods whose name says the opposite."""
        names: dict[str, list[int]] = defaultdict(list)
        for scope in self.unit.owners[owner].methods:
            names[self.unit.scopes[scope].name].append(scope)
        found: dict[int, list[int]] = {}
        for name, scopes in names.items():
            for verb, inverses in _INVERSE.items():
                rest = name[len(verb) :]
                if not name.startswith(verb) or (rest and not (rest[0].isupper() or rest[0] == "_")):
                    continue
                for inverse in inverses:
                    for scope in names.get(inverse + rest, ()):
                        for adds in scopes:
                            if inverse == inverses[0] or self._is_alike(adds, scope):
                                found.setdefault(adds, []).append(scope)
        return found

    def _is_alike(self, adds: int, removes: int) -> bool:
        """Whether both are of the class, or both of its objects: else `remove()` may be of something else."""
        flags = [self.unit.scopes[scope].flags & {"static", "classmethod"} for scope in (adds, removes)]
        return bool(flags[0]) == bool(flags[1])

    def _does_something(self, scope: int) -> bool:
        """Whether a method is more than empty, abstract, a refusal, or a call of its own overload."""
        name = self.unit.scopes[scope].name
        calls = 0
        for effect in (self.unit.effects[number] for number in self.index.of_function.get(scope, ())):
            if isinstance(effect, Call) and not effect.new:
                if effect.name == name:
                    return False
                calls += 1
            elif getattr(effect, "how", "") == "raise" and effect.region == NONE:
                return False
        return calls > 0

    def _forgotten(self, holder: Holder, opposites: dict[int, list[int]]) -> Forgotten | None:
        for growth in holder.growths:
            scope = self.index.function(self.unit.effects[growth.effect].scope)
            if scope not in opposites or growth.depth or not self.growths.counting.counts(growth, holder):
                continue
            for removes in opposites[scope]:
                if not self._does_something(removes) or self._measures(scope, growth.key):
                    continue
                if self._stores_parameter(growth.values, scope) or (
                    self._stores_parameter((growth.key,), scope) and self._looks_up(holder, removes)
                ):
                    return Forgotten(holder, growth, scope, removes)
        return None

    def _measures(self, scope: int, key: int) -> bool:
        """`start(name)` of a stop-watch: there are as many names as the program has."""
        row = self.unit.values[key] if key != NONE else None
        if first_word(self.unit.scopes[scope].name) not in _MEASURES:
            return False
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        return symbol is None or _OF_ONE.fullmatch(symbol.name) is None

    def _looks_up(self, holder: Holder, scope: int) -> bool:
        """Whether a method asks a map for the entry that it leaves in."""
        for number in self.index.calls.get("get", ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE or self.index.function(call.scope) != scope:
                continue
            if holder.place in self.holders.aliases.of(call.receiver):
                return True
        entry = holder.element
        return any(
            isinstance(effect := self.unit.effects[number], Bind)
            and effect.value != NONE
            and self.unit.values[effect.value].kind == "place"
            and self.unit.places[self.unit.values[effect.value].place] == entry
            for number in self.index.of_function.get(scope, ())
        )

    def _stores_parameter(self, values: tuple[int, ...], scope: int) -> bool:
        """Whether one of some values is a parameter of a function."""
        params = self.unit.scopes[scope].params
        for value in values:
            row = self.unit.values[value] if value != NONE else None
            if row is not None and row.kind == "place":
                place = self.unit.places[row.place]
                if not place.path and place.symbol in params:
                    return True
        return False
