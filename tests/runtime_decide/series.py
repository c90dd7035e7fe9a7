"""Synthetic growth series with known truth, and the readings of real processes."""

from __future__ import annotations

import json
import lzma
import math
import random
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

CALLS = 10
"""Calls between two readings."""

Make = Callable[[int, random.Random], list[float]]


def _indices(samples: int) -> range:
    return range(samples + 1)


def _linear(per_call: float) -> Make:
    return lambda samples, _: [i * CALLS * per_call for i in _indices(samples)]


def _every(calls: int) -> Make:
    def make(samples: int, rng: random.Random) -> list[float]:
        offset = rng.randrange(calls)
        return [float((i * CALLS + offset) // calls) for i in _indices(samples)]

    return make


def _by_chance(samples: int, rng: random.Random) -> list[float]:
    steps = (float(sum(rng.random() < 0.1 for _ in range(CALLS))) for _ in range(samples))
    return list(accumulate(steps, initial=0.0))


def _quadratic(samples: int, _: random.Random) -> list[float]:
    return [float((i * CALLS) ** 2 // 20) for i in _indices(samples)]


def _late(samples: int, _: random.Random) -> list[float]:
    return [max(0.0, (i - 6) * CALLS) for i in _indices(samples)]


def _warm_up_then_leak(samples: int, _: random.Random) -> list[float]:
    return [math.floor(200 * (1 - math.exp(-i / 2))) + float(i * CALLS) for i in _indices(samples)]


def _saw(period: int, leak: float = 0.0, height: float = 1.0) -> Make:
    def make(samples: int, rng: random.Random) -> list[float]:
        offset = rng.randrange(period)
        calls = [i * CALLS + offset for i in _indices(samples)]
        return [math.floor(x * leak) + (x % period) * height for x in calls]

    return make


def _doubling(samples: int, rng: random.Random) -> list[float]:
    offset = rng.randrange(1, 16)
    return [8.0 * 2 ** math.ceil(math.log2(i * CALLS + offset)) for i in _indices(samples)]


def _list_capacity(samples: int, rng: random.Random) -> list[float]:
    capacity, start, readings = 0, rng.randrange(4), []
    for size in range(start, samples * CALLS + start + 1):
        if size > capacity:
            capacity = (size + (size >> 3) + 6) & ~3
        if (size - start) % CALLS == 0:
            readings.append(8.0 * capacity)
    return readings


def v8_noise(samples: int, rng: random.Random) -> list[float]:
    """Steps that die out, rare swings of 230 kB, a little noise: what V8 shows after a collection."""
    steps = (
        rng.randrange(200, 13_000) * math.exp(-i / 8) if rng.random() < 0.15 else 0.0
        for i in _indices(samples)
    )
    return [
        base + (rng.choice((-1, 1)) * 230_000 if rng.random() < 0.06 else 0) + rng.gauss(0, 40)
        for base in accumulate(steps)
    ]


def _with(first: Make, second: Make) -> Make:
    return lambda samples, rng: [
        a + b for a, b in zip(first(samples, rng), second(samples, rng), strict=True)
    ]


def _gauss(deviation: float) -> Make:
    return lambda samples, rng: [rng.gauss(0, deviation) for _ in _indices(samples)]


def _rounded(make: Make, page: float = 1.0) -> Make:
    return lambda samples, rng: [round(value / page) * page for value in make(samples, rng)]


def _steps(number: int) -> Make:
    def make(samples: int, rng: random.Random) -> list[float]:
        readings = [0.0] * (samples + 1)
        for _ in range(number):
            at, height = (
                rng.randrange(1, samples // (1 if number == 1 else 2)),
                rng.randrange(1, 40 // number),
            )
            readings = [value + (height if i >= at else 0) for i, value in enumerate(readings)]
        return readings

    return make


def _autoregressive(samples: int, rng: random.Random) -> list[float]:
    return list(
        accumulate((rng.gauss(0, 1000) for _ in range(samples)), lambda a, b: 0.8 * a + b, initial=0.0)
    )


def _walk(samples: int, rng: random.Random) -> list[float]:
    return list(accumulate(rng.gauss(0, 4096) for _ in _indices(samples)))


def _arena(samples: int, rng: random.Random) -> list[float]:
    at = rng.randrange(1, samples // 2)
    return [262_144.0 * (i >= at) + rng.choice((0, 0, 0, 4096)) for i in _indices(samples)]


def _saturating(height: float, tau: float) -> Make:
    return lambda samples, _: [
        float(math.floor(height * (1 - math.exp(-i / tau)))) for i in _indices(samples)
    ]


def _capped(bound: int) -> Make:
    return lambda samples, _: [float(min(i * CALLS, bound)) for i in _indices(samples)]


def _random_keys(domain: int, kept: int, noise: int) -> Make:
    """The size of a least-recently-used cache of `kept` entries under random keys."""

    def make(samples: int, rng: random.Random) -> list[float]:
        cache: dict[int, None] = {}
        readings = [0.0]
        for _ in range(samples):
            for _ in range(CALLS):
                key = rng.randrange(domain)
                cache.pop(key, None)
                cache[key] = None
                if len(cache) > kept:
                    del cache[next(iter(cache))]
            readings.append(float(len(cache) + (rng.randrange(-noise, noise + 1) if noise else 0)))
        return readings

    return make


def _falling(samples: int, rng: random.Random) -> list[float]:
    return [-2.0 * i + rng.gauss(0, 2) for i in _indices(samples)]


LEAKS: dict[str, Make] = {
    "one a call": _linear(1),
    "three a call": _linear(3),
    "one in 10 calls": _every(10),
    "one in 37 calls": _every(37),
    "one call in ten by chance": _by_chance,
    "quadratic": _quadratic,
    "after six readings": _late,
    "warm-up, then one a call": _warm_up_then_leak,
    "one a call under a sawtooth": _saw(37, 1, 2),
    "one in 10 calls under a sawtooth": _saw(37, 0.1),
    "capacity that doubles": _doubling,
    "capacity of a list": _list_capacity,
    "64 B a call in noise": _with(_linear(64), _gauss(200)),
    "64 B a call in V8's noise": _with(_linear(64), v8_noise),
    "1 KiB a call in V8's noise": _with(_linear(1024), v8_noise),
    "4 KiB a call in pages": _rounded(_with(_linear(4096), _gauss(20_000)), 4096),
}

HEALTHY: dict[str, Make] = {
    "nothing": _linear(0),
    "one step": _steps(1),
    "three steps": _steps(3),
    "small whole noise": _rounded(_gauss(3)),
    "noise": _gauss(2000),
    "V8's noise": v8_noise,
    "noise with memory": _autoregressive,
    "random walk": _walk,
    "an arena": _arena,
    "fast warm-up": _saturating(200, 2),
    "slow warm-up": _saturating(500, 5),
    "bound at 60": _capped(60),
    "bound at 120": _capped(120),
    "bound at 128 in noise": _with(_capped(128), _rounded(_gauss(2))),
    "least recently used, random keys": _random_keys(500, 64, 2),
    "150 different keys": _random_keys(150, 150, 0),
    "sawtooth of 37 calls": _saw(37),
    "sawtooth of 70 calls": _saw(70),
    "sawtooth of 130 calls": _saw(130),
    "falling": _falling,
}

HORIZON: dict[str, Make] = {"bound at 1,000": _capped(1000), "sawtooth of 600 calls": _saw(600)}
"""Healthy, but 1,600 calls do not show it: may be left open, never called a leak."""


def real() -> Iterator[dict[str, Any]]:
    """Labelled runs of CPython 3.11 to 3.13 and Node 20, 213 in all."""
    text = lzma.decompress((Path(__file__).parent / "real_series.jsonl.xz").read_bytes()).decode()
    return map(json.loads, text.splitlines())
