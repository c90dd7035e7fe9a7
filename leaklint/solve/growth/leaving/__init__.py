"""Entries that a way out of a piece of work leaves in: a failure, a timeout, an end that removes nothing.

Each solver knows some shapes of real fixes, on their own terms. Walking the paths of every pair of insertion
and removal finds none of them and raises false alarms (see docs/disputed.md).
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.solve.growth.leaving.answers import Answers
from leaklint.solve.growth.leaving.arranged import Arranged
from leaklint.solve.growth.leaving.awaits import Awaits
from leaklint.solve.growth.leaving.base import Left
from leaklint.solve.growth.leaving.brackets import Brackets
from leaklint.solve.growth.leaving.brokenoff import BrokenOff
from leaklint.solve.growth.leaving.cancellations import Cancellations
from leaklint.solve.growth.leaving.earlyexits import EarlyExits
from leaklint.solve.growth.leaving.ended import Ended
from leaklint.solve.growth.leaving.expiries import Expiries
from leaklint.solve.growth.leaving.firings import Firings
from leaklint.solve.growth.leaving.futures import Futures
from leaklint.solve.growth.leaving.guarded import Guarded
from leaklint.solve.growth.leaving.midway import Midways
from leaklint.solve.growth.leaving.oneway import OneWays
from leaklint.solve.growth.leaving.shortcuts import Shortcuts
from leaklint.solve.growth.leaving.swallowed import Swallowed
from leaklint.solve.growth.siblings import Siblings
from leaklint.solve.growths import Growths


def left_behind(growths: Growths, siblings: Siblings) -> Iterator[Left]:
    """The first way out of each holder that leaves an entry in it."""
    if not any(holder.growths for holder in growths.holders.by_place.values()):
        return
    seen = set()
    solvers = (
        OneWays(growths, siblings),
        Answers(growths),
        Midways(growths),
        Futures(growths),
        EarlyExits(growths),
        Guarded(growths),
        Ended(growths),
        Firings(growths),
        Cancellations(growths),
        Expiries(growths),
        Shortcuts(growths),
        Brackets(growths, siblings),
        Awaits(growths, siblings),
        Arranged(growths),
        BrokenOff(growths),
        Swallowed(growths),
    )
    for solver in solvers:
        for item in solver.found():
            if item.holder.place not in seen:
                seen.add(item.holder.place)
                yield item
