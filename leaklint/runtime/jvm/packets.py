"""Packets of the Java Debug Wire Protocol: what they carry, taken apart and put together.

The format is that of the Java SE specification, "Java Debug Wire Protocol". Ids have eight bytes, as in
every HotSpot. It knows no connection.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

BREAKPOINT, CLASS_PREPARE = 2, 8
_SIZES = {"B": 1, "Z": 1, "C": 2, "S": 2, "I": 4, "F": 4, "D": 8, "J": 8, "V": 0}


class Location(NamedTuple):
    """A place in byte code. tag: 1 for a class, 2 for an interface."""

    tag: int
    type: int
    method: int
    code: int


class Event(NamedTuple):
    """Something that a request asked for. location: of a breakpoint; type, signature: of a class."""

    kind: int
    request: int
    thread: int
    location: Location | None = None
    type: int = 0
    tag: int = 0
    signature: str = ""


class Value(NamedTuple):
    """A field or a variable. tag: kind, as in signatures (`L`, `[`, `I`, `s` for strings …)."""

    tag: str
    bits: int


class Reader:
    """Takes a packet apart."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, size: int) -> int:
        self._at += size
        return int.from_bytes(self._data[self._at - size : self._at], "big")

    def byte(self) -> int:
        return self.number(1)

    def word(self) -> int:
        return self.number(4)

    def id(self) -> int:
        return self.number(8)

    def text(self) -> str:
        size = self.word()
        self._at += size
        return self._data[self._at - size : self._at].decode("utf-8", "replace")

    def tagged(self) -> Value:
        tag = chr(self.byte())
        return Value(tag, self.number(_SIZES.get(tag, 8)))

    def location(self) -> Location:
        return Location(self.byte(), self.id(), self.id(), self.id())


def pack(form: str, *values: int) -> bytes:
    """Numbers in network order: `B` a byte, `i` a count, `Q` an id."""
    return struct.pack(">" + form, *values)


def text(value: str) -> bytes:
    raw = value.encode()
    return pack("i", len(raw)) + raw


def at(location: Location) -> bytes:
    return pack("BQQQ", *location)


def events(data: bytes) -> tuple[int, list[Event]]:
    """What a packet suspended, and its events, up to one of a kind that nobody asked for."""
    reader = Reader(data)
    suspends, found = reader.byte(), []
    for _ in range(reader.word()):
        kind, request = reader.byte(), reader.word()
        if kind == BREAKPOINT:
            found.append(Event(kind, request, reader.id(), reader.location()))
        elif kind == CLASS_PREPARE:
            thread, tag, type = reader.id(), reader.byte(), reader.id()
            found.append(Event(kind, request, thread, type=type, tag=tag, signature=reader.text()))
            reader.word()
        else:
            break
    return suspends, found
