"""Growth beside calls that become faster: what lives for a time becomes more, and its table doubles."""

from __future__ import annotations

import pytest

from leaklint.runtime.agent import Driver, Sample
from leaklint.runtime.measure import Run
from leaklint.runtime.verdict import Verdict, join_heap

STEP = 10
READINGS = 161
KB = 1024


def judged(count: list[int], native: list[int], calls_a_second: list[float]) -> Verdict:
    """A series with those blocks of the allocator and bytes of malloc, resident memory above them."""
    samples = [
        Sample(
            number * STEP,
            counters={"count": count[number], "malloc_bytes": native[number], "rss_bytes": native[number]},
            call_seconds=STEP / calls_a_second[number],
        )
        for number in range(READINGS)
    ]
    return join_heap(Driver("python", "serve", "workload"), [Run("fresh", samples, STEP)])


EVEN = [1000.0] * READINGS
QUIETER = [1000.0 * (1 + number / READINGS) for number in range(READINGS)]
STAIRS = [number // 15 * 400 * KB for number in range(READINGS)]
DOUBLES = [KB << (number + 5).bit_length() for number in range(READINGS)]
STILL = [50_000] * READINGS


@pytest.mark.parametrize("native", [STAIRS, DOUBLES])
def test_native_memory_that_grows_in_steps(native: list[int]) -> None:
    assert judged(STILL, native, EVEN).status == "confirmed"


@pytest.mark.parametrize("native", [STAIRS, DOUBLES])
def test_steps_while_the_machine_gets_quieter_are_left_open(native: list[int]) -> None:
    found = judged(STILL, native, QUIETER)
    assert (found.status, found.shape) == ("inconclusive", "staircase")
    assert "horizon: it grows in steps while calls become 1.8 times as fast" in found.reason


def test_native_memory_that_grows_evenly_is_no_table() -> None:
    native = [number * 8 * KB for number in range(READINGS)]
    assert judged(STILL, native, QUIETER).status == "confirmed"


def test_objects_that_live_for_a_second() -> None:
    """With the square of the calls, as a rate that doubles and doubles makes it."""
    living = [50_000 + number * number for number in range(READINGS)]
    rates = [100.0 + number * number for number in range(READINGS)]
    assert judged(living, STILL, EVEN).status == "confirmed"
    assert "faster than the calls" in judged(living, STILL, rates).reason


def test_one_step_at_the_end_is_no_staircase() -> None:
    native = [(number // 30 + 200 * (number > 140)) * KB for number in range(READINGS)]
    assert judged(STILL, native, EVEN).status != "confirmed"


@pytest.mark.parametrize(
    ("blocks", "step", "status"),
    [(3, 1, "inconclusive"), (500, 1, "confirmed"), (3, 9, "confirmed")],
)
def test_few_calls_that_leave_little(blocks: int, step: int, status: str) -> None:
    samples = [
        Sample(number * step, counters={"count": 50_000 + number * step * blocks}, call_seconds=0.3)
        for number in range(17)
    ]
    found = join_heap(Driver("python", "crawl", "trigger"), [Run("fresh", samples, step)])
    assert found.status == status, found
