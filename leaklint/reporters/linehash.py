"""GitHub's `primaryLocationLineHash`: what code scanning recognises an alert by from one commit to the next.

A rolling hash from the start of each line over the next 100 UTF-16 units that are neither space nor tab,
line breaks counted; the algorithm of github/codeql-action, so that alerts uploaded by either agree.
"""

from __future__ import annotations

import sys
from collections import Counter, deque

BLOCK = 100
_BASE = 37
_MASK = 2**64 - 1
_FIRST = pow(_BASE, BLOCK, 2**64)
_END = 65535


def line_hashes(data: bytes) -> list[str]:
    """The hash of every line of a file, `:n` for the n-th equal one. `data` as it is on disk."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    order = "le" if sys.byteorder == "little" else "be"
    units = memoryview(text.encode(f"utf-16-{order}", "surrogatepass")).cast("H")
    seen: Counter[str] = Counter()
    hashes: list[str] = []
    window = deque([0] * BLOCK)
    starts: deque[int] = deque()  # position in the stream at which each line that is not hashed yet starts
    value = 0
    position = 0

    def push(unit: int) -> None:
        nonlocal value, position
        value = (_BASE * value + unit - _FIRST * window.popleft()) & _MASK
        window.append(unit)
        position += 1
        if starts and starts[0] + BLOCK == position:
            starts.popleft()
            digest = f"{value:x}"
            seen[digest] += 1
            hashes.append(f"{digest}:{seen[digest]}")

    at_start = True
    for unit in (*units, _END):
        if unit in (32, 9):
            continue
        if at_start:
            starts.append(position)
        at_start = unit == 10
        push(unit)
    for _ in range(BLOCK - 1):
        push(0)
    return hashes
