"""Python: an entry for as long as a coroutine waits, which a wait that fails or is cancelled leaves in.

The coroutine adds it, waits, and takes the same entry out again; nobody else takes out single entries. Or it
takes the entry out where the wait fails in one way, and not where it fails in another. Only the wait itself
is believed to end badly, not the calls around it.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Leave, Place, Region
from leaklint.solve.growth.leaving.base import Left
from leaklint.solve.growth.leaving.oneway import OneWays
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex

# decorators of generators that are coroutines: a failure comes out of `yield`
_COROUTINES = frozenset({"coroutine", "inlineCallbacks", "engine"})
# classes under which an `except` catches (nearly) all that a wait can raise
_ERRORS = frozenset({"BaseException", "Exception"})
_BROAD = _ERRORS | {"CancelledError", "Cancelled", "get_cancelled_exc_class"}
_CANCELS = _BROAD - _ERRORS
_TIMEOUTS = frozenset({"TimeoutError", "Timeout", "TimeoutException"})
# what is awaited for nothing but that somebody else goes on, and so fails by a cancellation only
_IDLE = regex(r"(?i)wait(_\w+)?|get|park|acquire|sleep|join|gather|shield|checkpoint")
_PLAIN = frozenset({"with", "try"})
# functions that empty everything because there is nothing left to wait for
_ENDS = regex(r"(?i)clos(e|ing|ed)|disconnect|shut_?down|lost|abort|cancel|reset|stop")


class Awaits(OneWays):
    """Such coroutines of one unit."""

    def found(self) -> Iterator[Left]:
        """Each holder with such an entry, once."""
        if self.unit.language != "python" or not any(
            self._suspends(row) for row in range(len(self.unit.scopes))
        ):
            return
        for holder in self.lasting():
            if not holder.releases or holder.emptied_elsewhere:
                continue
            for growth in holder.growths:
                item = self._left(holder, growth)
                if item is not None:
                    yield item
                    break

    def _suspends(self, scope: int) -> bool:
        row = self.unit.scopes[scope]
        if "generator" in row.flags and "async" not in row.flags:
            return any(self.index.name_of(value) in _COROUTINES for value in row.decorators)
        return "async" in row.flags

    def _left(self, holder: Holder, growth: Growth) -> Left | None:
        scope = self.index.function_at(growth.effect)
        if growth.via != NONE or growth.depth > 1 or not self._suspends(scope):
            return None
        own = [row for row in holder.releases if self._is_own(row, growth, scope)]
        if not own or any("finally" in self._kinds(row.effect) for row in own):
            return None
        if not self.growths.counting.counts(growth, holder) or not self.siblings.is_lasting(holder):
            return None
        regular = [row for row in own if "except" not in self._kinds(row.effect)]
        if not regular:
            return self._half_caught(holder, growth, own)
        others = (row for row in holder.releases if row.depth <= growth.depth and row not in own)
        due = [row for row in regular if self._is_due(row, growth, holder)]
        if (
            not due
            or self._is_tried_again(growth)
            or not all(self._is_of_others(row, holder) for row in others)
        ):
            return None
        wait = self._wait(growth, due[-1], own, scope)
        return Left(holder, growth, "raise", due[-1].effect, wait) if wait != NONE else None

    def _is_tried_again(self, growth: Growth) -> bool:
        """Whether a loop around comes back to the same key."""
        stored = growth.key if growth.key != NONE else growth.values[0] if growth.values else NONE
        row = self.unit.values[stored] if stored != NONE else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        around = self.index.regions(self.unit.effects[growth.effect].region)
        loops = [each for each in around if self.unit.regions[each].kind == "loop"]
        if not loops or place is None or place.symbol == NONE:
            return bool(loops)
        binds = self.index.binds.get(Place(place.symbol), ())
        return not any(loops[0] in self.index.regions(self.unit.effects[number].region) for number in binds)

    def _half_caught(self, holder: Holder, growth: Growth, own: list[Release]) -> Left | None:
        """`except TimeoutError: del self.table[key]`, and nothing where the wait is cancelled."""
        regions = self.unit.regions
        handlers = {
            each: row
            for row in own
            for each in self.index.regions(self.unit.effects[row.effect].region)
            if regions[each].kind == "except"
        }
        tries = [
            row for row in regions if row.kind == "try" and not handlers.keys().isdisjoint(self._behind(row))
        ]
        if len(tries) != 1:
            return None
        body, rest = tries[0], [regions[each] for each in self._behind(tries[0])]
        if any(row.kind == "finally" or self._catches(row, _ERRORS) for row in rest):
            return None
        cancelled = any(self._catches(regions[each], _CANCELS) for each in handlers)
        for number in range(body.first, body.last):
            effect = self.unit.effects[number]
            if not isinstance(effect, Leave) or effect.how != "await" or number < growth.effect:
                continue
            before = self.unit.effects[number - 1]
            works = isinstance(before, Call) and before.end == effect.end and not _IDLE.fullmatch(before.name)
            if works or not cancelled:
                return Left(holder, growth, "raise", own[0].effect, number)
        return None

    def _is_own(self, release: Release, growth: Growth, scope: int) -> bool:
        """Whether a removal behind the growth, in the same function, takes out the very entry."""
        effect = self.unit.effects[release.effect]
        if (
            release.via != NONE
            or release.depth != growth.depth
            or effect.scope != self.unit.effects[growth.effect].scope
            or self.siblings.exclusive(growth.effect, release.effect)
        ):
            return False
        if release.effect < growth.effect or self.index.function(effect.scope) != scope:
            return False
        if release.key == NONE:
            return growth.key == NONE and release.how == "pop" and growth.how == "append"
        return self._same_entry(growth, release)

    def _is_of_others(self, release: Release, holder: Holder) -> bool:
        """Whether a removal is none of this entry: at the end of all, or of what its own function adds."""
        scope = self.index.function_at(release.effect)
        if self.lifecycle.in_teardown(scope) or _ENDS.search(self.unit.scopes[scope].name):
            return release.key == NONE
        return any(self._is_own(release, growth, scope) for growth in holder.growths)

    def _kinds(self, effect: int) -> set[str]:
        around = self.index.regions(self.unit.effects[effect].region)
        return {self.unit.regions[each].kind for each in around}

    def _is_due(self, release: Release, growth: Growth, holder: Holder) -> bool:
        """Whether each way that comes so far removes it, or asks whether the entry is still wanted."""
        around = list(self.index.regions(self.unit.effects[growth.effect].region))
        tests = [self._tested(self.unit.regions[each]) for each in around]
        for each in self.index.regions(self.unit.effects[release.effect].region):
            row = self.unit.regions[each]
            if each in around or row.kind in _PLAIN:
                continue
            if row.kind != "branch" or row.test == NONE:
                return False
            same = self._tested(row)
            if (same is None or same not in tests) and not self._asks_for(row.test, growth, holder):
                return False
        return True

    def _tested(self, row: Region) -> tuple[Place, bool] | None:
        """The variable that a branch asks for, and whether it is to be false."""
        value = self.unit.values[row.test] if row.kind == "branch" and row.test != NONE else None
        if value is None or value.kind != "place":
            return None
        place = self.unit.places[value.place]
        return (place, row.negated) if place.symbol != NONE and not place.path else None

    def _asks_for(self, test: int, growth: Growth, holder: Holder, depth: int = 0) -> bool:
        """`if not queue.waiters:`, `if key in self.table:`, of what was stored or where."""
        row = self.unit.values[test]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            receiver = getattr(call, "receiver", NONE)
            return receiver != NONE and self._is_entry(self.unit.places[receiver], growth, holder)
        if row.kind == "place":
            return self._is_entry(self.unit.places[row.place], growth, holder)
        return depth < 3 and any(self._asks_for(part, growth, holder, depth + 1) for part in row.parts)

    def _is_entry(self, place: Place, growth: Growth, holder: Holder) -> bool:
        if place.symbol == holder.place.symbol and place.path[: len(holder.place.path)] == holder.place.path:
            return True
        rows = [self.unit.values[value] for value in growth.values]
        stored = {self.unit.places[row.place].symbol for row in rows if row.kind == "place"}
        inside = holder.element
        for number in self.index.binds.get(Place(place.symbol), ()):
            bound = self.unit.effects[number].value  # type: ignore[union-attr]
            if bound != NONE and inside in self.holders.aliases.of_value(bound):
                return True  # `queue = self.queues.setdefault(key, Queue())`
        return place.symbol != NONE and place.symbol in stored

    def _wait(self, growth: Growth, release: Release, own: list[Release], scope: int) -> int:
        """The first wait between the two whose failure nothing here takes care of, or NONE."""
        for number in range(growth.effect + 1, release.effect):
            effect = self.unit.effects[number]
            if not isinstance(effect, Leave) or self.index.function(effect.scope) != scope:
                continue
            if effect.how not in ("await", "yield") or (effect.how == "yield" and self._is_async(scope)):
                continue
            if not self._is_cared_for(number, release, own):
                return number
        return NONE

    def _is_async(self, scope: int) -> bool:
        return "async" in self.unit.scopes[scope].flags

    def _is_cared_for(self, number: int, release: Release, own: list[Release]) -> bool:
        """Whether a broad handler takes the entry out itself, or one goes on to where it is taken out."""
        regions = self.unit.regions
        for index in self.index.regions(self.unit.effects[number].region):
            row = regions[index]
            if row.kind != "try":
                continue
            for handler in (regions[each] for each in self._behind(row) if regions[each].kind == "except"):
                inside = any(handler.first <= each.effect < handler.last for each in own)
                if inside and self._catches(handler, _BROAD):
                    return True
                if handler.leaves or row.last > release.effect:
                    continue
                if not self._catches(handler, _TIMEOUTS) or self._catches(handler, _BROAD):
                    return True  # goes on to the removal, and there is no telling what else is raised
        return False

    def _behind(self, body: Region) -> list[int]:
        """The `except` and `finally` parts of a `try`."""
        rows = [
            (number, row)
            for number, row in enumerate(self.unit.regions)
            if row.scope == body.scope and row.parent == body.parent and row.at >= body.end
        ]
        following = next((row.at for _, row in rows if row.kind not in ("except", "finally")), body.at)
        return [
            number
            for number, row in rows
            if row.kind in ("except", "finally") and (following < body.end or row.at < following)
        ]

    def _catches(self, handler: Region, classes: frozenset[str]) -> bool:
        """Whether it catches one of some classes; everything where it names none."""
        if handler.catches == NONE:
            return classes is not _TIMEOUTS
        parts = self.unit.values[handler.catches].parts
        return any(self.index.name_of(value) in classes for value in (handler.catches, *parts))
