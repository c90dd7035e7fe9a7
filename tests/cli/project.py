"""A small project with one leak, and what a call of the command brings back."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

LEAK = """\
CACHE = {}


def remember(key, value):
    CACHE[key] = value
"""
CLEAN = "def double(x):\n    return 2 * x\n"


class Answer(msgspec.Struct, frozen=True):
    code: int
    out: str
    err: str


Call = Callable[..., Answer]
