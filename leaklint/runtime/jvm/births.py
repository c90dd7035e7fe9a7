"""Where objects that hold a file, a socket or native memory are made, as long as that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from leaklint.runtime.jvm.jdwp import Connection
from leaklint.runtime.jvm.packets import Location

OPENED = (
    "java.io.FileDescriptor",
    "java.util.zip.Inflater",
    "java.util.zip.Deflater",
    "java.util.zip.ZipFile",
    "sun.nio.fs.UnixDirectoryStream",
    "sun.nio.fs.UnixSecureDirectoryStream",
)
"""The classes of the JDK behind whatever a program opens."""

LIBRARY = ("java.", "javax.", "jdk.", "sun.", "com.sun.", "leaklint_inside.")

MOST = 128
"""Objects that are looked at; each stops its thread for a few milliseconds."""


class Birth(NamedTuple):
    """The lines that were running, innermost first, those of the JDK left out: package, file, line."""

    lines: tuple[tuple[str, str, int], ...]


class Births:
    """What is made while it is in use. keep: called with a number and an object id for each object."""

    def __init__(self, connection: Connection, keep: Callable[[int, int], None]) -> None:
        self._connection = connection
        self._keep = keep
        self._seen: set[int] = set()
        self.found: list[Birth] = []
        self.locations = {
            Location(1, type, method, min(index for index, _ in lines))
            for name in OPENED
            for type, _ in connection.classes(f"L{name.replace('.', '/')};")
            for method, kind, _ in connection.methods(type)
            if kind == "<init>" and (lines := connection.lines(type, method))
        }

    def caught(self, thread: int, frames: list[tuple[int, Location]]) -> bool:
        """A constructor runs; False once enough were seen. One that calls another makes one object."""
        thing = self._connection.this(thread, frames[0][0])
        if thing not in self._seen:
            self._seen.add(thing)
            self._keep(len(self.found), thing)
            self.found.append(Birth(tuple(line for _, at in frames if (line := self._line(at)))))
        return len(self.found) < MOST

    def _line(self, location: Location) -> tuple[str, str, int] | None:
        name = self._connection.signature(location.type)[1:-1].replace("/", ".")
        file = self._connection.source_file(location.type)
        table = self._connection.lines(location.type, location.method)
        before = [(index, line) for index, line in table if index <= location.code]
        if name.startswith(LIBRARY) or not before or not file:
            return None
        return name.rpartition(".")[0], file, max(before)[1]
