"""What a stored function or object brings along: variables of the call, the object around it."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Unit
from leaklint.models import Models
from leaklint.solve.holding.holder import Growth
from leaklint.solve.index import Index


class Stored:
    """Looks at what the holders of one unit are given."""

    def __init__(self, index: Index, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.models = models

    def captured(self, item: Growth) -> int:
        """The symbol of its call that the closure stored by a growth captures, or NONE."""
        kinds = self.models.kind.values()
        if any("c" in kind.grow.get(item.how, "") + kind.loads.get(item.how, "") for kind in kinds):
            return NONE  # the closure makes the value, and goes
        for value in item.values:
            row = self.unit.values[value]
            if row.kind != "closure":
                continue
            for symbol in self.unit.scopes[row.scope].captures:
                if self.unit.symbols[symbol].kind in ("variable", "constant", "parameter", "this"):
                    return symbol
        return NONE

    def outer_of(self, item: Growth) -> str:
        """Name of the outer class whose instance an inner object stored by a growth refers to."""
        for value in item.values:
            row = self.unit.values[value]
            if row.kind != "call":
                continue
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            inner = self._inner_owner(call)
            if inner == NONE or not call.new or self._in_static(call.scope):
                continue
            outer = self.unit.owners[inner].outer
            if outer != NONE:
                return self.unit.owners[outer].name
        return ""

    def _inner_owner(self, call: Call) -> int:
        if call.args and self.unit.values[call.args[-1]].kind == "class":
            return self.unit.values[call.args[-1]].owner
        made = self.index.class_made(call)
        if made == NONE:
            return NONE
        owner = self.unit.owners[made]
        return NONE if "static" in owner.flags or owner.kind != "class" else made

    def _in_static(self, scope: int) -> bool:
        return any("static" in self.unit.scopes[number].flags for number in self.index.enclosing(scope))
