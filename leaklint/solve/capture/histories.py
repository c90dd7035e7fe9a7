"""Python: running totals of tensors that keep the graph of every step (PyTorch).

A loss knows how it was computed. Added to a total, or put into a list, it takes that along: the graph of each
step stays until the total goes. Only a tensor whose `backward()` is called in the same function is meant.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growths import Growths

_FROM = ("torch", "pytorch_lightning", "lightning", "fastai", "accelerate")
# give a number, or a tensor without its history
_CUTS = frozenset({"item", "detach", "tolist", "numpy", "float", "cpu", "data", "detach_"})


class History(msgspec.Struct):
    """`effect` adds the tensor `tensor` to `target`; `backward`: where its graph is used."""

    effect: int
    tensor: Place
    target: Place
    backward: int


class Histories:
    """Such totals of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.repeats = growths.repeats

    def found(self) -> Iterator[History]:
        """In source order, one for each target of a function."""
        if not any(module.startswith(_FROM) for module in self.index.import_modules):
            return
        seen: set[tuple[int, Place]] = set()
        for number in self.index.calls.get("backward", ()):
            for tensor in self._differentiated(number):
                scope = self.index.function_at(number)
                if self._is_cut(tensor) or tensor.path or self._is_total(tensor):
                    continue
                for effect in self.index.of_function[scope]:
                    target = self._target(effect, tensor)
                    if target is None or (scope, target) in seen or not self._goes_on(effect, target):
                        continue
                    if self._is_used(target) or self._is_without_graph(effect):
                        continue
                    seen.add((scope, target))
                    yield History(effect, tensor, target, number)

    def _differentiated(self, number: int) -> Iterator[Place]:
        """`loss.backward()`, `scaler.scale(loss).backward()`, `accelerator.backward(loss)`."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        place = self.unit.places[call.receiver] if call.receiver != NONE else None
        if place is not None and place.symbol != NONE and not call.args:
            yield place
        values = list(call.args)
        inner = self.unit.effects[place.call] if place is not None and place.call != NONE else None
        if isinstance(inner, Call):
            values += inner.args
        for value in values:
            row = self.unit.values[value]
            if row.kind == "place" and self.unit.places[row.place].symbol != NONE:
                yield self.unit.places[row.place]

    def _is_cut(self, tensor: Place) -> bool:
        """Whether the variable is given its plain number somewhere: `loss = loss.item()`."""
        for number in self.index.binds.get(tensor, ()):
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if isinstance(call, Call) and call.name in _CUTS:
                return True
        return False

    def _is_total(self, tensor: Place) -> bool:
        """Whether the variable adds up what is differentiated at once."""
        binds = [self.unit.effects[number] for number in self.index.binds.get(tensor, ())]
        return not binds or any(isinstance(bind, Bind) and bind.how == "augment" for bind in binds)

    def _target(self, number: int, tensor: Place) -> Place | None:
        """What an effect adds the tensor itself to."""
        effect = self.unit.effects[number]
        if isinstance(effect, Bind):
            target = self.unit.places[effect.target]
            if effect.value == NONE or target == tensor:
                return None
            if effect.how == "augment" and effect.op in ("", "+", "+="):
                return target if self._holds(effect.value, tensor) else None
            row = self.unit.values[effect.value]
            parts = [self.unit.values[part] for part in row.parts]
            again = any(part.kind == "place" and self.unit.places[part.place] == target for part in parts)
            if row.kind == "operation" and row.text == "+" and again:
                return target if self._holds(effect.value, tensor) else None
            return None
        if not isinstance(effect, Call) or effect.name != "append" or effect.receiver == NONE:
            return None
        target = self.unit.places[effect.receiver]
        added = bool(effect.args) and self._holds(effect.args[0], tensor)
        return target if added and target.symbol != NONE else None

    def _holds(self, value: int, tensor: Place, depth: int = 0) -> bool:
        """Whether an expression is the tensor, or computed from it by operators."""
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place] == tensor
        if row.kind == "operation" and row.text in ("+", "-", "*", "/") and depth < 4:
            return any(self._holds(part, tensor, depth + 1) for part in row.parts)
        return False

    def _goes_on(self, number: int, target: Place) -> bool:
        """Whether the effect runs again and again on a target that is not made anew each time."""
        loops = [
            each
            for each in self.index.regions(self.unit.effects[number].region)
            if self.unit.regions[each].kind == "loop"
        ]
        if not loops:
            return target.path != () and self._is_own(target) and self.repeats.repeats(number)
        for bound in self.index.binds.get(target, ()):
            bind = self.unit.effects[bound]
            if not isinstance(bind, Bind) or bound == number or bind.how == "augment":
                continue
            around = self.index.regions(bind.region)
            if all(loop in around for loop in loops) and not self._adds_to_itself(bind, target):
                return False
        return True

    def _is_without_graph(self, number: int) -> bool:
        """Whether a sum is made in `with torch.no_grad():`, where it gets no history of its own."""
        if isinstance(self.unit.effects[number], Call):
            return False
        starts = [each for name in ("no_grad", "inference_mode") for each in self.index.calls.get(name, ())]
        for each in self.index.regions(self.unit.effects[number].region):
            region = self.unit.regions[each]
            if region.kind == "with" and any(region.first - 3 <= start <= region.first for start in starts):
                return True
        return False

    def _is_own(self, target: Place) -> bool:
        return self.unit.symbols[target.symbol].kind == "this" if target.symbol != NONE else False

    def _adds_to_itself(self, bind: Bind, target: Place) -> bool:
        row = self.unit.values[bind.value] if bind.value != NONE else None
        parts = [self.unit.values[part] for part in row.parts] if row is not None else []
        return any(part.kind == "place" and self.unit.places[part.place] == target for part in parts)

    def _is_used(self, target: Place) -> bool:
        """Whether the total itself is differentiated: then it has to keep the graph."""
        for name in ("backward", "grad", "stack", "cat"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver != NONE and self.unit.places[call.receiver] == target:
                    return True
                for value in call.args:
                    row = self.unit.values[value]
                    if row.kind == "place" and self.unit.places[row.place] == target and name != "cat":
                        return True
        return False
