"""What is read from a process and what is said about it: the records that every output is made from."""

from __future__ import annotations

from typing import Literal

import msgspec

from leaklint.runtime.monitor.classify import Status

MB = 1_000_000
"""Bytes in the MB of rates and reports, as in network and storage figures."""

Where = Literal["heap", "external", "native", "unknown", ""]
Ending = Literal["duration", "load", "target", "interrupt"]

BYTES = ("rss", "uss", "heap_used", "heap_committed", "external", "native", "malloc")
COUNTS = ("blocks", "processes")
LABELS = {
    "rss": "resident memory",
    "uss": "memory of its own",
    "heap_used": "heap in use",
    "heap_committed": "heap committed",
    "external": "off-heap memory of objects",
    "native": "native memory",
    "malloc": "malloc in use",
    "blocks": "Python's allocated blocks",
    "processes": "processes",
}


class Reading(msgspec.Struct, frozen=True):
    """One look at the process and its descendants. seconds: since watching began.

    values: by the names in BYTES and COUNTS, as far as the runtime tells.
    """

    seconds: float
    values: dict[str, float]


class Limit(msgspec.Struct, frozen=True):
    """Memory that the process may take: bytes, and who says so."""

    bytes: int
    source: str


class Stop(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why watching ended. code: exit code of the target or of the load command, if known."""

    reason: Ending
    code: int | None = None


class Series(msgspec.Struct, frozen=True):
    """The trend of one kind of reading; rates in units a minute."""

    unit: Literal["bytes", "count"]
    status: Status
    rate_per_minute: float
    uncertainty_per_minute: float
    reason: str
    first: float
    last: float
    least: float
    most: float


class Verdict(msgspec.Struct, frozen=True):
    """The answer. where: which memory leaks. seconds_until_limit: None if it is not growing or unlimited."""

    status: Status
    where: Where
    rate_mb_per_minute: float
    uncertainty_mb_per_minute: float
    seconds_until_limit: float | None
    reason: str


class Target(msgspec.Struct, frozen=True):
    """The watched process."""

    pid: int
    command: list[str]
    started: bool  # by us
    runtimes: list[str]


class Report(msgspec.Struct, frozen=True):
    """Everything that was seen: what `--output` writes, see docs/monitor.md."""

    target: Target
    interval_seconds: float
    stopped: Stop
    verdict: Verdict
    series: dict[str, Series]
    readings: list[Reading]
    limit: Limit | None = None
    notes: list[str] = []
    schema: str = "leaklint-memory-trend"
    version: int = 1

    @property
    def seconds(self) -> float:
        """How long it was watched."""
        return self.readings[-1].seconds if self.readings else 0.0


def document(report: Report) -> bytes:
    """The report as JSON, one reading a line."""
    plain = msgspec.to_builtins(report)
    readings = [msgspec.json.encode({"seconds": one.seconds, **one.values}) for one in report.readings]
    head = {key: plain[key] for key in ("schema", "version", *plain) if key != "readings"}
    text = msgspec.json.format(msgspec.json.encode(head), indent=2).rstrip(b"}\n")
    return text + b',\n  "readings": [\n    ' + b",\n    ".join(readings) + b"\n  ]\n}\n"
