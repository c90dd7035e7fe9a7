"""What follows from a table of models alone is made once, and not once for each file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

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
