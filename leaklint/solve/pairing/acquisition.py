"""What is acquired, and what is called to take it back."""

from __future__ import annotations

import msgspec

from leaklint.ir import NONE, Place
from leaklint.models import Pair, ReleaseCall
from leaklint.solve.destinations import Destination
from leaklint.solve.receivers import Receiver


class Acquisition(msgspec.Struct):
    """One acquiring call.

    handle: place that keeps its result, when it is kept in one; `destination` says where it goes.
    released_by: releases that certainly or possibly undo it.
    missed_by: releases of the same receiver and event that certainly do not, with the reason.
    within: the call inside a function of the file that adds for its callers, of which this is one.
    """

    effect: int
    pair: Pair
    receiver: int
    life: Receiver
    event: int = NONE
    callback: int = NONE
    options: int = NONE
    destination: Destination = "dropped"
    handle: Place | None = None
    once: bool = False
    released_by: list[int] = []
    missed_by: list[tuple[int, str]] = []
    within: int = NONE


class Removal(msgspec.Struct):
    """One releasing call, with what it names."""

    effect: int
    call: ReleaseCall
    receiver: int
    event: int = NONE
    callback: int = NONE
    options: int = NONE
    handle: int = NONE
    matches: int = 0  # acquisitions that it may undo
