"""The decision rule on series that other tools and projects have published, with what was found out there."""

from __future__ import annotations

from itertools import accumulate

import pytest

from leaklint.runtime.decide import GATES, decide

MB = 1_000_000.0

# CPython's regrtest -R 3:20 on test_uuid (python/cpython issue 115725): differences of memory blocks and
# of references. The developers were not convinced that it leaks: blocks come back to where they were.
BLOCKS = [3, -3, 0] * 6 + [3, -3]
REFERENCES = [6, -6, 1] * 6 + [6, -6]

# regrtest on a test that leaks for certain (python/cpython issue 122404), as it would go on
TEN_EACH = [10] * 20

# memory_profiler's `mprof` on a program that loads its data, in MiB, every 0.1 s (a course's report)
MPROF = [
    *(3.578, 19.996, 30.340, 38.543, 48.914, 66.543, 80.039, 84.336, 84.352, 84.352),
    *(85.008, 85.008, 85.008, 85.008, 85.762),
]

# node-protobuf pull request 87: resident memory of a script that "continuously goes up without bound"
PROTOBUF = [
    *(17182720, 38141952, 57458688, 76390400, 96145408, 114917376, 133206016, 152915968, 171692032),
    *(190488576, 209526784, 228552704, 247595008, 266752000, 282992640),
]

# Level/leveldown issue 272, after the repair of a leaking iterator: megabytes of resident memory, of the
# heap in use, and of the native heap
LEVELDOWN_RSS = [24, 27, 27, 27, 27, 31, *[32] * 14, *[40] * 6]
LEVELDOWN_HEAP = [2, 3, 4, 4, 4, 5, 3, 4, 6, 3, 5, 3, 4, 6, 3, 5, 3, 4, 6, 3, 5, 10, 8, 6, 3, 9]
LEVELDOWN_NATIVE = [17, *[19] * 20, *[20] * 5]


@pytest.mark.parametrize(
    ("readings", "gate", "leaks"),
    [
        (list(accumulate(BLOCKS, initial=0)), "count", False),
        (list(accumulate(REFERENCES, initial=0)), "count", False),
        (list(accumulate(TEN_EACH, initial=0)), "count", True),
        (PROTOBUF, "rss_bytes", True),
        ([value * MB for value in LEVELDOWN_HEAP], "v8_bytes", False),
    ],
)
def test_published_series(readings: list[float], gate: str, leaks: bool) -> None:
    assert decide(readings, 1, *GATES[gate]).leaks is leaks, decide(readings, 1, *GATES[gate])


@pytest.mark.parametrize(
    "readings", [[value * MB for value in series] for series in (LEVELDOWN_RSS, LEVELDOWN_NATIVE, MPROF)]
)
def test_a_start_or_steps_of_megabytes_are_never_called_a_leak(readings: list[float]) -> None:
    """Resident memory alone may leave it open."""
    assert decide(readings, 1, *GATES["rss_bytes"]).leaks is not True
