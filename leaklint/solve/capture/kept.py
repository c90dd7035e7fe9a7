"""What keeps an exception, a traceback or a frame, as the solvers of this room tell it."""

from __future__ import annotations

from typing import Literal

import msgspec

from leaklint.ir import NONE, Place

How = Literal["collected", "kept", "chained", "raised", "loop", "local", "reraised", "yield"]


class KeptError(msgspec.Struct):
    """`effect` keeps an exception (traceback, frame) in `place`; `more` shows how it got there.

    beside: a symbol of the frame, kept with it and worth naming, or NONE.
    """

    place: Place
    effect: int
    how: How
    value: int
    sure: bool = True
    more: list[tuple[int, str]] = []
    beside: int = NONE
