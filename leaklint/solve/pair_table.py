"""The pairs of a table of models, with their patterns compiled once for all units."""

from __future__ import annotations

from leaklint.models import Models, Pair
from leaklint.solve.names import Patterns


class PairRow:
    """A pair with its patterns, made once for all units."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.acquire = Patterns([*pair.acquire, *pair.once])
        self.release = [(release, Patterns([release.call])) for release in pair.release]
        self.has_globs = self.acquire.has_globs or any(patterns.has_globs for _, patterns in self.release)
        self.names = self.acquire.last_names.union(*(patterns.last_names for _, patterns in self.release))


_ROWS: list[tuple[Models, list[PairRow]]] = []


def rows(models: Models) -> list[PairRow]:
    """The rows of a table of models; the last few tables are remembered."""
    for known, made in _ROWS:
        if known is models:
            return made
    made = [PairRow(pair) for pair in models.pair]
    _ROWS.insert(0, (models, made))
    del _ROWS[4:]
    return made
