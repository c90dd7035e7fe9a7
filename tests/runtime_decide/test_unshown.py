"""Rules of which made-up arguments show too little: without growth, a made driver leaves them open."""

from __future__ import annotations

import pytest

from leaklint.runtime.agent import Driver, Sample, Watched
from leaklint.runtime.measure import Run
from leaklint.runtime.suspect import HolderPath, Suspect
from leaklint.runtime.verdict import NO_THREAD, NOT_SHOWN, join

READINGS = 41


def still(counters: dict[str, int] | None = None, each: dict[str, int] | None = None) -> Run:
    """A series in which nothing grows; each: what is added to a counter from reading to reading."""
    rows = [
        Sample(
            number * 10,
            (Watched(3, 3, hits=number * 10),),
            {name: value + number * (each or {}).get(name, 0) for name, value in (counters or {}).items()},
            call_seconds=0.01,
        )
        for number in range(READINGS)
    ]
    return Run("fresh", rows, 10)


def suspect(code: str, kind: str = "static") -> Suspect:
    holder = HolderPath(kind, "Plugins.BY_LOADER", "BY_LOADER", "Plugins")  # type: ignore[arg-type]
    return Suspect("Plugins.java", "/Plugins.java", "java", "", holder, (), code=code, confidence="medium")


@pytest.mark.parametrize("code", sorted(NOT_SHOWN))
def test_only_a_trigger_refutes(code: str) -> None:
    made, given = (
        join(suspect(code), 0, Driver("java", "Plugins.java:Plugins.load", origin), [still()])
        for origin in ("generated", "trigger")
    )
    assert (made.status, made.reason) == ("inconclusive", NOT_SHOWN[code])
    assert given.status == "refuted"


@pytest.mark.parametrize(("made", "status"), [(1, "inconclusive"), (11, "refuted")])
def test_threads_that_were_never_made_refute_nothing(made: int, status: str) -> None:
    """Each reading makes one itself."""
    run = still({"threads": 4, "threads_made": 20}, {"threads_made": made})
    driver = Driver("java", "Plugins.java:Plugins.load", "generated")
    verdict = join(suspect("LK403", "thread"), 0, driver, [run])
    assert verdict.status == status
    assert (verdict.reason == NO_THREAD) == (status == "inconclusive")
