"""Whether the values of a thread-local are large enough to matter."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.thread.threads import ThreadLocal, ThreadLocals


class Weighing:
    """Values that the thread-locals of one unit hold."""

    def __init__(self, threads: ThreadLocals) -> None:
        self.index = threads.index
        self.unit: Unit = threads.unit
        models = threads.models
        self._workspaces = models.workspace_types
        self._light = models.light_types | models.bounded_key_types

    def is_light(self, found: ThreadLocal) -> bool:
        """Whether its values are too small to matter (JDK value types, members of enums)."""
        if found.is_own_kind and found.value_type in self._workspaces:
            return False
        return found.value_type in self._light or self._is_enum(found.value_type)

    def is_heavy(self, found: ThreadLocal) -> bool:
        """Java: whether its values are known to be more than a plain value of the JDK."""
        if not found.value_type:
            return self._makes_own(found) or any(self._is_of_own_type(value) for value in found.supplied)
        opaque = found.value_type == "Object" or len(found.value_type) == 1  # `T`
        return not opaque and not self.is_light(found)

    def _makes_own(self, found: ThreadLocal) -> bool:
        """Whether its first value is an object of a class that the program itself defines."""
        for value in found.supplied:
            row = self.unit.values[value]
            if row.kind == "call":
                call = self.unit.effects[row.call]
                assert isinstance(call, Call)
                if call.new and found.value_type not in self._light:
                    return self._is_own_class(call)
        return False

    def _is_of_own_type(self, value: int) -> bool:
        """Whether a value is a local whose declared type is no small one."""
        row = self.unit.values[value]
        symbol = self.index.symbol(self.unit.places[row.place]) if row.kind == "place" else None
        if symbol is None or len(symbol.type) < 2 or self.unit.places[row.place].path:
            return False
        return symbol.type not in self._light and symbol.type not in ("Object", "var")

    def _is_own_class(self, call: Call) -> bool:
        place = self.unit.places[call.callee] if call.callee != NONE else None
        if place is None or place.symbol == NONE or place.path:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "import":
            return not symbol.module.startswith(("java.", "javax."))
        return symbol.kind in ("class", "global")

    def _is_enum(self, name: str) -> bool:
        return any(owner.kind == "enum" and owner.name == name for owner in self.unit.owners)
