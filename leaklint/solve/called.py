"""Rows of models by the names of the calls that they speak of: a file meets only the rows that it calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from typing import Generic, TypeVar

from leaklint.solve.names import Patterns

Row = TypeVar("Row")


class CalledRows(Generic[Row]):
    """Rows in the order of their table, each with the patterns of its calls."""

    def __init__(self, rows: Iterable[tuple[Row, Iterable[Patterns]]]) -> None:
        self._rows: list[Row] = []
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self._globs: list[tuple[int, Patterns]] = []
        for number, (row, calls) in enumerate(rows):
            self._rows.append(row)
            for patterns in calls:
                for name in patterns.last_names:
                    self._by_name[name].add(number)
                if patterns.heads:
                    self._globs.append((number, patterns))
        self._heads = tuple({head for _, patterns in self._globs for head in patterns.heads})
        self._tails = tuple({tail for _, patterns in self._globs for tail in patterns.tails})

    def of(self, names: Set[str]) -> list[Row]:
        """The rows that speak of a call of one of these names."""
        found: set[int] = set()
        for name in self._by_name.keys() & names:
            found |= self._by_name[name]
        for name in names if self._globs else ():
            if name.startswith(self._heads) and name.endswith(self._tails):
                found.update(number for number, patterns in self._globs if patterns.fits_glob(name))
        return [self._rows[number] for number in sorted(found)]
