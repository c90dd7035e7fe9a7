"""Python: functions that leave before they remove an entry that has turned out bad."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Leave, Place
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.holding.holder import Holder, Release
from leaklint.solve.lazy import regex

# calls that say that something went wrong
_COMPLAINS = regex(
    r"(?i)_?(error|warning|warn|exception|critical|abort|fail\w*|on_?error|set_exception|set_error|errback|"
    r"emit|reject|send_error|report)"
)


class EarlyExits(Leaving):
    """Such functions of one unit."""

    def found(self) -> Iterator[Left]:
        """The first of each holder."""
        for holder in self.lasting() if self.unit.language == "python" else ():
            item = self._exit(holder)
            if item is not None:
                yield item

    def _exit(self, holder: Holder) -> Left | None:
        growth = next((row for row in holder.growths if not row.depth), None)
        if growth is None:
            return None
        for release in holder.releases:
            if release.depth or release.via != NONE or release.selector not in ("key", "value"):
                continue
            if release.key == NONE or self._guarded(release.effect):
                continue
            scope = self.index.function_at(release.effect)
            if scope == self.index.function_at(growth.effect) or self.ends_all(scope):
                continue
            entry = self._entry(holder, release, scope)
            if entry is None:
                continue
            skips = self._skips(holder, release, scope, entry)
            if skips != NONE and self._same_again(holder, release, scope):
                return Left(holder, growth, "exit", release.effect, skips)
        return None

    def _same_again(self, holder: Holder, release: Release, scope: int) -> bool:
        """Whether no other release of the function takes the entry out before it leaves."""
        return all(
            row is release or self.index.function_at(row.effect) != scope or row.effect > release.effect
            for row in holder.releases
        )

    def _entry(self, holder: Holder, release: Release, scope: int) -> Place | None:
        """The local that holds the entry which a function is about to remove."""
        key = self.unit.values[release.key]
        if release.selector == "value" and key.kind == "place":
            place = self.unit.places[key.place]
            if place.symbol != NONE and not place.path:
                return place if self.unit.symbols[place.symbol].kind == "variable" else None
            return None
        for number in self.index.of_function[scope]:
            bind = self.unit.effects[number]
            if not isinstance(bind, Bind) or number > release.effect or bind.value == NONE:
                continue
            place = self.unit.places[bind.target]
            if place.symbol == NONE or place.path or self.unit.symbols[place.symbol].kind != "variable":
                continue
            if holder.element in self.holders.aliases.of_value(bind.value):
                return place
        return None

    def _skips(self, holder: Holder, release: Release, scope: int, entry: Place) -> int:
        """An exit of the function before the removal, where the entry has turned out bad."""
        for number in self.index.of_function[scope]:
            effect = self.unit.effects[number]
            if number > release.effect or not isinstance(effect, Leave) or effect.region == NONE:
                continue
            if effect.how not in ("raise", "return"):
                continue
            region = self.unit.regions[effect.region]
            if region.kind != "branch" or region.test == NONE or self._holds(effect.region, release.effect):
                continue
            if not self._looks_into(region.test, entry):
                continue
            if effect.how == "raise" or self._complains(region.first, region.last):
                return number
        return NONE

    def _guarded(self, effect: int) -> bool:
        return any(
            self.unit.regions[region].kind in ("finally", "except", "try", "with")
            for region in self.index.regions(self.unit.effects[effect].region)
            if self.unit.regions[region].kind != "with" or not self._is_lock(region)
        )

    def _is_lock(self, region: int) -> bool:
        """`with self._lock:` changes nothing about exceptions."""
        row = self.unit.regions[region]
        return any(
            isinstance(effect, Bind) and effect.how == "enter" and "lock" in self._text(effect.value).lower()
            for effect in self.unit.effects[max(row.first - 2, 0) : row.first + 1]
        )

    def _text(self, value: int) -> str:
        row = self.unit.values[value] if value != NONE else None
        if row is None or row.kind != "place":
            return ""
        place = self.unit.places[row.place]
        name = self.unit.symbols[place.symbol].name if place.symbol != NONE else ""
        return name + "".join(place.path)

    def _holds(self, region: int, effect: int) -> bool:
        row = self.unit.regions[region]
        return row.first <= effect < row.last

    def _looks_into(self, test: int, entry: Place) -> bool:
        """Whether a test asks for something of the entry, not whether it is there."""
        row = self.unit.values[test]
        if row.kind == "place":
            place = self.unit.places[row.place]
            return place.symbol == entry.symbol and bool(place.path)
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            if call.receiver != NONE:
                return self.unit.places[call.receiver].symbol == entry.symbol and call.name != "done"
            return False
        return any(self._looks_into(part, entry) for part in row.parts)

    def _complains(self, first: int, last: int) -> bool:
        return any(
            isinstance(effect, Call) and _COMPLAINS.fullmatch(effect.name)
            for effect in self.unit.effects[first:last]
        )
