"""Calls that are chained on a value: which of them is the last, and whether somebody is given its result."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Native
from leaklint.solve.index import Index

_FLUENT = ("set", "with", "add", "enable", "use", "optimize", "prepareFor", "increase", "disable")
_LAZY = frozenset({"filter", "map", "flatMap", "sorted", "limit", "skip", "peek", "distinct", "onClose"})


class Chains:
    """Chains of calls of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def last(self, number: int, row: Native | None = None) -> int:
        """The last call of `new Options().setA(…).setB(…)`: each gives back the same object."""
        while True:
            following = self.index.uses.chained.get(number)
            if following is None:
                return number
            call = self.unit.effects[following]
            assert isinstance(call, Call)
            if not call.name.startswith((*_FLUENT, *row.chains) if row is not None else _FLUENT):
                return number
            number = following

    def is_given_on(self, number: int) -> bool:
        """Whether a chain ends in a step that only says what a later user of the stream will do."""
        while number in self.index.uses.chained:
            number = self.index.uses.chained[number]
        call = self.unit.effects[number]
        taker = self.index.uses.of_call.get(number, NONE)
        entered = self.unit.effects[taker] if taker != NONE else None
        if isinstance(entered, Bind) and entered.how == "enter":
            return True
        return isinstance(call, Call) and call.name in _LAZY

    def gives_local_on(self, local: Place, row: Native) -> bool:
        """Java: `return options.setA(…).setB(…)`, where each step gives back the same object."""
        if self.unit.language != "java":
            return False
        for number, call in enumerate(self.unit.effects):
            if not isinstance(call, Call) or call.receiver == NONE or not call.name.startswith(_FLUENT):
                continue
            if call.name in row.begun_by:
                continue  # `event -> dialog.setVisible(false)` gives nothing back
            if self.unit.places[call.receiver] == local and self.last(number) in self.index.uses.of_call:
                return True
        return False
