"""Decides whether a counter that was read again and again keeps growing: the doubling-checkpoint rule.

A leak goes on when the horizon is doubled; a cache that fills, a warm-up and a lazy initialisation do
not. So the readings after 1/8, 1/4, 1/2 and all of the calls are compared: growth without end adds
1 : 2 : 4 in the three intervals between them, growth that ends adds nothing in the last.

It knows nothing of languages, processes or units: it is handed numbers and a gate. With 160 readings
10 calls apart it misses 94 of 3,200 synthetic leaks and calls 10 of 4,000 healthy series leaks, most of
them random walks (tests/runtime_decide).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Literal, NamedTuple

Shape = Literal[
    "linear",  # grows in proportion to the calls
    "superlinear",  # grows faster than the calls
    "staircase",  # grows without end in rare, large steps, as the capacity of a list does
    "plateau",  # grew and stopped
    "steady",  # never grew
    "sawtooth",  # rises and falls back to the same base
    "noisy",  # moves, but its base does not rise
    "slowing",  # grew less and less, or stopped near the end: more calls would tell
    "short",  # too few readings
]

PROBES = 3
"""Readings whose minimum is the floor at a checkpoint. With one instead of three, 123 of 3,200 synthetic
leaks are missed instead of 76: a floor ignores upward spikes and short sawteeth."""

LEAST_SAMPLES = 12
"""Readings after the first: three at each of four checkpoints, at the least."""

SPEEDS_UP = 1.2
"""The last interval of a leak holds at least this many times the growth of the one before. Linear growth
has 2, the square root 1.41, the logarithm 1; a bound that was met on the way has less than 1.2 if it
lies before 80 % of the calls."""

KEEPS_UP = 0.6
"""The second interval holds at least this share of the first. Linear growth has 2; a warm-up that is
added to a leak makes the first larger, here by up to three times."""

FLATTENS = 0.2
"""A plateau adds at most this share of its largest interval in its last one."""

SUPERLINEAR = 2.8
"""Ratio of neighbouring intervals from which growth is called superlinear: the geometric mean of 2
(linear) and 4 (quadratic)."""

PATIENCE = 3
"""A pause at the end that is longer than this many times the longest one before it may be a bound that
was just met. The steps of a container that doubles its capacity come to 2."""

LONE = 0.75
"""Share of a staircase that one step may be. A capacity that doubles takes 1, 2 and 4 parts in the three
intervals: its last step is 0.57 of them."""

RISES = 0.62
"""Share of the moves of a sawtooth that go up; 120 readings of pure noise pass it once in 250 times."""


class Gate(NamedTuple):
    """The growth that a counter must pass before it counts.

    per_call: units per call. floor: units in total, whatever the number of calls.
    """

    per_call: float
    floor: float = 0.0


GATES = {
    # Counts are exact after a collection: a leak of one object in 50 calls passes. Lazy structures of a
    # few entries do not: repaired programs moved by up to 8.
    "count": Gate(0.02, 8),
    # tracemalloc sees only what Python allocates: steady code moved by 0 to 48 bytes in 1,600 calls.
    "tracemalloc_bytes": Gate(1.0, 48),
    # V8 goes on shuffling feedback and code: 0.2 to 6 B a call late in steady runs, where real leaks had
    # 49 to 2,100. Without this gate 15 of 18 steady series of Node 20 are called leaks.
    "v8_bytes": Gate(16.0),
    # G1 settles to 200 bytes; the serial collector swings by 147 kB.
    "jvm_bytes": Gate(16.0, 150_000),
    # Pages of 4 KiB and arenas of 256 KiB to 1 MiB arrive at once. A proposal, not a measurement: a
    # native verdict needs resident memory and `mallinfo2` to agree.
    "rss_bytes": Gate(8.0),
    "malloc_bytes": Gate(8.0),
}
"""By kind of counter. The source of each number is beside it; all were measured on CPython 3.11 to 3.13,
Node 20 and a JVM 17."""


class Decision(NamedTuple):
    """What the readings say.

    leaks: True grows without end, False does not, None cannot be told from these readings.
    growth_per_call: units per call between the second and the last checkpoint (for what grew and
    stopped, over all the calls). intervals: growth between the checkpoints.
    """

    shape: Shape
    leaks: bool | None
    growth_per_call: float
    intervals: tuple[float, float, float]
    reason: str


class _Series(NamedTuple):
    """Readings with what the rule asks of them."""

    samples: Sequence[float]
    ends: tuple[int, int, int, int]  # indices of the checkpoints
    floors: tuple[float, float, float, float]
    gates: tuple[float, float, float]  # the least growth of each interval that counts
    gate: float  # the same, between the second checkpoint and the last
    extra: float  # what the absolute floor adds to that
    calls_per_sample: float

    @property
    def intervals(self) -> tuple[float, float, float]:
        a, b, c, d = self.floors
        return b - a, c - b, d - c


def checkpoints(count: int) -> tuple[int, int, int, int]:
    """Indices of the four checkpoints among `count` readings, of which the first was made before any call."""
    last = count - 1
    return max(1, last // 8), max(2, last // 4), max(3, last // 2), last


def decide(
    samples: Sequence[float], calls_per_sample: float, gate_per_call: float, floor: float = 0.0
) -> Decision:
    """Whether `samples` grow without end.

    samples: readings after a forced collection, the first before any call, the others
    `calls_per_sample` calls apart. gate_per_call, floor: see GATES. Any unit of progress may stand for
    calls: `leaklint monitor` hands in seconds.
    """
    if len(samples) <= LEAST_SAMPLES:
        reason = f"{len(samples)} readings, {LEAST_SAMPLES + 1} needed"
        return Decision("short", None, 0.0, (0.0, 0.0, 0.0), reason)
    series = _read(samples, calls_per_sample, gate_per_call, floor)
    if _at_rest(series):
        return _resting(series)
    if _passes(series):
        return _growing(series)
    return _undecided(series)


def _read(samples: Sequence[float], calls_per_sample: float, per_call: float, floor: float) -> _Series:
    ends = checkpoints(len(samples))
    probes = min(PROBES, ends[0])
    floors = [min(samples[end - probes + 1 : end + 1]) for end in ends]
    calls = [(after - before) * calls_per_sample for before, after in pairwise(ends)]
    expected = per_call * (calls[1] + calls[2])
    return _Series(
        samples,
        ends,
        (floors[0], floors[1], floors[2], floors[3]),
        (per_call * calls[0], per_call * calls[1], per_call * calls[2]),
        max(expected, floor),
        max(0.0, floor - expected),
        calls_per_sample,
    )


def _at_rest(series: _Series) -> bool:
    """Every interval within its gate, and what they come to within the absolute floor."""
    moves = zip(series.intervals, series.gates, strict=True)
    still = all(abs(growth) <= gate for growth, gate in moves)
    return still or max(series.floors) - min(series.floors) <= series.extra


def _resting(series: _Series) -> Decision:
    before = series.floors[0] - series.samples[0]
    if before > series.gates[0] + series.extra:
        reason = f"grew by {_number(before)} in the first eighth of the calls, then no more"
        return _decision(series, "plateau", False, reason)
    if _swings(series):
        return _decision(series, "sawtooth", False, "rises and falls back to the same base")
    return _decision(series, "steady", False, "did not grow beyond the gate between any two checkpoints")


def _passes(series: _Series) -> bool:
    """The rule itself."""
    first, second, third = series.intervals
    return (
        min(first, second, third) > 0
        and third >= SPEEDS_UP * second
        and second >= KEEPS_UP * first
        and second + third >= series.gate
    )


def _growing(series: _Series) -> Decision:
    pause = _pause(series)
    if pause:
        return _decision(series, "slowing", None, pause)
    first, second, third = series.intervals
    if second >= SUPERLINEAR * first and third >= SUPERLINEAR * second:
        return _decision(series, "superlinear", True, "grows faster than the calls")
    if _steps(series):
        lone = _lone_step(series)
        if lone > LONE:
            reason = f"one step is {lone:.0%} of its growth, and one is no staircase: more calls would tell"
            return _decision(series, "slowing", None, reason)
        return _decision(series, "staircase", True, "grows in steps that do not end")
    return _decision(series, "linear", True, "goes on growing whenever the calls are doubled")


def _undecided(series: _Series) -> Decision:
    first, second, third = series.intervals
    gained = series.floors[3] - series.floors[0]
    if gained > 0 and third <= FLATTENS * max(first, second) and not _creeps(series):
        return _decision(series, "plateau", False, f"grew by {_number(gained)}, hardly in the last half")
    if not _base_rises(series):
        if _swings(series):
            return _decision(series, "sawtooth", False, "rises and falls back to the same base")
        if second + third <= series.gate:
            return _decision(series, "noisy", False, "moves, but its base does not rise")
    if min(first, second, third) <= 0:
        return _decision(series, "noisy", None, "its base rises, but not between all checkpoints")
    return _decision(series, "slowing", None, "grows, but by less and less: more calls would tell")


def _creeps(series: _Series) -> bool:
    """Growth that goes on evenly through the last half: a slow leak beside one large step."""
    _, _, start, end = series.ends
    middle = (start + end) // 2
    between = min(series.samples[middle - PROBES + 1 : middle + 1])
    before, after = between - series.floors[2], series.floors[3] - between
    return before + after > series.gates[2] + series.extra and after >= KEEPS_UP * before


def _decision(series: _Series, shape: Shape, leaks: bool | None, reason: str) -> Decision:
    start = series.ends[1] if leaks is not False else 0
    base = series.floors[1] if leaks is not False else series.samples[0]
    calls = (series.ends[3] - start) * series.calls_per_sample
    return Decision(shape, leaks, (series.floors[3] - base) / calls, series.intervals, reason)


def _pause(series: _Series) -> str:
    """Why the end looks like a bound that was just met; empty if growth goes on until the end.

    The checkpoints alone take a bound in the last fifth of the calls for a leak.
    """
    smooth = _smooth(series.samples)
    record, since, longest = smooth[series.ends[0]], series.ends[0], 1
    for index in range(series.ends[0] + 1, len(smooth)):
        if smooth[index] > record:
            longest = max(longest, index - since)
            record, since = smooth[index], index
    pause = len(smooth) - 1 - since
    if pause <= PATIENCE * longest:
        return ""
    return f"stopped growing {pause} readings before the end: more calls would tell"


def _smooth(samples: Sequence[float]) -> list[float]:
    """Medians of five neighbours, fewer at the ends: single swings of a collector vanish."""
    return [median(samples[max(0, index - 2) : index + 3]) for index in range(len(samples))]


def _steps(series: _Series) -> bool:
    """Growth in few readings: at least nine of ten in the last half do not move."""
    tail = series.samples[series.ends[2] :]
    moved = sum(after != before for before, after in pairwise(tail))
    return moved * 10 <= len(tail)


def _lone_step(series: _Series) -> float:
    """The largest rise between two readings, as a share of the growth from the first checkpoint on."""
    tail = series.samples[series.ends[0] :]
    grown = series.floors[3] - series.floors[0]
    return max(after - before for before, after in pairwise(tail)) / grown


def _base_rises(series: _Series) -> bool:
    """Whether the low tenth of the last half lies above that of the half before it by more than the gate."""
    _, second, third, last = series.ends
    before, after = series.samples[second : third + 1], series.samples[third + 1 : last + 1]
    return _low(after) - _low(before) > series.gates[1] + series.extra


def _low(samples: Sequence[float]) -> float:
    """The lower decile: unlike the minimum, one downward swing does not move it."""
    return sorted(samples)[len(samples) // 10]


def _swings(series: _Series) -> bool:
    """Slow rises and sudden falls of more than half of the range, in the last three quarters.

    Noise falls as often as it rises; a sawtooth of three readings rises twice as often.
    """
    tail = series.samples[series.ends[1] :]
    half = (max(tail) - min(tail)) / 2
    falls, top, ups, downs = 0, tail[0], 0, 0
    for before, value in pairwise(tail):
        ups += value > before
        downs += value < before
        if top - value > half:
            falls, top = falls + 1, value
        top = max(top, value)
    return half > series.gates[0] and falls >= 2 and ups > RISES * (ups + downs)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2g}"
