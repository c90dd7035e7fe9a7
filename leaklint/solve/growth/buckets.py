"""Maps of collections whose collections are emptied while their keys stay."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Bind, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import ENTRYWISE, Growth, Holder, Release
from leaklint.solve.keying.domain import BOUNDED
from leaklint.solve.lazy import regex

_DIALOG = regex(r"(Dialog|Popup|Wizard|Modal)$")

# JavaScript: methods that empty an object which goes on
_ANEW = frozenset({"clear", "reset"})
# methods that take what came last, as a pool does and a queue does not
_TAKES = frozenset({"pop", "pollLast", "removeLast"})
_EVENT = regex(r"_?(event|evt)_?([nN]ame|[tT]ype)?")


class EmptyBucket(msgspec.Struct):
    """`growth` makes a bucket under a new key; `release` empties a bucket and leaves its key."""

    holder: Holder
    growth: Growth
    release: Release
    confidence: Confidence


class Buckets:
    """Holders of one unit that keep empty buckets."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.unit: Unit = growths.unit

    def left(self) -> Iterator[EmptyBucket]:
        for holder in self.growths.holders.by_place.values():
            found = self._find(holder) if len(holder.releases) and holder.growths else None
            if found is not None:
                yield found

    def _find(self, holder: Holder) -> EmptyBucket | None:
        row = holder.container
        if holder.bounded or (row is not None and (row.weak or row.bounded)):
            return None
        if holder.kind not in ("map", "dict", "object") or holder.lifetime == "closure":
            return None
        if self.growths.holders.is_handed_in(holder):
            return None  # whose keys are for who made it
        inner = [
            item
            for item in holder.releases
            if item.depth
            and item.selector in ENTRYWISE
            and self._is_of_bucket(item, holder)
            and not self._sets_length(item, holder)
        ]
        if not inner or any(self._ends_keys(item) for item in holder.releases):
            return None
        if all(self._is_taken_from(item, holder) for item in inner):
            return None
        if holder.lifetime == "instance" and holder.place.symbol != NONE:
            owner = self.unit.symbols[holder.place.symbol].target
            if owner != NONE and (
                self.growths.lifecycle.is_local_work(owner) or _DIALOG.search(self.unit.owners[owner].name)
            ):
                return None  # the keys go with the work, or with the window
        filled_by_reading = row is not None and row.fills_on_read
        for item in holder.growths:
            if item.depth == 0 and self._makes_bucket(item):
                key = item.key
            elif item.depth and filled_by_reading:
                item = self.growths.by_reading(item)
                key = item.key
            else:
                continue
            if not self.growths.counting.counts(item, holder) or self._is_entered(item, holder):
                continue
            if self.growths.configuration.stores_instance(item):
                continue  # objects that register themselves, by the few groups that they belong to
            domain = self.growths.keys.domain(key, holder.place) if key != NONE else "unknown"
            if domain in BOUNDED or domain in ("small", "unknown") or self._is_event(key):
                continue
            if self._are_records(holder) and all(each.depth > 1 for each in inner):
                continue  # `self.threads[name]["queue"].get()`
            return EmptyBucket(holder, item, inner[0], "medium")
        return None

    def _is_of_bucket(self, release: Release, holder: Holder) -> bool:
        """Whether a release takes out of a bucket, and not out of something that a bucket keeps."""
        row = holder.container
        if release.depth == 1 or (row is not None and row.fills_on_read):
            return True
        return any(item.depth == release.depth - 1 and self._makes_bucket(item) for item in holder.growths)

    def _are_records(self, holder: Holder) -> bool:
        """Whether all that is stored in the entries goes by names that are written down."""
        members = [item for item in holder.growths if item.depth]
        return bool(members) and all(
            item.key != NONE and self.growths.keys.domain(item.key) == "literal" for item in members
        )

    def _is_event(self, key: int) -> bool:
        """JavaScript: the name of an event: an emitter has as many as the program has names for them."""
        row = self.unit.values[key]
        symbol = self.growths.index.symbol(self.unit.places[row.place]) if row.kind == "place" else None
        named = symbol is not None and _EVENT.fullmatch(symbol.name) is not None
        return named and self.unit.language == "javascript"

    def _sets_length(self, release: Release, holder: Holder) -> bool:
        """JavaScript: `this.frames[name].length = count` of `{ frames: [], length: 0 }`, which is no list."""
        if not isinstance(self.unit.effects[release.effect], Bind):
            return False
        rows = [self.unit.values[value] for item in holder.growths for value in item.values]
        return any(row.kind == "container" and "length" in row.keys for row in rows)

    def _is_entered(self, item: Growth, holder: Holder) -> bool:
        """Python: filled by `__enter__()`, and emptied as a whole by `__exit__()`."""
        return self.growths.owners.starts(item) and any(
            not release.depth and self.growths.is_useless(release, holder) is None
            for release in holder.releases
        )

    def _ends_keys(self, release: Release) -> bool:
        """Whether a release takes keys out of the map itself, while it is in use."""
        if release.depth:
            return False
        if release.selector in ENTRYWISE:
            return True
        scope = self.growths.index.function(self.unit.effects[release.effect].scope)
        anew = self.unit.language == "javascript" and self.unit.scopes[scope].name in _ANEW
        return anew or not self.growths.lifecycle.in_teardown(scope)

    def _is_taken_from(self, release: Release, holder: Holder) -> bool:
        """Whether what makes a bucket takes from it what is used again: a pool, by kinds of things."""
        index = self.growths.index
        return release.how in _TAKES and any(
            index.function_at(item.effect) == index.function_at(release.effect)
            for item in holder.growths
            if self._makes_bucket(item)
        )

    def _makes_bucket(self, item: Growth) -> bool:
        """Whether what is stored is a fresh container."""
        if item.how in ("computeIfAbsent", "compute", "setdefault"):
            return True
        return any(self._is_fresh(value) for value in item.values)

    def _is_fresh(self, value: int) -> bool:
        """Whether a value is a new container, directly or by way of a local that is given one."""
        making, row = self.growths.holders.making, self.unit.values[value]
        if making.container_of(value) is not None:
            return True
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.path:
            return False
        binds = (self.unit.effects[number] for number in self.growths.index.binds.get(place, ()))
        return any(
            isinstance(bind, Bind) and bind.value != NONE and making.container_of(bind.value) is not None
            for bind in binds
        )
