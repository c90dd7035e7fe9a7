"""Java, Android: animators that repeat for ever and that nothing cancels.

A running animator is held by the thread that draws, and holds its listeners. What it animates it holds
weakly, so that one without a listener is left alone; so is one that anybody else gets hold of.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.names import callee_name, is_from
from leaklint.solve.repeats import Repeats

_TYPES = ("ValueAnimator", "ObjectAnimator", "TimeAnimator")
_ENDS = frozenset(
    {"cancel", "end", "pause", "removeUpdateListener", "removeAllUpdateListeners", "removeAllListeners"}
)
_LISTENS = frozenset({"addUpdateListener", "addListener"})


class EndlessAnimator(msgspec.Struct):
    """`started` starts the animator in `place`; `listens` gives it what it keeps."""

    place: Place
    started: int
    repeated: int
    listens: int


class Animators:
    """Such animators of one unit."""

    def __init__(self, index: Index, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.repeats = repeats

    def found(self) -> Iterator[EndlessAnimator]:
        """One for each place, in source order."""
        if self.unit.language != "java" or "setRepeatCount" not in self.index.calls:
            return
        if not is_from(self.unit, self.index.import_modules, ["android.animation", "android.view.animation"]):
            return
        seen: set[Place] = set()
        for number in self.index.calls["setRepeatCount"]:
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            place = self.unit.places[call.receiver] if call.receiver != NONE else Place(NONE)
            if place in seen or not self._is_endless(call) or not self._is_animator(place):
                continue
            seen.add(place)
            started = self._called(place, frozenset({"start"}))
            listens = [each for each in self._called(place, _LISTENS) if self._holds(each)]
            if not started or not listens or self._is_ended(place) or self._is_given(place):
                continue
            if self.repeats.repeats(started[0]) and not self._ends_itself(listens):
                yield EndlessAnimator(place, started[0], number, listens[0])

    def _is_ended(self, place: Place) -> bool:
        """Whether anything ends an animator: here, from outside, or by a last round."""
        step = place.path[-1:]
        for number in (number for name in _ENDS for number in self.index.calls.get(name, ())):
            call = self.unit.effects[number]
            if not isinstance(call, Call) or call.receiver == NONE:
                continue
            other = self.unit.places[call.receiver]
            if other == place or (step and other.path[-1:] == step):  # `view.pulse.cancel()`
                return True
            symbol = self.index.symbol(other)
            if symbol is not None and symbol.kind == "parameter" and symbol.type.endswith("Animator"):
                return True  # a listener ends what it is told of
        repeats = [self.unit.effects[number] for number in self._called(place, frozenset({"setRepeatCount"}))]
        return any(isinstance(call, Call) and not self._is_endless(call) for call in repeats)

    def _is_endless(self, call: Call) -> bool:
        """`setRepeatCount(ValueAnimator.INFINITE)`, or the number that it stands for."""
        row = self.unit.values[call.args[0]] if len(call.args) == 1 else None
        if row is None:
            return False
        if row.kind == "place":
            place = self.unit.places[row.place]
            symbol = self.index.symbol(place)
            return place.path[-1:] == (".INFINITE",) or (symbol is not None and symbol.name == "INFINITE")
        return row.text == "-1" or (
            row.kind == "operation" and row.text == "-" and self.unit.values[row.parts[-1]].text == "1"
        )

    def _is_animator(self, place: Place) -> bool:
        """Whether a local, or a field of `this`, is bound to an animator that is made in this file."""
        symbol = self.index.symbol(place)
        if symbol is None or symbol.kind not in ("variable", "constant", "this") or len(place.path) > 1:
            return False
        made = [self._made(number) for number in self.index.binds.get(place, ())]
        return any(name.startswith(_TYPES) for name in made)

    def _made(self, bind: int) -> str:
        """The resolved name of the call whose result a bind stores."""
        effect = self.unit.effects[bind]
        row = self.unit.values[effect.value] if isinstance(effect, Bind) and effect.value != NONE else None
        return callee_name(self.unit, row.call) if row is not None and row.kind == "call" else ""

    def _called(self, place: Place, names: frozenset[str]) -> list[int]:
        """Calls of some methods of an animator."""
        found = [number for name in names for number in self.index.calls.get(name, ())]
        return sorted(number for number in found if self._is_on(number, place))

    def _is_on(self, number: int, place: Place) -> bool:
        call = self.unit.effects[number]
        return isinstance(call, Call) and call.receiver != NONE and self.unit.places[call.receiver] == place

    def _holds(self, number: int) -> bool:
        """Whether a listener refers to the object around: it is one, or an inner or anonymous class of it."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        row = self.unit.values[call.args[0]] if call.args else None
        if row is None:
            return False
        if row.kind == "closure":
            symbols = [self.unit.symbols[symbol] for symbol in self.unit.scopes[row.scope].captures]
            return any(symbol.kind in ("this", "parameter", "variable", "constant") for symbol in symbols)
        if row.kind == "place":
            symbol = self.index.symbol(self.unit.places[row.place])
            return symbol is not None and symbol.kind == "this"
        made = self.unit.effects[row.call] if row.kind == "call" else None
        return isinstance(made, Call) and made.new and bool(made.args) and self._is_class(made.args[-1])

    def _is_class(self, value: int) -> bool:
        return self.unit.values[value].kind == "class"

    def _is_given(self, place: Place) -> bool:
        """Whether anybody else gets hold of the animator: as an argument, a result, or under another name."""
        for effect in self.unit.effects:
            values = list(effect.args) if isinstance(effect, Call) else []
            if isinstance(effect, Bind | Leave) and effect.value != NONE:
                values = [effect.value]
            while values:
                row = self.unit.values[values.pop()]
                if row.kind in ("container", "conditional"):
                    values += row.parts
                if row.kind == "place" and self.unit.places[row.place] == place:
                    return True
        return False

    def _ends_itself(self, listens: list[int]) -> bool:
        """`animation.cancel()` in a listener: it ends when its work is done."""
        spans = [(self.unit.effects[number].at, self.unit.effects[number].end) for number in listens]
        return any(
            first <= self.unit.effects[number].at < last
            for name in ("cancel", "end", "pause")
            for number in self.index.calls.get(name, ())
            for first, last in spans
        )
