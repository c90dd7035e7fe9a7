"""Calls that make an object of a class of the file, which extends one of a library that must be ended."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.models import Native
from leaklint.solve.index import Index
from leaklint.solve.names import is_from, resolved_name


class Extended:
    """Such calls of one unit, for the rows that ask for them."""

    def __init__(self, index: Index, rows: list[Native]) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.rows = rows

    def found(self) -> Iterator[tuple[int, Native]]:
        """(call, row), class by class."""
        for row in self.rows:
            if not row.extended or not is_from(self.unit, self.index.import_modules, row.packages):
                continue
            for owner, made in enumerate(self.unit.owners):
                numbers = self.index.calls.get(made.name, ())
                if not numbers or not self._extends(owner, row) or self._ends_itself(owner, row):
                    continue
                for number in numbers:
                    call = self.unit.effects[number]
                    if isinstance(call, Call) and self.index.class_made(call) == owner:
                        yield number, row

    def _extends(self, owner: int, row: Native) -> bool:
        bases = [value for each in self.index.lineage(owner) for value in self.unit.owners[each].bases]
        rows = [self.unit.values[value] for value in bases]
        return any(
            each.kind == "place" and resolved_name(self.unit, self.unit.places[each.place]) in row.make
            for each in rows
        )

    def _ends_itself(self, owner: int, row: Native) -> bool:
        """Whether the class calls an end on its own object, or hands it to somebody who does."""
        this = {self.unit.owners[each].this for each in self.index.lineage(owner)}
        for name in row.end:
            own = {Place(symbol, (f".{name}",)) for symbol in this if symbol != NONE}
            places = (self.unit.places[value.place] for value in self.unit.values if value.kind == "place")
            if not own.isdisjoint(places):
                return True
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                receiver = call.receiver if isinstance(call, Call) else NONE
                if receiver != NONE and self.unit.places[receiver] in {Place(symbol) for symbol in this}:
                    return True
        return False
