"""Limits that the source speaks of: their size, entries that time takes out, and what becomes of both."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import confirm_file

from leaklint.config import Settings
from leaklint.pipeline import check_source
from leaklint.runtime.derive import outline
from leaklint.runtime.suspect import Suspect
from leaklint.source import SourceFile

PYTHON = {
    "if len(HELD) > 5_000:\n        HELD.clear()": 5000,
    "while len(HELD) >= LIMIT:\n        HELD.popitem()": 4096,
    "if LIMIT < len(HELD):\n        HELD.popitem()": 4096,
    "size = len(HELD)\n    if size > 2 * LIMIT:\n        HELD.popitem()": 8192,
    "if len(HELD) > most:\n        HELD.popitem()": 700,
    "if len(HELD) > int(os.environ['MOST']):\n        HELD.popitem()": -1,
    "if len(HELD) > 0:\n        HELD.popitem()": 0,
}
JAVASCRIPT = {
    "if (held.size > 5000) held.clear();": 5000,
    "if (held.size >= LIMIT) held.delete(held.keys().next().value);": 1000,
    "while (held.size > most) held.delete(1);": 700,
    "if (held.size > Number(process.env.MOST)) held.clear();": -1,
}
MADE = {
    "deque(maxlen=50)": 50,
    "LRUCache(10_000)": 10_000,
    "TTLCache(maxsize=LIMIT, ttl=60)": 4096,
    "TTLCache(LIMIT, 60)": -1,
}
TIMED = {
    "asyncio.get_event_loop().call_later(60, HELD.pop, key, None)": True,
    "threading.Timer(60, forget, [key]).start()": True,
    "now = time.time()\n    for old in [k for k, then in HELD.items() if now - then > 60]:\n"
    "        del HELD[old]": True,
    "scheduler.enter(60, 1, lambda: HELD.pop(key))": True,
    "began = time.time()\n    HELD.pop(key)": False,
    "HELD.pop(key)": False,
}


def suspect(folder: Path, name: str, text: str, holder: str) -> Suspect:
    file = folder / name
    file.write_text(text, "utf-8")
    found = outline(file, name, check_source(SourceFile.read(file, name), Settings(confidence="low")))
    return next(row for row in (*found.suspects, *found.quiet) if row.holder.name == holder)


@pytest.mark.parametrize("check", PYTHON)
def test_the_size_that_python_compares_with(check: str, tmp_path: Path) -> None:
    text = "import os\n\nHELD = {}\nLIMIT = 1 << 12\n\ndef put(key, most=700):\n"
    text += f"    {check}\n    HELD[key] = [key]\n"
    assert suspect(tmp_path, "app.py", text, "HELD").bound == PYTHON[check]


@pytest.mark.parametrize("check", JAVASCRIPT)
def test_the_size_that_javascript_compares_with(check: str, tmp_path: Path) -> None:
    text = f"const held = new Map();\nconst LIMIT = 1e3;\nfunction put(key, most = 700) {{\n  {check}\n"
    text += "  held.set(key, [key]);\n}\nmodule.exports = { put };\n"
    assert suspect(tmp_path, "app.js", text, "held").bound == JAVASCRIPT[check]


def test_the_limit_of_a_field_is_the_default_of_the_constructor(tmp_path: Path) -> None:
    text = """
class Recent:
    def __init__(self, size=128):
        self.size = size
        self.rows = {}

    def put(self, key):
        if len(self.rows) >= self.size:
            self.rows.popitem()
        self.rows[key] = [key]
"""
    assert suspect(tmp_path, "app.py", text, "rows").bound == 128


@pytest.mark.parametrize("made", MADE)
def test_the_size_that_a_container_is_made_with(made: str, tmp_path: Path) -> None:
    text = "from collections import deque\nfrom cachetools import LRUCache, TTLCache\n\nLIMIT = 4096\n"
    text += f"HELD = {made}\n\ndef put(key):\n    HELD{'.append(key)' if 'deque' in made else '[key] = 1'}\n"
    found = suspect(tmp_path, "app.py", text, "HELD")
    assert (found.bound, found.expires) == (MADE[made], "TTL" in made)


@pytest.mark.parametrize("release", TIMED)
def test_entries_that_time_takes_out(release: str, tmp_path: Path) -> None:
    text = "import asyncio, threading, time\n\nHELD = {}\n\ndef put(key):\n    HELD[key] = time.time()\n"
    text += f"    {release}\n\ndef forget(key):\n    HELD.pop(key, None)\n"
    if not TIMED[release]:
        text = text.replace("def forget", "def unused")
    assert suspect(tmp_path, "app.py", text, "HELD").expires == TIMED[release]


@pytest.mark.parametrize(
    ("key", "bound"), [("key % 300", 300), ("slot", 4096), ("key % most", 700), ("key", 0), ("key // 2", 0)]
)
def test_remainders_are_so_many_keys(key: str, bound: int, tmp_path: Path) -> None:
    text = "HELD = {}\nLIMIT = 4096\n\ndef put(key, most=700):\n    slot = key % LIMIT\n"
    text += f"    HELD[{key}] = [key]\n"
    assert suspect(tmp_path, "app.py", text, "HELD").bound == bound


SEVERAL = """
import time

BIG = {}
ROWS = []
HUGE = {}
LOUD = []
TIMED = {}

def big(key: str):
    if len(BIG) > 3_000:
        BIG.clear()
    BIG[key] = [key]

def rows(key: str):
    if len(ROWS) > 4_000:
        ROWS.clear()
    ROWS.append([key])

def huge(key: str):
    if len(HUGE) > 300_000_000:
        HUGE.clear()
    HUGE[key] = [key]

def loud(key: str):
    if len(LOUD) > 50:
        print("many")
    LOUD.append([key])

def timed(key: str):
    now = time.monotonic()
    for old in [name for name, then in TIMED.items() if now - then > 600]:
        del TIMED[old]
    TIMED[key] = now
"""


@pytest.mark.parametrize(
    ("trigger", "status", "reason"),
    [
        ("big", "refuted", ""),
        ("rows", "refuted", ""),
        ("huge", "inconclusive", "horizon: its limit of 300,000,000 entries was not passed"),
        ("loud", "confirmed", ""),
        ("timed", "inconclusive", "horizon: entries leave after a time"),
    ],
)
def test_a_limit_is_passed_or_left_open(trigger: str, status: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text(SEVERAL, "utf-8")
    found = confirm_file(file, trigger)
    slow = "horizon" in str(found.trigger["reason"])  # a busy machine makes fewer calls
    assert found.trigger["status"] == status or slow, found.trigger
    assert reason in str(found.trigger["reason"])
    if status != "confirmed":
        assert "confirmed" not in found.statuses.values(), found.report.verdicts
