"""Java: removals that only undo what the same function has just added, because its work failed.

`if (!seen.add(id)) return; try { apply(id); } catch (RuntimeException e) { seen.remove(id); throw e; }`: what
has been dealt with stays.
"""

from __future__ import annotations

from leaklint.ir import NONE, Call
from leaklint.solve.growth.failing import Failing
from leaklint.solve.holding.holder import Holder, Release


class RollBacks(Failing):
    """Such removals of one unit."""

    def undoes(self, release: Release, holder: Holder) -> bool:
        """Whether a removal takes out, after a failure only, what each growth of the holder has added."""
        if self.unit.language != "java" or release.selector not in ("key", "value") or release.depth:
            return False
        adding = {self.index.function_at(item.effect) for item in holder.growths if not item.depth}
        if len(adding) != 1 or not self._after_failure(release, adding.pop()):
            return False
        return any(
            self._is_same(release.key, item.key if item.key != NONE else next(iter(item.values), NONE))
            for item in holder.growths
        )

    def _after_failure(self, release: Release, function: int) -> bool:
        """Whether a removal runs when the work of a function failed: there, or in a helper that it calls."""
        own = self.index.function_at(release.effect)
        if function in self.index.enclosing(self.unit.effects[release.effect].scope):
            return self.fails(release.effect)
        callers = self.index.callers.get(own, ())
        return bool(callers) and all(
            function in self.index.enclosing(self.unit.effects[number].scope) and self.fails(number)
            for number in callers
        )

    def _is_same(self, first: int, second: int) -> bool:
        """Whether two values are one place, or the result of one getter: `event.getId()`.

        A helper has a name of its own for what it is handed.
        """
        if NONE in (first, second):
            return False
        rows = [self.unit.values[value] for value in (first, second)]
        if all(row.kind == "call" for row in rows):
            calls = [self.unit.effects[row.call] for row in rows]
            named = {(call.name, call.receiver, call.args) for call in calls if isinstance(call, Call)}
            return len(named) == 1
        if any(row.kind != "place" for row in rows):
            return False
        places = [self.unit.places[row.place] for row in rows]
        symbol = self.index.symbol(places[0])
        return places[0] == places[1] or (symbol is not None and symbol.kind == "parameter")
