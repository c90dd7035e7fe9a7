"""Finds callbacks that reach their object through a weak reference only: they keep nothing alive."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit, Value
from leaklint.solve.names import callee_name, patterns
from leaklint.solve.pairing.acquisition import Acquisition
from leaklint.solve.pairs import Pairs


class Weakly:
    """Judges the callbacks of one unit."""

    def __init__(self, pairs: Pairs) -> None:
        self.unit: Unit = pairs.unit
        self.index = pairs.index
        self._weak = patterns(tuple(pairs.models.weak_wrappers))

    def holds(self, item: Acquisition) -> bool:
        """Whether every callback handed over reaches its object through a weak reference only."""
        call = self.unit.effects[item.effect]
        assert isinstance(call, Call)
        values = [self.unit.values[value] for value in (*call.args, *(value for _, value in call.keywords))]
        if self.unit.language == "java" and any(self._is_weak_listener(value) for value in values):
            return True
        closures = [value for value in values if value.kind == "closure"]
        if not closures or any(value.kind == "place" for value in values if value.kind != "closure"):
            return False
        captured = [symbol for value in closures for symbol in self.unit.scopes[value.scope].captures]
        return bool(captured) and all(self._is_weak(symbol) for symbol in captured)

    def _is_weak_listener(self, value: Value) -> bool:
        """`new WeakChangeListener(listener)`, `WeakListeners.create(…)`: a listener that keeps nothing."""
        if value.kind == "place":
            place = self.unit.places[value.place]
            binds = self.index.binds.get(place, ())
            bound = [self.unit.effects[index].value for index in binds]  # type: ignore[union-attr]
            return any(
                self.unit.values[inner].kind == "call" and self._is_weak_listener(self.unit.values[inner])
                for inner in bound
                if inner != NONE
            )
        call = self.unit.effects[value.call] if value.kind == "call" else None
        if not isinstance(call, Call):
            return False
        return (call.new and call.name.startswith("Weak")) or callee_name(self.unit, value.call).startswith(
            "Weak"
        )

    def _is_weak(self, symbol: int) -> bool:
        for index in self.index.binds.get(Place(symbol), ()):
            bind = self.unit.effects[index]
            assert isinstance(bind, Bind)
            value = self.unit.values[bind.value] if bind.value != NONE else None
            if value is not None and value.kind == "call" and self._weak.match(self.unit, value.call):
                return True
        return False
