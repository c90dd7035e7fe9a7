"""Runs one command so that nothing of it is left: `python supervisor.py SECONDS MEMORY FOLDER COMMAND…`.

A script of the standard library (psutil where there is no /proc), started with the interpreter of
leaklint. On Linux it adopts orphans (child subreaper), so even a grandchild that detached itself is found
and killed. It ends the command after SECONDS of wall time, or when all its processes together hold more
than MEMORY bytes; there is no address-space limit, because a JVM reserves far more than it uses.
Standard streams belong to the command. FOLDER gets two files: `pid` of the command, and `status` with the
reason if the supervisor ends it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

INTERVAL = 0.05
"""Seconds between two looks at the memory: a process that allocates 2 GB/s passes its limit by 100 MB."""


def main() -> int:
    seconds, memory, folder = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    parent = os.getppid()
    adopts = _adopt()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(143))
    child = subprocess.Popen(sys.argv[4:])
    reason = ""
    try:
        _write(folder, "pid", str(child.pid))
        for stream in (0, 1, 2):  # held here, they would hide from the other side that the command ended
            os.dup2(os.open(os.devnull, os.O_RDWR), stream)
        reason = _watch(child, parent, time.monotonic() + seconds, seconds, memory)
    finally:
        if reason:
            _write(folder, "status", reason)
        _end(child, adopts)
    return child.returncode or 0


def _watch(child: subprocess.Popen[bytes], parent: int, deadline: float, seconds: float, memory: int) -> str:
    """Wait for the end of the command. Returns why it must be ended; empty if it ended by itself."""
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(INTERVAL)
            return ""
        if time.monotonic() > deadline:
            return f"the time limit of {seconds:g} s was reached"
        if _resident(child.pid) > memory:
            return f"the memory limit of {memory >> 20} MB was reached"
        if os.getppid() != parent:
            return "leaklint ended"


def _write(folder: str, name: str, text: str) -> None:
    with contextlib.suppress(OSError):
        with open(os.path.join(folder, name + ".part"), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(os.path.join(folder, name + ".part"), os.path.join(folder, name))


def _adopt() -> bool:
    """Become the parent of orphaned descendants. Linux only."""
    if not sys.platform.startswith("linux"):
        return False
    with contextlib.suppress(Exception):
        import ctypes

        library = ctypes.CDLL(None, use_errno=True)
        return bool(library.prctl(36, 1, 0, 0, 0) == 0)  # PR_SET_CHILD_SUBREAPER
    return False


def _end(child: subprocess.Popen[bytes], adopts: bool) -> None:
    """Kill everything below this process, again and again until nothing is left."""
    for _ in range(100):
        below = descendants(os.getpid())
        for pid in below:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        with contextlib.suppress(ChildProcessError, OSError):
            while adopts and os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not below:
            break
        time.sleep(0.01)
    with contextlib.suppress(Exception):
        child.wait(1)


def descendants(root: int) -> list[int]:
    """Processes below one, without it."""
    if not os.path.isdir("/proc/self"):
        return _descendants_by_psutil(root)
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = _stat(name)
            if fields and fields[0] != "Z":
                children.setdefault(int(fields[1]), []).append(int(name))
    found: list[int] = []
    pending = [root]
    while pending:
        below = children.get(pending.pop(), [])
        found += below
        pending += below
    return found


def _stat(pid: str) -> list[str]:
    """State, parent and so on: what stands behind the command's name, which may hold anything."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def _descendants_by_psutil(root: int) -> list[int]:
    try:
        import psutil

        return [child.pid for child in psutil.Process(root).children(recursive=True)]
    except Exception:
        return []


def _resident(pid: int) -> int:
    """Resident bytes of a process and everything below it."""
    if not os.path.isdir("/proc/self"):
        return _resident_by_psutil(pid)
    page = os.sysconf("SC_PAGE_SIZE")
    total = 0
    pending = [str(pid)]
    while pending:
        number = pending.pop()
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{number}/statm", encoding="ascii") as file:
                total += int(file.read().split()[1]) * page
            for task in os.listdir(f"/proc/{number}/task"):
                with open(f"/proc/{number}/task/{task}/children", encoding="ascii") as file:
                    pending += file.read().split()
    return total


def _resident_by_psutil(pid: int) -> int:
    try:
        import psutil

        process = psutil.Process(pid)
        return sum(part.memory_info().rss for part in (process, *process.children(recursive=True)))
    except Exception:
        return 0


if __name__ == "__main__":
    sys.exit(main())
