"""Python: removals behind a test: of a field that a store does without, or of success."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Place, Region
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.holding.holder import Holder
from leaklint.solve.lazy import regex

_SUCCEEDED = regex(r"(?i)_*(is_?)?(ok|success|successful|succeeded|completed_ok)")


class Guarded(Leaving):
    """Such removals of one unit."""

    def found(self) -> Iterator[Left]:
        """The first of each holder."""
        for holder in self.lasting() if self.unit.language == "python" else ():
            item = self._guard(holder) or self._successful(holder)
            if item is not None:
                yield item

    def _guard(self, holder: Holder) -> Left | None:
        if holder.lifetime != "instance" or not holder.releases or len(holder.growths) < 2:
            return None
        rows = [
            row
            for row in holder.releases
            if not self.lifecycle.in_teardown(self.index.function_at(row.effect)) and not row.depth
        ]
        if not any(row.selector in ("key", "value") for row in rows):
            return None
        asked = set.intersection(*(self._asks(row.effect) for row in rows))
        for field in sorted(asked, key=lambda place: place.path):
            sisters = [row.effect for row in holder.growths if field in self._asks(row.effect)]
            bare = [
                row
                for row in holder.growths
                if not row.depth and row.effect not in sisters and self.growths.counting.counts(row, holder)
            ]
            if sisters and bare:
                more = [row.effect for row in bare[1:6]]
                return Left(holder, bare[0], "guard", rows[0].effect, NONE, sisters[0], more)
        return None

    def _asks(self, effect: int) -> set[Place]:
        """The fields that are true wherever an effect runs: tested around it, or left without them before."""
        row = self.unit.effects[effect]
        found = set()
        for region in self.index.regions(row.region):
            found |= self._truths(region, False)
        scope = self.index.function(row.scope)
        for number, region_row in enumerate(self.unit.regions):
            if (
                region_row.scope == scope
                and region_row.leaves in ("return", "raise")
                and region_row.end < row.at
            ):
                found |= self._truths(number, True)
        return found

    def _truths(self, region: int, inverted: bool) -> set[Place]:
        row = self.unit.regions[region]
        if row.kind != "branch" or row.test == NONE:
            return set()
        value = self.unit.values[row.test]
        negated = row.negated != inverted
        if value.kind == "operation" and value.text == "not":
            value, negated = self.unit.values[value.parts[0]], not negated
        if value.kind != "place" or negated:
            return set()
        place = self.unit.places[value.place]
        if place.symbol == NONE or len(place.path) != 1:
            return set()
        return {place} if self.unit.symbols[place.symbol].kind == "this" else set()

    def _successful(self, holder: Holder) -> Left | None:
        """`if response.ok: del self.requests[key]`, in another function than the one that stores."""
        growth = next((row for row in holder.growths if not row.depth), None)
        taken = self.entrywise(holder, ("key", "value"))
        if growth is None or not taken or not self.growths.counting.counts(growth, holder):
            return None
        stores = self.index.function_at(growth.effect)
        for row in taken:
            effect = self.unit.effects[row.effect]
            if self.index.function(effect.scope) == stores:
                return None
            around = (self.unit.regions[number] for number in self.index.regions(effect.region))
            if not any(self._is_of_success(each) for each in around):
                return None
        return Left(holder, growth, "success", taken[0].effect)

    def _is_of_success(self, region: Region) -> bool:
        """`if ok:`, `if response.status == 200:`, `if state == "done":`."""
        if region.kind != "branch" or region.test == NONE:
            return False
        row = self.unit.values[region.test]
        if row.kind == "operation" and row.text == "==" and len(row.parts) == 2 and not region.negated:
            other = self.unit.values[row.parts[1]]
            if other.kind == "number":
                return other.text in ("200", "201", "204")
            return other.kind == "string" and _SUCCEEDED.fullmatch(other.text) is not None
        name, negated = self.asked(region.test, region.negated)
        return not negated and _SUCCEEDED.fullmatch(name) is not None
