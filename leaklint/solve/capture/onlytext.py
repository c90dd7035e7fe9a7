"""Python: records of a file that keep an exception of which only the text is ever read.

`Failure(job, exc)` in a container that forgets its entries in time is no leak by itself. Where all that reads
`failure.error` makes text of it, the frames are kept for nobody.
"""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.holding.holder import Holder
from leaklint.solve.index import Index
from leaklint.solve.once import solved

# calls that make text of what they are given, or write it into a log
_TEXT = frozenset(
    {"str", "repr", "type", "format", "print", "format_exception", "format_exception_only"}
    | {"debug", "info", "warning", "error", "critical", "log"}
)
_ENOUGH = 100  # kept at once: fewer are a few frames each


def forgets(holder: Holder) -> bool:
    """Whether a container is bounded, or its entries are taken out again."""
    row = holder.container
    taken = any(item.selector in ("key", "value", "one") and not item.depth for item in holder.releases)
    return holder.bounded or (row is not None and row.bounded) or taken


class OnlyText:
    """Such records of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def keeps(self, holder: Holder, value: int, error: int) -> bool:
        """Whether a value is a new record of a class of the file, with the exception `error` for its text."""
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        owner = self.index.class_made(call) if isinstance(call, Call) else NONE
        if not isinstance(call, Call) or owner == NONE or self._is_small(holder.place):
            return False
        field = self._field(call, owner, error)
        if not field or any(item.selector == "one" for item in holder.releases):
            return False  # worked off
        takers = [self.index.function_at(item.effect) for item in holder.releases]
        return self._is_text(field, takers)

    def _is_small(self, place: Place) -> bool:
        """Whether a container is made for a few entries: `deque(maxlen=20)`."""
        for number in self.index.binds.get(place, ()):
            value = self.index.bind(number).value
            row = self.unit.values[value] if value != NONE else None
            call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if isinstance(call, Call):
                given = [each for name, each in call.keywords if name in ("maxlen", "maxsize")]
                return any(self._number(each) < _ENOUGH for each in given or call.args[1:2])
        return False

    def _number(self, value: int) -> int:
        """A number in the text or a constant of the module; 0 where it is neither."""
        row = self.unit.values[value]
        if row.kind == "place":
            binds = self.index.binds.get(self.unit.places[row.place], ())
            given = self.index.bind(binds[0]).value if len(binds) == 1 else NONE
            row = self.unit.values[given] if given != NONE else row
        text = row.text.replace("_", "") if row.kind == "number" else ""
        return int(text) if text.isdecimal() else 0

    def _field(self, call: Call, owner: int, error: int) -> str:
        """The step (`.error`) of the field that a constructor puts an argument into, or nothing."""
        for name, value in call.keywords:
            if value == error:
                return f".{name}"
        if error not in call.args:
            return ""
        position = call.args.index(error)
        for method in self.unit.owners[owner].methods:
            row = self.unit.scopes[method]
            if row.kind == "constructor":
                return self._put(method, row.params[position] if position < len(row.params) else NONE)
        fields = [
            symbol.name
            for symbol in self.unit.symbols
            if symbol.kind == "field" and self.unit.scopes[symbol.scope].owner == owner
        ]
        return f".{fields[position]}" if position < len(fields) else ""

    def _put(self, constructor: int, param: int) -> str:
        for number in self.index.of_function.get(constructor, ()):
            effect = self.unit.effects[number]
            value = getattr(effect, "value", NONE)
            row = self.unit.values[value] if value != NONE and not isinstance(effect, Call) else None
            target = getattr(effect, "target", NONE)
            if row is None or row.kind != "place" or target == NONE or param == NONE:
                continue
            path = self.unit.places[target].path
            if self.unit.places[row.place] == Place(param) and len(path) == 1:
                return path[0]
        return ""

    def _is_text(self, step: str, takers: list[int]) -> bool:
        """Whether others than `takers` read a field of that name, and nothing but text is made of it."""
        read = {
            number
            for number, row in enumerate(self.unit.values)
            if row.kind == "place" and step in self.unit.places[row.place].path
        }
        if not read or not read <= self._texts:
            return False
        if any(self.unit.places[self.unit.values[each].place].path[-1] != step for each in read):
            return False
        return not any(
            self.unit.scopes[taker].at <= self.unit.values[each].at < self.unit.scopes[taker].end
            for each in read
            for taker in takers
        )

    @solved
    def _texts(self) -> frozenset[int]:
        """Values that are made into text."""
        found: set[int] = set()
        for name in _TEXT & self.index.calls.keys():
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                found.update(call.args)
        for row in self.unit.values:
            if row.kind == "template":
                found.update(row.parts)
        return frozenset(found)
