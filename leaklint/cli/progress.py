"""A line that counts files on long runs, on standard error when that is a terminal, and nowhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

PATIENCE = 1.0
"""Seconds after which a run is long."""


def counting() -> Callable[[int, int], None] | None:
    """What tells the user how far a check is; None where nobody would see it."""
    if not sys.stderr.isatty():
        return None
    started = time.monotonic()

    def show(done: int, total: int) -> None:
        if time.monotonic() - started < PATIENCE:
            return
        text = f"{done} of {total} files checked" if done < total else ""
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()

    return show
