"""What the runtimes say of their heaps, and that asking leaves the watched program as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from leaklint.errors import LeaklintError
from leaklint.runtime.monitor import hotspot
from leaklint.runtime.monitor.heaps import Agents
from leaklint.runtime.monitor.hotspot import heap
from leaklint.runtime.monitor.inspector import Inspector, InspectorError, address

K, M = 1 << 10, 1 << 20


@pytest.mark.parametrize(
    ("text", "used", "committed"),
    [
        (
            " garbage-first heap   total 262144K, used 11562K [0x00000000f0000000, 0x0000000100000000)\n"
            "  region size 1024K, 5 young (5120K), 2 survivors (2048K)\n"
            " Metaspace       used 9277K, committed 9536K, reserved 1114112K\n",
            11562 * K,
            262144 * K,
        ),
        (
            " PSYoungGen      total 76288K, used 2621K [0x1, 0x2, 0x3)\n  eden space 65536K, 4% used\n"
            " ParOldGen       total 175104K, used 100K [0x1, 0x2, 0x3)\n",
            2721 * K,
            251392 * K,
        ),
        (" ZHeap           used 8M, capacity 256M, max capacity 4096M\n", 8 * M, 256 * M),
        ("Shenandoah Heap\n 4096M max, 256M soft max, 128M committed, 10M used\n", 10 * M, 128 * M),
    ],
)
def test_every_collector_describes_its_heap(text: str, used: int, committed: int) -> None:
    assert heap(text) == (used, committed)


def test_an_unknown_description_is_no_number() -> None:
    with pytest.raises(hotspot.AttachError):
        heap("a heap of some kind")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_a_process_that_would_die_of_the_signal_never_gets_it() -> None:
    """SIGQUIT before a JVM handles it would end it: anything that does not is left alone."""
    process = subprocess.Popen(["sleep", "20"])
    try:
        with pytest.raises(hotspot.AttachError, match="SIGQUIT would end it"):
            hotspot.ask(process.pid, "GC.heap_info")
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("command", "place"),
    [
        (["node", "server.js"], None),
        (["node", "--inspect", "server.js"], ("127.0.0.1", 9229)),
        (["node", "--inspect=9300", "server.js"], ("127.0.0.1", 9300)),
        (["node", "--inspect-brk=[::1]:9300"], ("::1", 9300)),
        (["node", "--inspect=example.test:1234"], ("example.test", 1234)),
        (["node", "--inspect-port=5"], None),
    ],
)
def test_where_a_debugger_may_connect(command: list[str], place: tuple[str, int] | None) -> None:
    assert address(command) == place


def test_nobody_listens() -> None:
    with pytest.raises(InspectorError):
        Inspector("127.0.0.1", 1)


def _agents(run: Callable[[Agents], None], *, collect: bool = False) -> None:
    agents = Agents(0.1, collect)
    try:
        run(agents)
    finally:
        agents.close()


def _output(agents: Agents, *command: str, **more: str) -> str:
    environment = {**agents.environment(), **more}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_agent_hides_from_the_program() -> None:
    program = "import sys; print([p for p in sys.path if 'leaklint-monitor' in p], 'ctypes' in sys.modules)"
    _agents(lambda agents: _check(_output(agents, sys.executable, "-c", program).startswith("[]")))


def _check(holds: bool) -> None:
    assert holds


def test_the_programs_own_sitecustomize_runs(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("value = 'mine'\n")

    def run(agents: Agents) -> None:
        paths = os.pathsep.join([agents.environment()["PYTHONPATH"], str(tmp_path)])
        program = "import sitecustomize; print(sitecustomize.value)"
        assert _output(agents, sys.executable, "-c", program, PYTHONPATH=paths) == "mine\n"

    _agents(run)


def test_forks_find_no_second_thread() -> None:
    """From 3.12 on a fork beside threads warns; here the warning would be an error."""
    program = "import os, time; time.sleep(0.3); pid = os.fork(); pid and os.waitpid(pid, 0); print(pid > 0)"
    _agents(lambda agents: _check("True" in _output(agents, sys.executable, "-W", "error", "-c", program)))


def test_forks_report_for_themselves() -> None:
    program = "import os, time; os.fork(); time.sleep(20)"

    def run(agents: Agents) -> None:
        folder = Path(agents.environment()["LEAKLINT_MONITOR_FOLDER"])
        process = subprocess.Popen(
            [sys.executable, "-c", program], env=agents.environment(), start_new_session=True
        )
        try:
            deadline = time.monotonic() + 10
            while len(list(folder.glob("*.json"))) < 2 and time.monotonic() < deadline:
                time.sleep(0.05)
            reports = [json.loads(file.read_text()) for file in folder.glob("*.json")]
        finally:
            os.killpg(process.pid, 9)
            process.wait()
        assert len(reports) == 2 and all(report["blocks"] > 1000 for report in reports)

    _agents(run)


def test_a_program_outlives_its_agents_folder() -> None:
    # the agent may be writing a report into the folder at that moment
    program = (
        "import os, shutil, time\n"
        "folder = os.environ['LEAKLINT_MONITOR_FOLDER']\n"
        "while os.path.exists(folder): shutil.rmtree(folder, ignore_errors=True)\n"
        "time.sleep(0.4)"
    )
    _agents(lambda agents: _check(_output(agents, sys.executable, "-c", program) == ""))


def test_the_agent_in_node(need: Callable[[str], None], tmp_path: Path) -> None:
    need("node")
    program = tmp_path / "program.mjs"
    program.write_text("process.stdout.write(String(typeof globalThis.gc)); setTimeout(() => {}, 300);")

    def run(agents: Agents) -> None:
        folder = Path(agents.environment()["LEAKLINT_MONITOR_FOLDER"])
        assert _output(agents, "node", str(program)) == "undefined"
        (report,) = (json.loads(file.read_text()) for file in folder.glob("*.json"))
        assert report["runtime"] == "node" and report["heap_used"] > 1_000_000

    _agents(run, collect=True)


def test_an_agent_never_keeps_a_program_alive(need: Callable[[str], None]) -> None:
    need("node")
    began = time.monotonic()
    _agents(lambda agents: _check(_output(agents, "node", "-e", "1") == ""))
    _agents(lambda agents: _check(_output(agents, sys.executable, "-c", "1") == ""))
    assert time.monotonic() - began < 20


def test_errors_are_lines() -> None:
    assert issubclass(hotspot.AttachError, LeaklintError) and issubclass(InspectorError, LeaklintError)


def test_what_the_agent_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from leaklint.runtime.monitor import python_agent

    monkeypatch.setattr(python_agent, "FOLDER", str(tmp_path))
    monkeypatch.setattr(python_agent, "COLLECT", True)
    monkeypatch.setattr(python_agent, "INTERVAL", 0.01)
    monkeypatch.setattr(os, "register_at_fork", lambda **_: None)
    agent = python_agent._Agent()
    deadline = time.monotonic() + 10
    while not (files := list(tmp_path.glob("*.json"))) and time.monotonic() < deadline:
        time.sleep(0.01)
    agent.stop()
    assert [file.name for file in files] == [f"{os.getpid()}.json"]
    assert json.loads(files[0].read_text())["blocks"] > 10_000
    before = list(sys.path)
    python_agent._run_the_real_one()
    assert sys.path == before or str(Path(python_agent.__file__).parent) not in sys.path
