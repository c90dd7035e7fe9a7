"""Keys that are let in only where a list of known ones has them: there are as many as the list is long.

`if (!known.has(tenant)) return; table.set(tenant, …)`, `if host in self.known: self.seen[host] = …`. A list
that grows itself admits more and more, and is none. So are numbers below a small one: `if (code < 256)`.
"""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Growth
from leaklint.solve.membership import ASKS

_MAKES = frozenset({"Set", "set", "frozenset", "HashSet", "of", "copyOf", "asList", "Map", "dict"})
_BELOW, _ABOVE = frozenset({"<", "<="}), frozenset({">", ">="})
_MOST = 1 << 16
_ENDS = frozenset({"return", "raise", "throw", "continue"})


class Admitted:
    """Answers about the growths of one unit."""

    def __init__(self, holders: Holders) -> None:
        self.holders = holders
        self.index = holders.index
        self.unit: Unit = holders.unit
        self._left: dict[int, list[int]] = {}

    def is_admitted(self, item: Growth) -> bool:
        """Whether a test around a growth, or one in front that leaves or names another key, asks a list."""
        value = item.key if item.key != NONE else item.values[0] if item.values else NONE
        row = self.unit.values[value] if value != NONE else None
        if item.depth or row is None or row.kind != "place":
            return False
        key = self.unit.places[row.place]
        around = list(self.index.regions(self.unit.effects[item.effect].region))
        if any(self._asks(each, key, True) for each in around):
            return True
        others = [number for number in self.index.binds.get(key, ()) if self._is_text(number)]
        for number in (*self._leaves(self.index.function_at(item.effect)), *others):
            region = self.unit.effects[number].region
            if number > item.effect or region == NONE or region in around:
                continue
            parent = self.unit.regions[region].parent
            if (parent == NONE or parent in around) and self._asks(region, key, False):
                return True
        return False

    def _leaves(self, function: int) -> list[int]:
        """The early ways out of a function."""
        if function not in self._left:
            effects = self.unit.effects
            self._left[function] = [
                number
                for number in self.index.of_function.get(function, ())
                if isinstance(leave := effects[number], Leave) and leave.how in _ENDS
            ]
        return self._left[function]

    def _is_text(self, bind: int) -> bool:
        """`path = "other"`."""
        effect = self.unit.effects[bind]
        return (
            isinstance(effect, Bind)
            and effect.value != NONE
            and self.unit.values[effect.value].kind == "string"
        )

    def _asks(self, region: int, key: Place, wanted: bool) -> bool:
        """Whether a branch is taken only where a list has the key, or (not wanted) wherever it has it not."""
        row = self.unit.regions[region] if region != NONE else None
        if row is None or row.kind != "branch" or row.test == NONE:
            return False
        return self._says(row.test, key, wanted is not row.negated)

    def _says(self, test: int, key: Place, has: bool) -> bool:
        """Whether a test that comes out as `has` shows the key to be in a list of known ones."""
        row = self.unit.values[test]
        if row.kind == "operation":
            if row.text == "not":
                return self._says(row.parts[0], key, not has)
            if row.text == "and" and has:
                return any(self._says(part, key, True) for part in row.parts)
            if row.text in _BELOW or row.text in _ABOVE:
                return self._is_small(row.text, row.parts, key, has)
            if row.text not in ("in", "not in") or has is not (row.text == "in"):
                return False
            return self._is_key(row.parts[0], key) and self._is_known(row.parts[1])
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or not has or call.name not in ASKS or len(call.args) != 1:
            return False
        return (
            self._is_key(call.args[0], key)
            and call.receiver != NONE
            and self._is_list(self.unit.places[call.receiver])
        )

    def _is_small(self, operator: str, parts: tuple[int, ...], key: Place, has: bool) -> bool:
        """Whether a comparison that comes out as `has` shows the key to be a small number."""
        if len(parts) != 2:
            return False
        left, right = parts if (operator in _BELOW) is has else reversed(parts)
        limit = self.unit.values[right]
        if limit.kind != "number" or not self._is_key(left, key):
            return False
        try:
            return int(limit.text, 0) <= _MOST
        except ValueError:
            return False  # `1e9`

    def _is_key(self, value: int, key: Place) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self.unit.places[row.place] == key

    def _is_known(self, value: int) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self._is_list(self.unit.places[row.place])

    def _is_list(self, place: Place) -> bool:
        """Whether a list is made once, of what is known then, and never grows."""
        holder = self.holders.by_place.get(place)
        binds = self.index.binds.get(place, ())
        bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
        if (holder is not None and holder.growths) or not isinstance(bind, Bind) or bind.value == NONE:
            return False
        row = self.unit.values[bind.value]
        if row.kind == "container":
            return bool(row.parts)
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return isinstance(call, Call) and call.name in _MAKES and bool(call.args)
