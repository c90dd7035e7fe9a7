"""Callables that do not come back: others are tried, and nothing waits for the time limit of the process."""

from __future__ import annotations

import time
from pathlib import Path

from harness import Confirmed, confirm_file

REAPED = """
import time


class Sessions:
    def __init__(self):
        self._locks = {}
        self._open = {}

    def connect(self, name: str):
        self._locks.setdefault(name, object())
        self._open[name] = time.monotonic()

    def disconnect(self, name: str):
        self._locks.setdefault(name, object())
        self._open.pop(name, None)

    def reap(self):
        while True:
            time.sleep(1)
            for name in list(self._open):
                self.disconnect(name)
"""
WAITS = """
import threading

ROWS = {}


def remember(key: str):
    ROWS[key] = key
    threading.Event().wait()
"""


def confirm_text(folder: Path, text: str) -> Confirmed:
    file = folder / "program.py"
    file.write_text(text, "utf-8")
    return confirm_file(file, budget=2)


def test_a_loop_without_an_end_is_not_the_first_to_be_called(tmp_path: Path) -> None:
    found = confirm_text(tmp_path, REAPED)
    row = next(row for row in found.report.verdicts if row["holder"] == "Sessions._locks")
    assert row["status"] == "confirmed", row
    assert str(row["trigger"]).endswith(("connect", "disconnect"))


def test_a_call_that_waits_for_ever_is_given_up(tmp_path: Path) -> None:
    began = time.monotonic()
    found = confirm_text(tmp_path, WAITS)
    reasons = [str(row["reason"]) for row in found.report.verdicts]
    assert found.statuses["LK101"] == "inconclusive"
    assert "a call did not come back within 5 s: give a --trigger" in reasons[0]
    assert time.monotonic() - began < 40
