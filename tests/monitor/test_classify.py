"""Verdicts on series: what a living process looks like from outside."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from leaklint.runtime.monitor.classify import classify
from leaklint.runtime.monitor.slope import slope
from leaklint.runtime.monitor.teeth import base, teeth

MB = 1e6
SEEDS = 40

Make = Callable[[int], float]


def _series(make: Make, seed: int, count: int = 160, noise: float = 30e3) -> list[float]:
    rng = random.Random(seed)
    return [80 * MB + make(i) + rng.gauss(0, noise) for i in range(count)]


def _collected(period: int, leak: float) -> Callable[[int], list[float]]:
    """A heap of which a collector takes 30 MB now and then."""

    def make(seed: int) -> list[float]:
        rng = random.Random(seed)
        live, garbage, readings = 80 * MB, 0.0, []
        for _ in range(160):
            live += leak
            garbage += 30 * MB / period * rng.uniform(0.5, 1.5)
            if garbage > 30 * MB:
                garbage = 0
            readings.append(live + garbage)
        return readings

    return make


LEAKS: dict[str, Make] = {
    "steadily": lambda i: i * 40e3,
    "faster and faster": lambda i: i * i * 2e3,
    "after a warm-up": lambda i: 50 * MB * min(1, i / 40) + i * 100e3,
    "in steps": lambda i: i // 10 * MB,
}
HEALTHY: dict[str, Make] = {
    "steady": lambda i: 0,
    "one step": lambda i: 3 * MB * (i > 90),
    "lazy initialisation": lambda i: sum(MB * (i > at) for at in (5, 30, 60)),
    "warm-up": lambda i: 50 * MB * min(1, i / 40),
    "slow warm-up": lambda i: 50 * MB * min(1, i / 72),
    "saturating": lambda i: 50 * MB * (1 - math.exp(-i / 16)),
    "saturating slowly": lambda i: 50 * MB * (1 - math.exp(-i / 40)),
    "falling": lambda i: -i * 100e3,
}


@pytest.mark.parametrize("name", LEAKS)
def test_leaks(name: str) -> None:
    found = [classify(_series(LEAKS[name], seed), 1.0) for seed in range(SEEDS)]
    assert {trend.status for trend in found} == {"leak"}
    assert all(trend.rate > trend.uncertainty > 0 for trend in found)


@pytest.mark.parametrize("name", HEALTHY)
def test_no_leaks(name: str) -> None:
    for seed in range(SEEDS):
        assert classify(_series(HEALTHY[name], seed), 1.0).status != "leak", seed


@pytest.mark.parametrize(
    ("name", "status"), [("steady", "steady"), ("warm-up", "plateau"), ("falling", "steady")]
)
def test_names(name: str, status: str) -> None:
    assert {classify(_series(HEALTHY[name], seed), 1.0).status for seed in range(SEEDS)} == {status}


@pytest.mark.parametrize("period", [5, 12, 30])
def test_a_sawtooth_with_a_flat_base_is_pressure(period: int) -> None:
    found = [classify(_collected(period, 0)(seed), 1.0).status for seed in range(SEEDS)]
    assert set(found) == {"sawtooth"}


@pytest.mark.parametrize("period", [5, 12])
def test_a_sawtooth_with_a_rising_base_is_a_leak(period: int) -> None:
    """The rate is that of the base, 0.3 MB a second, whatever the teeth do."""
    for seed in range(SEEDS):
        trend = classify(_collected(period, 0.3 * MB)(seed), 1.0)
        assert trend.status == "leak" and "sawtooth" in trend.reason
        assert trend.rate == pytest.approx(18 * MB, abs=2 * trend.uncertainty)


def test_a_tooth_too_long_to_show_its_base_is_unclear() -> None:
    assert classify([i % 60 * MB for i in range(100)], 1.0).status == "unclear"


def test_the_rate_is_a_minute_of_time_whatever_the_interval() -> None:
    for interval in (0.1, 1.0, 30.0):
        trend = classify([i * MB for i in range(100)], interval)
        assert trend.rate == pytest.approx(MB * 60 / interval)


def test_a_week_is_thinned_and_cheap() -> None:
    trend = classify([i * 10e3 + i % 50 * MB for i in range(50_000)], 1.0)
    assert trend.status == "leak" and trend.rate == pytest.approx(0.6 * MB, rel=0.05)
    assert classify([i % 50 * MB for i in range(50_000)], 1.0).status == "sawtooth"


def test_few_readings_decide_nothing() -> None:
    assert classify([], 1.0).status == "unclear"
    assert classify([float(i * MB) for i in range(16)], 1.0).status == "unclear"


def test_small_growth_is_no_trend() -> None:
    """An allocator takes 256 KiB at once."""
    assert classify([80 * MB + 3000.0 * i for i in range(100)], 1.0).status == "steady"


def test_slope_covers_the_truth() -> None:
    hits = 0
    for seed in range(200):
        rng = random.Random(seed)
        rate, uncertainty = slope([2.0 * i + rng.gauss(0, 10) for i in range(80)], 60.0)
        hits += abs(rate - 2.0) <= uncertainty
    assert hits >= 180


def test_base_and_teeth() -> None:
    saw = [float(i % 10) for i in range(100)]
    found = teeth(saw, 1.0)
    assert 10 <= found.width <= 13 and not found.few
    assert set(base(saw, found.width)[10:]) == {0.0}
    assert teeth([float(i) for i in range(100)], 1.0).width == 1
