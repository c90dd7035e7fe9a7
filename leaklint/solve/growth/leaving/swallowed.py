"""Java: removals at the end of a `try` whose handler lets the failure rest: what has failed stays in.

Another method stores, so that the entry stands for the work; a retry, a walk over what is left, and anything
that the handler does with the container say that the entry is meant to stay.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Region, Symbol
from leaklint.solve.containers import containers
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex
from leaklint.solve.native.ways import HARMLESS

# what a handler does about a failure when the work comes again
_AGAIN = regex(
    r"(?i)retry|resend|requeue|reschedul|again|reconnect|backoff|redeliver|re_?submit|restart|recover|schedule|"
    r"sleep|await|nack|reject|rollback"
)
_WALKS = ("forEach", "toArray", "spliterator", "replaceAll", "parallelStream", "containsAll", "removeIf")
# failures that tell of the end of the whole program
_STOPPED = ("InterruptedException", "ClosedByInterruptException", "CancellationException", "ThreadDeath")


class Swallowed(Leaving):
    """Such removals of one unit."""

    def __init__(self, growths: Growths) -> None:
        super().__init__(growths)
        known = containers(growths.holders.models)
        self._walking = (known.views | frozenset(_WALKS)) - known.touching

    def found(self) -> Iterator[Left]:
        """The first of each holder."""
        for holder in self.lasting() if self.unit.language == "java" else ():
            releases = self.entrywise(holder, ("key", "value"))
            if not releases or self._is_walked(holder):
                continue
            handlers = [self._handler(item, holder) for item in releases]
            growth = self._stored(holder, releases)
            if growth is not None and None not in handlers:
                yield Left(holder, growth, "swallowed", releases[0].effect, handlers[0].first)  # type: ignore[union-attr]

    def _stored(self, holder: Holder, releases: list[Release]) -> Growth | None:
        """A growth by a method that takes nothing out itself."""
        removing = {self.index.function_at(item.effect) for item in releases}
        for growth in holder.growths:
            apart = self.index.function_at(growth.effect) not in removing
            if apart and not growth.depth and self.growths.counting.counts(growth, holder):
                return growth
        return None

    def _is_walked(self, holder: Holder) -> bool:
        """Whether something goes through all entries, or has the whole, and may deal with what is left."""
        for value in self.index.references.get(holder.place.symbol, ()):
            row = self.unit.values[value]
            if row.kind == "place" and self.unit.places[row.place] == holder.place:
                return True
        for name in self._walking & self.index.calls.keys():
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                ends = self.ends_all(self.index.function_at(number))
                if isinstance(call, Call) and self._is_on(call, holder) and not ends:
                    return True
        return False

    def _is_on(self, call: Call, holder: Holder) -> bool:
        return call.receiver != NONE and any(
            found is holder for found, _, _ in self.holders.ledger.targets(call.receiver)
        )

    def _handler(self, release: Release, holder: Holder) -> Region | None:
        """The handler that passes by a removal and lets the failure of the work before it rest."""
        regions = self.unit.regions
        around = list(self.index.regions(self.unit.effects[release.effect].region))
        kinds = [regions[number].kind for number in around]
        if not kinds or kinds[0] != "try" or "except" in kinds or "finally" in kinds:
            return None
        work = regions[around[0]]
        named = self._named(release)
        if named is None or named.at >= work.at or self._tries_again(around[1:], named):
            return None  # read from an answer, in the very work that fails
        if not self._works(work, release.effect):
            return None
        for row in regions:
            if row.kind != "except" or row.parent != work.parent or row.first < work.last:
                continue
            if self.index.function(row.scope) != self.index.function(work.scope):
                continue
            if row.leaves == "raise" or not self._rests(row, holder):
                return None
            return row
        return None

    def _works(self, work: Region, end: int) -> bool:
        """Whether something that may fail comes before the removal: a call of another object."""
        for effect in self.unit.effects[work.first : end]:
            if isinstance(effect, Call) and not effect.new and not effect.name.startswith(HARMLESS):
                return True
        return False

    def _named(self, release: Release) -> Symbol | None:
        """The variable that says which entry is taken out."""
        row = self.unit.values[release.key] if release.key != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        named = call.receiver if isinstance(call, Call) else row.place if row is not None else NONE
        return self.index.symbol(self.unit.places[named]) if named != NONE else None

    def _tries_again(self, around: list[int], named: Symbol) -> bool:
        """Whether a loop around the `try` goes on with the same entry."""
        loops = [self.unit.regions[number] for number in around if self.unit.regions[number].kind == "loop"]
        return any(not loop.at <= named.at < loop.end for loop in loops)

    def _rests(self, row: Region, holder: Holder) -> bool:
        """Whether a handler says nothing of coming back: no retry, no use of the container, no end of all."""
        for number in range(row.first, row.last):
            effect = self.unit.effects[number]
            if isinstance(effect, Bind) and effect.how == "catch":
                if self.unit.symbols[self.unit.places[effect.target].symbol].type in _STOPPED:
                    return False
            elif isinstance(effect, Call):
                own = effect.receiver == NONE or self.index.is_this(effect.receiver)
                if own and not effect.new:
                    return False  # a method of this object may see to it
                if _AGAIN.search(effect.name) or self._is_on(effect, holder):
                    return False
        return True
