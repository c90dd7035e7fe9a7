"""Asks a running HotSpot JVM through its attach socket: no jar, no agent, no JDK.

The protocol of `jcmd`: a file `.attach_pid<pid>` and SIGQUIT make the JVM listen on `.java_pid<pid>`.
A question costs 3 to 5 ms where `jcmd` costs 190 ms, mostly the start of its own JVM. Unix only.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import time
from pathlib import Path

from leaklint.errors import LeaklintError

PATIENCE = 5.0
"""Seconds that a JVM may take to listen and to answer; a collection of a large heap lies within."""

_TOTAL_USED = re.compile(r"total (\d+)K, used (\d+)K")  # G1, parallel and serial, a line a generation
_ZGC = re.compile(r"ZHeap\s+used (\d+)M, capacity (\d+)M")
_SHENANDOAH = re.compile(r"(\d+)([KMG]) committed, (\d+)([KMG]) used")
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


class AttachError(LeaklintError):
    """A JVM that does not answer; the message says why."""


def ask(pid: int, command: str) -> str:
    """The answer to a diagnostic command such as `GC.heap_info`."""
    if not hasattr(socket, "AF_UNIX") or not hasattr(signal, "SIGQUIT"):
        raise AttachError(f"JVM {pid}: its heap can be read on Unix only")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE)
        try:
            connection.connect(str(_listening(pid)))
            connection.sendall(b"\0".join([b"1", b"jcmd", command.encode(), b"", b"", b""]))
            answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode("utf-8", "replace")
        except OSError as error:
            raise AttachError(f"JVM {pid}: {error}") from error
    status, _, text = answer.partition("\n")
    if status != "0":
        raise AttachError(f"JVM {pid}: {command}: {text.strip() or status}")
    return text


def heap(text: str) -> tuple[int, int]:
    """Bytes in use and committed, from the answer to `GC.heap_info` of any collector."""
    if found := _ZGC.search(text):
        return int(found[1]) << 20, int(found[2]) << 20
    if found := _SHENANDOAH.search(text):
        return int(found[3]) * _UNITS[found[4]], int(found[1]) * _UNITS[found[2]]
    parts = _TOTAL_USED.findall(text)
    if not parts:
        raise AttachError("the JVM describes its heap in an unknown way")
    return sum(int(used) for _, used in parts) << 10, sum(int(total) for total, _ in parts) << 10


def _listening(pid: int) -> Path:
    """The socket of a JVM, which is made to listen if it does not yet."""
    paths = [folder / f".java_pid{_inner(pid)}" for folder in _temporary(pid)]
    for path in paths:
        if path.is_socket():
            return path
    if not _catches_quit(pid):
        raise AttachError(f"JVM {pid}: still starting, or started with -Xrs: SIGQUIT would end it")
    trigger = _trigger(pid)
    try:
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for path in paths:
                if path.is_socket():
                    return path
            time.sleep(0.02)
    except OSError as error:
        raise AttachError(f"JVM {pid}: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            trigger.unlink()
    raise AttachError(f"JVM {pid}: does not open its attach socket (-XX:+DisableAttachMechanism?)")


def _temporary(pid: int) -> list[Path]:
    """The folder that HotSpot fixes for its files whatever the environment says: the JVM's own, and ours."""
    return [root / "tmp" for root in (Path(f"/proc/{pid}/root"), Path("/"))]


def _trigger(pid: int) -> Path:
    for folder in (Path(f"/proc/{pid}/cwd"), *_temporary(pid)):
        path = folder / f".attach_pid{_inner(pid)}"
        with contextlib.suppress(OSError):
            path.touch()
            return path
    raise AttachError(f"JVM {pid}: its temporary folder cannot be written")


def _status(pid: int, field: str) -> str:
    """A line of /proc/PID/status; empty where there is none."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name == field:
                return value.strip()
    return ""


def _inner(pid: int) -> int:
    """The process number that the JVM itself sees inside its container."""
    return int((_status(pid, "NSpid") or str(pid)).split()[-1])


def _catches_quit(pid: int) -> bool:
    """Whether SIGQUIT is handled: before the JVM has set that up, the signal would kill it."""
    caught = _status(pid, "SigCgt")
    return not caught or bool(int(caught, 16) >> (signal.SIGQUIT - 1) & 1)
