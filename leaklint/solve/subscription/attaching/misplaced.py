"""Finds what is taken off another object than the one that it was attached to."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.subscription.attaching.attached import Attached
from leaklint.solve.subscription.attaching.verbs import Verbs


class Misplaced:
    """Compares the calls of each function of one unit."""

    def __init__(self, growths: Growths, verbs: Verbs) -> None:
        self.growths = growths
        self.verbs = verbs
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[Attached]:
        """`root.addHandler(h)` and then `child.removeHandler(h)` in one function: h stays where it is."""
        names = [name for name in self.index.calls if name.startswith(("remove", "discard", "disconnect"))]
        for name in names:
            if name in ("remove", "discard"):
                continue  # from one set to another
            for number in self.index.calls[name]:
                off = self.unit.effects[number]
                assert isinstance(off, Call)
                item = self._elsewhere(off) if off.receiver != NONE and len(off.args) == 1 else None
                if item is not None:
                    yield Attached(
                        item[0], self.unit.places[item[1].receiver], item[1].args[0], "other", NONE, number
                    )

    def _elsewhere(self, off: Call) -> tuple[int, Call] | None:
        given = self.unit.values[off.args[0]]
        what = self.unit.places[given.place] if given.kind == "place" else None
        away = self.unit.places[off.receiver]
        if what is None or NONE in (what.symbol, away.symbol):
            return None
        if what.path or away.path or self.unit.symbols[what.symbol].kind != "variable":
            return None
        found: tuple[int, Call] | None = None
        for number in self.index.of_function[self.index.function(off.scope)]:
            on = self.unit.effects[number]
            if not isinstance(on, Call) or on.receiver == NONE or len(on.args) != 1:
                continue
            row = self.unit.values[on.args[0]]
            if row.kind != "place" or self.unit.places[row.place] != what:
                continue
            root = self.unit.places[on.receiver]
            if off.name in self.verbs.opposites(on.name) and not root.path and root.symbol != NONE:
                if root == away or not self._are_two(root, away):
                    return None
                found = (number, on)
            elif on is not off and on.name == off.name:
                return None
        return found

    def _are_two(self, a: Place, b: Place) -> bool:
        """Whether two variables certainly hold different objects: each is made by a call of its own."""
        for place in (a, b):
            binds = self.index.binds.get(place, ())
            if len(binds) != 1 or self.unit.symbols[place.symbol].kind == "parameter":
                return False
            bind = self.index.bind(binds[0])
            if bind.value == NONE or self.unit.values[bind.value].kind != "call":
                return False
        return True
