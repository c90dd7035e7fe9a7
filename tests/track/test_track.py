"""`track_memory`: what a run keeps, by type and line, and what it does not."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from leaklint import track_memory
from leaklint.runtime.kept import Kept, MemoryUse

NOISE = 30_000  # bytes that a coverage measurement may allocate meanwhile
KEPT: list[Any] = []
CACHE: dict[str, bytes] = {}


class Node:
    def __init__(self) -> None:
        self.rows = [1, 2, 3]


class Slotted:
    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows = "x" * 100


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    KEPT.clear()
    CACHE.clear()
    # hypothesis, in the same process, keeps a number of its own at every collection
    callbacks = gc.callbacks[:]
    gc.callbacks.clear()
    yield
    gc.callbacks[:] = callbacks
    assert not tracemalloc.is_tracing()


def _of(use: MemoryUse | None, kind: str) -> Kept:
    """What was kept of a type, over all lines of this file."""
    assert use
    found = [one for one in use.kept if one.type.endswith(kind) and one.file == __file__]
    assert len(found) == 1, use
    return found[0]


def _line(text: str) -> int:
    with open(__file__, encoding="utf-8") as file:
        return next(number for number, line in enumerate(file, 1) if text in line)


def test_a_block() -> None:
    with track_memory("import") as tracked:
        for _ in range(500):
            KEPT.append(Node())  # here
        garbage = [object() for _ in range(50_000)]
        del garbage
    use = tracked.result
    assert use and use.name == "import" and not use.error
    nodes, rows = _of(use, "Node"), _of(use, "list")
    assert (nodes.number, nodes.line) == (500, _line("KEPT.append(Node())  # here"))
    assert 490 <= rows.number <= 501 and rows.line == _line("self.rows = [1, 2, 3]")
    assert 50_000 < use.growth < 200_000
    assert use.peak > 800_000 and use.seconds > 0
    assert f"{__file__}" and "Node" in str(use) and "import: " in str(use)


def test_strings_and_bytes_in_a_dict_of_nothing_else() -> None:
    """The collector tracks neither them nor the dict."""
    with track_memory() as tracked:
        for number in range(300):
            CACHE[f"key {number}"] = b"x" * (500 + number)
    assert _of(tracked.result, "bytes").number == 300
    assert _of(tracked.result, "str").number == 300


def test_instances_with_slots() -> None:
    with track_memory() as tracked:
        KEPT.extend(Slotted() for _ in range(100))
    assert _of(tracked.result, "Slotted").number == 100


def test_what_a_function_returns_is_not_kept() -> None:
    @track_memory
    def load(keep: bool) -> list[Node]:
        rows = [Node() for _ in range(300)]
        if keep:
            KEPT.append(rows)
        return rows

    assert load.result is None  # type: ignore[attr-defined]
    rows = load(False)
    use = load.result  # type: ignore[attr-defined]
    assert len(rows) == 300 and use.kept == () and use.growth < NOISE and use.peak > 20_000
    assert use.name.endswith("load")
    rows = load(True)
    assert _of(load.result, "Node").number == 300  # type: ignore[attr-defined]


def test_a_part_of_what_is_returned_may_be_kept() -> None:
    @track_memory
    def load() -> list[Node]:
        rows = [Node() for _ in range(300)]
        KEPT.append(rows[7])
        return rows

    rows = load()
    assert rows and _of(load.result, "Node").number == 1  # type: ignore[attr-defined]


def test_cycles_are_garbage() -> None:
    with track_memory() as tracked:
        for _ in range(1000):
            loop: list[Any] = []
            loop.append(loop)
        del loop
    assert tracked.result and tracked.result.kept == () and tracked.result.growth < NOISE


def test_coroutines() -> None:
    @track_memory
    async def handle(number: int) -> dict[str, list[int]]:
        await asyncio.sleep(0)
        KEPT.append(Node())
        return {"rows": [number]}

    assert asyncio.run(handle(7)) == {"rows": [7]}
    assert _of(handle.result, "Node").number == 1  # type: ignore[attr-defined]


def test_async_blocks() -> None:
    async def main() -> MemoryUse | None:
        async with track_memory("block") as tracked:
            await asyncio.sleep(0)
            KEPT.append(Node())
        return tracked.result

    assert _of(asyncio.run(main()), "Node").number == 1


def test_overlapping_tasks() -> None:
    """Tracing lasts until the last of them has ended; each has a result."""

    @track_memory
    async def handle(seconds: float) -> None:
        await asyncio.sleep(seconds)
        KEPT.append(Node())

    async def main() -> None:
        await asyncio.gather(*(handle(seconds) for seconds in (0.03, 0.01, 0.02)))

    asyncio.run(main())
    assert handle.result is not None  # type: ignore[attr-defined]


def test_generators() -> None:
    tracker = track_memory("rows")

    @tracker
    def rows(count: int) -> Iterator[int]:
        for number in range(count):
            KEPT.append(Node())
            yield number

    assert list(rows(20)) == list(range(20))
    assert _of(tracker.result, "Node").number == 20


def test_async_generators() -> None:
    tracker = track_memory("rows")

    @tracker
    async def rows(count: int) -> AsyncIterator[int]:
        for number in range(count):
            KEPT.append(Node())
            yield number

    async def main() -> list[int]:
        return [number async for number in rows(20)]

    assert asyncio.run(main()) == list(range(20))
    assert _of(tracker.result, "Node").number == 20


def test_methods_keep_their_name_and_self() -> None:
    class Service:
        @track_memory
        def handle(self) -> int:
            """Doc."""
            return 5

    assert Service().handle() == 5
    assert Service.handle.__doc__ == "Doc." and Service.handle.__name__ == "handle"


def test_nested_runs_have_a_peak_of_their_own() -> None:
    with track_memory("outer") as outer:
        large = bytearray(3_000_000)
        del large
        with track_memory("inner") as inner:
            KEPT.append([1] * 1000)
        KEPT.append(Node())
    assert outer.result and inner.result
    assert outer.result.peak > 2_900_000 > 100_000 > inner.result.peak
    assert _of(inner.result, "list").number == 1
    assert _of(outer.result, "Node").number == 1
    assert not any("leaklint" in one.type for one in outer.result.kept)


def test_a_program_that_traces_goes_on_tracing() -> None:
    tracemalloc.start(3)
    try:
        KEPT.append([0] * 50_000)  # before the run: not of the run
        with track_memory() as tracked:
            KEPT.append(Node())
        assert tracemalloc.is_tracing() and tracemalloc.get_traceback_limit() == 3
    finally:
        tracemalloc.stop()
    assert _of(tracked.result, "Node").number == 1
    assert tracked.result and tracked.result.growth < NOISE


def test_an_exception_passes_through_and_is_named() -> None:
    @track_memory
    def fail() -> None:
        KEPT.append(Node())
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert fail.result.error == "ValueError"  # type: ignore[attr-defined]
    assert "ended by ValueError" in str(fail.result)  # type: ignore[attr-defined]


def test_reports(capsys: pytest.CaptureFixture[str]) -> None:
    with track_memory("printed", report=True):
        KEPT.append(Node())
    assert "printed: " in capsys.readouterr().err
    seen: list[MemoryUse] = []
    with track_memory("handed on", report=seen.append):
        KEPT.append(Node())
    assert [use.name for use in seen] == ["handed on"]


def test_the_report_names_the_largest_and_counts_the_rest() -> None:
    kept = tuple(Kept("Row", f"{number}.py", 1, 1, 2000 - number) for number in range(12))
    text = str(MemoryUse("job", 1_500_000, 2_000, kept, None, 0.5))
    lines = text.splitlines()
    assert lines[0] == "job: +1.5 MB kept, peak +2.0 kB, 500.0 ms"
    assert lines[1] == "  1 Row  +2.0 kB  0.py:1" and lines[-1] == "  and 2 more lines" and len(lines) == 12


def test_threads_end_tracing_once() -> None:
    def work() -> None:
        for _ in range(2):
            with track_memory():
                KEPT.append(Node())

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_importing_leaklint_stays_cheap() -> None:
    program = "import sys, leaklint; print([m for m in sys.modules if m.startswith('leaklint')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['leaklint']"
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        import leaklint

        _ = leaklint.nothing_of_this_name
