"""Handles that a method overwrites: those that were overwritten are counted while they live."""

from __future__ import annotations

from pathlib import Path

from harness import Confirmed, confirm_file


def confirm_text(folder: Path, text: str, trigger: str = "") -> Confirmed:
    file = folder / "program.py"
    file.write_text(text, "utf-8")
    return confirm_file(file, trigger, budget=4)


def test_a_timer_ends_by_itself_some_day(tmp_path: Path) -> None:
    text = """
import threading

class Debounce:
    def __init__(self):
        self._timer = None

    def on_change(self, path: str):
        self._timer = threading.Timer(30, print, (path,))
        self._timer.daemon = True
        self._timer.start()

    def stop(self):
        if self._timer:
            self._timer.cancel()

DEBOUNCE = Debounce()

def serve(path: str):
    DEBOUNCE.on_change(path)
"""
    found = confirm_text(tmp_path, text)
    assert found.statuses == {"LK206": "inconclusive"}
    assert "a time that was not waited for" in str(found.report.verdicts[0]["reason"])


def test_what_dies_with_its_last_reference_is_not_lost(tmp_path: Path) -> None:
    text = """
class Worker:
    def stop(self):
        pass

class Pool:
    def __init__(self):
        self._worker = Worker()

    def update(self):
        self._worker = Worker()

    def close(self):
        self._worker.stop()

POOL = Pool()

def serve(number: int):
    POOL.update()
"""
    found = confirm_text(tmp_path, text, "serve")
    assert "confirmed" not in found.statuses.values(), found.report.verdicts
    assert found.trigger["status"] == "refuted"
