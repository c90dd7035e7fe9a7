"""JavaScript: meshes that a method takes out of the scene and replaces, where only the end of all disposes.

`resize(size) { this.scene.remove(this.floor); this.floor = new Mesh(new PlaneGeometry(size, size), …) }`
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit, Value
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name

_SHOWN = regex(r"three[\w/.-]*\.\w*(Mesh|Points|Line|LineSegments|LineLoop|Sprite|Line2)|THREE\.\w*")
_ENDS = regex(r"(?i)\w*(dispos|destroy|free|clean|clear|releas|teardown|unload)\w*")
# calls that are handed a mesh and leave it as it is
_SHOWS = ("add", "remove", "attach", "push", "lookAt", "copy", "setFromObject")


class Drawn(msgspec.Struct):
    """What is made for a scene, and the call that takes things out of the scene again."""

    made: list[int]
    removed: int


class Replaced:
    """Answers for one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def found(self, made: Sequence[int], removed: Sequence[int]) -> Iterator[Drawn]:
        """made: geometries, materials and textures; removed: calls that take things out of a scene."""
        for number in removed:
            function, thing = self.index.function_at(number), self._thing(number)
            if thing is None or self._ends(function) or self._is_handed_on(thing, function):
                continue
            callers = {self.index.function_at(call) for call in self.index.callers.get(function, ())}
            if any(self._ends_it(each, thing) for each in callers):
                continue
            makers = set(self._makers(thing, number, function))
            mine = [each for each in made if self.index.function_at(each) in makers]
            mine = sorted(each for each in mine if not self._is_kept(each))
            if mine:
                yield Drawn(mine, number)

    def _thing(self, number: int) -> Place | None:
        """The field, or variable around its function, whose mesh a call takes out of the scene."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        row = self.unit.values[call.args[0]] if call.args else None
        at = call.receiver if row is None else row.place if row.kind == "place" else NONE
        place = self.unit.places[at] if at != NONE else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is None or symbol is None:
            return None
        if symbol.kind == "this":
            return place if len(place.path) == 1 else None
        outer = symbol.kind == "variable" and self.index.function(symbol.scope) != self.index.function_at(
            number
        )
        return place if outer and not place.path else None

    def _makers(self, thing: Place, removed: int, function: int) -> Iterator[int]:
        """The functions that put a new mesh there, if the one that takes the old one out lets go of it."""
        binds = [(number, self.unit.effects[number]) for number in self.index.binds.get(thing, ())]
        stored = [
            (number, bind.value) for number, bind in binds if isinstance(bind, Bind) and bind.value != NONE
        ]
        after = [
            value
            for number, value in stored
            if number > removed and self.index.function_at(number) == function
        ]
        for value in after:
            if self._is_mesh(self.unit.values[value]):
                yield function
            elif self.index.is_nothing(value):
                for number, other in stored:
                    if self._is_mesh(self.unit.values[other]):
                        yield self.index.function_at(number)

    def _is_mesh(self, row: Value) -> bool:
        if row.kind == "place":
            place = self.unit.places[row.place]
            binds = self.index.binds.get(place, ()) if not place.path else ()
            value = self.index.bind(binds[0]).value if len(binds) == 1 else NONE
            row = self.unit.values[value] if value != NONE else row
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or not call.new:
            return False
        return _SHOWN.fullmatch(callee_name(self.unit, row.call)) is not None

    def _is_kept(self, made: int) -> bool:
        """Whether a field keeps a geometry or material by itself: it may be used again or disposed of."""
        bind = self.unit.effects[made + 1] if made + 1 < len(self.unit.effects) else None
        if not isinstance(bind, Bind) or bind.value == NONE or self.unit.values[bind.value].call != made:
            return False
        place = self.unit.places[bind.target]
        function = self.index.function_at(made)
        return bool(place.path) or self.index.function(self.unit.symbols[place.symbol].scope) != function

    def _ends(self, function: int) -> bool:
        """Whether a function is named as an end, or calls what may be one."""
        if _ENDS.fullmatch(self.unit.scopes[function].name):
            return True
        for number in self.index.of_function.get(function, ()):
            call = self.unit.effects[number]
            if not isinstance(call, Call):
                continue
            called = self.index.callee_scope(number)
            inner = self.index.of_function.get(called, ()) if called != NONE else ()
            names = [call.name, *(getattr(self.unit.effects[each], "name", "") for each in inner)]
            if any(_ENDS.fullmatch(name) for name in names):
                return True
        return False

    def _ends_it(self, function: int, thing: Place) -> bool:
        """Whether a function disposes of a mesh, or of a part of it."""
        for number in self.index.of_function.get(function, ()):
            call = self.unit.effects[number]
            if not isinstance(call, Call) or not _ENDS.fullmatch(call.name):
                continue
            at = self.unit.places[call.receiver] if call.receiver != NONE else Place(NONE)
            if at.symbol == thing.symbol and at.path[: len(thing.path)] == thing.path:
                return True
            if any(self._is(value, thing) for value in call.args):
                return True
        return False

    def _is_handed_on(self, thing: Place, function: int) -> bool:
        """Whether a function gives a mesh to one that may dispose of it, or to another name."""
        for number in self.index.of_function.get(function, ()):
            effect = self.unit.effects[number]
            values: Sequence[int] = ()
            if isinstance(effect, Call) and effect.name not in _SHOWS:
                values = effect.args
            elif isinstance(effect, Bind) and effect.value != NONE:
                values = (effect.value,)
            if any(self._is(value, thing) for value in values):
                return True
        return False

    def _is(self, value: int, thing: Place) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self.unit.places[row.place] == thing
