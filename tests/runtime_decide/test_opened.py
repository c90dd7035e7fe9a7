"""What Python opens is told by descriptors and threads: the heap alone accuses nothing that is closed."""

from __future__ import annotations

import pytest

from leaklint.runtime.agent import Driver, Sample, Watched
from leaklint.runtime.measure import Run
from leaklint.runtime.suspect import HolderPath, Suspect
from leaklint.runtime.verdict import NO_HANDLE, Verdict, join

READINGS = 161
CLIENT = Suspect(
    "app.py", "app.py", "python", "", HolderPath("resource", "client"), (), code="LK603", confidence="medium"
)


def judged(**steps: int) -> Verdict:
    """A series in which the counters grow by so much with each call."""
    samples = [
        Sample(
            number,
            (Watched(hits=1),),
            {
                name: 100 + number * steps.get(name, 0)
                for name in ("count", "descriptors", "threads", "malloc_bytes", "rss_bytes")
            },
        )
        for number in range(READINGS)
    ]
    return join(CLIENT, 0, Driver("python", "serve", "generated"), [Run("fresh", samples)])


@pytest.mark.parametrize("counter", ["descriptors", "threads"])
def test_a_handle_that_stays_is_confirmed(counter: str) -> None:
    found = judged(**{counter: 1}, count=5)
    assert (found.status, found.counted) == ("confirmed", counter)


@pytest.mark.parametrize("counter", ["count", "malloc_bytes"])
def test_the_heap_alone_confirms_nothing(counter: str) -> None:
    grown = judged(**{counter: 2_000, "rss_bytes": 2_000})
    assert (grown.status, grown.reason) == ("inconclusive", NO_HANDLE)


def test_nothing_stays() -> None:
    assert judged().status == "refuted"
