"""Checked code cannot hurt: limits hold, nothing is left running, nothing of the project is written."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest
from harness import confirm_file, run_workload

from leaklint.runtime.agent import Limits

LINUX = os.path.isdir("/proc/self")


def test_memory_limit(tmp_path: Path) -> None:
    text = "HELD = []\ndef iterate(i):\n    HELD.append(bytearray(b'x') * 20_000_000)\n"
    run = run_workload(text, tmp_path, limits=Limits(seconds=60, memory=300 << 20))
    assert run.failure == "the memory limit of 300 MB was reached"


def test_time_limit(tmp_path: Path) -> None:
    began = time.monotonic()
    run = run_workload(
        "import time\ndef iterate(i):\n    time.sleep(60)\n", tmp_path, limits=Limits(seconds=1)
    )
    assert "time limit of 1 s" in run.failure
    assert time.monotonic() - began < 8


def test_output_is_drained_and_answers_nothing(tmp_path: Path) -> None:
    text = "def iterate(i):\n    print('x' * 10_000)\n    print('\\x1e{\"ok\": true}')\n"
    run = run_workload(text, tmp_path)
    assert not run.failure
    assert run.calls > 100


def test_a_process_that_dies_says_how(tmp_path: Path) -> None:
    run = run_workload(
        "import os, sys\ndef iterate(i):\n    print('bye', file=sys.stderr, flush=True); os._exit(3)\n",
        tmp_path,
    )
    assert run.failure == "the process ended with code 3: bye"


@pytest.mark.skipif(not LINUX, reason="finds processes in /proc")
def test_detached_grandchildren_are_killed(tmp_path: Path) -> None:
    mark = f"leaklint-test-{os.getpid()}-{time.monotonic_ns()}"
    text = f"""
import subprocess, sys
def setup():
    code = "import os, time; os.setsid(); os.fork() and os._exit(0); time.sleep(100)"
    subprocess.Popen([sys.executable, "-c", code, {mark!r}], start_new_session=True).wait()
def iterate(i):
    pass
"""
    run = run_workload(text, tmp_path)
    assert not run.failure
    assert _running(mark) == []


def _running(mark: str) -> list[str]:
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if mark.encode() in Path("/proc", name, "cmdline").read_bytes():
                    found.append(name)
            except OSError:
                continue
    return found


def test_nothing_of_the_project_is_written(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path_factory.mktemp("temporary")  # others use the common one at the same time
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    (tmp_path / "settings.ini").write_text("[a]\n")
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("")
    (tmp_path / "pkg" / "app.py").write_text(
        """
import tempfile
from pkg import other

ROWS = []

def serve(row: str):
    with open("settings.ini", "a") as file:
        file.write(row)
    with open("new.txt", "a") as file:
        file.write(open("settings.ini").read()[:3])
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"x")
    ROWS.append([row])
"""
    )
    (tmp_path / "pkg" / "other.py").write_text("VALUE = 1\n")
    before = _contents(tmp_path)
    found = confirm_file(tmp_path / "pkg" / "app.py", "serve", project=tmp_path)
    assert found.statuses == {"LK102": "confirmed"}, found.report.verdicts
    assert _contents(tmp_path) == before
    assert not list(temporary.iterdir())


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}
