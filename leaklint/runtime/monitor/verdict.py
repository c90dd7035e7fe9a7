"""From readings to an answer: every series has its trend, and together they say which memory leaks."""

from __future__ import annotations

from collections.abc import Sequence

from leaklint.runtime.monitor.classify import LEAST_GROWTH_BLOCKS, LEAST_GROWTH_BYTES, Status, classify
from leaklint.runtime.monitor.record import BYTES, COUNTS, MB, Limit, Reading, Series, Verdict, Where

_JUDGED = (*BYTES, "blocks")


def series(readings: Sequence[Reading], interval: float) -> dict[str, Series]:
    """The trend of every kind of reading that is there throughout, or from some reading on."""
    if len(readings) > 1:  # a busy machine may have stretched it
        interval = max(interval, (readings[-1].seconds - readings[0].seconds) / (len(readings) - 1))
    found = {}
    for name in (*BYTES, *COUNTS):
        values = _values(readings, name)
        if values:
            found[name] = _series(name, values, interval)
    return found


def _values(readings: Sequence[Reading], name: str) -> list[float]:
    """The values of one kind; a gap is filled with what came before it.

    An agent answers a moment after the start of its process: what comes before is left out.
    """
    values: list[float] = []
    for reading in readings:
        value = native(reading.values) if name == "native" else reading.values.get(name)
        if value is not None:
            values.append(value)
        elif values:
            values.append(values[-1])
    return values


def native(values: dict[str, float]) -> float | None:
    """Memory outside of the heap, where the runtime says how much the heap has.

    Zero while the heap has yet to touch pages that it has committed: growth up to there is not native.
    """
    if "heap_committed" not in values:
        return None
    memory = values.get("uss", values["rss"])
    return max(0.0, memory - values["heap_committed"] - values.get("external", 0))


def _series(name: str, values: list[float], interval: float) -> Series:
    least = LEAST_GROWTH_BYTES if name in BYTES else LEAST_GROWTH_BLOCKS
    trend = classify(values, interval, least)
    return Series(
        "bytes" if name in BYTES else "count",
        trend.status,
        trend.rate,
        trend.uncertainty,
        trend.reason,
        values[0],
        values[-1],
        min(values),
        max(values),
    )


def judge(found: dict[str, Series], limit: Limit | None) -> Verdict:
    """The answer of all series together.

    A runtime that tells its heap is judged by that: its resident memory may grow into what the heap
    has reserved. Of others the memory of its own decides, or the resident memory where that is hidden.
    """
    if not found:
        return Verdict("unclear", "", 0.0, 0.0, None, "no readings")
    memory = found.get("uss", found["rss"])
    name, where = _culprit(found, memory)
    if name:
        reason = found[name].reason
        # blocks have no bytes: the rate is that of the memory
        rated = found[name] if found[name].unit == "bytes" else memory
        return _verdict("leak", where, rated, reason, memory, limit)
    heap = found.get("heap_used", memory)
    if memory.status == "leak":
        reason = "resident memory grows inside what the heap has reserved: watch it longer"
        return _verdict("unclear", "", memory, reason, memory, limit)
    told = heap if heap.status != "steady" or memory.status == "sawtooth" else memory
    return _verdict(told.status, "", told, told.reason, memory, limit)


def _culprit(found: dict[str, Series], memory: Series) -> tuple[str, Where]:
    """The series that leaks and the memory that it stands for; empty names if none does."""
    leaking = {name for name in found if name in _JUDGED and found[name].status == "leak"}
    own = "uss" if "uss" in found else "rss"
    if "heap_used" in leaking:
        return "heap_used", "heap"
    if "blocks" in leaking and memory.status in ("leak", "unclear"):
        return "blocks", "heap"
    if "external" in leaking:
        return "external", "external"
    if "native" in leaking and memory.status in ("leak", "unclear"):
        return "native", "native"
    if own not in leaking or "heap_used" in found:
        return "", ""
    if "blocks" not in found:
        return own, "unknown"
    return own, "native" if "malloc" in leaking and found["blocks"].status != "unclear" else "unknown"


def _verdict(
    status: Status, where: Where, rated: Series, reason: str, memory: Series, limit: Limit | None
) -> Verdict:
    rate = rated.rate_per_minute
    left = None
    if status == "leak" and limit and rate > 0:
        left = max(0.0, (limit.bytes - memory.last) / rate * 60)
    return Verdict(
        status,
        where,
        rate / MB,
        rated.uncertainty_per_minute / MB,
        left,
        reason,
    )
