"""Reads one series of a living process the classic way: steady, sawtooth, plateau or leak.

A sawtooth that returns to its base is pressure, a rising base is a leak, growth that flattens is
warm-up. The base is the running minimum over one tooth; the doubling-checkpoint rule of
`leaklint.runtime.decide` is asked about it with seconds in the place of calls. Unlike a harness it
forces no collection and chooses no load, so growth must also stand out of its own noise, must not
be one step, and must not flatten.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Literal

import msgspec

from leaklint.runtime.decide import decide
from leaklint.runtime.monitor.slope import slope
from leaklint.runtime.monitor.teeth import Teeth, base, climbs, teeth

Status = Literal["steady", "sawtooth", "plateau", "leak", "unclear"]

LEAST_READINGS = 17
"""Sixteen intervals: the tail after a warm-up of a quarter still has the twelve that the rule needs."""

LEAST_GROWTH_BYTES = 512 * 1024
"""Two arenas of 256 KiB: what an allocator takes at once is no trend."""

LEAST_GROWTH_BLOCKS = 1_000
"""CPython's allocated blocks: about 64 KiB of small objects."""

LEAST_SHARE = 0.003
"""And at least this share of the level: resident memory of an idle server moved by up to 0.1 %."""

WARM_UPS = (0.0, 0.25, 0.5)
"""Shares of the readings that may be warm-up. The rule is asked about what follows each."""

ONE_STEP = 0.6
"""Growth of which one step makes more is no trend. The last step of a capacity that doubles makes half."""

FLATTENS = 0.6
"""The rate of the second half of a leak is at least this share of that of the first."""

MOST_READINGS = 800
"""Longer series are thinned to half of it, by the minimum of neighbours, so that a week costs no more."""


class Trend(msgspec.Struct, frozen=True):
    """What one series does.

    rate, uncertainty: units a minute of the base, and half the width of its 95 % interval.
    since: share of the readings before those that the rate is taken from.
    """

    status: Status
    rate: float
    uncertainty: float
    reason: str
    since: float = 0.0


def classify(readings: Sequence[float], interval: float, least_growth: float = LEAST_GROWTH_BYTES) -> Trend:
    """The trend of readings made every `interval` seconds."""
    if len(readings) < LEAST_READINGS:
        reason = f"{len(readings)} readings, {LEAST_READINGS} needed"
        return Trend("unclear", *slope(readings, interval), reason)
    fold = max(1, 2 * len(readings) // MOST_READINGS if len(readings) > MOST_READINGS else 1)
    thin = [min(readings[start : start + fold]) for start in range(0, len(readings), fold)]
    gate = max(least_growth, LEAST_SHARE * median(readings))
    found = teeth(thin, gate / 2)
    for share in WARM_UPS:
        tail = thin[int(len(thin) * share) :]
        if share and found.longest * 3 > len(tail):
            break  # what is left may be a single tooth
        trend = _leak(tail, interval * fold, gate, share)
        if trend:
            return trend
    swings = gate / 2 < median(
        max(readings[start : start + fold]) - min(readings[start : start + fold])
        for start in range(0, len(readings), fold)
    )
    return _healthy(thin, found, interval * fold, gate, (swings or found.width > 1) and climbs(readings))


def _leak(thin: Sequence[float], interval: float, gate: float, since: float) -> Trend | None:
    """Growth without end, if it is that."""
    found = teeth(thin, gate / 2)
    floor = base(thin, found.width)
    decision = decide(floor, interval, 0.0, gate)
    if decision.leaks is not True or found.few:
        return None
    # the first readings have no whole tooth behind them
    rate, uncertainty = slope(floor[found.width - 1 :], interval, found.width)
    if rate - uncertainty <= 0 or rate * len(floor) * interval / 60 < gate:
        return None  # the checkpoints rise, but no more than noise does now and then
    steps = decision.shape == "staircase"
    if _one_step(floor) or (not steps and _flattens(floor, interval, found)):
        return None
    manner = "faster and faster" if decision.shape == "superlinear" else "in steps" if steps else "steadily"
    reason = "the base of its sawtooth rises" if found.width > 1 and climbs(thin) else f"grows {manner}"
    return Trend("leak", rate, uncertainty, reason + (" after a warm-up" if since else ""), since)


def _one_step(floor: Sequence[float]) -> bool:
    """Whether most of the growth came at once."""
    gained = floor[-1] - min(floor[: max(1, len(floor) // 8)])
    return max(after - before for before, after in pairwise(floor)) > ONE_STEP * gained


def _flattens(floor: Sequence[float], interval: float, found: Teeth) -> bool:
    half = len(floor) // 2
    early, late = (slope(part, interval, found.width)[0] for part in (floor[:half], floor[half:]))
    return late < FLATTENS * early


def _healthy(thin: Sequence[float], found: Teeth, interval: float, gate: float, swings: bool) -> Trend:
    """The trend of what is not called a leak."""
    floor = base(thin, found.width)
    half = len(floor) // 2
    rate, uncertainty = slope(floor[half:], interval, found.width)
    if found.few or (floor[-1] - floor[half] > gate and rate - uncertainty > 0):
        return Trend("unclear", rate, uncertainty, _why(floor, interval, found), 0.5)
    if swings:
        late = slope(floor[half // 2 :], interval, found.width)  # teeth are few: more of them say more
        return Trend("sawtooth", *late, "rises and falls back to the same base", 0.25)
    if floor[half] - min(floor[: max(1, len(floor) // 8)]) > gate:
        return Trend("plateau", rate, uncertainty, "grew at the start, then stopped", 0.5)
    reason = "moves, but its base does not rise" if found.width > 1 else "does not grow"
    return Trend("steady", *slope(floor, interval, found.width), reason)


def _why(floor: Sequence[float], interval: float, found: Teeth) -> str:
    if found.few:
        return "falls too rarely to show its base: watch it longer"
    if _one_step(floor):
        return "grew by one step: watch it longer"
    if _flattens(floor, interval, found):
        return "grows, but by less and less: watch it longer"
    return "grew in the second half, but not evenly: watch it longer"
