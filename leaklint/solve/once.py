"""What is made once: for a table of models and not for each file, for a file and not for each question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Table = TypeVar("Table")
Made = TypeVar("Made")

_KEPT = 8  # tables that are remembered for one function: those of a few languages


def once_a_table(make: Callable[[Table], Made]) -> Callable[[Table], Made]:
    """`make`, with what it made of the last few tables remembered. A table is known by its identity."""
    known: list[tuple[Table, Made]] = []

    def look_up(table: Table) -> Made:
        for row, made in known:
            if row is table:
                return made
        made = make(table)
        known.insert(0, (table, made))
        del known[_KEPT:]
        return made

    return look_up


class solved(Generic[Made]):
    """A method that runs when it is first read, as an attribute: `functools.cached_property` without a lock.

    One thread solves a file. Python 3.12 has no such lock either; it costs more than most parts do that
    have nothing to solve.
    """

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make = make
        self._name = make.__name__

    def __get__(self, one: Any, kind: type | None = None) -> Made:
        made = one.__dict__[self._name] = self._make(one)
        return made
