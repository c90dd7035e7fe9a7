"""Tables of work that waits for its time: the timer takes out what it has done, who cancels it does not."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.growth.leaving.timed import TimedCalls
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Holder, Release

_LOOKS_UP = frozenset({"get", "getOrDefault"})


class Cancellations(Leaving):
    """Tables of one unit whose entries only a timer takes out."""

    def __init__(self, growths: Growths) -> None:
        super().__init__(growths)
        self.timed = TimedCalls(growths.index)

    def found(self) -> Iterator[Left]:
        """Each table that keeps what was cancelled."""
        if not self.timed.any() or self.timed.ends.isdisjoint(self.index.calls):
            return
        for holder in self.lasting():
            releases = self.entrywise(holder, ("key",)) if holder.kind in ("map", "dict", "object") else []
            keyed = [item for item in releases if item.selector == "key"]
            if not keyed or not self._are_by_timers(keyed):
                continue
            cancelled = self._cancelled(holder, {self.index.function_at(item.effect) for item in keyed})
            growth = next(
                (item for item in holder.growths if self.growths.counting.counts(item, holder)), None
            )
            if cancelled != NONE and growth is not None:
                yield Left(holder, growth, "cancel", keyed[0].effect, cancelled)

    def _are_by_timers(self, releases: list[Release]) -> bool:
        """Whether every removal stands in what some timer runs, and nowhere else."""
        run = {
            scope
            for number in self.timed.all()
            if (closure := self.timed.callback(number)) != NONE
            for scope in self.timed.reached(closure)
        }
        return all(self.index.function_at(item.effect) in run for item in releases)

    def _cancelled(self, holder: Holder, removing: set[int]) -> int:
        """The call that cancels the timer of an entry, in a function that leaves the entry in; or NONE."""
        for name in sorted(self.timed.ends):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                row = (
                    self.unit.values[call.args[0]]
                    if self.unit.language == "javascript" and call.args
                    else None
                )
                timer = row.place if row is not None else call.receiver
                if timer == NONE or not self._is_entry(self.unit.places[timer], holder):
                    continue
                if self._is_armed_again(self.unit.places[timer].path[-1], holder):
                    continue
                function = self.index.function_at(number)
                if removing.isdisjoint(self.timed.reached(function)):
                    return number
        return NONE

    def _is_armed_again(self, field: str, holder: Holder) -> bool:
        """Whether a method that adds nothing starts the timer of an entry: what was paused goes on."""
        adding = {self.index.function_at(item.effect) for item in holder.growths}
        for number in self.timed.all():
            function = self.index.function_at(number)
            if function in adding:
                continue
            callers = {self.index.function_at(caller) for caller in self.index.callers.get(function, ())}
            for place, binds in self.index.binds.items():
                here = [each for each in binds if self.index.function_at(each) == function]
                if place.path[-1:] == (field,) and any(self._starts(each) == number for each in here):
                    return self._is_entry(place, holder) or not callers <= adding
        return False

    def _starts(self, bind: int) -> int:
        effect = self.unit.effects[bind]
        return self.timed.started(effect.value) if isinstance(effect, Bind) else NONE

    def _is_entry(self, timer: Place, holder: Holder) -> bool:
        """`job.future` of a local that was looked up: `job = jobs.get(id)`, `job = jobs[id]`."""
        local = Place(timer.symbol)
        binds = self.index.binds.get(local, ()) if timer.symbol != NONE and timer.path else ()
        bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
        row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        if row is None:
            return False
        if row.kind == "place":
            return self.unit.places[row.place] == holder.element
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return (
            isinstance(call, Call)
            and call.name in _LOOKS_UP
            and call.receiver != NONE
            and holder.place in self.holders.aliases.of(call.receiver)
        )
