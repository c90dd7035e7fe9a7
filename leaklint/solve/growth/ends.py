"""JavaScript: ends that pile up among what an object will dispose of, while single entries are taken out.

`this.entries.set(id, entry); this.toDispose.push(Disposable.create(() => this.drop(id)))` beside a `drop(id)`
that takes the entry out of `entries`: nobody has the new disposable, so that nobody takes it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growth.siblings import HalfEmptied, Siblings
from leaklint.solve.holding.holder import ENTRYWISE, Growth, Holder, Release
from leaklint.solve.lazy import regex

# lists and sets that are collections of ends by their names, and classes of such collections
_COLLECTION = regex(r"(?i)\.#?_?(\w*dispos\w*|\w*clean_?ups?|\w*teardowns?|\w*subscriptions?)")
_CLASS = regex(r"(Composite)?Disposable(Store|Collection|Set|s|Group|Bag)?|Disposables|CompositeDisposable")
# what makes something to dispose of out of a function
_MAKES = frozenset({"create", "toDisposable", "Disposable", "DisposableDelegate", "Subscription"})


class Ends:
    """Collections of ends of one unit."""

    def __init__(self, siblings: Siblings) -> None:
        self.siblings = siblings
        self.growths = siblings.growths
        self.index = siblings.index
        self.unit: Unit = siblings.unit

    def found(self) -> Iterator[HalfEmptied]:
        """Each collection once, in source order."""
        if self.unit.language != "javascript" or _MAKES.isdisjoint(self.index.calls):
            return
        seen: set[Place] = set()
        groups = self.siblings.groups()
        for name in ("add", "push"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                place = self.unit.places[call.receiver] if isinstance(call, Call) else Place(NONE)
                others = groups.get(place.symbol, ()) if len(place.path) == 1 else ()
                if not others or place in seen or not self._keeps(place):
                    continue
                kept = Holder(place, "ends", "instance", NONE)
                growth = Growth(number, 0, name, values=call.args)  # type: ignore[union-attr]
                found = next(self._beside(kept, growth, others), None)
                if found is not None:
                    seen.add(place)
                    yield found

    def _keeps(self, place: Place) -> bool:
        """Whether a field is a collection of ends out of which nothing in the file takes single ones."""
        held = self.growths.holders.by_place.get(place)
        if held is not None:
            if held.kind not in ("array", "set") or not _COLLECTION.fullmatch(place.path[-1]):
                return False
            return self.siblings.keeps(held)
        if not any(self._makes_collection(number) for number in self.index.binds.get(place, ())):
            return False
        return not any(
            isinstance(call := self.unit.effects[number], Call) and self.unit.places[call.receiver] == place
            for name in ("remove", "delete", "deleteAndDispose", "deleteAndLeak", "leak")
            for number in self.index.calls.get(name, ())
            if self.unit.effects[number].receiver != NONE  # type: ignore[union-attr]
        )

    def _makes_collection(self, number: int) -> bool:
        bind = self.unit.effects[number]
        row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        return isinstance(call, Call) and call.new and _CLASS.fullmatch(call.name) is not None

    def _beside(self, kept: Holder, growth: Growth, others: Sequence[Holder]) -> Iterator[HalfEmptied]:
        about = self._about(growth)
        if not about or not self.growths.counting.counts(growth, kept):
            return
        function = self.index.function_at(growth.effect)
        for other in others:
            for sibling in other.growths if other.place != kept.place else ():
                release = self._taken_out(other, function)
                if release is None or sibling.depth or self.index.function_at(sibling.effect) != function:
                    continue
                row = self.unit.values[sibling.key] if sibling.key != NONE else None
                key = self.unit.places[row.place] if row is not None and row.kind == "place" else None
                if key is not None and not key.path and key.symbol in about:
                    yield HalfEmptied(kept, growth, other, sibling, release)

    def _about(self, growth: Growth) -> set[int]:
        """Parameters and locals that an end refers to which is made where it is put into a collection."""
        found: set[int] = set()
        for value in growth.values:
            row = self.unit.values[value]
            call = self.unit.effects[row.call] if row.kind == "call" else None
            if isinstance(call, Call) and call.name in _MAKES and len(call.args) == 1:
                row = self.unit.values[call.args[0]]
            if row.kind == "closure":
                found.update(self.unit.scopes[row.scope].captures)
        return found

    def _taken_out(self, other: Holder, function: int) -> Release | None:
        """A release of single entries by a method that others may call, and that is no end of the object."""
        for release in other.releases:
            scope = self.index.function_at(release.effect)
            row = self.unit.scopes[scope]
            if release.selector not in ENTRYWISE or release.depth or scope == function:
                continue
            if row.kind != "method" or "private" in row.flags or row.name.startswith(("_", "#")):
                continue  # only what was put into the collection calls it, perhaps
            if row.params or not self.growths.lifecycle.in_teardown(scope):
                return release  # `close(id)` ends an entry, `close()` the object
        return None
