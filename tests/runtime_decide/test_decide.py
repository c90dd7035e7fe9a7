"""The decision rule on synthetic families, on readings of real processes, and case by case."""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from leaklint.runtime.decide import GATES, LEAST_SAMPLES, checkpoints, decide

sys.path.insert(0, str(Path(__file__).parent))
import series

SEEDS = 200
GATE = GATES["count"].per_call
PROBES = {
    "allocated_blocks": "count",
    "gc_objects": "count",
    "heap_used_bytes": "v8_bytes",
    "mallinfo_bytes": "malloc_bytes",
    "rss_bytes": "rss_bytes",
    "tracemalloc_bytes": "tracemalloc_bytes",
}


def _called_leaks(families: dict[str, series.Make], samples: int = 160) -> Counter[str]:
    """How many of 200 series of each family are called leaks."""
    return Counter(
        {
            name: sum(
                decide(make(samples, random.Random(f"{name} {seed}")), series.CALLS, GATE).leaks is True
                for seed in range(SEEDS)
            )
            for name, make in families.items()
        }
    )


def test_of_3200_leaks_at_most_100_are_missed() -> None:
    found = _called_leaks(series.LEAKS)
    assert len(found) == 16
    assert 16 * SEEDS - found.total() <= 100, found


def test_of_4000_healthy_series_at_most_20_are_called_leaks() -> None:
    found = _called_leaks(series.HEALTHY)
    assert len(found) == 20
    assert found.total() <= 20, found


def test_what_needs_more_calls_is_never_called_a_leak() -> None:
    assert _called_leaks(series.HORIZON).total() == 0


def test_real_processes() -> None:
    """Counts and V8's heap: everything right. Resident memory and malloc: no false alarm."""
    wrong: Counter[tuple[str, str]] = Counter()
    for run in series.real():
        kind = PROBES[run["probe"]]
        gate = GATES[kind]
        leaks = decide(run["readings"], run["calls_per_sample"], gate.per_call, gate.floor).leaks
        if (leaks is True) != (run["truth"] == "leak"):
            wrong[kind, run["truth"]] += 1
    assert {kind for kind, truth in wrong if truth == "ok"} == set()
    # pages hide a leak of 20 bytes a call, pymalloc hides small objects from malloc
    assert set(wrong) <= {("rss_bytes", "leak"), ("malloc_bytes", "leak")}
    assert wrong["rss_bytes", "leak"] <= 1 and wrong["malloc_bytes", "leak"] <= 7


def test_without_the_byte_gate_v8_looks_leaky() -> None:
    """The gate is what keeps steady programs on Node out of the report."""
    steady = [run for run in series.real() if run["probe"] == "heap_used_bytes" and run["truth"] == "ok"]
    assert len(steady) == 18
    assert sum(decide(run["readings"], run["calls_per_sample"], 0.02).leaks is True for run in steady) >= 10


@pytest.mark.parametrize("bound", range(20, 1560, 20))
def test_a_cache_that_fills_is_no_leak(bound: int) -> None:
    """Refuted if it is full within half of the calls, left open or refuted if later."""
    decision = decide([min(i * 10, bound) for i in range(161)], 10, *GATES["count"])
    assert decision.leaks is False if bound <= 800 else not decision.leaks


@pytest.mark.parametrize("samples", [LEAST_SAMPLES, 20, 33, 160, 1000])
def test_any_number_of_readings_will_do(samples: int) -> None:
    decision = decide([3.0 * i for i in range(samples + 1)], 1, *GATES["count"])
    assert (decision.shape, decision.leaks, decision.growth_per_call) == ("linear", True, 3.0)


@pytest.mark.parametrize(
    ("shape", "leaks", "readings"),
    [
        ("superlinear", True, [float(i * i) for i in range(161)]),
        ("staircase", True, [float(i // 15 * 400) for i in range(161)]),
        ("steady", False, [7.0] * 161),
        ("steady", False, [7.0 + (i > 60) * 8 for i in range(161)]),  # within the absolute floor
        ("plateau", False, [min(i, 30) * 10.0 for i in range(161)]),
        ("plateau", False, [500.0 * (i > 3) for i in range(161)]),  # before the first checkpoint
        ("sawtooth", False, [i % 13 * 10.0 for i in range(161)]),
        ("slowing", None, [math.log(i + 1) * 500 for i in range(161)]),
        ("slowing", None, [1000.0 * (i > 60) + i for i in range(161)]),  # a large step hides a slow leak
        ("linear", True, [i * 10 + i % 13 * 40.0 for i in range(161)]),  # under a sawtooth
    ],
)
def test_shapes(shape: str, leaks: bool | None, readings: list[float]) -> None:
    decision = decide(readings, 10, *GATES["count"])
    assert (decision.shape, decision.leaks) == (shape, leaks), decision


def test_too_few_readings_decide_nothing() -> None:
    for count in range(LEAST_SAMPLES + 1):
        decision = decide([float(i) for i in range(count)], 1, 0.02)
        assert (decision.shape, decision.leaks) == ("short", None)


def test_checkpoints_double() -> None:
    assert checkpoints(161) == (20, 40, 80, 160)
    assert checkpoints(17) == (2, 4, 8, 16)


def test_the_decision_explains_itself() -> None:
    leak = decide([float(i * 20) for i in range(161)], 10, 0.02)
    assert leak.intervals == (400, 800, 1600) and leak.growth_per_call == 2
    assert "doubled" in leak.reason
    full = decide([min(i * 20.0, 700) for i in range(161)], 10, 0.02)
    assert full.growth_per_call == pytest.approx((700 - 0) / 1600) and full.reason
