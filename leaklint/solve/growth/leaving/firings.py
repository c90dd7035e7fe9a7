"""Tables and collections of one-shot timers: who cancels a timer takes it out, one that has fired stays in.

In JavaScript `setTimeout()`, in Java `executor.schedule()` and `wheel.newTimeout()`, in Python
`loop.call_later()` and `threading.Timer()`. Timers that are cleared before they are set again, one for each
key, are none of them: there the key decides how many there are.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.growth.leaving.timed import TimedCalls
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import ENTRYWISE, Growth, Holder
from leaklint.solve.keying.domain import BOUNDED

# asks a table for the timer of a key, or takes it out, before another one is put in
_FIRST = {
    "javascript": frozenset({"get", "has", "delete"}),
    "java": frozenset({"get", "remove", "computeIfPresent", "cancel"}),
    "python": frozenset({"get", "pop", "cancel"}),
}


class Firings(Leaving):
    """Containers of one unit that keep timers."""

    def __init__(self, growths: Growths) -> None:
        super().__init__(growths)
        self.timed = TimedCalls(growths.index)

    def found(self) -> Iterator[Left]:
        """Each container in which a timer stays when it has fired."""
        if not self.timed.any():
            return
        for holder in self.kept():
            growth, fired = self._fired(holder)
            if growth is None:
                continue
            release = next((item.effect for item in holder.releases if not item.depth), NONE)
            if release == NONE and holder.releases:
                release = holder.releases[0].effect
            yield Left(holder, growth, "fired", release, fired)

    def kept(self) -> Iterator[Holder]:
        """Lasting containers without a limit, those of closures that are given away among them."""
        for holder in self.holders.by_place.values():
            if not holder.growths or holder.bounded or holder.emptied_elsewhere:
                continue
            if holder.lifetime in ("instance", "process") or (
                holder.lifetime == "closure"
                and self.growths.counting.outlives_call(
                    holder, self.unit.effects[holder.growths[0].effect].scope
                )
            ):
                yield holder

    def _fired(self, holder: Holder) -> tuple[Growth | None, int]:
        weak = holder.container is not None and (holder.container.weak or holder.container.bounded)
        removing = {self.index.function_at(item.effect) for item in holder.releases}
        for growth in holder.growths:
            keyed = growth.key != NONE and not growth.depth
            if growth.via != NONE or (weak and not growth.depth):
                continue  # a function that is handed the table may take out what it puts in
            if not self.growths.repeats.repeats(growth.effect):
                continue
            fired = self._timer_of(growth)
            if fired == NONE or self.timed.takes_out(fired, removing) or self._replaces(holder, growth):
                continue
            if keyed and (not self._is_cancelled_by_key(holder) or self._is_one_of_few(holder, growth)):
                continue
            if not keyed and (self._opens(growth) or not self._is_cleared(holder, growth)):
                continue
            return growth, fired
        return None, NONE

    def _timer_of(self, growth: Growth) -> int:
        """The call that starts the timer whose handle is the entry or its key, or NONE."""
        for value in (*growth.values, growth.key):
            number = self.timed.started(value)
            if number != NONE:
                return number
        return NONE

    def _is_cancelled_by_key(self, holder: Holder) -> bool:
        """Whether somebody takes out the timer of a key; what empties it all has to clear the timers."""
        own = [item for item in holder.releases if not item.depth]
        return any(item.selector in ENTRYWISE for item in own) and all(
            item.selector in ENTRYWISE
            or self.lifecycle.in_teardown(self.index.function_at(item.effect))
            or self._clears(self.index.function_at(item.effect))
            for item in own
        )

    def _is_one_of_few(self, holder: Holder, growth: Growth) -> bool:
        return self.growths.keys.domain(growth.key, holder.place) in BOUNDED

    def _is_cleared(self, holder: Holder, growth: Growth) -> bool:
        """Whether the timers of a collection are taken care of together, now and then or at the end."""
        if holder.releases:
            return True
        here = self.index.function_at(growth.effect)
        clears = [number for name in self.timed.ends for number in self.index.calls.get(name, ())]
        return growth.depth > 0 and any(self.index.function_at(number) != here for number in clears)

    def _clears(self, function: int) -> bool:
        """Whether a function clears timers, itself or in a closure: `timers.forEach(clearTimeout)`."""
        around = (self.index.enclosing(self.unit.effects[number].scope) for number in self._ends())
        return any(function in scopes for scopes in around) or any(
            isinstance(call := self.unit.effects[number], Call)
            and any(self.index.name_of(value) in self.timed.ends for value in call.args)
            for number in self.index.of_function.get(function, ())
        )

    def _ends(self) -> Iterator[int]:
        for name in self.timed.ends:
            yield from self.index.calls.get(name, ())

    def _opens(self, growth: Growth) -> bool:
        """Whether an entry is added while its object is made or opened."""
        scope = self.index.function_at(growth.effect)
        return self.lifecycle.while_made(scope) or self.growths.owners.opens_object(scope)

    def _around(self, growth: Growth) -> Iterator[int]:
        """The effects of the function that adds; of those around as well where it is a callback of a walk."""
        for function in self.index.enclosing(self.unit.effects[growth.effect].scope):
            yield from self.index.of_function.get(function, ())
            if self.unit.scopes[function].kind != "lambda":
                return

    def _replaces(self, holder: Holder, growth: Growth) -> bool:
        """`clearTimeout(timers.get(key))`, `timers.put(key, next).cancel()`: one for each key, anyhow."""
        asks = _FIRST[self.unit.language]
        for number in self._around(growth):
            call = self.unit.effects[number]
            if not isinstance(call, Call):
                continue
            callee = self.index.callee_scope(number) if not growth.depth and growth.key == NONE else NONE
            if call.name in self.timed.ends or (callee != NONE and self._clears(callee)):
                return True
            if growth.depth or call.name not in asks or call.receiver == NONE:
                continue
            if holder.place in self.holders.aliases.of(call.receiver):
                return True
        return False
