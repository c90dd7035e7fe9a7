"""The memory that a process may take before the kernel ends it: the least limit of its control groups."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from leaklint.errors import UsageError
from leaklint.runtime.monitor.record import Limit

UNLIMITED = 1 << 60
"""Version 1 writes the largest multiple of a page instead of `max`."""

_FACTORS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "ki": 1024, "mi": 1024**2, "gi": 1024**3}


def parse_size(text: str) -> int:
    """`512MiB`, `2G`, `1.5gb` or bytes as a number of bytes."""
    found = re.fullmatch(r"([\d.]+)\s*([kmg]?i?)b?", text.strip().lower())
    try:
        assert found
        return int(float(found[1]) * _FACTORS[found[2]])
    except (AssertionError, KeyError, ValueError):
        raise UsageError(f"{text}: not a size", "write it as 512MiB, 2G or a number of bytes") from None


def cgroup_limit(pid: int, proc: Path = Path("/proc"), root: Path = Path("/sys/fs/cgroup")) -> Limit | None:
    """The least memory limit of the groups that hold the process, if there is one (Linux)."""
    try:
        lines = (proc / str(pid) / "cgroup").read_text().splitlines()
    except OSError:
        return None
    limits = [limit for line in lines for limit in _limits(line, root)]
    return min(limits, key=lambda limit: limit.bytes, default=None)


def _limits(line: str, root: Path) -> Iterator[Limit]:
    """Limits on the path of one line of /proc/PID/cgroup, `number:controllers:path`.

    Inside a container the path may lead outside of what is mounted: the root is looked at as well.
    """
    _, _, rest = line.partition(":")
    controllers, _, path = rest.partition(":")
    if controllers and "memory" not in controllers.split(","):
        return
    file, source = ("memory.limit_in_bytes", "cgroup v1") if controllers else ("memory.max", "cgroup v2")
    top = root / "memory" if controllers else root
    group = top / path.strip("/")
    for folder in (group, *group.parents):
        try:
            value = int((folder / file).read_text())
        except (OSError, ValueError):
            value = UNLIMITED  # `max`, or a path of the host
        if value < UNLIMITED:
            yield Limit(value, source)
        if folder == top:
            return
