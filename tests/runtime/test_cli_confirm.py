"""`leaklint confirm` as a command: options, formats, exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
LEAKY = """
CACHE = {}

def serve(key: str):
    CACHE[key] = [key]
"""
BOUNDED = """
CACHE = {}

def serve(number: int):
    key = number % 50
    CACHE[key] = [key]
"""
EMPTIED = """
WAITING = []

def ask(quote: str):
    WAITING.append([quote])
    return answer(WAITING)

def answer(waiting):
    getattr(waiting, "clear")()
"""


@pytest.fixture
def app(folder: Path) -> Path:
    (folder / "app.py").write_text(LEAKY, "utf-8")
    (folder / "bounded.py").write_text(BOUNDED, "utf-8")
    return folder


def test_confirmed(app: Path, leaklint: Run) -> None:
    done = leaklint("confirm", "app.py", "--budget", "4")
    assert done.returncode == 1, done.stderr
    assert "error: `app.CACHE`" in done.stdout
    assert "confirmed: 1 entry a call" in done.stdout
    assert "kept by module app → CACHE → dict value → list item → str" in done.stdout
    assert "made at app.py:5" in done.stdout
    assert "called app.py:serve on CPython" in done.stdout


def test_refuted_is_a_note(app: Path, leaklint: Run) -> None:
    done = leaklint(
        "confirm", "bounded.py", "--trigger", "bounded.py:serve", "--confidence", "low", "--budget", "4"
    )
    assert done.returncode == 0, done.stdout
    assert "bounded.py:serve: refuted" in done.stdout


def test_a_refuted_finding_is_a_note_in_every_format(app: Path, leaklint: Run) -> None:
    (app / "quotes.py").write_text(EMPTIED, "utf-8")
    done = leaklint("confirm", "quotes.py", "--budget", "3")
    assert done.returncode == 0, done.stdout
    assert "note: `quotes.WAITING`" in done.stdout
    assert "refuted: did not grow" in done.stdout
    assert "(budget 3 s a" in done.stdout
    assert "No leaks found, 1 refuted; 1 file checked" in done.stdout
    document = json.loads(leaklint("confirm", "quotes.py", "--budget", "2", "--output-format", "json").stdout)
    finding = document["findings"][0]
    assert (finding["severity"], finding["verdict"]["status"]) == ("note", "refuted")
    assert document["verdicts"][0]["status"] == "refuted"
    document = json.loads(
        leaklint("confirm", "quotes.py", "--budget", "2", "--output-format", "sarif").stdout
    )
    result = document["runs"][0]["results"][0]
    assert (result["level"], result["properties"]["verdict"]["status"]) == ("note", "refuted")


def test_html_shows_the_verdict(app: Path, leaklint: Run) -> None:
    (app / "quotes.py").write_text(EMPTIED, "utf-8")
    page = leaklint("confirm", "app.py", "quotes.py", "--budget", "3", "--output-format", "html").stdout
    assert 'class="verdict confirmed"' in page
    assert 'class="verdict refuted"' in page
    assert "module app → CACHE → dict value" in page


def test_json_has_a_verdict_in_each_finding_and_all_of_them_at_top_level(app: Path, leaklint: Run) -> None:
    done = leaklint(
        "confirm", "app.py", "--trigger", "app.py:serve", "--output-format", "json", "--budget", "4"
    )
    document = json.loads(done.stdout)
    verdict = document["findings"][0]["verdict"]
    assert verdict["status"] == "confirmed"
    assert verdict["shape"] == "linear"
    assert verdict["trigger"] == "app.py:serve"
    assert verdict["calls"] > 1000
    assert verdict["holder_growth_per_call"] == pytest.approx(1, abs=0.1)
    assert verdict["bytes_per_call"] > 50
    assert len(verdict["series"]) > 10
    assert verdict["retaining_path"][:2] == ["module app", "CACHE"]
    assert [row["finding"] is None for row in document["verdicts"]] == [False, True]
    assert document["findings"][0]["severity"] == "error"


def test_sarif_carries_the_verdict(app: Path, leaklint: Run) -> None:
    done = leaklint("confirm", "app.py", "--output-format", "sarif", "--budget", "3")
    result = json.loads(done.stdout)["runs"][0]["results"][0]
    assert result["level"] == "error"
    assert result["properties"]["verdict"]["status"] == "confirmed"


def test_fail_on_confirmed(app: Path, leaklint: Run) -> None:
    options = ("--fail-on", "confirmed", "--output-format", "concise", "--budget", "3")
    assert leaklint("confirm", "app.py", *options).returncode == 1
    (app / "raises.py").write_text(LEAKY.replace("    ", "    int(key + '!')\n    ", 1), "utf-8")
    assert leaklint("confirm", "raises.py", *options).returncode == 0


def test_show_and_save_the_driver(app: Path, leaklint: Run) -> None:
    shown = leaklint("confirm", "app.py", "--show-driver")
    assert 'def iterate(i):\n    return subject.serve(f"text-{i}")' in shown.stdout
    saved = leaklint("confirm", "app.py", "--save-driver", "driver.py")
    assert saved.returncode == 0, saved.stderr
    done = leaklint("confirm", "app.py", "--workload", "driver.py", "--fail-on", "confirmed", "--budget", "3")
    assert done.returncode == 1, done.stdout
    assert "driver.py: confirmed" in done.stdout


def test_a_command_is_repeated_in_one_interpreter(app: Path, leaklint: Run) -> None:
    (app / "job.py").write_text("import sys, app\napp.serve(sys.argv[1] + str(len(app.CACHE)))\n", "utf-8")
    done = leaklint("confirm", "app.py", "--repeat", "python job.py key", "--budget", "3")
    assert "python job.py key: confirmed: 1 entry a call" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--trigger", "app.py"), "expected FILE:NAME"),
        (("--trigger", "none.py:serve"), "none.py: no such file"),
        (("--trigger", "app.py:missing"), "no such function or method"),
        (("--workload", "app.txt"), "does not exist"),
        (("--serve", "python app.py"), "belong together"),
        (("--repeat", "ls"), "cannot be repeated"),
    ],
)
def test_mistakes_of_the_user(app: Path, leaklint: Run, options: tuple[str, ...], message: str) -> None:
    done = leaklint("confirm", "app.py", *options)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_to_try(app: Path, leaklint: Run) -> None:
    (app / "clean.py").write_text("def add(a: int, b: int):\n    return a + b\n", "utf-8")
    done = leaklint("confirm", "clean.py", "--output-format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["verdicts"] == []


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_interrupting_ends_it_at_once(app: Path) -> None:
    (app / "slow.py").write_text("import time\n" + LEAKY + "    time.sleep(30)\n", "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "leaklint", "confirm", "slow.py"],
        cwd=app,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(3)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert time.monotonic() - began < 8
    assert process.returncode == 130
    assert b"Traceback" not in errors
