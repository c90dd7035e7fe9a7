"""Where a value that must be ended goes from the variable or field that holds it, and who ends it there."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Effect, Place, Unit
from leaklint.models import Native
from leaklint.solve.index import Index
from leaklint.solve.native.chains import Chains
from leaklint.solve.native.exits import Exits
from leaklint.solve.native.fields import Fields
from leaklint.solve.native.leak import NativeLeak
from leaklint.solve.native.takers import Takers
from leaklint.solve.native.ways import Ways


class Following:
    """Variables of one unit that hold what must be ended, through wrappers and other variables."""

    def __init__(self, index: Index, takers: Takers, chains: Chains, fields: Fields) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.takers = takers
        self.chains = chains
        self.fields = fields
        self.ways = Ways(index)
        self.exits = Exits(index)

    def left(self, target: Place, row: Native, number: int, depth: int = 0) -> NativeLeak | None:
        """The leak of a value that a variable or field holds, or None when somebody may end it."""
        if target.symbol == NONE or "[]" in target.path or depth > 3:
            return None
        if row.through and self._ended_through(target, row):
            return None
        symbol = self.unit.symbols[target.symbol]
        if not target.path:
            if symbol.kind not in ("variable", "constant") or symbol.scope == 0:
                return None
            return self._in_local(target, row, number, depth)
        if symbol.kind == "this" and len(target.path) == 1 and not row.early:
            return self.fields.left(target, row, number)
        return None

    def _in_local(self, local: Place, row: Native, number: int, depth: int) -> NativeLeak | None:
        if row.begun_by and not self.index.uses.ended(local, row.begun_by):
            return None
        how, evidence = self.ways.left_open(
            local, number, row.end, lambda taker: self.takers.leaves_ending(taker, local, row), row.at_once
        )
        if how == "early" or (how == "failed" and not row.early) or (how == "thrown" and not row.minor):
            return NativeLeak(number, row, how, local, evidence)
        if self.exits.overwritten(local, number, row.end):
            return NativeLeak(number, row, "overwritten", local)
        if row.early:
            return None
        for consumer in self.index.uses.of_symbol.get(local.symbol, ()):
            effect = self.unit.effects[consumer]
            if isinstance(effect, Call) and self.takers.wraps(consumer, row):
                if self._wrapper_ended(consumer, row, number, depth):
                    return None
                around = self._wrapper_left(consumer, row, number, depth)
                if around is not None:
                    return NativeLeak(number, row, around.how, local, around.evidence)
            elif isinstance(effect, Call):
                lent = self.takers.borrows(effect, row) or self.takers.is_lent(consumer, local, row)
                lent = lent or (row.counted and self.takers.is_used_behind(consumer, local))
                if effect.name in row.end or not lent:
                    return None
            elif isinstance(effect, Bind) and effect.how in ("declare", "assign"):
                target = self.unit.places[effect.target]
                return self.left(target, row, number, depth + 1) if target != local else None
            else:
                return None  # returned, stored, entered by a with statement
        if self.index.uses.ended(local, [*row.end, *row.gives_out]) or self.chains.gives_local_on(local, row):
            return None
        return NativeLeak(number, row, "local", local)

    def _ended_through(self, target: Place, row: Native) -> bool:
        """`handler = new Handler(thread.getLooper())`, and `handler.getLooper().quit()` anywhere."""
        for name in row.through:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                if isinstance(call, Call) and self._receiver(call) == target:
                    taker = self.index.uses.of_call.get(number, number)
                    made = taker if isinstance(self.unit.effects[taker], Call) else number
                    place = self.index.destinations.of(made)[1]
                    if place is not None and self._is_ended_part(place, name, row.end):
                        return True
        return False

    def _is_ended_part(self, place: Place, name: str, ends: list[str]) -> bool:
        """Whether an end is called on a place, or on what `name` gives out of it."""
        for end in ends:
            for number in self.index.calls.get(end, ()):
                ended = self._receiver(self.unit.effects[number])
                inner = self.unit.effects[ended.call] if ended.call != NONE else None
                if isinstance(inner, Call) and inner.name == name:
                    ended = self._receiver(inner)
                if ended == place:
                    return True
        return False

    def _receiver(self, effect: Effect) -> Place:
        number = effect.receiver if isinstance(effect, Call) else NONE
        return self.unit.places[number] if number != NONE else Place(NONE)

    def _wrapper_left(self, number: int, row: Native, made: int, depth: int) -> NativeLeak | None:
        """The leak of a wrapper that is ended on some ways only: the value is then, too."""
        taker = self.index.uses.of_call.get(number, NONE)
        effect = self.unit.effects[taker] if taker != NONE else None
        if not isinstance(effect, Bind) or effect.how not in ("declare", "assign") or depth >= 3:
            return None
        leak = self.left(self.unit.places[effect.target], row, made, depth + 1)
        return leak if leak is not None and leak.how in ("early", "failed", "thrown") else None

    def _wrapper_ended(self, number: int, row: Native, made: int, depth: int) -> bool:
        """Whether somebody may end the wrapper around a value, and the value with it."""
        while number in self.index.uses.of_call:
            taker = self.index.uses.of_call[number]
            effect = self.unit.effects[taker]
            if isinstance(effect, Bind) and effect.how in ("declare", "assign") and depth < 3:
                return self.left(self.unit.places[effect.target], row, made, depth + 1) is None
            if not self.takers.wraps(taker, row):
                return True
            number = taker
        return number not in self.index.uses.chained
