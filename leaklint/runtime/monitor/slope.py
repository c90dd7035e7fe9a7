"""How fast a series moves, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

POINTS = 40
"""Most points that the rate is estimated from: neighbours are not independent of each other."""

Z95 = 1.96
"""Standard score of a two-sided confidence of 95 %."""


def slope(readings: Sequence[float], interval: float, spacing: int = 1) -> tuple[float, float]:
    """Units a minute: the median of all slopes (Theil and Sen), and half of its 95 % interval (Kendall).

    spacing: least number of readings between the points that are taken, such as the width of a tooth.
    """
    step = max(1, min(spacing, len(readings) // 6), len(readings) // POINTS)
    points = readings[::-1][::step][::-1]
    count = len(points)
    if count < 2:
        return 0.0, 0.0
    slopes = sorted(
        (points[late] - points[early]) / ((late - early) * step)
        for early in range(count)
        for late in range(early + 1, count)
    )
    spread = Z95 * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = max(0, math.floor((len(slopes) - spread) / 2))
    high = min(len(slopes) - 1, math.ceil((len(slopes) + spread) / 2))
    a_minute = 60 / interval
    return median(slopes) * a_minute, (slopes[high] - slopes[low]) / 2 * a_minute
