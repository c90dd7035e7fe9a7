"""The pairs of a table of models, with their patterns compiled once for all units."""

from __future__ import annotations

from leaklint.models import Models, Pair
from leaklint.solve.called import CalledRows
from leaklint.solve.names import Patterns
from leaklint.solve.once import once_a_table


class PairRow:
    """A pair with its patterns, made once for all units."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.acquire = Patterns([*pair.acquire, *pair.once])
        self.release = [(release, Patterns([release.call])) for release in pair.release]


@once_a_table
def rows(models: Models) -> CalledRows[PairRow]:
    """The pairs of a table of models, by what a file calls of them."""
    made = [PairRow(pair) for pair in models.pair]
    return CalledRows((row, [row.acquire, *(patterns for _, patterns in row.release)]) for row in made)
