"""Java: tables of periodic tasks whose entries are taken out by who drops what comes out: the task runs on.

`tickers.put(id, timer.scheduleAtFixedRate(…))` beside `tickers.remove(id);`, whose result nobody cancels.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place
from leaklint.solve.acquired import Acquired
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.subscription.keyedhandles import Keyed

_PUTS = ("put", "putIfAbsent")
_ENDS = regex(
    r"(cancel|dispose|unsubscribe|shutdown|stop|close|kill|abort|terminate)\w*|end([A-Z]\w*)?|purge|forEach|"
    r"\w+(Cancel|Dispose|Shutdown|Stop|Close|Kill|Abort|Terminate)\w*"
)


class DroppedHandles:
    """Such tables of one unit."""

    def __init__(self, acquired: Acquired) -> None:
        self.acquired = acquired
        self.index = acquired.index
        self.unit = acquired.unit

    def found(self) -> Iterator[Keyed]:
        """The first such removal of each table."""
        if "remove" not in self.index.calls or self.index.calls.keys().isdisjoint(_PUTS):
            return
        seen: set[Place] = set()
        for item in self.acquired.pairs.acquisitions:
            if item.pair.kind not in ("timer", "subscription") or item.pair.reschedules:
                continue
            store, place = self._store(item)
            if place is None or place in seen:
                continue
            for number in self.index.calls["remove"]:
                if self._drops(number, place, item, store):
                    seen.add(place)
                    yield Keyed(item, place, number)
                    break

    def _store(self, item: Acquisition) -> tuple[int, Place | None]:
        """The call that puts a handle into a field, and that field."""
        for number in (row for name in _PUTS for row in self.index.calls.get(name, ())):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            place = self.unit.places[call.receiver] if call.receiver != NONE else None
            symbol = self.index.symbol(place) if place is not None else None
            if place is None or symbol is None or len(place.path) != 1 or len(call.args) != 2:
                continue
            row = self.unit.values[call.args[1]]
            kept = row.kind == "place" and self.unit.places[row.place] == item.handle
            kept = kept or (row.kind == "call" and row.call == item.effect)
            if kept and symbol.kind in ("this", "class"):
                return number, place
        return NONE, None

    def _drops(self, number: int, place: Place, item: Acquisition, store: int) -> bool:
        """Whether a removal leaves its result alone, and nobody ends the task around it."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.receiver == NONE or len(call.args) != 1 or self.unit.places[call.receiver] != place:
            return False
        if number in self.index.uses.of_call or number in self.index.uses.chained:
            return False
        function = self.index.function_at(number)
        around = set(self.index.enclosing(call.scope))
        if self.index.function_at(store) in around or self._ends(function):
            return False
        if any(self.index.argument_of.get(scope, (NONE,))[0] == item.effect for scope in around):
            return False  # the task takes itself out
        return not any(
            self._ends(self.index.function_at(caller)) for caller in self.index.callers.get(function, ())
        )

    def _ends(self, function: int) -> bool:
        return any(
            isinstance(call := self.unit.effects[number], Call) and bool(_ENDS.fullmatch(call.name))
            for number in self.index.of_function.get(function, ())
        )
