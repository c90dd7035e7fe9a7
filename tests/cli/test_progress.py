"""Long runs count files on a terminal; pipes and short runs see nothing of it."""

from __future__ import annotations

import io

import pytest

from leaklint.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_long_run_counts_and_cleans_up(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    show = progress.counting()
    assert show is not None
    show(100, 250)
    assert terminal.getvalue().endswith("100 of 250 files checked")
    show(250, 250)
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_short_run_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    show = progress.counting()
    assert show is not None
    show(1, 2)
    assert terminal.getvalue() == ""


def test_nothing_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert progress.counting() is None
