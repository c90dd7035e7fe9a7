"""`track_memory`: what a block or a function keeps of the memory that it takes.

    with track_memory("import") as tracked:
        rows = load()
    print(tracked.result)

    @track_memory(report=True)
    async def handle(request): ...

Measures one run with tracemalloc, which slows Python down 7 to 10 times meanwhile. It says what was
kept, not whether that goes on: `leaklint confirm` does. Whatever other threads and tasks allocate in
the meantime counts as well.
"""

from __future__ import annotations

import gc
import inspect
import os
import sys
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Generator
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, overload

from leaklint.runtime.kept import MemoryUse, Traced, grouped, owned, traced

P = ParamSpec("P")
R = TypeVar("R")
Sink = Callable[[MemoryUse], object]

NOISE = 512
"""Bytes of growth that measuring itself may leave behind, in caches of the interpreter."""

_active: list[Tracker] = []  # they share one peak, and tracing ends with the last that needs it
_lock = threading.RLock()  # a finalizer may come in between
_we_started = False


@overload
def track_memory(target: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def track_memory(target: str = "", /, *, frames: int = 1, report: bool | Sink = False) -> Tracker: ...
def track_memory(
    target: Callable[..., Any] | str = "", /, *, frames: int = 1, report: bool | Sink = False
) -> Any:
    """Track a `with` block, an `async with` block, or every call of a function that this decorates.

    target: a name for the report, or the function. frames: stack frames kept for each allocation; the
    last one is reported. report: True prints to standard error after each run, a function is called
    with the result. The last result is the attribute `result` of the tracker, and of the function.
    """
    if callable(target):
        return Tracker("", frames, False)(target)
    return Tracker(target, frames, report)


class Tracker:
    """One measurement at a time; make another tracker for a nested one. `result`: of the last run."""

    def __init__(self, name: str, frames: int, report: bool | Sink) -> None:
        self.name = name
        self.result: MemoryUse | None = None
        self.peak = 0
        self._before: dict[int, Traced] = {}
        self._frames = frames
        self._report = report

    def __enter__(self) -> Tracker:
        self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(kind, [])

    async def __aenter__(self) -> Tracker:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(kind, [])

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorate a function, coroutine function or generator function; each call is a run of its own."""
        name = self.name or function.__qualname__
        make = _WRAPPERS[_kind(function)]

        def tracker() -> Tracker:
            return Tracker(name, self._frames, self._report)

        def done(one: Tracker) -> None:
            self.result = one.result
            wrapper.result = one.result  # type: ignore[attr-defined]

        wrapper: Callable[P, R] = wraps(function)(make(function, tracker, done))
        wrapper.result = None  # type: ignore[attr-defined]
        return wrapper

    def _begin(self) -> None:
        global _we_started
        self._rss = _resident()
        gc.collect()  # which empties the free lists as well: what is reused from them has no trace
        with _lock:
            started = not tracemalloc.is_tracing()
            if started:
                tracemalloc.start(self._frames)
                _we_started = True
            else:
                _note_peak()
            _active.append(self)
        # what was traced before this run is not of this run
        self._before = {} if started else traced()
        self._clock = time.perf_counter()
        tracemalloc.reset_peak()
        self._start = self.peak = tracemalloc.get_traced_memory()[0]

    def _end(self, error: type[BaseException] | None, box: list[object]) -> None:
        """Measure. What only `box` holds belongs to the caller, and is not kept."""
        seconds = time.perf_counter() - self._clock
        with _lock:
            _note_peak()
            _active.remove(self)
        gc.collect()
        now = tracemalloc.get_traced_memory()[0]
        rss = _resident()
        new = {key: one for key, one in traced().items() if self._before.get(key) != one}
        self._before = {}
        mine = owned(box, new) if box else set()
        _stop_tracing()
        returned, all_new = (sum(new[key].size for key in keys) for keys in (mine, new))
        growth = round((now - self._start) * (1 - returned / all_new)) if all_new else now - self._start
        kept = grouped(one for key, one in new.items() if key not in mine)
        if abs(growth) < NOISE:
            growth = sum(one.size for one in kept)
        self.result = MemoryUse(
            self.name,
            growth,
            self.peak - self._start,
            kept,
            rss - self._rss if rss and self._rss else None,
            seconds,
            error.__name__ if error else "",
        )
        if self._report is True:
            print(self.result, file=sys.stderr)
        elif self._report:
            self._report(self.result)  # the function decides what becomes of it


def _stop_tracing() -> None:
    """Tracing ends with the last run that needs it, unless the program itself began it."""
    global _we_started
    with _lock:
        if _we_started and not _active:
            tracemalloc.stop()
            _we_started = False


def _note_peak() -> None:
    """Every run under way has seen this peak; a new one starts from here."""
    peak = tracemalloc.get_traced_memory()[1]
    for tracker in _active:
        tracker.peak = max(tracker.peak, peak)
    tracemalloc.reset_peak()


def _resident() -> int:
    """Resident memory in bytes; 0 where the system has no /proc."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * int(os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, IndexError):
        return 0


def _kind(function: Callable[..., Any]) -> str:
    if inspect.isasyncgenfunction(function):
        return "async generator"
    if inspect.isgeneratorfunction(function):
        return "generator"
    return "async" if inspect.iscoroutinefunction(function) else "sync"


Make = Callable[[], Tracker]
Done = Callable[[Tracker], None]


def _sync(function: Callable[..., Any], make: Make, done: Done) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        tracker = make()
        box: list[object] = []  # no variable holds what is returned, so that its references can be counted
        tracker._begin()
        try:
            box.append(function(*arguments, **named))
        finally:
            tracker._end(sys.exc_info()[0], box)
            done(tracker)
        return box.pop()

    return call


def _async(function: Callable[..., Any], make: Make, done: Done) -> Callable[..., Any]:
    async def call(*arguments: Any, **named: Any) -> Any:
        tracker = make()
        box: list[object] = []
        tracker._begin()
        try:
            box.append(await function(*arguments, **named))
        finally:
            tracker._end(sys.exc_info()[0], box)
            done(tracker)
        return box.pop()

    return call


def _generator(function: Callable[..., Any], make: Make, done: Done) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Generator[Any, Any, Any]:
        with make() as tracker:
            result = yield from function(*arguments, **named)
        done(tracker)
        return result

    return call


def _async_generator(function: Callable[..., Any], make: Make, done: Done) -> Callable[..., Any]:
    async def call(*arguments: Any, **named: Any) -> AsyncIterator[Any]:
        with make() as tracker:
            async for item in function(*arguments, **named):
                yield item
        done(tracker)

    return call


_WRAPPERS = {"sync": _sync, "async": _async, "generator": _generator, "async generator": _async_generator}
