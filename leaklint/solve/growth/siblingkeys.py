"""Java: two containers that are keyed by the same sort of thing, of which its end empties only one.

`siblings` needs both to be filled by one function; here the keys say what belongs together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call
from leaklint.solve.growth.siblings import HalfEmptied, Siblings
from leaklint.solve.holding.holder import ENTRYWISE, Growth, Holder, Release
from leaklint.solve.lifecycle import first_word

# first words of methods that hear of the end of one thing
_ENDS = frozenset(
    {"close", "remove", "delete", "unregister", "deregister", "end", "leave", "disconnect", "destroy", "drop"}
    | {"evict", "logout", "detach", "unsubscribe", "finish", "forget", "dispose", "release", "cancel", "kick"}
    | {"on"}
)


class _Key(msgspec.Struct, frozen=True):
    """A key that a parameter gives: the type of the parameter, and the member that is asked for."""

    sort: str
    member: str


class SiblingKeys:
    """Containers of one unit whose keys come from parameters of the same sort."""

    def __init__(self, siblings: Siblings) -> None:
        self.siblings = siblings
        self.growths = siblings.growths
        self.holders = siblings.holders
        self.index = siblings.index
        self.unit = siblings.unit

    def half_emptied(self) -> Iterator[HalfEmptied]:
        """Each map that keeps what the end of a thing takes out of another map of the same object, once."""
        if self.unit.language != "java":
            return
        groups: dict[int, list[Holder]] = defaultdict(list)
        for holder in self.holders.by_place.values():
            if holder.growths and holder.place.path and holder.lifetime in ("instance", "process"):
                groups[holder.place.symbol].append(holder)
        for group in groups.values():
            if len(group) > 1:
                for kept in group:
                    found = self._find(kept, group)
                    if found is not None:
                        yield found

    def _find(self, kept: Holder, group: list[Holder]) -> HalfEmptied | None:
        if kept.kind != "map" or not self.siblings.keeps(kept) or not self._serves(kept):
            return None
        for growth in kept.growths:
            key = self._key(growth.key) if growth.key != NONE and not growth.depth else None
            scope = self.unit.effects[growth.effect].scope
            if key is None or not self.growths.counting.counts(growth, kept):
                continue
            if self.growths.owners.opens_object(scope) or self.growths.lifecycle.is_registrar(scope):
                continue
            for other in group:
                if other is kept:
                    continue
                release = self._release(other, key)
                sibling = self._sibling(other, key)
                if release is not None and sibling is not None:
                    return HalfEmptied(kept, growth, other, sibling, release)
        return None

    def _serves(self, holder: Holder) -> bool:
        if holder.lifetime == "process":
            return True
        owner = self.unit.symbols[holder.place.symbol].target
        return self.growths.lifecycle.lives_long(owner)

    def _sibling(self, holder: Holder, key: _Key) -> Growth | None:
        """A store of things of the same sort; that the end of one is told says that there are many."""
        return next((item for item in holder.growths if not item.depth), None)

    def _release(self, holder: Holder, key: _Key) -> Release | None:
        """A removal of one thing of the same sort by a method that is told of its end."""
        for release in holder.releases:
            if (
                release.selector not in ENTRYWISE
                or release.depth
                or release.key == NONE
                or release.via != NONE
            ):
                continue
            scope = self.index.function_at(release.effect)
            name = self.unit.scopes[scope].name
            if first_word(name) not in _ENDS:
                continue
            found = self._key(release.key)
            if found is not None and found.sort == key.sort:
                return release
        return None

    def _key(self, value: int) -> _Key | None:
        """`document`, `document.id`, `document.getId()`: a parameter, or what it is known by."""
        row = self.unit.values[value]
        member = ""
        if row.kind == "call":
            call = self.unit.effects[row.call]
            if not isinstance(call, Call) or call.args or call.receiver == NONE:
                return None
            place, member = self.unit.places[call.receiver], call.name
        elif row.kind == "place":
            place = self.unit.places[row.place]
        else:
            return None
        if place.symbol == NONE or len(place.path) > 1 or (member and place.path):
            return None
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind != "parameter" or self.index.scope(symbol.scope).kind not in ("method", "block"):
            return None
        member = member or "".join(place.path)
        if symbol.type in self.holders.models.light_types or not symbol.type[:1].isupper():
            return None  # a name or number says nothing of what it belongs to
        return _Key(symbol.type, member)
