"""Python: workers that keep the last piece of work, and its result, while they wait for the next one."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Delete, Place, Region, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.repeats import Repeats

_WAITS = frozenset({"get", "recv", "wait", "take", "recv_pyobj", "blpop", "brpop", "accept"})
_SETS = frozenset({"set_result", "set_exception"})
# names of what has a result: somebody waits for it
_FUTURES = regex(r"(?i)_*(fut|future|promise|deferred|response_fut)s?_?")


class LastWork(msgspec.Struct):
    """`bind` puts a piece of work into `place`, which keeps it while `waits` waits for the next one."""

    place: Place
    bind: int
    waits: int


class LastWorks:
    """Such workers of one unit."""

    def __init__(self, index: Index, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.repeats = repeats

    def found(self) -> Iterator[LastWork]:
        """The first piece of work of each loop that keeps one."""
        loops = [
            (number, region)
            for number, region in enumerate(self.unit.regions)
            if region.kind == "loop" and region.iterates == NONE
        ]
        if not loops or not (
            _SETS & self.index.calls.keys()
            or any(_FUTURES.search(symbol.name) for symbol in self.unit.symbols)
        ):
            return
        for number, region in loops:
            waits = self._waits(number, region)
            if waits == NONE or not self._is_endless(number, region):
                continue
            item = self._kept(region, waits)
            if item is not None:
                yield item

    def _is_endless(self, number: int, region: Region) -> bool:
        inner = region.first
        scope = self.unit.effects[inner].scope if inner < len(self.unit.effects) else NONE
        return scope != NONE and self.index.in_endless_loop(number)

    def _waits(self, number: int, region: Region) -> int:
        """The call of the loop that waits for the next piece of work, in every round."""
        for effect in range(region.first, min(region.last, len(self.unit.effects))):
            call = self.unit.effects[effect]
            if not isinstance(call, Call) or call.name not in _WAITS or call.receiver == NONE:
                continue
            around = [self.unit.regions[each].kind for each in self.index.regions(call.region)]
            inside = around[: around.index("loop")] if "loop" in around else around
            blocks = not call.args or self.unit.values[call.args[0]].kind == "boolean"
            if blocks and set(inside) <= {"try", "with"} and self._is_of(number, call.region):
                return effect
        return NONE

    def _is_of(self, loop: int, region: int) -> bool:
        """Whether a loop is the innermost one around a region."""
        for each in self.index.regions(region):
            if self.unit.regions[each].kind == "loop":
                return each == loop
        return False

    def _kept(self, region: Region, waits: int) -> LastWork | None:
        for number in range(region.first, min(region.last, len(self.unit.effects))):
            bind = self.unit.effects[number]
            if not isinstance(bind, Bind) or bind.how not in ("declare", "assign") or bind.value == NONE:
                continue
            place = self.unit.places[bind.target]
            if place.symbol == NONE or place.path or self.unit.symbols[place.symbol].kind != "variable":
                continue
            if self._is_work(place, bind, waits, region) and not self._is_let_go(place, region):
                return LastWork(place, number, waits)
        return None

    def _is_work(self, place: Place, bind: Bind, waits: int, region: Region) -> bool:
        """Whether a local is (taken out for) the work, and has the future that this loop answers."""
        row = self.unit.values[bind.value]
        taken = False
        if row.kind == "call":
            call = self.unit.effects[row.call]
            taken = row.call == waits or (isinstance(call, Call) and call.name in ("pop", "get"))
        elif row.kind == "place":
            source = self.unit.places[row.place]
            taken = source.call == waits or source.path[-1:] == ("[]",)
        if not taken:
            return False
        named = bool(_FUTURES.fullmatch(self.unit.symbols[place.symbol].name))
        for number in range(region.first, min(region.last, len(self.unit.effects))):
            call = self.unit.effects[number]
            if not isinstance(call, Call):
                continue
            if call.name in _SETS and call.receiver != NONE:
                if self.unit.places[call.receiver].symbol == place.symbol:
                    return True
            elif named and any(self._is_place(value, place) for value in call.args):
                return True
        return False

    def _is_place(self, value: int, place: Place) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self.unit.places[row.place] == place

    def _is_let_go(self, place: Place, region: Region) -> bool:
        """Whether the loop deletes the local, or puts nothing into it."""
        for number in range(region.first, min(region.last, len(self.unit.effects))):
            effect = self.unit.effects[number]
            if isinstance(effect, Delete) and self.unit.places[effect.target] == place:
                return True
            if not isinstance(effect, Bind) or self.unit.places[effect.target] != place:
                continue
            if effect.value != NONE and self.unit.values[effect.value].kind == "null":
                return True
        return False
