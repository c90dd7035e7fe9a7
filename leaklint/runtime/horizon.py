"""How a series goes on: with readings twice as far apart, and at the pace that its calls really have."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec

from leaklint.runtime.agent import Sample


def pace(samples: Sequence[Sample], step: int) -> tuple[float, float]:
    """Seconds a call and seconds a reading, as most of a series had them: a single stall tells nothing."""
    later = samples[1:] or samples
    return median(row.call_seconds for row in later) / step, median(row.probe_seconds for row in later)


def thinned(samples: Sequence[Sample]) -> list[Sample]:
    """Every second sample, from the first: what was spent between two of them is added up."""
    kept = [samples[0]]
    for left_out, row in zip(samples[1::2], samples[2::2], strict=False):
        kept.append(
            msgspec.structs.replace(
                row,
                call_seconds=left_out.call_seconds + row.call_seconds,
                probe_seconds=left_out.probe_seconds + row.probe_seconds,
            )
        )
    return kept
