"""`leaklint monitor` on real processes: Python, Node and the JVM, short and with few readings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from programs import JVM_LEAK, LEAK, NATIVE, NODE_LEAK, SAWTOOTH, STEADY, WARM_UP

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Need = Callable[[str], None]

SECONDS = "4s"
INTERVAL = "50ms"


@pytest.fixture
def watch(leaklint: Run, folder: Path) -> Callable[..., dict[str, Any]]:
    """Run monitor with a short interval; the JSON that it writes, with the exit code and what it printed."""

    def run(*arguments: str, duration: str = SECONDS) -> dict[str, Any]:
        options = ["--interval", INTERVAL, "--duration", duration, "--output", "trend.json"]
        done = leaklint("monitor", *options, *arguments)
        assert done.returncode in (0, 1), done.stderr
        report: dict[str, Any] = json.loads((folder / "trend.json").read_text())
        return {**report, "code": done.returncode, "out": done.stdout, "err": done.stderr}

    return run


@pytest.fixture
def background() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a process that ends with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*command: str, **options: Any) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(command, **options))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def _python(program: str) -> list[str]:
    return ["--", sys.executable, "-c", program]


def test_a_leak_in_python(watch: Callable[..., dict[str, Any]], folder: Path) -> None:
    files = ["--html", "trend.html", "--prometheus", "trend.prom"]
    report = watch(*files, "--limit", "1GiB", "--fail-over", "1MB/min", *_python(LEAK))
    verdict = report["verdict"]
    assert (verdict["status"], verdict["where"], report["code"]) == ("leak", "heap", 1), report["out"]
    assert verdict["rate_mb_per_minute"] > verdict["uncertainty_mb_per_minute"] > 0
    assert 1 < verdict["seconds_until_limit"] < 3600
    assert report["target"]["runtimes"] == ["python"] and report["target"]["started"]
    assert report["stopped"] == {"reason": "duration"}
    assert len(report["readings"]) > 40 and report["readings"][-1]["blocks"] > 100_000
    assert "in the heap" in report["out"] and "limit" in report["out"]
    assert "<svg" in (folder / "trend.html").read_text()
    assert 'status="leak"} 1' in (folder / "trend.prom").read_text()
    assert not psutil.pid_exists(report["target"]["pid"])


def test_a_native_leak_in_python(watch: Callable[..., dict[str, Any]]) -> None:
    verdict = watch(*_python(NATIVE))["verdict"]
    assert (verdict["status"], verdict["where"]) == ("leak", "native")
    if not sys.platform.startswith("linux"):
        pytest.skip("mallinfo2 is glibc's")


@pytest.mark.parametrize(("program", "status"), [(SAWTOOTH, "sawtooth"), (WARM_UP, "plateau")])
def test_healthy_python(watch: Callable[..., dict[str, Any]], program: str, status: str) -> None:
    report = watch("--fail-over", "0.1", *_python(program))
    assert (report["verdict"]["status"], report["code"]) == (status, 0), report["out"]


def test_steady_python(watch: Callable[..., dict[str, Any]], background: Callable[..., Any]) -> None:
    """Watched from a while after its start: that is a small warm-up of its own."""
    started = background(*_python(STEADY)[1:])
    time.sleep(1)
    report = watch("--fail-over", "0.1", "--pid", str(started.pid), duration="3s")
    assert (report["verdict"]["status"], report["code"]) == ("steady", 0), report["out"]
    assert "let leaklint start it" in report["notes"][0] and report["target"]["runtimes"] == ["python"]


def test_a_leak_in_node(need: Need, watch: Callable[..., dict[str, Any]], folder: Path) -> None:
    need("node")
    (folder / "server.js").write_text(NODE_LEAK)
    report = watch("--collect", "--", "node", "server.js")
    assert (report["verdict"]["status"], report["verdict"]["where"]) == ("leak", "heap"), report["out"]
    assert report["target"]["runtimes"] == ["node"]


def test_node_that_runs_already_with_an_inspector(
    need: Need, watch: Callable[..., dict[str, Any]], folder: Path, background: Callable[..., Any]
) -> None:
    need("node")
    (folder / "server.js").write_text(NODE_LEAK)
    # the inspector tells the port that it was given on standard error, the command line does not
    port = _free_port()
    started = background("node", f"--inspect=127.0.0.1:{port}", "server.js", stderr=subprocess.PIPE)
    assert b"listening" in started.stderr.readline()
    report = watch("--pid", str(started.pid), duration="3s")
    assert (report["verdict"]["status"], report["verdict"]["where"]) == ("leak", "heap"), report["out"]
    assert started.poll() is None and not report["target"]["started"] and not report["notes"]


def test_node_without_an_inspector_says_what_is_not_known(
    need: Need, watch: Callable[..., dict[str, Any]], folder: Path, background: Callable[..., Any]
) -> None:
    need("node")
    started = background("node", "-e", "setInterval(() => {}, 100)")
    report = watch("--pid", str(started.pid), duration="500ms")
    assert "--inspect" in report["notes"][0] and "heap_used" not in report["series"]


def test_a_leak_in_a_jvm_that_runs_already(
    need: Need, watch: Callable[..., dict[str, Any]], folder: Path, background: Callable[..., Any]
) -> None:
    need("jdk")
    (folder / "Leak.java").write_text(JVM_LEAK)
    subprocess.run(["javac", "Leak.java"], check=True)
    started = background("java", "-Xmx256m", "-cp", str(folder), "Leak")
    time.sleep(0.5)
    report = watch("--collect", "--pid", str(started.pid))
    assert (report["verdict"]["status"], report["verdict"]["where"]) == ("leak", "heap"), report["out"]
    assert report["target"]["runtimes"] == ["jvm"] and started.poll() is None


def test_the_end_of_the_process_is_reported(watch: Callable[..., dict[str, Any]]) -> None:
    report = watch(*_python("import sys, time; time.sleep(0.5); sys.exit(7)"))
    assert report["stopped"] == {"reason": "target", "code": 7}
    assert report["verdict"]["status"] != "leak" and "ended with code 7" in report["out"]


def test_too_few_readings_are_no_pass(leaklint: Run) -> None:
    done = leaklint(
        "monitor", "--duration", "300ms", "--interval", "50ms", "--fail-over", "1", *_python(STEADY)
    )
    assert done.returncode == 2 and "decide nothing" in done.stderr


def test_watches_for_as_long_as_the_load_runs(watch: Callable[..., dict[str, Any]], folder: Path) -> None:
    report = watch("--load", "sleep 0.6; echo done > load.txt; exit 3", *_python(STEADY), duration="60s")
    assert report["stopped"] == {"reason": "load", "code": 3}
    assert (folder / "load.txt").read_text() == "done\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_with_the_report_so_far(folder: Path, number: signal.Signals) -> None:
    options = ["--interval", INTERVAL, "--output", str(folder / "trend.json")]
    monitor = subprocess.Popen(
        [sys.executable, "-m", "leaklint", "monitor", *options, *_python("import time; time.sleep(60)")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    deadline = time.monotonic() + 20
    while not (children := psutil.Process(monitor.pid).children()) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    monitor.send_signal(number)
    out, _ = monitor.communicate(timeout=20)
    assert monitor.returncode == 0 and "until it was interrupted" in out
    assert json.loads((folder / "trend.json").read_text())["stopped"] == {"reason": "interrupt"}
    assert children and not any(child.is_running() for child in children)


def test_watching_for_weeks_keeps_no_more_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    from leaklint.runtime.monitor import watch

    monkeypatch.setattr(watch, "MOST_READINGS", 20)
    with watch.Watch(None, [sys.executable, "-c", "import time; time.sleep(60)"], 0.01) as one:
        stopped = one.run(1.5, None)
    assert stopped.reason == "duration" and 5 < len(one.readings) <= 20
    assert one.interval >= 0.04 and one.readings[-1].seconds > 1


def test_workers_count_and_end_with_it(watch: Callable[..., dict[str, Any]]) -> None:
    """Forks have an agent of their own, and a detached grandchild does not outlive the watch."""
    program = """
import os, subprocess, sys, time
if os.fork() == 0:
    os.setsid()
kept = []
while True:
    kept.append([object() for _ in range(2000)])
    time.sleep(0.01)
"""
    report = watch(*_python(program), duration="2s")
    assert report["series"]["processes"]["last"] == 2
    blocks = [reading.get("blocks", 0) for reading in report["readings"]]
    assert blocks[-1] > 100_000
    assert report["verdict"]["status"] == "leak"
    left = [one for one in psutil.process_iter(["cmdline"]) if program in (one.info["cmdline"] or [])]
    assert not left


def test_without_psutil_the_extra_is_named(leaklint: Run, folder: Path) -> None:
    (folder / "psutil.py").write_text("raise ImportError('hidden')\n")
    done = leaklint("monitor", "--pid", "1", env={**os.environ, "PYTHONPATH": str(folder)})
    assert done.returncode == 2 and "leaklint-cli[runtime]" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--pid PID or -- CMD"),
        (["--pid", "1", "--", "ls"], "--pid PID or -- CMD"),
        (["--pid", "999999999"], "no process"),
        (["--", "no-such-command"], "cannot be started"),
        (["--limit", "much", "--pid", "1"], "not a size"),
        (["--interval", "0", "--pid", "1"], "not a time"),
        (["--fail-over", "fast", "--pid", "1"], "not a rate"),
        (["--output", "missing/trend.json", "--pid", "1"], "does not exist"),
    ],
)
def test_mistakes(leaklint: Run, arguments: list[str], words: str) -> None:
    done = leaklint("monitor", *arguments)
    assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr


def _free_port() -> int:
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port
