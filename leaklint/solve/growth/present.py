"""Stores under keys that the table has already, because a test in front or around has asked for them."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.membership import ASKS

_SAME = ("==", "===", "is")
_OTHER = ("!=", "!==", "is not")
_LEAVES = ("return", "raise", "continue")


class Present:
    """Answers about the growths of one unit."""

    def __init__(self, holders: Holders) -> None:
        self.holders = holders
        self.index = holders.index
        self.unit: Unit = holders.unit
        self._branches: dict[int, list[int]] | None = None

    def has(self, item: Growth, holder: Holder) -> bool:
        """`if (!table.has(key)) return; table.set(key, value)`: another value, and no new key."""
        row = self.unit.values[item.key] if item.key != NONE and not item.depth else None
        if row is None or row.kind != "place":
            return False
        key, effect = self.unit.places[row.place], self.unit.effects[item.effect]
        around = list(self.index.regions(effect.region))
        for number in self._of(self.index.function_at(item.effect)):
            region = self.unit.regions[number]
            if number in around:
                met = not region.negated
            elif region.leaves in _LEAVES and region.last <= item.effect and region.parent in (NONE, *around):
                met = region.negated
            else:
                continue
            if self._says(region.test, met, key, holder):
                return True
        return False

    def _of(self, function: int) -> list[int]:
        """The branches of a function."""
        if self._branches is None:
            self._branches = {}
            for number, region in enumerate(self.unit.regions):
                if region.kind == "branch" and region.test != NONE:
                    self._branches.setdefault(self.index.function(region.scope), []).append(number)
        return self._branches.get(function, [])

    def _says(self, test: int, met: bool, key: Place, holder: Holder) -> bool:
        """Whether a test that comes out as `met` shows that a holder has a key."""
        row = self.unit.values[test]
        if row.kind == "operation":
            if row.text in ("not", "!"):
                return self._says(row.parts[0], not met, key, holder)
            if row.text in ("and", "or"):
                return (row.text == "and") is met and any(
                    self._says(part, met, key, holder) for part in row.parts
                )
            if row.text in ("in", "not in"):
                table = self.unit.values[row.parts[1]]
                same = table.kind == "place" and self._is_holder(table.place, holder)
                return same and met is (row.text == "in") and self._is_key(row.parts[0], key)
            if row.text not in (*_SAME, *_OTHER) or met is (row.text in _SAME):
                return False
            nothing = any(self._is_nothing(part) for part in row.parts)
            return nothing and any(self._is_entry(part, key, holder) for part in row.parts)
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if isinstance(call, Call) and call.name in ASKS:
            asked = call.receiver != NONE and self._is_holder(call.receiver, holder)
            return met and asked and len(call.args) == 1 and self._is_key(call.args[0], key)
        return met and self._is_entry(test, key, holder)

    def _is_nothing(self, value: int) -> bool:
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        return row.kind == "null" or (symbol is not None and symbol.name == "undefined")

    def _is_entry(self, value: int, key: Place, holder: Holder) -> bool:
        """`table.get(key)`, or a local that got just this."""
        row = self.unit.values[value]
        if row.kind == "place" and self.unit.language != "python":
            binds = self.index.binds.get(self.unit.places[row.place], ())
            bind = self.index.bind(binds[0]) if len(binds) == 1 else None
            row = self.unit.values[bind.value] if bind is not None and bind.value != NONE else row
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or call.name != "get" or call.receiver == NONE or len(call.args) != 1:
            return False
        return self._is_holder(call.receiver, holder) and self._is_key(call.args[0], key)

    def _is_holder(self, place: int, holder: Holder) -> bool:
        return holder.place in self.holders.aliases.of(place)

    def _is_key(self, value: int, key: Place) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self.unit.places[row.place] == key
