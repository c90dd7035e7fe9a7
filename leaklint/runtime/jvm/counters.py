"""What is counted from outside: objects by HotSpot's diagnostic commands, memory by the system."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from leaklint.runtime.jvm import histogram
from leaklint.runtime.jvm.histogram import Histogram
from leaklint.runtime.monitor import hotspot
from leaklint.runtime.process import Conversation


class Counters:
    """Of one running JVM. What it cannot be asked for is absent."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self._answers = hasattr(socket, "AF_UNIX")
        self._interned = 0
        self._strings: tuple[int, int] | None = None

    def histogram(self) -> Histogram | None:
        """Objects by class, after a collection."""
        self._interned = histogram.interned(
            self._ask("VM.stringtable")
        )  # before: what comes in between spikes
        text = self._ask("GC.class_histogram") or self._ask("GC.class_histogram")
        self._answers = self._answers and bool(text)
        return histogram.parse(text) if text else None

    def objects(self, found: Histogram) -> int:
        """All of them, less the constants that were made since the first time.

        The compiler makes the string constants of the code that it compiles, two objects each, long after
        that code ran first. They are interned and live; strings that a program interned and dropped stay
        in the table for a while, but do not live.
        """
        now = (self._interned, found.instances.get("java.lang.String", 0))
        self._strings = self._strings or now
        made = min(after - before for before, after in zip(self._strings, now, strict=True))
        return found.total - 2 * max(0, made)

    def native(self) -> dict[str, int]:
        """Resident memory, and what Java code allocated outside of the heap, in bytes."""
        found = {}
        with contextlib.suppress(OSError, ValueError, IndexError):
            pages = int(Path(f"/proc/{self._talk.pid}/statm").read_text("ascii").split()[1])
            found["rss_bytes"] = pages * os.sysconf("SC_PAGE_SIZE")
        size = histogram.off_heap(self._ask("VM.native_memory summary scale=b"))
        if size is not None:
            found["malloc_bytes"] = size
        return found

    def _ask(self, command: str) -> str:
        """The answer to a diagnostic command; empty where there is none."""
        try:
            return hotspot.ask(self._talk.pid, command) if self._answers else ""
        except hotspot.AttachError:
            self._talk.alive()
            return ""
