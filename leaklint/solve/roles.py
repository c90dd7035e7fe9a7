"""What becomes of values and places: given away, ended, called, or only read.

Built when a rule first asks for the fate of a handle; it knows no API, callers say which methods end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

from leaklint.ir import NONE, Bind, Call, Leave, Place
from leaklint.solve.index import Index

Role = Literal["argument", "bound", "element", "returned", "kept", "read"]
_PASSES = frozenset({"or", "and", "??"})


class Roles:
    """Look-ups of one unit: calls on a place, calls of a place, and what a value is used for."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit = index.unit
        self._received: dict[Place, list[int]] = defaultdict(list)
        self._called: dict[Place, list[int]] = defaultdict(list)
        self._parents: dict[int, int] = {}
        self._roles: dict[int, tuple[Role, int]] = {}
        self._built = False

    @property
    def received(self) -> dict[Place, list[int]]:
        """Place -> calls of its methods."""
        self._build()
        return self._received

    @property
    def called(self) -> dict[Place, list[int]]:
        """Place -> calls of what it keeps."""
        self._build()
        return self._called

    def _build(self) -> None:
        if self._built:
            return  # most files have no handle that anybody asks about
        self._built = True
        for number, value in enumerate(self.unit.values):
            for part in value.parts:
                self._parents[part] = number
        for number, effect in enumerate(self.unit.effects):
            if isinstance(effect, Call):
                self._call(number, effect)
            elif isinstance(effect, Bind):
                if effect.value != NONE:
                    self._roles[effect.value] = ("element" if effect.how == "element" else "bound", number)
            elif isinstance(effect, Leave) and effect.value != NONE and effect.how in ("return", "yield"):
                self._roles[effect.value] = ("returned", number)

    def _call(self, number: int, call: Call) -> None:
        if call.receiver != NONE:
            self._received[self.unit.places[call.receiver]].append(number)
        elif call.callee != NONE:
            self._called[self.unit.places[call.callee]].append(number)
        for argument in call.args:
            self._roles[argument] = ("argument", number)
        for _, argument in call.keywords:
            self._roles[argument] = ("argument", number)

    def role(self, value: int) -> tuple[Role, int]:
        """What a value is used for, and the effect that uses it (NONE when it is only read)."""
        self._build()
        for _ in range(20):
            known = self._roles.get(value)
            if known is not None:
                return known
            parent = self._parents.get(value, NONE)
            if parent == NONE:
                break
            row = self.unit.values[parent]
            if row.kind in ("container", "spread"):
                return "kept", NONE
            if row.kind != "conditional" and not (row.kind == "operation" and row.text in _PASSES):
                break
            if row.kind == "operation" and row.text == "and" and row.parts[-1] != value:
                break  # `handle && handle.stop()` asks whether there is one
            value = parent
        return "read", NONE

    def container(self, value: int) -> int:
        """The object or array literal that a value is kept in, or the value itself."""
        self._build()
        for _ in range(20):
            parent = self._parents.get(value, NONE)
            if parent == NONE or self.unit.values[value].kind == "container":
                break
            value = parent
        return value

    def literal(self, value: int) -> int:
        """The outermost literal that a value stands in, or the value itself."""
        self._build()
        for _ in range(20):
            parent = self._parents.get(value, NONE)
            if parent == NONE or self.unit.values[parent].kind not in ("container", "spread", "conditional"):
                break
            value = parent
        return value

    def of(self, place: Place) -> Iterator[tuple[Role, int]]:
        """The roles of every value that is exactly this place."""
        for value in self.index.references.get(place.symbol, ()):
            if self.unit.places[self.unit.values[value].place] == place:
                yield self.role(value)

    def is_given_away(self, place: Place) -> bool:
        """Whether somebody else gets hold of what a place keeps: from then on it is theirs to end."""
        return any(role != "read" for role, _ in self.of(place))
