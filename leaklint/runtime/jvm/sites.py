"""Proof that a line ran, by breakpoints that fire once, and the receiver that was seen there.

A breakpoint is set on the byte code of the line when its class becomes usable; what runs in a static
initialiser or before the calls proves nothing, and the breakpoint is set again.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from leaklint.runtime.jvm.births import Births
from leaklint.runtime.jvm.jdwp import NOTHING, THREAD, Connection, JdwpError
from leaklint.runtime.jvm.packets import Event, Location
from leaklint.runtime.suspect import Span, Suspect

REARMED = 50
"""Times that a breakpoint is set again for a line that runs while classes load."""

MISSED = 3
"""Times that a receiver is looked for."""

_PATH = re.compile(r"[A-Za-z_$][\w$]*(?:\s*\.\s*[A-Za-z_$][\w$]*)*")


class Spot(NamedTuple):
    """A line to watch: a retain site (`release` -1) or a release of a watch, or where objects are made."""

    watch: int
    release: int
    first: int
    last: int
    receiver: str = ""


class Sites:
    """The watched lines of a running JVM.

    hits, released: by watch. seen: where a line ran, as (source file, line), by watch. received: called
    with watch and object id for each receiver, while its thread is stopped.
    """

    def __init__(self, watches: Sequence[Suspect], received: Callable[[int, int], None]) -> None:
        self.hits = [0] * len(watches)
        self.released = [[False] * len(watch.releases) for watch in watches]
        self._loaded: dict[tuple[str, str], bool] = {}
        self._received = received
        self._spots = _spots(watches)
        self._methods: dict[int, dict[int, str]] = {}
        self._connection: Connection | None = None
        self._types: list[tuple[int, tuple[str, str]]] = []
        self._at: dict[Location, list[Spot]] = {}
        self._armed: dict[int, Location] = {}
        self._pending: set[Location] = set()
        self._rearmed: dict[Location, int] = {}
        self._ready = False
        self._all = -1
        self.active = False
        self.made: tuple[str, str, int] | None = None
        self._traps: set[Location] = set()
        self._libraries: tuple[str, ...] = ()
        self._births: Births | None = None
        self._lock = threading.RLock()
        self.loaded: list[tuple[int, str]] = []

    def attach(self, connection: Connection, *, owners: bool) -> None:
        """Ask for the classes to come. owners: of all classes, to know the subclasses of owners of fields."""
        self._connection = connection
        for name in sorted({name for _, name in self._spots}):
            connection.on_prepare(THREAD, source=name)
        if owners:
            self._all = connection.on_prepare(
                NOTHING, exclude=("java.*", "javax.*", "jdk.*", "sun.*", "com.sun.*")
            )

    def start(self) -> None:
        """From now on what runs is a call."""
        with self._lock:
            self._ready = True
            for type, file in self._types:
                self._find(type, file)
            self.rearm()

    def rearm(self) -> None:
        """Set the breakpoints that fired without a call."""
        with self._lock:
            pending, self._pending = self._pending, set()
            for location in pending:
                self._arm(location)

    def on_event(self, event: Event) -> None:
        with self._lock:
            if event.location is not None:
                self._ran(event, event.location)
            elif event.request == self._all:
                if event.tag == 1:
                    self.loaded.append((event.type, event.signature))
            else:
                self._prepared(event)

    def _prepared(self, event: Event) -> None:
        assert self._connection is not None
        package = event.signature[1:].rpartition("/")[0].replace("/", ".")
        file = (package, self._connection.source_file(event.type))
        if file not in self._spots:
            return
        self._types.append((event.type, file))
        if self._ready:
            self._find(event.type, file)
            self.rearm()

    @property
    def without_lines(self) -> bool:
        """Whether no class of a watched file has line numbers."""
        return not all(self._loaded.values())

    def _find(self, type: int, file: tuple[str, str]) -> None:
        """The places of the watched lines in a class."""
        assert self._connection is not None
        tables = [
            (method, lines)
            for method, name, _ in self._connection.methods(type)
            if name != "<clinit>" and (lines := self._connection.lines(type, method))
        ]
        # an interface has no lines of its own, however its file was compiled
        self._loaded[file] = self._loaded.get(file, False) or bool(tables)
        for spot in self._spots.get(file, ()):
            for method, table in tables:
                index = _first(table, spot)
                if index is not None:
                    location = Location(1, type, method, index)
                    self._at.setdefault(location, []).append(spot)
                    self._pending.add(location)

    def _arm(self, location: Location) -> None:
        assert self._connection is not None
        if location in self._armed.values():
            return
        with contextlib.suppress(JdwpError):
            self._armed[self._connection.on_line(location)] = location

    def look_for(self, births: Births | None) -> None:
        """Stop wherever objects are made whose births are looked for."""
        with self._lock:
            self._births = births
            self._pending |= births.locations if births else set()

    def trap(self, name: str, libraries: tuple[str, ...]) -> bool:
        """Stop where the next object of a class is made, and find the line of the program: see `made`."""
        assert self._connection is not None
        self.made, self._libraries = None, libraries
        for type, _ in self._connection.classes(f"L{name.replace('.', '/')};"):
            for method, kind, _ in self._connection.methods(type):
                lines = self._connection.lines(type, method) if kind == "<init>" else []
                if lines:
                    location = Location(1, type, method, min(index for index, _ in lines))
                    self._traps.add(location)
                    self._pending.add(location)
        return bool(self._pending)

    def _caught(self, frames: list[tuple[int, Location]]) -> None:
        """The first frame that is neither of a library nor of the driver."""
        assert self._connection is not None
        for _, location in frames:
            name = self._connection.signature(location.type)[1:-1].replace("/", ".")
            package, _, simple = name.rpartition(".")
            ours = simple.startswith(("Workload", "LeaklintCalls")) or package == "leaklint_inside"
            if self.made is None and not name.startswith(self._libraries) and not ours:
                table = self._connection.lines(location.type, location.method)
                before = [line for index, line in table if index <= location.code]
                file = self._connection.source_file(location.type)
                if before and file and self._name(location) != "<init>":
                    self.made = (package, file, before[-1])

    def _ran(self, event: Event, location: Location) -> None:
        assert self._connection is not None
        location = self._armed.pop(event.request, location)
        if not self.active:
            self._pending.add(location)
            return
        frames = self._connection.frames(event.thread)
        if self._births is not None and location in self._births.locations:
            if self._births.caught(event.thread, frames):
                self._arm(location)
            return
        if location in self._traps:
            self._traps.discard(location)
            self._caught(frames)
            return
        if self._loading(frames):
            self._again(location, REARMED)
            return
        for spot in self._at.get(location, ()):
            if spot.release >= 0:
                self.released[spot.watch][spot.release] = True
                continue
            self.hits[spot.watch] += 1
            if spot.receiver and not self._receive(spot, event.thread, frames[0]):
                self._again(location, MISSED)  # its class may not be initialised yet

    def _receive(self, spot: Spot, thread: int, top: tuple[int, Location]) -> bool:
        """Hand over the receiver, if it is known at the site."""
        assert self._connection is not None
        with contextlib.suppress(JdwpError):
            thing = evaluate(self._connection, thread, top, spot.receiver)
            if thing:
                self._received(spot.watch, thing)
                return True
        return False

    def _again(self, location: Location, most: int) -> None:
        self._rearmed[location] = self._rearmed.get(location, 0) + 1
        if self._rearmed[location] < most:
            self._pending.add(location)

    def _loading(self, frames: list[tuple[int, Location]]) -> bool:
        """Whether a static initialiser is under way."""
        return any(self._name(location) == "<clinit>" for _, location in frames)

    def _name(self, location: Location) -> str:
        assert self._connection is not None
        if location.type not in self._methods:
            rows = self._connection.methods(location.type)
            self._methods[location.type] = {method: name for method, name, _ in rows}
        return self._methods[location.type].get(location.method, "")


def _spots(watches: Sequence[Suspect]) -> dict[tuple[str, str], list[Spot]]:
    """By package and name of the file."""
    found: dict[tuple[str, str], list[Spot]] = {}
    for number, watch in enumerate(watches):
        rows = found.setdefault((watch.package, Path(watch.file).name), [])
        raw = b""
        if watch.holder.kind in ("listener", "timer"):
            with contextlib.suppress(OSError):
                raw = Path(watch.file).read_bytes().removeprefix(b"\xef\xbb\xbf")
        for site in watch.sites:
            text = raw[site.receiver.at : site.receiver.end].decode() if site.receiver else ""
            rows.append(_spot(number, -1, site.span, text))
        rows += [_spot(number, index, release.span) for index, release in enumerate(watch.releases)]
    return found


def _spot(watch: int, release: int, span: Span, receiver: str = "") -> Spot:
    plain = receiver if _PATH.fullmatch(receiver) else ""
    return Spot(watch, release, span.line, max(span.line, span.end_line), plain)


def _first(table: Sequence[tuple[int, int]], spot: Spot) -> int | None:
    """Where the first line of a statement begins; a later one if that has no code of its own."""
    for line in range(spot.first, spot.last + 1):
        found = [index for index, number in table if number == line]
        if found:
            return min(found)
    return None


def evaluate(connection: Connection, thread: int, top: tuple[int, Location], path: str) -> int:
    """The object that a path of names means in a stopped frame; 0 where that cannot be told."""
    frame, location = top
    first, *steps = [step.strip() for step in path.split(".")]
    variables = connection.variables(location.type, location.method, location.code)
    this = connection.this(thread, frame)
    if first == "this":
        at = this
    elif first in variables:
        slot, signature = variables[first]
        if signature[0] not in "L[":
            return 0
        at = connection.local(thread, frame, slot, signature[0]).bits
    else:
        at = _member(connection, this, location.type, first)
        if not at and steps:  # a class, by its simple or its full name
            at, steps = _of_class(connection, location.type, [first, *steps])
    for step in steps:
        at = _member(connection, at, 0, step) if at else 0
    return at


def _member(connection: Connection, thing: int, type: int, name: str) -> int:
    """A field of an object or of a class, inherited ones and those of the objects around it included."""
    type = connection.type_of(thing) if thing else type
    outer = 0
    while type:
        for field, known, signature, static in connection.fields(type):
            if known in (name, "val$" + name) and signature[0] in "L[" and (static or thing):
                return connection.values(type if static else thing, [field], static=static)[0].bits
            if known.startswith("this$") and thing:
                outer = connection.values(thing, [field])[0].bits
        type = connection.superclass(type)
    return _member(connection, outer, 0, name) if outer else 0


def _of_class(connection: Connection, near: int, names: list[str]) -> tuple[int, list[str]]:
    """The static field that a qualified name begins with, and the steps behind it."""
    here = connection.signature(near)[1:-1]
    package = here.rpartition("/")[0]
    around = [here[: match.start()] + "$" for match in re.finditer(r"\$|$", here)]  # nested classes
    for count in range(len(names) - 1, 0, -1):
        path = "$".join(names[:count])
        wanted = [*(prefix + path for prefix in reversed(around)), f"{package}/{path}" if package else path]
        for name in (*wanted, "/".join(names[:count])):
            for type, _ in connection.classes(f"L{name};"):
                return _member(connection, 0, type, names[count]), names[count + 1 :]
    return 0, []
