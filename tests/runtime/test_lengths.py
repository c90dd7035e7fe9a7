"""Lengths as the agent inside CPython takes them."""

from __future__ import annotations

import queue
import weakref
from collections import OrderedDict, defaultdict, deque
from functools import lru_cache

import pytest

from leaklint.runtime.python.leaklint_inside.lengths import deep_length, memo_size, registered


class Rows:
    def __init__(self) -> None:
        self.rows = [[1], [2]]
        self.name = "rows"


@pytest.mark.parametrize(
    ("value", "length"),
    [
        ({}, 0),
        ({"a": 1, "b": 2}, 2),
        ({"a": [1, 2], "b": [3]}, 5),
        ([[[1]]], 3),
        ({"a": "text", "b": b"bytes"}, 2),
        (deque([1, 2], maxlen=5), 2),
        (defaultdict(list, {"a": [1]}), 2),
        (OrderedDict(a={1, 2}), 3),
        (weakref.WeakSet(), 0),
        (Rows(), 4),
        (7, None),
        ("text", None),
    ],
)
def test_deep_length(value: object, length: int | None) -> None:
    assert deep_length(value) == length


def test_cycles_and_shared_parts_count_once() -> None:
    inner: list[object] = [1]
    outer: list[object] = [inner, inner]
    outer.append(outer)
    assert deep_length(outer) == 4


def test_queues_count_what_waits_in_them() -> None:
    waiting: queue.Queue[int] = queue.Queue()
    waiting.put(1)
    assert deep_length(waiting) == 1


def test_depth_has_an_end() -> None:
    value: list[object] = []
    for _ in range(10):
        value = [value]
    assert deep_length(value) == 5


def test_memo_size() -> None:
    @lru_cache
    def square(number: int) -> int:
        return number * number

    square(2), square(3)
    assert memo_size(square) == 2
    assert memo_size(len) is None


def test_registered() -> None:
    import sys

    assert registered("sys.path.append") == len(sys.path)
    assert registered("no_such_module.LIST.append") is None


def test_what_lies_behind_a_function_of_a_module_is_unknown() -> None:
    assert registered("os.register_at_fork") is None
    assert registered("signal.signal") is None
