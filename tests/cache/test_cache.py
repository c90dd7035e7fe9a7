"""The cache changes how long a check takes, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

FILES = {
    "app/__init__.py": "",
    "app/cache.py": "CACHE = {}\nEMPTIED = {}\n\n\ndef put(key, value):\n    EMPTIED[key] = value\n",
    "app/use.py": (
        "from .cache import CACHE, EMPTIED\n\n\ndef serve(request):\n    CACHE[request.id] = request\n\n\n"
        "def done(request):\n    EMPTIED.pop(request.id)\n"
    ),
    "web/store.js": "export const pages = new Map();\n",
    "web/user.js": 'import { pages } from "./store";\nexport const visit = (r) => pages.set(r.url, r);\n',
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "leaklint.toml").write_text("")
    return tmp_path


def check(folder: Path, *arguments: str) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "leaklint", "check", "--output-format", "json", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    findings: list[dict[str, object]] = json.loads(done.stdout)["findings"]
    return findings


def holders(findings: list[dict[str, object]]) -> list[object]:
    return [finding["holder"] for finding in findings]


def test_warm_and_cold_say_the_same(project: Path) -> None:
    cold = check(project, ".")
    assert (project / ".leaklint_cache" / "cache.db").is_file()
    assert check(project, ".") == cold == check(project, "--no-cache", ".")
    assert holders(cold) == ["cache.CACHE", "store.pages"]


def test_settings_are_not_frozen_in_the_cache(project: Path) -> None:
    check(project, ".")
    assert check(project, ".", "--select", "LK102") == []
    assert len(check(project, ".", "--confidence", "low")) >= 2


def test_one_file_says_what_the_whole_project_says(project: Path) -> None:
    whole = check(project, ".")
    for name in FILES:
        assert check(project, name) == [finding for finding in whole if finding["path"] == name]


def test_alone_until_the_project_was_seen(project: Path) -> None:
    assert holders(check(project, "app/cache.py")) == ["cache.EMPTIED"]
    check(project, ".")
    assert check(project, "app/cache.py") == []


@pytest.mark.parametrize("cached", [True, False])
def test_what_is_said_of_a_file_does_not_depend_on_the_others_named(project: Path, cached: bool) -> None:
    cache = () if cached else ("--no-cache",)
    together = check(project, *cache, *FILES)
    alone = [finding for name in sorted(FILES) for finding in check(project, *cache, name)]
    assert together == alone


@pytest.mark.skipif(os.name == "nt", reason="limits the size of files the POSIX way")
def test_on_a_full_disk(project: Path) -> None:
    import resource

    def fill() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = subprocess.run(
        [sys.executable, "-m", "leaklint", "check", "--output-format", "concise", "."],
        cwd=project,
        capture_output=True,
        text=True,
        preexec_fn=fill,
        check=False,
        # the tracer of the tests writes a file of its own as the process ends, and has no disk for it either
        env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "cache.CACHE" in done.stdout and "store.pages" in done.stdout


def test_a_change_on_the_other_side_is_seen(project: Path) -> None:
    check(project, ".")
    user = project / "app" / "use.py"
    user.write_text(user.read_text().replace("EMPTIED.pop(request.id)", "print(request)"))
    assert holders(check(project, "app/cache.py")) == ["cache.EMPTIED"]
    user.unlink()
    assert holders(check(project, ".")) == ["cache.EMPTIED", "store.pages"]


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_a_broken_cache_costs_time_only(project: Path, content: bytes) -> None:
    cold = check(project, ".")
    (project / ".leaklint_cache" / "cache.db").write_bytes(content)
    assert check(project, ".") == cold
    assert check(project, ".") == cold


def test_a_foreign_value_in_the_cache_is_passed_over(project: Path) -> None:
    cold = check(project, ".")
    with sqlite3.connect(project / ".leaklint_cache" / "cache.db") as connection:
        connection.execute("update analysis set value = x'00'")
        connection.execute("update interface set value = x'00'")
    connection.close()
    assert check(project, ".") == cold


def test_where_nothing_can_be_written(project: Path) -> None:
    (project / ".leaklint_cache").write_text("a file stands where the folder should be")
    assert holders(check(project, ".")) == ["cache.CACHE", "store.pages"]


def test_concurrent_runs(project: Path) -> None:
    command = [sys.executable, "-m", "leaklint", "check", "--output-format", "concise", "."]
    runs = [
        subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    outputs = {run.communicate()[0] for run in runs}
    assert len(outputs) == 1 and "cache.CACHE" in outputs.pop()


@pytest.mark.skipif(os.name == "nt", reason="kills with a POSIX signal")
@pytest.mark.parametrize("delay", [0.05, 0.15, 0.25, 0.4])
def test_after_a_kill_at_any_moment(project: Path, delay: float) -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "leaklint", "check", "."], cwd=project, stdout=subprocess.DEVNULL
    )
    time.sleep(delay)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert holders(check(project, ".")) == ["cache.CACHE", "store.pages"]


def test_clean_removes_the_cache_and_nothing_else(project: Path) -> None:
    check(project, ".")
    (project / ".leaklint_cache" / "mine.txt").write_text("kept")
    done = subprocess.run(
        [sys.executable, "-m", "leaklint", "clean"], cwd=project, capture_output=True, text=True, check=True
    )
    assert "removed" in done.stdout
    assert [file.name for file in (project / ".leaklint_cache").iterdir()] == ["mine.txt"]
