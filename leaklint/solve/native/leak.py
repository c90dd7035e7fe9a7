"""The record of a value that nobody ends."""

from __future__ import annotations

from typing import Literal

import msgspec

from leaklint.ir import NONE, Place
from leaklint.models import Native


class NativeLeak(msgspec.Struct):
    """A value that nobody ends. how: kept in a local, in a field, or dropped when a slot is taken.

    chained: only a method of it was called, and the value itself was kept nowhere.
    early: its function ends it, and leaves before that at `evidence`.
    failed: its function ends it, catches a failure of `evidence` before that, and does not end it then.
    overwritten: a loop makes one after the other, and the last one is ended.
    replaced: the methods that make the next one end the one before, and nothing ends the last.
    given up: a wait with a limit is over, and what it waited for runs on.
    received: a handler is given it, and is the last to use it.
    """

    effect: int
    row: Native
    how: Literal[
        "local",
        "field",
        "borrowed",
        "dropped",
        "chained",
        "early",
        "failed",
        "thrown",
        "overwritten",
        "replaced",
        "received",
        "given up",
    ]
    place: Place
    evidence: int = NONE
