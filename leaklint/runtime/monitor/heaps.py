"""What the runtimes inside a process tree say of their heaps."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from leaklint.runtime.monitor import hotspot
from leaklint.runtime.monitor.hotspot import AttachError
from leaklint.runtime.monitor.inspector import Inspector, InspectorError, address

_HERE = Path(__file__).parent


class Source(Protocol):
    """One way to read heaps. runtimes: those that answered; notes: why others did not."""

    runtimes: set[str]
    notes: dict[str, None]

    def read(self, members: list[Any]) -> dict[str, float]:
        """Sums over the processes that answer."""

    def close(self) -> None:
        """Leave nothing behind."""


class Agents:
    """Agents inside Python and Node processes that we start: each writes a file into our folder."""

    def __init__(self, interval: float, collect: bool) -> None:
        self.runtimes: set[str] = set()
        self.notes: dict[str, None] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="leaklint-monitor-"))
        shutil.copy(_HERE / "python_agent.py", self._folder / "sitecustomize.py")
        shutil.copy(_HERE / "node_agent.cjs", self._folder)
        # half the interval: a reading is never older than the one that it belongs to
        self._settings = {
            "LEAKLINT_MONITOR_FOLDER": str(self._folder),
            "LEAKLINT_MONITOR_INTERVAL": str(interval / 2),
            "LEAKLINT_MONITOR_COLLECT": "1" if collect else "",
        }

    def environment(self) -> dict[str, str]:
        """The environment that puts the agents into a process and what it starts."""
        environment = {**os.environ, **self._settings}
        paths = [str(self._folder), os.environ.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
        preload = f'--require "{(self._folder / "node_agent.cjs").as_posix()}"'
        environment["NODE_OPTIONS"] = f"{os.environ.get('NODE_OPTIONS', '')} {preload}".strip()
        return environment

    def read(self, members: list[Any]) -> dict[str, float]:
        return _sum(self._values(process.pid) for process in members)

    def _values(self, pid: int) -> dict[str, float]:
        try:
            values: dict[str, Any] = json.loads((self._folder / f"{pid}.json").read_bytes())
        except (OSError, ValueError):
            return {}  # no agent in it, or none yet
        self.runtimes.add(values.pop("runtime"))
        return values

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class Jvms:
    """JVMs, by their attach socket."""

    def __init__(self, collect: bool) -> None:
        self.runtimes: set[str] = set()
        self.notes: dict[str, None] = {}
        self._collect = collect

    def read(self, members: list[Any]) -> dict[str, float]:
        return _sum(self._values(process.pid) for process in members if _program(process) == "java")

    def _values(self, pid: int) -> dict[str, float]:
        self.runtimes.add("jvm")
        try:
            if self._collect:
                hotspot.ask(pid, "GC.run")
            used, committed = hotspot.heap(hotspot.ask(pid, "GC.heap_info"))
        except AttachError as error:
            self.notes[error.message] = None
            return {}
        for note in [note for note in self.notes if note.startswith(f"JVM {pid}:")]:
            del self.notes[note]  # it was still starting
        return {"heap_used": used, "heap_committed": committed}

    def close(self) -> None:
        pass


class Running:
    """Processes that were not started by us: Node with `--inspect` answers, CPython has no way to."""

    def __init__(self, collect: bool) -> None:
        self.runtimes: set[str] = set()
        self.notes: dict[str, None] = {}
        self._collect = collect
        self._open: dict[int, Inspector | None] = {}

    def read(self, members: list[Any]) -> dict[str, float]:
        for process in members:
            if _program(process).startswith("python"):
                self.runtimes.add("python")
                self.notes[f"python {process.pid}: its heap is not known; let leaklint start it"] = None
        return _sum(self._values(process) for process in members if _program(process) == "node")

    def _values(self, process: Any) -> dict[str, float]:
        self.runtimes.add("node")
        pid = process.pid
        try:
            if pid not in self._open:
                self._open[pid] = None  # one try each
                self._open[pid] = self._connected(pid, process.cmdline())
            inspector = self._open[pid]
            return inspector.memory(collect=self._collect) if inspector else {}
        except InspectorError as error:
            self.notes[error.message] = None
            self._open[pid] = None
            return {}

    def _connected(self, pid: int, command: list[str]) -> Inspector | None:
        place = address(command)
        if place is None or place[1] == 0:
            self.notes[f"node {pid}: its heap is not known; start it with --inspect, or by leaklint"] = None
            return None
        return Inspector(*place)

    def close(self) -> None:
        for inspector in self._open.values():
            if inspector:
                inspector.close()


def _program(process: Any) -> str:
    """`java` for /usr/bin/java; empty for a process that has ended."""
    try:
        return str(process.name()).removesuffix(".exe").removesuffix("w")
    except Exception:
        return ""


def _sum(parts: Iterable[dict[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for name, value in part.items():
            total[name] = total.get(name, 0) + value
    return total
