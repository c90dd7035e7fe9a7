"""Entries that are looked at only when somebody asks for them, and taken out if too old."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.holding.holder import Release
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex

_GETS = regex(
    r"(?i)_?(get|has|is|peek|read|load|lookup|find|fetch|recall|retrieve|check|use|contains|match|"
    r"cached|current|valid|active|known|seen|resolve|verify|consume|redeem|allow)"
)
_TIME = regex(r"(?i).*(expir|stale|ttl|max_?age|timestamp|time_?to_?live|valid_?until|deadline|fresh).*")
_CLOCKS = frozenset(
    {"now", "getTime", "time", "monotonic", "currentTimeMillis", "nanoTime", "isBefore", "isAfter"}
)


class Expiry:
    """Answers about the removals of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def is_on_read(self, release: Release) -> bool:
        """Whether a function that looks an entry up takes it out under its key, if its time is over."""
        effect = self.unit.effects[release.effect]
        function = self.index.function(effect.scope)
        row = self.unit.scopes[function]
        if not row.name or not _GETS.match(row.name) or not self._is_parameter(release.key, row.params):
            return False
        for number in self.index.regions(effect.region):
            region = self.unit.regions[number]
            if region.kind == "loop":
                return False
            if region.kind == "branch" and region.test != NONE and self._asks_time(region.test):
                return True
        return False

    def _is_parameter(self, key: int, params: tuple[int, ...]) -> bool:
        """A parameter, or something made of one: `prefix + key`, `hash(key)`, a local that holds it."""
        pending = [key] if key != NONE else []
        for _ in range(20):
            if not pending:
                return False
            row = self.unit.values[pending.pop()]
            pending += row.parts
            if row.kind == "call":
                call = self.unit.effects[row.call]
                pending += call.args if isinstance(call, Call) else ()
            elif row.kind == "place":
                place = self.unit.places[row.place]
                if place.symbol in params:
                    return True
                for number in self.index.binds.get(place, ()):
                    value = self.unit.effects[number].value  # type: ignore[union-attr]
                    if value != NONE and place.symbol != NONE and self.unit.symbols[place.symbol].scope > 0:
                        pending.append(value)
        return False

    def _asks_time(self, test: int) -> bool:
        pending = [test]
        for _ in range(40):
            if not pending:
                return False
            row = self.unit.values[pending.pop()]
            pending += row.parts
            if row.kind == "call":
                call = self.unit.effects[row.call]
                if isinstance(call, Call):
                    if call.name in _CLOCKS or _TIME.fullmatch(call.name):
                        return True
                    pending += call.args
            elif row.kind == "place":
                place = self.unit.places[row.place]
                name = place.path[-1] if place.path else ""
                if not name and place.symbol != NONE:
                    name = self.unit.symbols[place.symbol].name
                if _TIME.fullmatch(name):
                    return True
        return False
