"""The text format of Prometheus, for the folder that node-exporter's textfile collector reads."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from leaklint.errors import UsageError
from leaklint.runtime.monitor.classify import Status
from leaklint.runtime.monitor.record import COUNTS, Reading, Report

_STATUSES: tuple[Status, ...] = ("steady", "sawtooth", "plateau", "leak", "unclear")


def metrics(report: Report, now: float) -> str:
    """Gauges of the last reading and of the verdict. now: seconds since the epoch; no sample has a time
    of its own, the collector refuses those."""
    labels = {"pid": str(report.target.pid), "process": _name(report)}
    verdict = report.verdict
    last = report.readings[-1] if report.readings else Reading(0.0, {})
    counts = [({**labels, "kind": kind}, value) for kind, value in last.values.items() if kind in COUNTS]
    sizes = [({**labels, "kind": kind}, value) for kind, value in last.values.items() if kind not in COUNTS]
    growth = [
        ({**labels, "kind": kind}, one.rate_per_minute / 60)
        for kind, one in report.series.items()
        if one.unit == "bytes"
    ]
    statuses = [({**labels, "status": one}, float(one == verdict.status)) for one in _STATUSES]
    limit = [(labels, float(report.limit.bytes))] if report.limit else []
    left = [(labels, verdict.seconds_until_limit)] if verdict.seconds_until_limit is not None else []
    return "".join(
        [
            *_family("memory_bytes", "Memory at the last reading.", sizes),
            *_family("memory_count", "Counts at the last reading.", counts),
            *_family("memory_growth_bytes_per_second", "Growth of the base.", growth),
            *_family("memory_status", "1 for the status that holds.", statuses),
            *_family("memory_limit_bytes", "Memory that the process may take.", limit),
            *_family("memory_seconds_until_limit", "Time until the limit at this growth.", left),
            *_family(
                "memory_last_reading_timestamp_seconds", "When the last reading was made.", [(labels, now)]
            ),
        ]
    )


def write(text: str, path: Path) -> None:
    """Put the text in the file at once: a collector never reads half of it."""
    try:
        # a name that does not end in .prom: the collector must not read it
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error


def _family(name: str, text: str, samples: Iterable[tuple[dict[str, str], float]]) -> Iterator[str]:
    """One metric: help, type and samples; nothing without samples."""
    samples = list(samples)
    if samples:
        yield f"# HELP leaklint_{name} {text}\n# TYPE leaklint_{name} gauge\n"
    for labels, value in samples:
        inner = ",".join(f'{key}="{_escaped(word)}"' for key, word in sorted(labels.items()))
        yield f"leaklint_{name}{{{inner}}} {value:.15g}\n"


def _escaped(word: str) -> str:
    return word.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _name(report: Report) -> str:
    return os.path.basename(report.target.command[0]) if report.target.command else ""
