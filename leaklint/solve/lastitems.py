"""Python: workers that hold the last piece of work while they wait for the next one."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Delete, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.repeats import Repeats

# names of what carries a caller's function, arguments or result
_WORK = regex(r"(?i)_*(\w+_)?(func|fn|callable|callback|future|fut|work_?item|coro|deferred|promise)_*")


class LastItem(msgspec.Struct):
    """`effect` binds `place` in a loop that lets go of it after the next `wait` only."""

    place: Place
    effect: int
    wait: int


class LastItems:
    """Such workers of one unit."""

    def __init__(self, index: Index, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.repeats = repeats

    def found(self) -> Iterator[LastItem]:
        """Each loop once."""
        for number in self.index.calls.get("get", ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.args or call.receiver == NONE or not self._blocks(call):
                continue
            around = self.index.regions(call.region)
            loop = next((each for each in around if self.unit.regions[each].kind == "loop"), NONE)
            if loop == NONE or not self.repeats.in_endless_loop(call.region):
                continue
            row = self.unit.regions[loop]
            for other in range(row.first, row.last):
                bind = self.unit.effects[other]
                if not isinstance(bind, Bind) or bind.value == NONE or bind.how not in ("declare", "assign"):
                    continue
                if self.unit.values[bind.value].kind not in ("call", "place"):
                    continue
                place = self.unit.places[bind.target]
                if self._is_work(place) and self._worked(place, loop) and not self._let_go(place, loop, bind):
                    yield LastItem(place, other, number)
                    break

    def _blocks(self, call: Call) -> bool:
        """`get()`, `get(block=True)`: it waits for as long as nothing comes."""
        return all(
            name == "block" and self.unit.values[value].text.lower() != "false"
            for name, value in call.keywords
        )

    def _is_work(self, place: Place) -> bool:
        if place.symbol == NONE or place.path:
            return False
        symbol = self.unit.symbols[place.symbol]
        return symbol.kind == "variable" and symbol.scope != 0 and _WORK.fullmatch(symbol.name) is not None

    def _worked(self, place: Place, loop: int) -> bool:
        """Whether the loop calls it, or a part of it, or hands it on."""
        row = self.unit.regions[loop]
        for effect in self.unit.effects[row.first : row.last]:
            if not isinstance(effect, Call):
                continue
            for each in (effect.receiver, effect.callee):
                if each != NONE and self.unit.places[each].symbol == place.symbol:
                    return True
            for value in effect.args:
                part = self.unit.values[value]
                if part.kind == "place" and self.unit.places[part.place].symbol == place.symbol:
                    return True
        return False

    def _let_go(self, place: Place, loop: int, bind: Bind) -> bool:
        """Whether the loop deletes the local or sets it to something else before it waits again."""
        row = self.unit.regions[loop]
        for effect in self.unit.effects[row.first : row.last]:
            if isinstance(effect, Delete) and self.unit.places[effect.target] == place:
                return True
            if isinstance(effect, Bind) and effect.at > bind.at and self.unit.places[effect.target] == place:
                return True
        return False
