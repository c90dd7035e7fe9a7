"""How many calls a series makes where collections are slow: in a short one every cache looks like a leak."""

from __future__ import annotations

import time
from pathlib import Path

from leaklint.runtime.agent import Driver, Explanation, RunPlan, Sample, Watched
from leaklint.runtime.horizon import pace, thinned
from leaklint.runtime.measure import run
from leaklint.runtime.suspect import HolderPath, Suspect
from leaklint.runtime.verdict import join, join_heap

PROBE = 0.06
CALL = 0.0002


class Busy:
    """A process whose collections take far longer than its calls, as on a machine with other work."""

    runtime = "none"
    hit_seconds = 0.0

    def __init__(self) -> None:
        self.calls = 0

    def find(self, plan: RunPlan) -> str:
        return ""

    def open(self, plan: RunPlan, folder: Path) -> Busy:
        return self

    def sample(self, calls: int, seconds: float | None = None) -> Sample:
        self.calls += calls
        time.sleep(PROBE + calls * CALL)
        counters = {"count": min(self.calls, 40)}
        return Sample(self.calls, (), counters, call_seconds=calls * CALL, probe_seconds=PROBE)

    def explain(self, calls: int, watch: int) -> Explanation:
        return Explanation()

    def close(self) -> None:
        pass


def test_calls_that_cost_nothing_are_not_few() -> None:
    series = run(RunPlan(Driver("python", "cache", "workload"), (), ""), 0.2, Busy())
    assert series.calls > 700, series.calls
    decision = series.decision("count")
    assert decision is not None
    assert decision.leaks is False, decision


class Stalled(Busy):
    """A program with a cache of 300 keys, whose first calls another process held up for a while."""

    def sample(self, calls: int, seconds: float | None = None) -> Sample:
        stalled = self.calls < 22
        spent = calls * (0.02 if stalled else 0.00005)
        self.calls += calls
        time.sleep(min(spent, 0.1))
        cached = min(self.calls, 300)
        row = Watched(cached, cached, hits=self.calls)
        counters = {"count": 1000 + 2 * cached}
        return Sample(self.calls, (row,), counters, call_seconds=spent, probe_seconds=0.0005)


def test_a_stall_does_not_make_a_cache_that_fills_a_leak() -> None:
    suspect = Suspect("cache.js", "/cache.js", "javascript", "", HolderPath("variable", "cache", "cache"), ())
    driver = Driver("javascript", "cache", "workload")
    series = run(RunPlan(driver, (suspect,), ""), 1.2, Stalled())
    assert join(suspect, 0, driver, [series]).status == "refuted", series.calls
    assert join_heap(driver, [series]).status == "refuted"


def test_readings_that_are_left_out_keep_what_was_spent() -> None:
    rows = [Sample(number * 5, call_seconds=number, probe_seconds=1.0) for number in range(7)]
    kept = thinned(rows)
    assert [row.calls for row in kept] == [0, 10, 20, 30]
    assert [row.call_seconds for row in kept] == [0.0, 3, 7, 11]
    assert pace(rows, 5) == (3.5 / 5, 1.0)
