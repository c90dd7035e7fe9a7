"""Holders that fill and empty, watched under a trigger: refuted, or left open, never confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import at_hand, confirm_file, interpreter

PROGRAM = """
import functools
import logging
import queue
import re
import threading
import time
import weakref
from collections import OrderedDict, deque

class Recent:
    def __init__(self, size=100):
        self.size = size
        self.entries = OrderedDict()

    def get(self, key: str):
        if key in self.entries:
            self.entries.move_to_end(key)
            return self.entries[key]
        self.entries[key] = found = [key]
        while len(self.entries) > self.size:
            self.entries.popitem(last=False)
        return found

RECENT = Recent()

def least_recent(key: str):
    return RECENT.get(key)

class Expiring:
    def __init__(self):
        self.entries = {}

    def put(self, key: str):
        now = time.monotonic()
        self.entries[key] = now
        for old in [name for name, then in self.entries.items() if now - then > 0.05]:
            del self.entries[old]

EXPIRING = Expiring()

def expiring(key: str):
    EXPIRING.put(key)

POOL = []

def pool(number: int):
    taken = POOL.pop() if POOL else object()
    try:
        return id(taken)
    finally:
        POOL.append(taken)

_config = None

def lazy(number: int):
    global _config
    if _config is None:
        _config = {index: index for index in range(1000)}
    return _config[number % 1000]

class Thing:
    pass

SEEN = weakref.WeakValueDictionary()

def weak(key: str):
    SEEN[key] = thing = Thing()
    return id(thing)

QUEUE = queue.Queue()

def queued(key: str):
    QUEUE.put(key)
    QUEUE.get()

RUNNING = {}

def running(key: str):
    RUNNING[key] = 1
    try:
        return len(RUNNING)
    finally:
        RUNNING.pop(key)

def threads(key: str):
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()

STATISTICS = {}

def few_keys(status: int):
    STATISTICS[status % 7] = STATISTICS.get(status % 7, 0) + 1

BATCH = []

def batch(row: str):
    BATCH.append(row)
    if len(BATCH) >= 100:
        flush()

def flush():
    BATCH.clear()

HISTORY = deque(maxlen=50)

def history(row: str):
    HISTORY.append(row)

def patterns(number: int):
    return [re.compile("a" * (index % 20)) for index in range(number % 5)]

@functools.lru_cache(maxsize=64)
def cached(key: str):
    return [key]

def memo(key: str):
    return cached(key)

log = logging.getLogger(__name__)

def logging_(key: str):
    log.warning("key %s", key)
"""
TRIGGERS = (
    "least_recent",
    "expiring",
    "pool",
    "lazy",
    "weak",
    "queued",
    "running",
    "threads",
    "few_keys",
    "batch",
    "history",
    "patterns",
    "memo",
    "logging_",
)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_never_confirmed(trigger: str, tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text(PROGRAM, "utf-8")
    versions = at_hand()
    python = interpreter(versions[TRIGGERS.index(trigger) % len(versions)])
    found = confirm_file(file, trigger, python=python, budget=4)
    assert "confirmed" not in found.statuses.values(), found.report.verdicts
    expected = {"refuted", "inconclusive"} if trigger == "expiring" else {"refuted"}
    assert found.trigger["status"] in expected, found.trigger
