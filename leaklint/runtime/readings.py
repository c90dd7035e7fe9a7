"""What one series says of a holder, or of the whole heap where no holder can be read. No verdict yet."""

from __future__ import annotations

import msgspec

from leaklint.runtime.decide import Decision, Shape
from leaklint.runtime.measure import Run

NATIVE = "native bytes"
"""What malloc handed out, where resident memory grows with it."""


UNEVEN: tuple[Shape, ...] = ("staircase", "superlinear")
"""Shapes in which also grows what lives for a time, in a table that doubles, when calls become faster."""

QUICKER = 1.5
"""Times as many calls a second at the end from which they explain such growth. Machines with other work
come to 2 to 4 when that ends; a table doubles at some multiple between 1 and 2."""


FEW = 100
"""Calls below which caches of a library still fill: a crawl made 15 in its budget and gained 3 blocks each,
a closed figure 17 and 24."""

LARGE = 200
"""Blocks a call that tell even so: an open figure has thousands."""


class Reading(msgspec.Struct):
    """What one series says of one holder (or of the heap). leaks: None when it cannot be told."""

    run: Run
    leaks: bool | None
    shape: str
    reason: str
    growth: float
    counted: str
    values: list[int]


def reading_of(run: Run, decision: Decision, counted: str, values: list[int]) -> Reading:
    return Reading(
        run, decision.leaks, decision.shape, decision.reason, decision.growth_per_call, counted, values
    )


def read_heap(run: Run, batches: bool = False) -> Reading:
    """Exact counts; else native memory, when resident memory and malloc agree.

    batches: whether each call is a load on a server or a suite of tests: a few of those are many calls.
    """
    exact, values = run.decision("count"), run.counter("count")
    if exact is not None and values is not None and exact.leaks is not False:
        paced = _paced(reading_of(run, exact, "count", values))
        return paced if batches else _settled(paced)
    resident, native = run.decision("rss_bytes"), run.decision("malloc_bytes")
    native_values = run.counter("malloc_bytes")
    if resident is not None and native is not None and native_values and resident.leaks and native.leaks:
        reason = "native memory grows: resident memory and malloc agree"
        grown = Reading(run, True, native.shape, reason, native.growth_per_call, NATIVE, native_values)
        return _paced(grown)
    open_ones, counts = run.decision("descriptors"), run.counter("descriptors")
    if open_ones is not None and counts is not None and open_ones.leaks:
        return reading_of(run, open_ones, "descriptors", counts)
    if exact is not None and values is not None:
        return reading_of(run, exact, "count", values)
    for name in ("v8_bytes", "jvm_bytes", "tracemalloc_bytes", "rss_bytes"):
        decision, found = run.decision(name), run.counter(name)
        if decision is not None and found is not None:
            return reading_of(run, decision, name, found)
    return Reading(run, None, "short", "no counter is available in this process", 0.0, "", [])


def _settled(found: Reading) -> Reading:
    """Small growth in few calls is left open."""
    if found.leaks and found.run.calls < FEW and found.growth < LARGE:
        found.leaks = None
        found.reason = f"horizon: only {found.run.calls} calls were made, in which caches still fill"
    return found


def _paced(found: Reading) -> Reading:
    """Growth that the rate of calls may explain is left open: what lives for a time becomes more."""
    quicker = found.run.quicker()
    if found.leaks and found.shape in UNEVEN and quicker >= QUICKER:
        how = "in steps" if found.shape == "staircase" else "faster than the calls"
        found.leaks = None
        found.reason = (
            f"horizon: it grows {how} while calls become {quicker:.1f} times as fast, as does what lives "
            "for a time"
        )
    return found
