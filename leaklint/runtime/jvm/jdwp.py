"""A client of the Java Debug Wire Protocol: the commands that watching a holder takes.

The protocol is that of the Java SE specification, "Java Debug Wire Protocol Details". Ids are kept as
integers; those of objects are weak in the JVM, so knowing one keeps nothing alive. It knows no suspects.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence

from leaklint.errors import LeaklintError
from leaklint.runtime.jvm.packets import (
    BREAKPOINT,
    CLASS_PREPARE,
    Event,
    Location,
    Reader,
    Value,
    at,
    events,
    pack,
    text,
)

HANDSHAKE = b"JDWP-Handshake"
PATIENCE = 20.0
"""Seconds that a command may take; one that walks the heap takes 0.1 s with 4 million objects."""

NOTHING, THREAD = 0, 1
"""What an event suspends."""

INITIALIZED = 4
"""Bit of the status of a class whose static fields may be read without initialising it."""


class JdwpError(LeaklintError):
    """A command that failed, or a connection that ended. code: the error of the protocol, 0 for no answer."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class Connection:
    """A JVM under observation. Commands may come from any thread; events come on one of their own.

    on_event: called for each event; the thread that it stopped is resumed when all of a packet were seen.
    """

    def __init__(self, stream: socket.socket, on_event: Callable[[Event], None]) -> None:
        self._stream = stream
        self._on_event = on_event
        self._next = 1
        self._waiting: dict[int, queue.SimpleQueue[tuple[int, bytes] | None]] = {}
        self._events: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._ended = False
        self.stopped = 0.0
        """Seconds that threads stood still for events."""
        stream.settimeout(PATIENCE)
        try:
            stream.sendall(HANDSHAKE)
            if self._receive(len(HANDSHAKE)) != HANDSHAKE:
                raise JdwpError("what connected is no JVM")
        except OSError as error:
            raise JdwpError(f"no handshake: {error}") from error
        stream.settimeout(None)
        for target in (self._read, self._deliver):
            threading.Thread(target=target, daemon=True).start()
        sizes = Reader(self.command(1, 7))
        if {sizes.word() for _ in range(5)} != {8}:
            raise JdwpError("a JVM with ids of another size")

    def command(self, group: int, number: int, data: bytes = b"") -> bytes:
        """Send a command and wait for its answer. Raises JdwpError."""
        answer: queue.SimpleQueue[tuple[int, bytes] | None] = queue.SimpleQueue()
        with self._lock:
            if self._ended:
                raise JdwpError("the JVM ended")
            name, self._next = self._next, self._next + 1
            self._waiting[name] = answer
            try:
                self._stream.sendall(pack("iiBBB", 11 + len(data), name, 0, group, number) + data)
            except OSError as error:
                raise JdwpError(f"the JVM ended: {error}") from error
        try:
            found = answer.get(timeout=PATIENCE)
        except queue.Empty:
            raise JdwpError(f"no answer to command {group}.{number}") from None
        finally:
            self._waiting.pop(name, None)
        if found is None:
            raise JdwpError("the JVM ended")
        if found[0]:
            raise JdwpError(f"command {group}.{number}: error {found[0]}", found[0])
        return found[1]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)
        self._stream.close()

    # -- classes

    def classes(self, signature: str) -> list[tuple[int, int]]:
        """Types of that name, with their status: the bit INITIALIZED is set once its statics may be read."""
        reader = Reader(self.command(1, 2, text(signature)))
        return [(reader.byte(), reader.id(), reader.word())[1:] for _ in range(reader.word())]

    def signature(self, type: int) -> str:
        return Reader(self.command(2, 1, pack("Q", type))).text()

    def source_file(self, type: int) -> str:
        """The name of the file; empty when it was compiled without."""
        try:
            return Reader(self.command(2, 7, pack("Q", type))).text()
        except JdwpError:
            return ""

    def superclass(self, type: int) -> int:
        return Reader(self.command(3, 1, pack("Q", type))).id()

    def fields(self, type: int) -> list[tuple[int, str, str, bool]]:
        """Id, name, signature, and whether it is static, of the fields that a class declares."""
        reader = Reader(self.command(2, 4, pack("Q", type)))
        rows = []
        for _ in range(reader.word()):
            rows.append((reader.id(), reader.text(), reader.text(), bool(reader.word() & 8)))
        return rows

    def methods(self, type: int) -> list[tuple[int, str, str]]:
        """Id, name and signature of the methods that a class declares."""
        reader = Reader(self.command(2, 5, pack("Q", type)))
        rows = []
        for _ in range(reader.word()):
            rows.append((reader.id(), reader.text(), reader.text()))
            reader.word()
        return rows

    def lines(self, type: int, method: int) -> list[tuple[int, int]]:
        """(index in the byte code, line) of a method; empty for one that is native or without lines."""
        try:
            reader = Reader(self.command(6, 1, pack("QQ", type, method)))
        except JdwpError:
            return []
        reader.id(), reader.id()
        return [(reader.id(), reader.word()) for _ in range(reader.word())]

    def variables(self, type: int, method: int, index: int) -> dict[str, tuple[int, str]]:
        """Slot and signature of the local variables that live at a place of a method."""
        try:
            reader = Reader(self.command(6, 2, pack("QQ", type, method)))
        except JdwpError:
            return {}
        reader.word()
        found = {}
        for _ in range(reader.word()):
            start, name, signature, length, slot = (
                reader.id(),
                reader.text(),
                reader.text(),
                reader.word(),
                reader.word(),
            )
            if start <= index < start + length:
                found[name] = (slot, signature)
        return found

    # -- objects

    def instances(self, type: int, most: int) -> list[int]:
        """Reachable objects of exactly this class."""
        reader = Reader(self.command(2, 16, pack("Qi", type, most)))
        return [reader.tagged().bits for _ in range(reader.word())]

    def referrers(self, thing: int, most: int) -> list[int]:
        reader = Reader(self.command(9, 10, pack("Qi", thing, most)))
        return [reader.tagged().bits for _ in range(reader.word())]

    def type_of(self, thing: int) -> int:
        reader = Reader(self.command(9, 1, pack("Q", thing)))
        reader.byte()
        return reader.id()

    def reflected(self, thing: int) -> int:
        """The type that a class object stands for."""
        reader = Reader(self.command(17, 1, pack("Q", thing)))
        reader.byte()
        return reader.id()

    def values(self, thing: int, fields: Sequence[int], *, static: bool = False) -> list[Value]:
        """Fields of an object, or of a class."""
        asked = pack("Qi", thing, len(fields)) + b"".join(pack("Q", field) for field in fields)
        reader = Reader(self.command(2, 6, asked) if static else self.command(9, 2, asked))
        return [reader.tagged() for _ in range(reader.word())]

    def new_array(self, type: int, size: int) -> int:
        return Reader(self.command(4, 1, pack("Qi", type, size))).tagged().bits

    def set_elements(self, array: int, first: int, things: Sequence[int]) -> None:
        self.command(
            13, 3, pack("Qii", array, first, len(things)) + b"".join(pack("Q", thing) for thing in things)
        )

    def set_static(self, type: int, field: int, thing: int) -> None:
        self.command(3, 2, pack("QiQQ", type, 1, field, thing))

    def forget(self, things: Sequence[int]) -> None:
        """Let the JVM drop the ids of objects."""
        if things:
            self.command(1, 14, pack("i", len(things)) + b"".join(pack("Qi", thing, 1) for thing in things))

    # -- events

    def on_prepare(self, suspends: int, *, source: str = "", exclude: Sequence[str] = ()) -> int:
        """Tell of classes that become usable: of one source file (a name, may end in *), or all but some."""
        filters = [pack("B", 12) + text(source)] if source else []
        filters += [pack("B", 6) + text(pattern) for pattern in exclude]
        return self._request(CLASS_PREPARE, suspends, filters)

    def on_line(self, location: Location) -> int:
        """Stop the thread that comes by, once."""
        return self._request(BREAKPOINT, THREAD, [pack("B", 7) + at(location), pack("Bi", 1, 1)])

    def clear(self, kind: int, request: int) -> None:
        self.command(15, 2, pack("Bi", kind, request))

    def _resume(self, thread: int) -> None:
        self.command(11, 3, pack("Q", thread))

    def _request(self, kind: int, suspends: int, filters: Sequence[bytes]) -> int:
        asked = pack("BBi", kind, suspends, len(filters)) + b"".join(filters)
        return Reader(self.command(15, 1, asked)).word()

    # -- a suspended thread

    def frames(self, thread: int, most: int = -1) -> list[tuple[int, Location]]:
        reader = Reader(self.command(11, 6, pack("Qii", thread, 0, most)))
        return [(reader.id(), reader.location()) for _ in range(reader.word())]

    def this(self, thread: int, frame: int) -> int:
        """The object whose method runs; 0 in a static one."""
        return Reader(self.command(16, 3, pack("QQ", thread, frame))).tagged().bits

    def local(self, thread: int, frame: int, slot: int, tag: str) -> Value:
        reader = Reader(self.command(16, 1, pack("QQiiB", thread, frame, 1, slot, ord(tag))))
        reader.word()
        return reader.tagged()

    # -- packets

    def _receive(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            part = self._stream.recv(size - len(parts))
            if not part:
                raise OSError("the connection ended")
            parts += part
        return bytes(parts)

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                size, name, flags, code = struct.unpack(">iiBH", self._receive(11))
                data = self._receive(size - 11)
                if flags & 0x80:
                    answer = self._waiting.get(name)
                    if answer is not None:
                        answer.put((code, data))
                else:
                    self._events.put(data)
        with self._lock:
            self._ended = True
        for answer in list(self._waiting.values()):
            answer.put(None)
        self._events.put(None)

    def _deliver(self) -> None:
        while (data := self._events.get()) is not None:
            began = time.perf_counter()
            suspends, found = events(data)
            for event in found:
                with contextlib.suppress(JdwpError):
                    self._on_event(event)
            if suspends == THREAD and found:
                with contextlib.suppress(JdwpError):
                    self._resume(found[0].thread)
                self.stopped += time.perf_counter() - began
