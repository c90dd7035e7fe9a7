"""Removals that remove nothing: under another key than the one stored, or left out altogether."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growth.wrongkeys import WrongKeys
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word
from leaklint.solve.types import Types

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


class OtherKey(msgspec.Struct):
    """A removal (or the look-up before a store) under a key that was never stored under."""

    holder: Holder
    growth: Growth
    effect: int
    key: int
    how: Literal["type", "member", "lookup", "value", "made"]
    stored: str
    asked: str


class Forgotten(msgspec.Struct):
    """A method named like the opposite of the one that fills, which takes nothing out."""

    holder: Holder
    growth: Growth
    adds: int
    removes: int


class Removals:
    """Mismatched and missing removals of one unit."""

    def __init__(self, growths: Growths, types: Types) -> None:
        self.growths = growths
        self.holders = growths.holders
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.types = types
        self.wrong = WrongKeys(growths)

    # -- other keys

    def other_keys(self) -> Iterator[OtherKey]:
        """Each holder that is asked to remove under a key of another sort than it stores, once."""
        for holder in self.holders.by_place.values():
            if not holder.growths or holder.lifetime not in ("instance", "process"):
                continue
            found = self._other_key(holder) or self._made_otherwise(holder)
            if found is not None:
                yield found

    def _made_otherwise(self, holder: Holder) -> OtherKey | None:
        """A removal whose key is made otherwise than those of all stores, or of the store before it."""
        if not holder.releases or not self.growths.repeats.repeats(holder.growths[0].effect):
            return None
        wrong = self.wrong
        found = wrong.by_value(holder)
        if found is not None:
            return OtherKey(holder, found[0], found[1].effect, found[1].key, "value", "", "")
        found = wrong.by_text(holder) or wrong.by_getter(holder) or wrong.by_arm(holder)
        found = found or wrong.by_form(holder) or wrong.by_maker(holder) or wrong.by_attribute(holder)
        if found is not None:
            return OtherKey(holder, found[0], found[1].effect, found[1].key, "made", "", "")
        return None

    def _other_key(self, holder: Holder) -> OtherKey | None:
        growths = [item for item in holder.growths if item.key != NONE and not item.depth]
        if not growths and holder.kind == "list" and self.unit.language == "java":
            growths = [item for item in holder.growths if item.values and not item.depth]
        if not growths:
            return self._other_lookup(holder)
        declared = self._declared_key(holder)
        for release in holder.releases:
            named = release.selector == "key" or (release.selector == "value" and release.how == "remove")
            if not named or release.depth or release.key == NONE or release.via != NONE:
                continue
            if self._through_view(release, holder):
                continue  # `map.values().remove(value)` asks for a value
            asked = self.types.of(release.key)
            if self._is_cast(release):
                continue
            if declared and self.types.never_equal(declared, asked):
                return OtherKey(holder, growths[0], release.effect, release.key, "type", declared, asked)
            if holder.kind == "list":
                continue
            member = self._asks_for_whole(release, growths, asked)
            if member is not None:
                return OtherKey(holder, member, release.effect, release.key, "member", "", asked)
        return self._other_lookup(holder)

    def _is_cast(self, release: Release) -> bool:
        """Java: whether anything stands before the key: a cast changes the type that it is declared with."""
        call = self.unit.effects[release.effect]
        if self.unit.language != "java" or not isinstance(call, Call):
            return False
        return self.unit.values[release.key].at > call.at_name + len(call.name) + 1

    def _through_view(self, release: Release, holder: Holder) -> bool:
        call = self.unit.effects[release.effect]
        if not isinstance(call, Call) or call.receiver == NONE:
            return False
        place = self.unit.places[call.receiver]
        return place != holder.place and self._is_view(place)

    def _is_view(self, place: Place) -> bool:
        """Whether a place is, or was bound to, the result of a call such as `values()`."""
        if place.symbol == NONE:
            return place.call != NONE
        if place.path or self.unit.symbols[place.symbol].kind not in ("variable", "constant"):
            return False
        return any(
            value != NONE and self.unit.values[value].kind == "call"
            for value in (self.unit.effects[index].value for index in self.index.binds.get(place, ()))  # type: ignore[union-attr]
        )

    def _declared_key(self, holder: Holder) -> str:
        """The declared type of a map's keys, or of a set's elements: a list removes by index as well."""
        if self.unit.language != "java" or holder.kind not in ("map", "list"):
            return ""
        wanted = 2 if holder.kind == "map" else 1
        for symbol in self.unit.symbols:
            if symbol.kind not in ("field", "static") or (wanted == 1 and "Set" not in symbol.type):
                continue
            if len(symbol.type_args) == wanted:
                owner = self.unit.owners[self.unit.scopes[symbol.scope].owner]
                if holder.place == Place(owner.this, ("." + symbol.name,)) or holder.place == Place(
                    owner.symbol, ("." + symbol.name,)
                ):
                    return symbol.type_args[0]
        return ""

    def _asks_for_whole(self, release: Release, growths: list[Growth], asked: str) -> Growth | None:
        """Stored under `request.id()` or `request.id`, removed under `request`."""
        key = self.unit.values[release.key]
        if key.kind != "place" or self.unit.places[key.place].path:
            return None
        whole = self.unit.places[key.place]
        for growth in growths:
            base = self._base(growth.key)
            if base is None or not self._same_sort(base, whole, asked):
                return None  # some store may fit
        return growths[0]

    def _same_sort(self, base: Place, whole: Place, asked: str) -> bool:
        """Whether two variables hold the same sort of object: by type, or by name and by use as an object."""
        if self.unit.symbols[base.symbol].kind == "this":
            return base == whole  # `map.put(this.id, this)` and `map.remove(this)`
        known = self.types.of_place(base)
        if known or asked:
            return known == asked
        names = [self.unit.symbols[place.symbol].name for place in (base, whole)]
        used = any(
            self.unit.places[self.unit.values[value].place].path
            for value in self.index.references.get(whole.symbol, ())
        )
        return base.symbol != whole.symbol and names[0] == names[1] and used

    def _base(self, value: int) -> Place | None:
        """The variable whose getter or attribute gives a key: `request` of `request.id()`."""
        row = self.unit.values[value]
        if row.kind == "place":
            place = self.unit.places[row.place]
            named = len(place.path) == 1 and place.path[0] != "[]" and place.symbol != NONE
            kinds = ("parameter", "variable", "constant", "this")
            if named and self.unit.symbols[place.symbol].kind in kinds:
                return Place(place.symbol)
            return None
        if row.kind != "call":
            return None
        call = self.unit.effects[row.call]
        assert isinstance(call, Call)
        if call.args or call.receiver == NONE:
            return None
        place = self.unit.places[call.receiver]
        return place if place.symbol != NONE and not place.path else None

    def _other_lookup(self, holder: Holder) -> OtherKey | None:
        """`v = map.get(a.name()); if (v == null) map.put(a, v)`: never found again."""
        for growth in holder.growths:
            if growth.key == NONE or growth.depth or growth.via != NONE:
                continue
            effect = self.unit.effects[growth.effect]
            stored = self.unit.values[growth.key]
            if not isinstance(effect, Call) or stored.kind != "place":
                continue
            place = self.unit.places[stored.place]
            for number in self._lookups(holder, effect):
                asked = self.unit.effects[number]
                assert isinstance(asked, Call)
                base = self._base(asked.args[0]) if asked.args else None
                if base is not None and base == place and not self._converts(asked.args[0]):
                    return OtherKey(holder, growth, number, asked.args[0], "lookup", "", "")
        return None

    def _converts(self, value: int) -> bool:
        """`key.trim()`: most look-ups of the rest are meant to find what such a key stored."""
        call = self.unit.effects[self.unit.values[value].call]
        return isinstance(call, Call) and call.name in (
            "trim",
            "toLowerCase",
            "toUpperCase",
            "intern",
            "strip",
            "lower",
            "upper",
            "get",
            "clone",
        )

    def _lookups(self, holder: Holder, store: Call) -> Iterator[int]:
        """Look-ups of a holder in the function that stores, when a test stands around the store."""
        if not any(self.unit.regions[region].kind == "branch" for region in self.index.regions(store.region)):
            return
        function = self.index.function(store.scope)
        for number in self.index.calls.get("get", ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE or self.index.function(call.scope) != function or call.at > store.at:
                continue
            if holder.place in self.holders.aliases.of(call.receiver):
                yield number

    # -- forgotten removals

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
                            found.setdefault(adds, []).append(scope)
        return found

    def _does_something(self, scope: int) -> bool:
        """Whether a method is more than empty, abstract, a refusal, or a call of its own overload."""
        name = self.unit.scopes[scope].name
        calls = 0
        for effect in self.unit.effects:
            if self.index.function(effect.scope) == scope:
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
