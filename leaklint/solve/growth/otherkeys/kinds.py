"""Keys of another sort than the stored ones: by their types, or an object where a part of it was stored."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place
from leaklint.solve.growth.otherkeys.base import Mismatches, OtherKey
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.types import Types

_CONVERTS = frozenset(
    {"trim", "toLowerCase", "toUpperCase", "intern", "strip", "lower", "upper", "get", "clone"}
)


class Kinds(Mismatches):
    """Such keys of the maps of one unit."""

    def __init__(self, growths: Growths, types: Types) -> None:
        super().__init__(growths)
        self.types = types

    def found(self, holder: Holder) -> OtherKey | None:
        """The first removal or look-up of a holder under a key of another sort than it stores."""
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
        return isinstance(call, Call) and call.name in _CONVERTS

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
