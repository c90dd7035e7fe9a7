"""Batches: order, size, and processes that die."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from leaklint import workers


def double(items: list[int]) -> list[int]:
    if 13 in items:
        os.kill(os.getpid(), signal.SIGKILL)
    return [2 * item for item in items]


def fail(items: list[int]) -> list[int]:
    raise ValueError("no")


def lost(item: int) -> list[int]:
    return [-item]


def test_batches_are_consecutive_and_bounded() -> None:
    assert workers.batches([4, 4, 4, 20, 1], lambda size: size, 10) == [[4, 4], [4], [20], [1]]
    assert [len(group) for group in workers.batches([0] * 250, lambda size: size)] == [100, 100, 50]
    assert workers.batches([], lambda size: size) == []


def test_processes_pay_for_many_files_only() -> None:
    assert workers.processes(0, 10) == 1
    assert workers.processes(0, workers.MANY) == workers.available() >= 1
    assert workers.processes(3, 1) == 3


@pytest.mark.parametrize("count", [1, 3])
def test_results_come_in_order(count: int) -> None:
    groups = [[number] for number in range(10)]
    assert list(workers.run(double, groups, count, lost)) == [[2 * number] for number in range(10)]


def test_a_process_that_dies_costs_its_item_only() -> None:
    groups = [[1, 2], [12, 13, 14], [3], [4]]
    found = [number for part in workers.run(double, groups, 2, lost) for number in part]
    assert found == [2, 4, 24, -13, 28, 6, 8]


@pytest.mark.parametrize("count", [1, 2])
def test_an_exception_of_the_work_is_passed_on(count: int) -> None:
    with pytest.raises(ValueError, match="no"):
        list(workers.run(fail, [[1], [2]], count, lost))


def test_without_affinity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert workers.available() == os.cpu_count()
