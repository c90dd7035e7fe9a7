"""A server under load: it runs by itself, a command makes the calls, the probe is inside or beside it.

A server in Python or Node is given the agent through its environment, and its holders are watched like
those of any driver. A JVM is asked for its class histogram. Of any other process only resident memory is
known, which confirms nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from leaklint.runtime.agent import AgentFailure, Explanation, Missing, RunPlan, Sample
from leaklint.runtime.process import Conversation, launch

READY = 20.0
"""Seconds that a server has until the load command works for the first time."""

ONE_LOAD = 60.0
"""Seconds that one run of the load command may take."""

_TOTAL = re.compile(r"^Total\s+(\d+)\s+(\d+)", re.M)


def find(plan: RunPlan) -> str:
    """The program of the server."""
    return plan.driver.command[0]


def open(plan: RunPlan, folder: Path) -> ServedSession:
    """Start the server, and wait until it can be loaded."""
    listener = socket.create_server(("127.0.0.1", 0))
    token = secrets.token_hex(8)
    environment = {"LEAKLINT_AGENT": f"{listener.getsockname()[1]}:{token}"}
    environment |= (_in_node if plan.driver.language == "javascript" else _in_python)(plan, folder)
    talk = launch(plan.driver.command, folder, plan.project, plan.limits, environment)
    session = ServedSession(plan, folder, talk, listener, token)
    try:
        session.begin()
    except (AgentFailure, Missing):
        session.close()
        raise
    return session


def _in_python(plan: RunPlan, folder: Path) -> dict[str, str]:
    """Variables that put the agent into every interpreter that the server starts."""
    inside = Path(__file__).parent / "python" / "leaklint_inside"
    site = folder / "site"
    site.mkdir()
    shutil.copy(inside / "hook.py", site / "sitecustomize.py")
    return {
        "LEAKLINT_INSIDE": str(inside.parent),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH", "")))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _in_node(plan: RunPlan, folder: Path) -> dict[str, str]:
    """The same for Node: the plan must be there before a watched file is loaded, to edit it."""
    file = folder / "plan.json"
    file.write_bytes(msgspec.json.encode(plan))
    remote = json.dumps(str(Path(__file__).parent / "node" / "remote.cjs"))
    options = f"--require {remote} --experimental-vm-modules --no-warnings"
    return {
        "LEAKLINT_PLAN": str(file),
        "NODE_OPTIONS": f"{os.environ.get('NODE_OPTIONS', '')} {options}".strip(),
    }


class ServedSession:
    """A running server."""

    hit_seconds = 0.0

    def __init__(
        self, plan: RunPlan, folder: Path, talk: Conversation, listener: socket.socket, token: str
    ) -> None:
        self.runtime = shlex.join(plan.driver.command[:1])
        self._plan = plan
        self._folder = folder
        self._talk = talk
        self._listener = listener
        self._token = token
        self._streams: list[tuple[int, Any]] = []
        self._calls = 0
        self._errors = 0
        self._error = ""

    def begin(self) -> None:
        """Load until it works once, then start the agent in the youngest process that has one."""
        until = time.monotonic() + READY
        while (failed := self._load()) and time.monotonic() < until:
            self._talk.alive()
            time.sleep(0.2)
        if failed:
            raise AgentFailure(f"the load command did not work within {READY:g} s: {failed}")
        self._accept()
        if self._streams:
            row = msgspec.to_builtins(self._plan)
            answer = self._ask({"do": "start", "plan": row})
            self.runtime, self.hit_seconds = str(answer["runtime"]), float(answer["hit_seconds"])

    def sample(self, calls: int, seconds: float | None = None) -> Sample:
        began = time.perf_counter()
        for _ in range(calls):
            failed = self._load()
            self._calls += 1
            if failed:
                self._errors += 1
                self._error = self._error or failed
        called = time.perf_counter()
        self._talk.alive()
        found = self._read()
        found.calls, found.errors, found.error = self._calls, self._errors, self._error
        found.call_seconds, found.probe_seconds = called - began, time.perf_counter() - called
        return found

    def explain(self, calls: int, watch: int) -> Explanation:
        if not self._streams:
            return Explanation()
        self._ask({"do": "look"})
        calls = max(1, calls // 10)
        for _ in range(calls):
            self._load()
        answer = self._ask({"do": "explain", "calls": calls, "watch": watch})
        return msgspec.convert(answer["explanation"], Explanation)

    def close(self) -> None:
        for _, stream in self._streams:
            with contextlib.suppress(OSError, ValueError):
                stream.close()
        self._listener.close()
        self._talk.close(ask=False)

    def _load(self) -> str:
        """One run of the load command; why it failed, or ""."""
        process = subprocess.Popen(
            self._plan.driver.load,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self._folder / "work",
            start_new_session=True,
        )
        try:
            _, errors = process.communicate(timeout=ONE_LOAD)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
            process.wait()
            return f"it ran for more than {ONE_LOAD:g} s"
        if process.returncode:
            said = errors.decode("utf-8", "replace").strip().splitlines()
            return f"it ended with {process.returncode}" + (f": {said[-1][:150]}" if said else "")
        return ""

    def _accept(self) -> None:
        """Take the connections of all processes that carry the agent; the youngest one last."""
        self._listener.settimeout(0.3)
        with contextlib.suppress(TimeoutError):
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(self._plan.limits.seconds)
                stream = connection.makefile("rwb")
                hello = json.loads(stream.readline() or b"{}")
                if hello.get("token") == self._token:
                    self._streams.append((int(hello["pid"]), stream))

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        stream = self._streams[-1][1]
        try:
            stream.write(msgspec.json.encode(request) + b"\n")
            stream.flush()
            line = stream.readline()
        except OSError as error:
            raise AgentFailure(f"the server does not answer: {error}") from error
        if not line:
            raise AgentFailure("the watched process of the server ended")
        answer: dict[str, Any] = json.loads(line)
        if "failure" in answer:
            raise AgentFailure(str(answer["failure"]))
        return answer

    def _read(self) -> Sample:
        if self._streams:
            return msgspec.convert(self._ask({"do": "sample", "calls": 0})["sample"], Sample)
        members = _members(self._talk.pid)
        counters = {"rss_bytes": sum(_resident(pid) for pid in members)}
        for pid in members:
            found = _histogram(pid)
            if found:
                self.runtime = "JVM"
                counters["count"] = counters.get("count", 0) + found
        return Sample(0, counters=counters)


def _members(root: int) -> Sequence[int]:
    """A process and those below it."""
    from leaklint.runtime.supervisor import descendants

    return (root, *descendants(root))


def _resident(pid: int) -> int:
    try:
        import psutil

        return int(psutil.Process(pid).memory_info().rss)
    except Exception:  # the extra is not installed, or the process has gone
        return 0


def _histogram(pid: int) -> int:
    """Living objects of a JVM after a full collection; 0 for any other process."""
    with contextlib.suppress(OSError):
        if b"java" not in Path(f"/proc/{pid}/comm").read_bytes():
            return 0
        from leaklint.runtime.monitor import hotspot

        with contextlib.suppress(hotspot.AttachError):
            found = _TOTAL.search(hotspot.ask(pid, "GC.class_histogram"))
            return int(found[1]) if found else 0
    return 0
