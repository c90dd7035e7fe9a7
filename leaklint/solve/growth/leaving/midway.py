"""Java: entries that a function adds for as long as its own work lasts, and that a way out of it leaves in.

Only what the code itself says is believed: an explicit `return` or `throw` between the insertion and the
removal of the same key. Calls that may fail are not: all may.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Leave, Place
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.holding.holder import ENTRYWISE, Growth, Holder, Release
from leaklint.solve.native.ways import Ways

# answers that are written later, and the calls that tell of a client who waits no longer
_LATER = ("DeferredResult", "SseEmitter", "ResponseBodyEmitter", "startAsync")
_GIVEN_UP = ("onCompletion", "onTimeout", "onError", "addListener", "setResultHandler")


class Midways(Leaving):
    """Containers of one unit that a function fills and empties again."""

    def found(self) -> Iterator[Left]:
        """Each container with a way out between its insertion and its removal, and each of requests
        answered later, in code that never hears of a client giving up."""
        if self.unit.language != "java":
            return
        for holder in self.lasting():
            found = self._find(holder) if holder.releases else None
            if found is not None:
                yield found
        calls = self.index.calls
        if any(name in calls for name in _LATER) and not any(name in calls for name in _GIVEN_UP):
            yield from self._unanswered()

    def _unanswered(self) -> Iterator[Left]:
        for holder in self.lasting():
            releases = [item for item in holder.releases if item.selector in ENTRYWISE]
            for growth in holder.growths if releases else ():
                if any(self._is_later(value, 0) for value in growth.values):
                    yield Left(holder, growth, "timeout", releases[0].effect)
                    break

    def _is_later(self, value: int, depth: int) -> bool:
        """`new DeferredResult<>()`, a local that holds one, or an object made around it."""
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            if not isinstance(call, Call):
                return False
            return call.name in _LATER or (
                call.new and depth < 2 and any(self._is_later(part, depth + 1) for part in call.args)
            )
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE or place.path:
            return False
        values = [
            self.unit.effects[number].value  # type: ignore[union-attr]
            for number in self.index.binds.get(place, ())
        ]
        return depth < 2 and any(bound != NONE and self._is_later(bound, depth + 1) for bound in values)

    def _find(self, holder: Holder) -> Left | None:
        releases = [item for item in holder.releases if item.selector in ENTRYWISE and not item.depth]
        for growth in holder.growths:
            if growth.depth or growth.via != NONE or not self.growths.repeats.repeats(growth.effect):
                continue
            function = self.index.function_at(growth.effect)
            here = [item for item in releases if self.index.function_at(item.effect) == function]
            if not here or len(here) != len(releases):
                continue  # somebody else takes entries out as well
            behind = [item for item in here if item.effect > growth.effect and self._same(growth, item)]
            last = next((item for item in behind if self._on_way(growth.effect, item.effect)), None)
            if last is None:
                continue
            leave = self._leave(growth.effect, last.effect, [item.effect for item in here])
            if leave != NONE and not self._is_asked(growth.effect):
                return Left(holder, growth, "error", last.effect, leave)
        return None

    def _is_asked(self, number: int) -> bool:
        """`previous = table.putIfAbsent(…)`: whoever was first takes it out."""
        return any(row.kind == "call" and row.call == number for row in self.unit.values)

    def _same(self, growth: Growth, release: Release) -> bool:
        """Whether the key, or the element of a collection, is the variable that was stored under."""
        stored = growth.key if growth.key != NONE else (growth.values[0] if growth.values else NONE)
        if stored == NONE or release.key == NONE:
            return False
        one, other = self._variable(stored), self._variable(release.key)
        return one is not None and one == other

    def _variable(self, value: int) -> tuple[Place, str] | None:
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            if not isinstance(call, Call) or call.args or call.receiver == NONE:
                return None
            return self.unit.places[call.receiver], call.name
        return (self.unit.places[row.place], "") if row.kind == "place" else None

    def _on_way(self, first: int, last: int) -> bool:
        around = set(self._regions(first))
        inner = [self.unit.regions[region].kind for region in self._regions(last) if region not in around]
        return set(inner) <= {"with", "try", "finally"} and set(self._regions(first)) <= set(
            self._regions(last)
        )

    def _regions(self, number: int) -> list[int]:
        return list(self.index.regions(self.unit.effects[number].region))

    def _leave(self, first: int, last: int, settled: list[int]) -> int:
        """A way out between two effects on which no entry was taken out."""
        ways = Ways(self.index)
        around = set(self._regions(first))
        for number in range(first + 1, last):
            effect = self.unit.effects[number]
            if not isinstance(effect, Leave) or effect.how not in ("return", "raise"):
                continue
            if self.index.function_at(number) != self.index.function_at(first):
                continue
            chain = self._regions(number)
            kinds = {self.unit.regions[region].kind for region in chain if region not in around}
            if "branch" not in kinds or "except" in kinds:
                continue
            if effect.how == "raise" and ways.is_caught(chain):
                continue
            if not ways.is_settled(number, chain, settled):
                return number
        return NONE
