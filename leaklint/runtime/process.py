"""Starts checked code contained: own temporary folder, own session, limits, and no survivor.

The command runs below `supervisor.py`, which kills it with everything that it started. Nothing of the
project is written: the working directory is a copy of the files at the top of the project, with symbolic
links to its folders.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from leaklint.runtime.agent import AgentFailure, Limits

MARK = b"\x1e"
"""Stands before every answer of an agent, so that what checked code prints is none."""

COPIED = 1 << 20
"""Bytes up to which a file at the top of the project is copied into the working directory."""

_SOURCES = frozenset((".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx", ".java"))

SILENT = "no answer within"

GRACE = 3.0
"""Seconds that a process has to end by itself, and then that its supervisor has to end it."""


_MEASURES = ("COVERAGE_", "COV_CORE_")
"""Variables that make a Python process trace itself, which moves every counter."""

_living: set[Conversation] = set()
_stopping = threading.Event()


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C ends every running process, so that nobody waits for their budgets. Main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        _stopping.set()
        for conversation in list(_living):
            conversation.end()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        _stopping.clear()


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder of its own, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="leaklint-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def launch(
    command: Sequence[str],
    folder: Path,
    project: str,
    limits: Limits,
    environment: Mapping[str, str] | None = None,
) -> Conversation:
    """Start a command that talks as docs/runtime-protocol.md says.

    folder: of the run; its `tmp` becomes the command's temporary folder, its `work` the working directory.
    environment: laid over that of leaklint.
    """
    if _stopping.is_set():
        raise AgentFailure("interrupted")
    work, temporary = folder / "work", folder / "tmp"
    temporary.mkdir(exist_ok=True)
    if not work.exists():
        _mirror(Path(project), work)
    variables = {key: value for key, value in os.environ.items() if not key.startswith(_MEASURES)}
    variables |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    variables |= environment or {}
    isolated = ["-I", "-B"] + (["-S"] if os.path.isdir("/proc/self") else [])  # psutil wants site-packages
    supervisor = str(Path(__file__).with_name("supervisor.py"))
    try:
        process = subprocess.Popen(
            [
                sys.executable,
                *isolated,
                supervisor,
                str(limits.seconds),
                str(limits.memory),
                str(folder),
                *command,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=work,
            env=variables,
            start_new_session=True,
        )
    except OSError as error:
        raise AgentFailure(f"cannot start a process: {error.strerror}") from error
    return Conversation(process, folder, limits)


def _mirror(project: Path, work: Path) -> None:
    """Folders and source at the top level as links, other files as copies: what is written stays here."""
    work.mkdir()
    with contextlib.suppress(OSError):
        for entry in os.scandir(project):
            with contextlib.suppress(OSError):
                if entry.is_dir() or os.path.splitext(entry.name)[1] in _SOURCES:
                    os.symlink(entry.path, work / entry.name, target_is_directory=entry.is_dir())
                elif entry.is_file() and entry.stat().st_size <= COPIED:
                    shutil.copy(entry.path, work / entry.name)


class Conversation:
    """A running process that answers requests. What it prints besides is dropped, the last of it kept."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, limits: Limits) -> None:
        self._process = process
        self._folder = folder
        self._answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._printed = b""
        self._limits = limits
        self._deadline = time.monotonic() + limits.seconds + GRACE
        self._readers = [
            threading.Thread(target=target, daemon=True) for target in (self._read_answers, self._read_errors)
        ]
        for reader in self._readers:
            reader.start()
        _living.add(self)

    @property
    def pid(self) -> int:
        """Of the command itself, not of its supervisor. Raises AgentFailure when it did not start."""
        file = self._folder / "pid"
        while not file.exists():
            if self._process.poll() is not None or time.monotonic() > self._deadline:
                raise AgentFailure(self._reason())
            time.sleep(0.002)
        return int(file.read_text("ascii"))

    @property
    def printed(self) -> str:
        """The end of what it wrote to standard error."""
        return self._printed.decode("utf-8", "replace")

    def ask(self, request: Mapping[str, Any], seconds: float | None = None) -> dict[str, Any]:
        """Send a request and wait for its answer. Raises AgentFailure with a reason when there is none."""
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(msgspec.json.encode(request) + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise AgentFailure(self._reason()) from None
        return self.receive(seconds)

    def receive(self, seconds: float | None = None) -> dict[str, Any]:
        """The next answer."""
        until = self._deadline if seconds is None else min(self._deadline, time.monotonic() + seconds)
        try:
            line = self._answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise AgentFailure(f"{SILENT} {seconds or self._limits.seconds:g} s") from None
        if line is None:
            raise AgentFailure(self._reason())
        try:
            answer = msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise AgentFailure(f"an answer that is no JSON: {error}") from error
        if "failure" in answer:
            raise AgentFailure(str(answer["failure"]))
        return answer

    def end(self) -> None:
        """Ask the supervisor to end everything, without waiting."""
        with contextlib.suppress(OSError):
            self._process.terminate()

    def alive(self) -> None:
        """Raises AgentFailure with the reason when the process has ended."""
        if self._process.poll() is not None:
            raise AgentFailure(self._reason())

    def close(self, ask: bool = True) -> None:
        """Let it end by itself for a moment (if it understands), then end it and all that it started."""
        with contextlib.suppress(AgentFailure, OSError):
            if ask:
                self.ask({"do": "close"}, GRACE)
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2)
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)
        if self._process.poll() is None:
            with contextlib.suppress(OSError):
                if hasattr(os, "killpg"):
                    os.killpg(self._process.pid, signal.SIGKILL)
                else:
                    self._process.kill()
            self._process.wait()
        _living.discard(self)
        for reader in self._readers:
            reader.join(1)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def _reason(self) -> str:
        """Why there is no answer: a limit, or how the process ended and the last thing it said."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        status = self._folder / "status"
        if status.exists():
            return status.read_text("utf-8")
        for reader in self._readers:
            reader.join(0.2)
        said = [line.strip() for line in self.printed.splitlines() if line.strip()]
        code = self._process.poll()
        how = "the process ended" if code is None else f"the process ended with code {code}"
        return f"{how}: {said[-1][:200]}" if said else how

    def _read_answers(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        with contextlib.suppress(OSError, ValueError):
            for line in stream:
                _, mark, answer = line.rpartition(MARK)
                if mark:
                    self._answers.put(answer)
        self._answers.put(None)

    def _read_errors(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        kept = min(self._limits.output, 1 << 16)
        with contextlib.suppress(OSError, ValueError):
            while block := stream.read1(1 << 16):  # type: ignore[attr-defined]
                self._printed = (self._printed + block)[-kept:]
