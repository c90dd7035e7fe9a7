"""JavaScript: a function that ends a piece of work has a shorter way, which gives the same answer.

`complete(id)` stores the upload and removes its session; where the file is there already, it answers at
once, and the session stays. A way out that says no (nothing, null, an error) may mean the entry to stay.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Leave, Place
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex

_LOGS = regex(
    r"log|debug|info|warn|error|trace|emit|push|set|get|has|add|delete|next|reject|callback|cb|Error"
)
_FAILS = regex(r"(?i)e|err|error|ex|\w*(error|failure|exception)")


class Shortcuts(Leaving):
    """Such ways of one unit."""

    def found(self) -> Iterator[Left]:
        """The first such way of each holder."""
        for holder in self.lasting() if self.unit.language == "javascript" else ():
            releases = self.entrywise(holder, ("key",))
            growth = next((row for row in holder.growths if not row.depth), None)
            for release in releases if growth is not None else ():
                assert growth is not None
                early = self._early(holder, growth, release)
                if early != NONE:
                    yield Left(holder, growth, "exit", release.effect, early)
                    break

    def _early(self, holder: Holder, growth: Growth, release: Release) -> int:
        """The way out of the removing function that gives the same answer before it removes, or NONE."""
        row = self.unit.effects[release.effect]
        scope = self.index.function(row.scope)
        if release.via != NONE or release.key == NONE or row.region != NONE or row.scope != scope:
            return NONE  # a removal under a condition of its own
        if scope == self.index.function_at(growth.effect):
            return NONE
        key = self.unit.values[release.key]
        place = self.unit.places[key.place] if key.kind == "place" else None
        if place is None or place.path or place.symbol not in self.unit.scopes[scope].params:
            return NONE
        effects = self.index.of_function.get(scope, [])
        for number in effects:
            leave = self.unit.effects[number]
            if number > release.effect:
                break
            if not isinstance(leave, Leave) or leave.how != "return" or leave.region == NONE:
                continue
            region = self.unit.regions[leave.region]
            if region.kind != "branch" or region.parent != NONE or self._takes_out(holder, leave.region):
                continue
            if region.test == NONE or self._asks_for_entry(region.test):
                continue  # there is none, or it is not the one
            if self._is_same_answer(leave, release, effects) or self._does_the_same(leave, effects):
                return number
        return NONE

    def _asks_for_entry(self, test: int) -> bool:
        """`if (!session)`, `if (session == null)`, `if (!table.has(id))`."""
        row = self.unit.values[test]
        if row.kind == "place":
            return not self.unit.places[row.place].path
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return isinstance(call, Call) and call.name in ("has", "get", "includes", "hasOwnProperty")
        if row.kind == "operation" and row.text in ("not", "==", "is", "or", "and"):
            return any(self._asks_for_entry(part) for part in row.parts)
        return False

    def _takes_out(self, holder: Holder, region: int) -> bool:
        """Whether a branch takes the entry out, itself or by way of a function of this file."""
        removing = {self.index.function_at(row.effect) for row in holder.releases}
        row = self.unit.regions[region]
        for number in range(row.first, row.last):
            if any(release.effect == number for release in holder.releases):
                return True
            if isinstance(self.unit.effects[number], Call) and self.index.callee_scope(number) in removing:
                return True
        return False

    def _is_same_answer(self, leave: Leave, release: Release, effects: list[int]) -> bool:
        """`return { key, size, deduplicated: true }` before, `return { key, size, … }` behind."""
        keys = self._keys(leave.value)
        return len(keys) > 1 and any(
            isinstance(other := self.unit.effects[number], Leave)
            and other.how == "return"
            and other.region == NONE
            and self._keys(other.value) == keys
            for number in effects
            if number > release.effect
        )

    def _keys(self, value: int) -> tuple[str, ...]:
        row = self.unit.values[value] if value != NONE else None
        if row is None or row.kind != "container" or row.text != "object":
            return ()
        return tuple(sorted(row.keys))

    def _does_the_same(self, leave: Leave, effects: list[int]) -> bool:
        """Whether the branch calls what the whole way calls as well: both send the answer."""
        region = self.unit.regions[leave.region]
        done = {self._work(number) for number in range(region.first, region.last)} - {None}
        return any(
            self._work(number) in done
            for number in effects
            if number >= region.last and self.unit.effects[number].region == NONE
        )

    def _work(self, number: int) -> tuple[str, Place | None, int] | None:
        """What a call calls and with how much, unless it only tells of a failure."""
        call = self.unit.effects[number]
        if not isinstance(call, Call) or call.new or not call.args or _LOGS.fullmatch(call.name):
            return None
        for value in call.args:
            row = self.unit.values[value]
            if row.kind == "place":
                symbol = self.index.symbol(self.unit.places[row.place])
                if symbol is not None and _FAILS.fullmatch(symbol.name):
                    return None
        return call.name, self.unit.places[call.receiver] if call.receiver != NONE else None, len(call.args)
