"""Python: which variables carry the graph that a call of `backward()` has used (PyTorch, Chainer, Paddle).

It knows nothing of where such a variable goes: see `histories`.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Delete, Place, Unit, Value
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex

# give a number, or a tensor without its history
_CUTS = frozenset({"item", "detach", "tolist", "numpy", "float", "cpu", "detach_", "unchain_backward"})
_NUMBERS = frozenset({".data", ".array"})
# give a tensor of the same graph
_KEEPS = frozenset({"scale", "scale_loss", "mean", "sum"})
# a part of a sum may be a weight: one that is named so is a loss itself
_PART = regex(
    r"(?i)(\w+_)?(loss|losses|cost|penalty|nll|kld?|bce|mse|err(or)?)(_?[a-z0-9]{1,3})?|loss_\w{1,8}|l_\w+"
)
_DEPTH = 3


class Graphs:
    """The variables of one unit that a `backward()` goes back from."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def carriers(self, number: int) -> Iterator[tuple[Place, bool]]:
        """Places that keep the graph of a call of `backward()`; True: an object around a tensor."""
        loops = self.loops(number)
        for tensor in self._differentiated(number):
            if "[]" in tensor.path[:-1]:
                continue
            if tensor.path[-1:] != ("[]",) and self._carries(tensor, loops):
                if not self._is_made_over(tensor, number):
                    yield tensor, False
                for part in self._parts(tensor, _DEPTH):
                    made = self._is_made(part) and self._carries(part, loops)
                    if made and not self._is_made_over(part, number):
                        yield part, False
            whole = Place(tensor.symbol)
            inside = len(tensor.path) == 1 and self.unit.symbols[whole.symbol].kind == "variable"
            if inside and self._carries(whole, loops) and not self._is_cut(tensor):
                yield whole, True

    def _carries(self, place: Place, loops: list[int]) -> bool:
        return self._is_new(place, loops) and not self._is_cut(place)

    def loops(self, number: int) -> list[int]:
        """The loops around an effect, innermost first."""
        around = self.index.regions(self.unit.effects[number].region)
        return [each for each in around if self.unit.regions[each].kind == "loop"]

    def _differentiated(self, number: int) -> Iterator[Place]:
        """`loss.backward()`, `loss.sum().backward()`, `scaler.scale(loss).backward()`, `amp.backward(x)`."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        place = self.unit.places[call.receiver] if call.receiver != NONE else None
        values = list(call.args)
        if place is not None and place.symbol != NONE and not call.args:
            yield place
        inner = self.unit.effects[place.call] if place is not None and place.call != NONE else None
        if isinstance(inner, Call) and place is not None and not place.path:
            values += inner.args
            receiver = self.unit.places[inner.receiver] if inner.receiver != NONE else None
            if receiver is not None and receiver.symbol != NONE and inner.name in _KEEPS and not inner.args:
                yield receiver
        for value in values:
            row = self.unit.values[value]
            if row.kind == "place" and self.unit.places[row.place].symbol != NONE:
                yield self.unit.places[row.place]

    def _parts(self, tensor: Place, depth: int) -> Iterator[Place]:
        """What a loss is made from by operators: `loss = fit + 0.1 * penalty`, `scaled = loss / steps`."""
        for number in self.index.binds.get(tensor, ()) if depth else ():
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            for place in self._operands(bind.value, 0) if bind.value != NONE else ():
                if place == tensor or place.path or place.symbol == NONE:
                    continue
                if _PART.fullmatch(self.unit.symbols[place.symbol].name):
                    yield place
                    yield from self._parts(place, depth - 1)

    def _operands(self, value: int, depth: int) -> Iterator[Place]:
        row = self.unit.values[value]
        if row.kind == "place":
            yield self.unit.places[row.place]
        elif row.kind == "operation" and row.text in ("+", "-", "*", "/") and depth < 6:
            for part in row.parts:
                yield from self._operands(part, depth + 1)
        elif row.kind == "call":
            call = self.unit.effects[row.call]
            if isinstance(call, Call) and call.name in _KEEPS:
                for part in call.args[:1]:
                    yield from self._operands(part, depth + 1)

    def _is_new(self, tensor: Place, loops: list[int]) -> bool:
        """Whether each round makes it anew; one that adds up over the rounds is differentiated as a whole."""
        symbol = self.unit.symbols[tensor.symbol]
        binds = [self.unit.effects[number] for number in self.index.binds.get(tensor, ())]
        if not binds:
            return bool(tensor.path) or symbol.kind == "parameter"
        plain = [bind for bind in binds if isinstance(bind, Bind) and bind.how != "augment"]
        if not plain and symbol.kind == "parameter":
            return True
        return any(not loops or loops[0] in self.index.regions(bind.region) for bind in plain)

    def _is_made(self, tensor: Place) -> bool:
        """Whether a call or a sum of such makes it: no number of the text, no loop variable."""
        for number in self.index.binds.get(tensor, ()):
            bind = self.unit.effects[number]
            if not isinstance(bind, Bind) or bind.how not in ("assign", "declare", "augment"):
                return False
            row = self.unit.values[bind.value] if bind.value != NONE else None
            if row is not None and (row.kind in ("call", "operation") or self._is_field_of_result(row)):
                return True
        return False

    def _is_field_of_result(self, row: Value) -> bool:
        """`model(batch).loss`."""
        return row.kind == "place" and self.unit.places[row.place].call != NONE

    def _is_made_over(self, tensor: Place, backward: int) -> bool:
        """`loss = average(loss)` after `loss.backward()`: a function of the program may cut it off."""
        for number in self.index.binds.get(tensor, ()):
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if number < backward or not isinstance(call, Call) or call.name in _KEEPS:
                continue
            if any(self._is_read(value, tensor) for value in call.args):
                return True
        return False

    def _is_read(self, value: int, place: Place) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self.unit.places[row.place] == place

    def _is_cut(self, tensor: Place) -> bool:
        """Whether its plain number, or a copy without history, takes its place somewhere."""
        for number in self.index.binds.get(tensor, ()):
            bind = self.unit.effects[number]
            if isinstance(bind, Bind) and bind.value != NONE and self._cuts(bind.value):
                return True
        for number in self.index.elements:
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            if self._is_inside(self.unit.places[bind.target], tensor) and self._cuts(bind.value):
                return True
        for number in self.index.deletes:
            delete = self.unit.effects[number]
            if isinstance(delete, Delete) and self._is_inside(self.unit.places[delete.target], tensor):
                return True
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and call.receiver != NONE
            and self.unit.places[call.receiver] == tensor
            for name in ("detach_", "unchain_backward")
            for number in self.index.calls.get(name, ())
        )

    def _is_inside(self, place: Place, tensor: Place) -> bool:
        """Whether `out`, or `out.loss` for `out.loss`, is what is written to."""
        return place.symbol == tensor.symbol and place.path == tensor.path[: len(place.path)]

    def _cuts(self, value: int) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            path = self.unit.places[row.place].path
            return bool(path) and path[-1] in _NUMBERS
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return isinstance(call, Call) and call.name in _CUTS
