"""`pytest --leaklint` on small suites, in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import leaklint

SUITE = """
import logging
import unittest

import pytest

KEPT = []
CACHE = {}

class Thing:
    pass

def test_innocent(tmp_path, monkeypatch, caplog, capsys):
    (tmp_path / "file").write_text("text")
    monkeypatch.setenv("NAME", "value")
    logging.warning("text")
    print("printed")
    CACHE["key"] = Thing()

def test_leaks():
    KEPT.append(Thing())

@pytest.mark.leaklint(max_growth=10)
def test_may_leak():
    KEPT.append(Thing())

@pytest.mark.xfail
def test_expected_to_fail():
    assert False

def test_only_once():
    assert not CACHE.pop("once", None)
    CACHE["once"] = 1

class Case(unittest.TestCase):
    def test_case(self):
        self.assertTrue(KEPT is not None)

    def test_case_leaks(self):
        KEPT.append(Thing())
"""


def run(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_suite.py").write_text(text, "utf-8")
    path = [str(Path(leaklint.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "leaklint.pytest_plugin", "-p", "no:cacheprovider", *options],
        cwd=folder,
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith("COV")},
            "PYTHONPATH": os.pathsep.join(path),
            "PYTEST_ADDOPTS": "",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_says_which_test_leaks_and_through_what(tmp_path: Path) -> None:
    done = run(tmp_path, SUITE, "--leaklint", "--leaklint-budget=0.4", "-q")
    assert done.returncode == 1, done.stdout
    failed = sorted(line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAILED"))
    assert failed == ["test_suite.py::Case::test_case_leaks", "test_suite.py::test_leaks"], done.stdout
    assert "kept by: module test_suite → KEPT → list item → Thing" in done.stdout
    line = 1 + SUITE[: SUITE.index("KEPT.append")].count("\n")
    assert f"made at: test_suite.py:{line}" in done.stdout
    assert "test_only_once: cannot be repeated" in done.stdout
    assert done.stdout.count("printed") == 0


def test_a_marked_test_is_checked_without_the_option(tmp_path: Path) -> None:
    text = """
import pytest

KEPT = []

@pytest.mark.leaklint(max_growth=0.5)
def test_marked():
    KEPT.append([1])

def test_plain():
    KEPT.append([2])
"""
    done = run(tmp_path, text, "--leaklint-budget=0.4", "-q")
    assert "FAILED test_suite.py::test_marked" in done.stdout
    assert "test_plain" not in done.stdout


def test_without_option_and_marker_nothing_changes(tmp_path: Path) -> None:
    done = run(tmp_path, "KEPT = []\ndef test_plain():\n    KEPT.append([2])\n", "-q")
    assert done.returncode == 0
    assert "leaklint" not in done.stdout
