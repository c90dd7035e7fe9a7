"""Python: running totals of tensors that keep the graph of every step (PyTorch, Chainer, Paddle).

A loss knows how it was computed. Added to a total, or put into a list, it takes that along: the graph of each
step stays until the total goes. Only a tensor whose `backward()` is called in the same function is meant,
what it is the sum of, and the object that it is a field or an entry of.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Delete, Effect, Place, Unit
from leaklint.solve.capture.graphs import Graphs
from leaklint.solve.growths import Growths

_FROM = ("torch", "pytorch_lightning", "lightning", "fastai", "accelerate", "chainer", "paddle", "deepspeed")
_ADDS = frozenset({"append", "appendleft", "add", "extend", "insert"})
_TAKES = frozenset({"clear", "pop", "popleft", "popitem"})
_SUMS = frozenset({"+", "-", "*", "/"})


class History(msgspec.Struct):
    """`effect` adds the tensor `tensor` to `target`; `backward`: where its graph is used.

    whole: `tensor` is an object, and the tensor a field or an entry of it.
    """

    effect: int
    tensor: Place
    target: Place
    backward: int
    whole: bool = False


class Histories:
    """Such totals of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.repeats = growths.repeats
        self.graphs = Graphs(growths.index)

    def found(self) -> Iterator[History]:
        """In source order, one for each target of a function."""
        calls = [
            number for name in ("backward", "manual_backward") for number in self.index.calls.get(name, ())
        ]
        if not calls or not any(module.startswith(_FROM) for module in self.index.import_modules):
            return
        seen: set[tuple[int, Place]] = set()
        for number in calls:
            scope = self.index.function_at(number)
            for tensor, whole in self.graphs.carriers(number):
                for effect in self.index.of_function[scope]:
                    target = self._target(effect, tensor, whole)
                    if target is None or (scope, target) in seen or self._is_used(target):
                        continue
                    if not self._goes_on(effect, target, number) or self._is_without_graph(effect):
                        continue
                    seen.add((scope, target))
                    yield History(effect, tensor, target, number, whole)

    def _target(self, number: int, tensor: Place, whole: bool) -> Place | None:
        """What an effect adds the tensor itself to; an entry of a dict counts as the dict."""
        effect = self.unit.effects[number]
        if isinstance(effect, Bind):
            target = self.unit.places[effect.target]
            if effect.value == NONE or target == tensor:
                return None
            if effect.how == "augment":
                adds = effect.op in ("", "+", "+=") and self._holds(effect.value, tensor, whole)
                return self._container(target) if adds else None
            again = effect.how in ("assign", "declare") and self._sums(effect.value, target)
            return target if again and self._holds(effect.value, tensor, whole) else None
        if not isinstance(effect, Call) or effect.name not in _ADDS or effect.receiver == NONE:
            return None
        target = self.unit.places[effect.receiver]
        added = any(self._holds(value, tensor, whole) for value in effect.args)
        return self._container(target) if added and target.symbol not in (NONE, tensor.symbol) else None

    def _container(self, place: Place) -> Place:
        path = place.path
        while path and path[-1] == "[]":
            path = path[:-1]
        return Place(place.symbol, path)

    def _holds(self, value: int, tensor: Place, whole: bool, depth: int = 0) -> bool:
        """Whether an expression is the tensor, is computed from it by operators, or lists it."""
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place] == tensor
        inside = row.kind == "container" and row.text in ("list", "tuple", "dict")
        if not whole:
            inside = inside or row.kind == "conditional" or (row.kind == "operation" and row.text in _SUMS)
        return inside and depth < 4 and any(self._holds(each, tensor, whole, depth + 1) for each in row.parts)

    def _sums(self, value: int, target: Place, depth: int = 0) -> bool:
        """Whether a value is computed from what the target held before: `mean = 0.9 * mean + 0.1 * loss`."""
        row = self.unit.values[value]
        if row.kind not in ("operation", "conditional") or (
            row.kind == "operation" and row.text not in _SUMS
        ):
            return False
        parts = [self.unit.values[part] for part in row.parts]
        if row.kind == "operation" and any(
            part.kind == "place" and self.unit.places[part.place] == target for part in parts
        ):
            return True
        return depth < 4 and any(self._sums(part, target, depth + 1) for part in row.parts)

    def _goes_on(self, number: int, target: Place, backward: int) -> bool:
        """Whether the effect runs again and again on a target that nothing makes anew or empties between."""
        loops = [each for each in self.graphs.loops(number) if each in self.graphs.loops(backward)]
        if not loops and (not self._is_own(target) or not self.repeats.repeats(number)):
            return False
        function = self.index.function_at(number)
        if self._is_bounded(target):
            return False
        for each in self.index.of_function[function]:
            effect = self.unit.effects[each]
            if each == number or (loops and loops[0] not in self.index.regions(effect.region)):
                continue
            if isinstance(effect, Bind):
                again = effect.how in ("augment", "element") or self._sums(effect.value, target)
                if self.unit.places[effect.target] == target and not again:
                    return False
            elif self._takes_out(effect, target):
                return False
        return True

    def _takes_out(self, effect: Effect, target: Place) -> bool:
        """`del losses[:]`, `losses.clear()`."""
        if isinstance(effect, Delete):
            return self._container(self.unit.places[effect.target]) == target
        if not isinstance(effect, Call) or effect.name not in _TAKES or effect.receiver == NONE:
            return False
        return self._container(self.unit.places[effect.receiver]) == target

    def _is_own(self, target: Place) -> bool:
        return target.path != () and self.unit.symbols[target.symbol].kind == "this"

    def _is_bounded(self, target: Place) -> bool:
        """`deque(maxlen=100)`."""
        for number in self.index.binds.get(target, ()):
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if isinstance(call, Call) and call.name == "deque":
                return len(call.args) > 1 or any(name == "maxlen" for name, _ in call.keywords)
        return False

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
