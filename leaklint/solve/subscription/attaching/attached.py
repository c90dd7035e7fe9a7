"""An attachment that stays."""

from __future__ import annotations

from typing import Literal

import msgspec

from leaklint.ir import NONE, Place

How = Literal[
    "undone-elsewhere",
    "never-undone",
    "per-call",
    "per-object",
    "shared",
    "handle",
    "sibling",
    "sender",
    "uid",
    "renewed",
    "other",
]


class Attached(msgspec.Struct):
    """`effect` attaches `callback` to `receiver` (NONE for a decorator)."""

    effect: int
    receiver: Place | None
    callback: int
    how: How
    owner: int = NONE
    hint: int = NONE
    sure: bool = True
