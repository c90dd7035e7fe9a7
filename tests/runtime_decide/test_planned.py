"""How many calls a series makes where collections are slow: in a short one every cache looks like a leak."""

from __future__ import annotations

import time
from pathlib import Path

from leaklint.runtime.agent import Driver, Explanation, RunPlan, Sample
from leaklint.runtime.measure import run

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

    def sample(self, calls: int) -> Sample:
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
