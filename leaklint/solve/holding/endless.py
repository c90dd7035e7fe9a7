"""Locals that a loop without an end fills: `rows = []; while True: rows.append(read())` within a function."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Leave, Place, Unit
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.holding.ledger import Ledger
from leaklint.solve.lazy import regex

# what reads a collection that it is handed, and leaves it as it is
_READS = regex(
    r"len|print\w*|sum|min|max|any|all|sorted|list|tuple|set|dict|str|repr|enumerate|reversed|zip|range|mean|median|"
    r"average|stdev|join|dumps|dump|stringify|format|log|info|debug|warning|warn|isArray|size|plot|array|asarray"
)

# Python: what ends a `with` block early, and goes on behind it
_SUPPRESSES = ("suppress", "timeout", "move_on_after", "move_on_at", "CancelScope", "raises")


class Endless:
    """Looks at the loops of one unit."""

    def __init__(self, ledger: Ledger) -> None:
        self.index = ledger.index
        self.unit: Unit = ledger.unit
        self.by_place = ledger.by_place

    def mark(self) -> None:
        """A local made before such a loop, and filled by it, lives as long as the process."""
        for place, holder in self.by_place.items():
            if holder.lifetime != "closure" or place.path or holder.declared == NONE:
                continue
            if any(self._fills(item, holder) for item in holder.growths) and not self._is_given_away(place):
                holder.lifetime = "process"

    def _fills(self, item: Growth, holder: Holder) -> bool:
        effect, made = self.unit.effects[item.effect], self.unit.effects[holder.declared]
        function = self.index.function(effect.scope)
        if item.depth or self.index.function(made.scope) != function:
            return False
        if not self.index.in_endless_loop(effect.region):
            return False
        around = set(self.index.regions(made.region))
        return any(
            region not in around and self._is_endless(region, function)
            for region in self.index.regions(effect.region)
        )

    def _is_endless(self, region: int, function: int) -> bool:
        """Whether a region is a loop that only the end of the program leaves."""
        row = self.unit.regions[region]
        if row.kind != "loop" or row.iterates != NONE:
            return False
        around = {self.unit.regions[outer].kind for outer in self.index.regions(row.parent)}
        if "try" in around or ("with" in around and self._suppresses(function)):
            return False  # `try: while True: rows.append(q.get_nowait())`: an exception is its end
        if row.test != NONE and self.unit.values[row.test].text not in ("true", "1"):
            return False
        return not any(
            isinstance(leave, Leave)
            and leave.how in ("break", "return", "yield")
            and self.index.function(leave.scope) == function
            for leave in self.unit.effects[row.first : row.last]
        )

    def _suppresses(self, function: int) -> bool:
        return any(
            self.index.function_at(number) == function
            for name in _SUPPRESSES
            for number in self.index.calls.get(name, ())
        )

    def _is_given_away(self, place: Place) -> bool:
        """Whether anybody else may take out of a local: who is handed it, or another name for it."""
        named = {
            value
            for value in self.index.references.get(place.symbol, ())
            if self.unit.places[self.unit.values[value].place] == place
        }
        for effect in self.unit.effects:
            if isinstance(effect, Call):
                given = {*effect.args, *(value for _, value in effect.keywords)}
                if not named.isdisjoint(given) and not _READS.fullmatch(effect.name):
                    return True
            elif not isinstance(effect, Leave) and getattr(effect, "value", NONE) in named:
                return True
        return False
