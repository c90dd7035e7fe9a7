"""Lists whose entries a method ends one by one before it adds the next ones, and which keep the old.

`show(rows) { for (const marker of this.markers) marker.remove(); for (…) this.markers.push(draw(row)); }`
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call
from leaklint.solve.growth.leaving.walks import Drained, Walks
from leaklint.solve.holding.holder import Growth, Holder

# methods after which an entry is of no use
_ENDS = frozenset(
    {
        *("remove", "removeFrom", "removeFromParent", "removeFromMap", "destroy", "dispose", "close"),
        *("delete", "disconnect", "terminate", "unsubscribe", "cancel", "abort", "kill", "deleteLater"),
        "setMap",
    }
)
# functions after which what they are given is of no use
_ENDS_GIVEN = frozenset(
    {
        *("removeLayer", "removeChild", "removeObject", "removeEntity", "removeOverlay", "removeMarker"),
        *("clearTimeout", "clearInterval", "cancelAnimationFrame", "removeFromScene"),
    }
)


class Refilled(Walks):
    """Lists of one unit that keep what their own method has ended."""

    def found(self) -> Iterator[Drained]:
        """Each holder once."""
        ends = [name for name in sorted(_ENDS | _ENDS_GIVEN) if name in self.index.calls]
        walks = [number for name in ends for number in self.index.calls[name] if self._in_walk(number)]
        kept = [holder for holder in self.lasting() if self._is_kept(holder)] if walks else []
        for holder in kept:
            found = next(
                self._of(holder, [number for number in walks if self._ends_entry(number, holder)]), None
            )
            if found is not None:
                yield found

    def _is_kept(self, holder: Holder) -> bool:
        """Whether only the end of its owner empties a holder, if anything does."""
        if holder.emptied_elsewhere or self.holders.hands_out(holder):
            return False
        return all(
            row.selector in ("all", "rebind") and self._ends_owner(self._method(self._scope(row.effect)))
            for row in holder.releases
            if not row.depth
        )

    def _of(self, holder: Holder, walks: list[int]) -> Iterator[Drained]:
        for growth in holder.growths if walks else ():
            if growth.depth or growth.key != NONE or not self._may_come_again(growth, holder):
                continue
            for number in walks:
                if self._comes_first(number, growth.effect):
                    yield Drained(holder, growth, number)

    def _may_come_again(self, growth: Growth, holder: Holder) -> bool:
        function = self._method(self._scope(growth.effect))
        owner = self.lifecycle.owner_of(function)
        if self.unit.scopes[function].kind == "constructor" or self._ends_owner(function):
            return False
        if owner != NONE and self.lifecycle.is_short_lived(owner):
            return False
        return self.growths.counting.counts(growth, holder)

    def _comes_first(self, walk: int, growth: int) -> bool:
        """Whether a walk stands before a growth, on its every way; or a call of the method that walks."""
        function, walking = self._method(self._scope(growth)), self._method(self._scope(walk))
        steps = [walk] if walking == function else list(self.index.callers.get(walking, ()))
        around = set(self.index.regions(self.unit.effects[growth].region))
        within = set(self.index.enclosing(self._scope(growth)))
        return any(
            step < growth
            and self._method(self._scope(step)) == function
            and (step == walk or self.index.function_at(step) in within)  # no callback for later
            and self._outside(step, step == walk) <= around
            for step in steps
        )

    def _outside(self, number: int, walks: bool) -> set[int]:
        """The regions around an effect; around the walk that it is a part of, where it is one."""
        effect = self.unit.effects[number]
        walk = self._for_each(self.index.function(effect.scope)) if walks else None
        if walk is not None:
            return set(self.index.regions(walk.region))
        regions = list(self.index.regions(effect.region))
        if walks:
            regions = regions[1:]  # the loop itself
        return set(regions)

    def _ends_entry(self, number: int, holder: Holder) -> bool:
        """Whether a call in a walk over a list ends each entry, whatever it may be like."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        region = call.region
        if region != NONE and self.unit.regions[region].kind != "loop":
            return False
        if call.name in _ENDS_GIVEN:
            rows = [self.unit.values[value] for value in call.args[:1]]
            return any(row.kind == "place" and holder.place in self._containers(row.place) for row in rows)
        if call.receiver == NONE or holder.place not in self._containers(call.receiver):
            return False
        if call.name == "setMap":
            return len(call.args) == 1 and self.unit.values[call.args[0]].kind == "null"
        return len(call.args) <= (call.name in ("removeFrom", "cancel", "close", "kill"))

    def _scope(self, number: int) -> int:
        return self.unit.effects[number].scope
