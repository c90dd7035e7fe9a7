"""Runs batches in order, in this process or in several; a batch that kills its process is not lost.

Knows nothing of what a batch does. Any executor of the `concurrent.futures` shape will do.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from leaklint import plugins

if TYPE_CHECKING:
    from concurrent.futures import Executor

Item = TypeVar("Item")
Result = TypeVar("Result")

MANY = 200
"""Files from which starting processes pays."""


def batches(items: Sequence[Item], size: Callable[[Item], int], limit: int = 500_000) -> list[list[Item]]:
    """Consecutive items in groups of about `limit` in size, and of at most 100."""
    groups: list[list[Item]] = []
    room = 0
    for item in items:
        if not groups or room < size(item) or len(groups[-1]) >= 100:
            groups.append([])
            room = limit
        groups[-1].append(item)
        room -= size(item)
    return groups


def processes(jobs: int, files: int) -> int:
    """How many processes to use; `jobs` 0 leaves the choice to the size of the work."""
    if jobs:
        return jobs
    return available() if files >= MANY else 1


def available() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(
    work: Callable[[list[Item]], Result],
    groups: list[list[Item]],
    count: int,
    lost: Callable[[Item], Result],
) -> Iterator[Result]:
    """`work` of every group, in order. `lost` stands in for an item whose process died."""
    if count <= 1 or len(groups) <= 1:
        yield from map(work, groups)
        return
    from concurrent.futures.process import BrokenProcessPool

    pool = _pool(min(count, len(groups)))
    try:
        futures = [pool.submit(work, group) for group in groups]
        for group, future in zip(groups, futures, strict=True):
            try:
                yield future.result()
            except BrokenProcessPool:
                yield from _alone(work, group, lost)
    except BaseException:
        _stop(pool)
        raise
    pool.shutdown()


def _alone(
    work: Callable[[list[Item]], Result], group: list[Item], lost: Callable[[Item], Result]
) -> Iterator[Result]:
    """A group whose process died, or that waited behind it: halved until the item that kills is alone."""
    from concurrent.futures.process import BrokenProcessPool

    pool = _pool(1)
    try:
        yield pool.submit(work, group).result()
    except BrokenProcessPool:
        if len(group) == 1:
            yield lost(group[0])
            return
        half = len(group) // 2
        yield from _alone(work, group[:half], lost)
        yield from _alone(work, group[half:], lost)
    finally:
        pool.shutdown(wait=False)


def _pool(count: int) -> Executor:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # fork keeps what is already imported; elsewhere it is not safe with the system's own threads
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(plugins.active,))


def _begin(active: plugins.Plugins) -> None:
    """Know the rules that the parent knows; leave an interrupt to it, which stops its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if active != plugins.active:  # not forked
        plugins.activate(active)


def _stop(pool: Executor) -> None:
    """End workers at once, instead of after the batches that wait."""
    import multiprocessing

    pool.shutdown(wait=False, cancel_futures=True)
    for child in multiprocessing.active_children():
        child.terminate()
