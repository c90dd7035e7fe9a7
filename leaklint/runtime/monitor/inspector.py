"""Asks a Node process that was started with `--inspect`: the debugging protocol over a small WebSocket."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import struct
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from leaklint.errors import LeaklintError

PATIENCE = 5.0
"""Seconds that Node may take to answer: it does between two turns of its event loop, or inside one."""

DEFAULT_PORT = 9229
_FLAG = re.compile(r"--inspect(?:-brk|-wait)?(?:=(?:(?P<host>[\w.\-]+|\[[^]]+\]):)?(?P<port>\d+))?$")
_MEMORY = "JSON.stringify(process.memoryUsage())"


class InspectorError(LeaklintError):
    """A Node process that does not answer."""


def address(command: list[str]) -> tuple[str, int] | None:
    """Where a process with this command line listens for debuggers; None if it does not."""
    for argument in command[1:]:
        found = _FLAG.match(argument)
        if found:
            return (found["host"] or "127.0.0.1").strip("[]"), int(found["port"] or DEFAULT_PORT)
    return None


class Inspector:
    """A connection to the first target of a Node process. One question at a time."""

    def __init__(self, host: str, port: int) -> None:
        try:
            # never through a proxy: the process is on this machine
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"http://{host}:{port}/json/list", timeout=PATIENCE) as answer:
                url = json.load(answer)[0]["webSocketDebuggerUrl"]
            self._socket = _connect(url)
        except (OSError, ValueError, LookupError) as error:
            raise InspectorError(f"inspector at {host}:{port}: {error}") from error
        self._last = 0

    def memory(self, *, collect: bool = False) -> dict[str, float]:
        """Heap in use, heap committed and external memory, in bytes."""
        if collect:
            self.ask("HeapProfiler.collectGarbage")
        answer = self.ask("Runtime.evaluate", expression=_MEMORY, returnByValue=True)
        try:
            usage = json.loads(answer["result"]["value"])
        except (KeyError, ValueError) as error:
            raise InspectorError(f"inspector: not a Node process: {answer}") from error
        return {
            "heap_used": usage["heapUsed"],
            "heap_committed": usage["heapTotal"],
            "external": usage["external"],
        }

    def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """The result of a method of the protocol; events that arrive meanwhile are passed over."""
        self._last += 1
        try:
            _send(self._socket, json.dumps({"id": self._last, "method": method, "params": parameters}))
            while True:
                message: dict[str, Any] = json.loads(_receive(self._socket))
                if message.get("id") == self._last:
                    break
        except (OSError, ValueError, struct.error) as error:
            raise InspectorError(f"inspector: {method}: {error}") from error
        result: dict[str, Any] = message.get("result", {})
        return result

    def close(self) -> None:
        self._socket.close()


def _connect(url: str) -> socket.socket:
    """The upgrade request of RFC 6455."""
    place = urlsplit(url)
    connection = socket.create_connection((place.hostname, place.port), PATIENCE)
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += _exactly(connection, 1)
    if b" 101 " not in answer.partition(b"\r\n")[0]:
        raise ValueError("no WebSocket")
    return connection


def _send(connection: socket.socket, text: str) -> None:
    """One masked text frame."""
    data, mask = text.encode(), os.urandom(4)
    size = len(data)
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + struct.pack(">H", size)
    connection.sendall(head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(data)))


def _receive(connection: socket.socket) -> bytes:
    """The next message, put together from its frames; pings are left unanswered, Node sends none."""
    message = b""
    while True:
        first, second = _exactly(connection, 2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", _exactly(connection, 2))
        elif size == 127:
            (size,) = struct.unpack(">Q", _exactly(connection, 8))
        data = _exactly(connection, size)
        if first & 0x0F == 8:
            raise ValueError("connection closed")
        message += data
        if first & 0x80:
            return message


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ValueError("connection closed")
        data += piece
    return data
