"""Resident memory of a process and its descendants, as the operating system counts it."""

from __future__ import annotations

from typing import Any

from leaklint.errors import LeaklintError


class MissingExtra(LeaklintError):
    """psutil is not installed."""


def psutil() -> Any:
    """The module psutil, which only the extra `runtime` installs."""
    try:
        import psutil
    except ImportError:
        raise MissingExtra(
            "monitor needs psutil, which is not installed", "pip install 'leaklint-cli[runtime]'"
        ) from None
    return psutil


class Tree:
    """A process and its descendants: what a container's limit counts, and what a server's workers are."""

    def __init__(self, pid: int) -> None:
        self._psutil = psutil()
        try:
            self.root = self._psutil.Process(pid)
        except self._psutil.NoSuchProcess:
            raise LeaklintError(f"no process {pid}", "list them with `ps`") from None

    def alive(self) -> bool:
        """Whether the root runs; a zombie does not."""
        try:
            return bool(self.root.is_running() and self.root.status() != self._psutil.STATUS_ZOMBIE)
        except self._psutil.NoSuchProcess:
            return False

    def members(self) -> list[Any]:
        """The root first; empty when it has ended."""
        try:
            return [self.root, *self.root.children(recursive=True)]
        except self._psutil.NoSuchProcess:
            return []

    def command(self) -> list[str]:
        """The root's command line, or its name."""
        try:
            return self.root.cmdline() or [self.root.name()]
        except self._psutil.Error:
            return []

    def read(self, members: list[Any]) -> dict[str, float]:
        """rss, uss (where allowed) and the number of processes; empty when all have ended.

        uss leaves out what processes share, so that the sum over workers counts nothing twice.
        """
        rss, uss, count = 0, 0, 0
        for process in members:
            try:
                rss += process.memory_info().rss
            except self._psutil.AccessDenied:
                if process == self.root:
                    raise LeaklintError(
                        f"the memory of process {process.pid} cannot be read", "watch it as its own user"
                    ) from None
                continue
            except self._psutil.Error:
                continue  # it has ended since it was listed
            count += 1
            try:
                uss += process.memory_full_info().uss
            except (self._psutil.Error, AttributeError):
                uss = -(1 << 62)  # another user's: no sum is better than half a sum
        if not count or not rss:
            return {}
        return {"rss": rss, **({"uss": uss} if uss > 0 else {}), "processes": count}
