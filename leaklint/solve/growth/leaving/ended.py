"""Python: entries that are ended where they stand, or told that they wait in vain, and left in."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.holding.holder import Holder

# how a waiter is told that it waits in vain
_FAILS = frozenset({"set_exception", "errback"})
# what is done to an entry as the last thing
_ENDS = frozenset({"delete", "destroy", "dispose", "shutdown", "terminate", "disconnect", "aclose", "close"})


class Ended(Leaving):
    """Such ends of one unit."""

    def found(self) -> Iterator[Left]:
        """The first of each holder."""
        for holder in self.lasting() if self.unit.language == "python" else ():
            item = self._ended(holder) or self._failed(holder)
            if item is not None:
                yield item

    def _ended(self, holder: Holder) -> Left | None:
        """`self.rooms.get(name).close()` under a caller's key, and no way out for single entries."""
        growth = next((row for row in holder.growths if not row.depth and row.key != NONE), None)
        if growth is None or any(row.selector in ("key", "value", "one", "some") for row in holder.releases):
            return None
        if not self.growths.counting.counts(growth, holder):
            return None
        for name in _ENDS & self.index.calls.keys():
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver == NONE or call.args or self._in_loop(call.region):
                    continue
                scope = self.index.function(call.scope)
                asked = self._asked_under(holder, scope)
                if not asked or self.ends_all(scope):
                    continue
                if holder.element in self.holders.aliases.of(call.receiver):
                    return Left(holder, growth, "ended", NONE, number)
        return None

    def _failed(self, holder: Holder) -> Left | None:
        """`self._pending[key].set_exception(error)` of an `except` where success pops the entry."""
        growth = next((row for row in holder.growths if not row.depth and row.key != NONE), None)
        taken = [row for row in holder.releases if not row.depth]
        if growth is None or not taken or any(row.selector != "key" for row in taken):
            return None
        if not self.growths.counting.counts(growth, holder):
            return None
        for name in sorted(_FAILS & self.index.calls.keys()):
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                scope = self.index.function(call.scope)
                handler = next(
                    (
                        row
                        for row in (self.unit.regions[each] for each in self.index.regions(call.region))
                        if row.kind == "except"
                    ),
                    None,
                )
                if (
                    handler is None
                    or call.receiver == NONE
                    or self.unit.places[call.receiver] != holder.element
                ):
                    continue
                same = [row for row in taken if self.index.function_at(row.effect) == scope]
                if (
                    same
                    and not any(handler.first <= row.effect < handler.last for row in same)
                    and handler.leaves
                ):
                    return Left(holder, growth, "ended", NONE, number)
        return None

    def _in_loop(self, region: int) -> bool:
        return any(
            self.unit.regions[number].kind == "loop" and self.unit.regions[number].iterates == NONE
            for number in self.index.regions(region)
        )

    def _asked_under(self, holder: Holder, scope: int) -> bool:
        """Whether a function looks an entry up under a key of its own: `get(key)`."""
        for number in self.index.of_function[scope]:
            call = self.unit.effects[number]
            if not isinstance(call, Call) or call.name not in ("get", "__getitem__") or not call.args:
                continue
            if call.receiver != NONE and holder.place in self.holders.aliases.of(call.receiver):
                return self.growths.keys.domain(call.args[0]) in ("parameter", "computed", "fresh")
        return False
