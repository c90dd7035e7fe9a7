"""The teeth of a sawtooth: what a collector's work looks like from outside, and the base below them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from leaklint.runtime.decide import RISES

DEEP = 0.3
"""A fall of this share of the whole range may be the end of a tooth that has been all the growth so far."""


class Teeth(NamedTuple):
    """width: readings that hold a whole tooth, 1 where there is none. longest: readings before the first
    fall or between two. few: too few teeth to show the base."""

    width: int = 1
    longest: int = 0
    few: bool = False


def teeth(readings: Sequence[float], least: float) -> Teeth:
    """The teeth in `readings` that are higher than `least`.

    A tooth ends with a fall of at least half of the usual swing. Noise has such falls as well; it is
    `climbs` that tells the two apart.
    """
    swing = _swing(readings)
    falls = _falls(readings, swing / 2) if swing >= least else []
    deep = bool(_falls(readings, DEEP * (max(readings) - min(readings))))
    if not falls or (len(falls) == 1 and not deep):
        return Teeth()  # a release now and then does not stop a leak
    most = len(readings) // 3
    width = max((after - before for before, after in pairwise(falls)), default=most) + 2
    longest = max(falls[0], width) if len(falls) > 1 else falls[0]
    return Teeth(min(width, most), longest, deep and max(longest, len(readings) - falls[-1]) > most)


def base(readings: Sequence[float], width: int) -> list[float]:
    """The least of the last `width` readings, at every reading."""
    return [min(readings[max(0, index - width + 1) : index + 1]) for index in range(len(readings))]


def climbs(readings: Sequence[float]) -> bool:
    """Whether it rises slowly and falls suddenly, as memory does that a collector empties."""
    moves = [after - before for before, after in pairwise(readings) if after != before]
    return sum(move > 0 for move in moves) > RISES * len(moves)


def _swing(readings: Sequence[float]) -> float:
    """The usual range of the readings around a moving median: their trend taken away."""
    reach = max(3, len(readings) // 8)
    rest = sorted(
        value - median(readings[max(0, index - reach) : index + reach + 1])
        for index, value in enumerate(readings)
    )
    return rest[-1 - len(rest) // 20] - rest[len(rest) // 20]


def _falls(readings: Sequence[float], depth: float) -> list[int]:
    """Where the readings have fallen by `depth` from the highest since the last fall."""
    found, top = [], readings[0]
    for index, value in enumerate(readings):
        if top - value >= depth > 0:
            found.append(index)
            top = value
        top = max(top, value)
    return found
