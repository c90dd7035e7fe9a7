"""The agent inside a running server: the same conversation over a socket, without calls of its own."""

from __future__ import annotations

import json
import os
import socket
import threading
from typing import Any

from .serve import Server, answer


def listen(address: str) -> None:
    """Connect to `PORT:TOKEN` from a thread, and again in each forked child."""
    _start(address)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: _start(address))


def _start(address: str) -> None:
    threading.Thread(target=_talk, args=(address,), daemon=True, name="leaklint").start()


def _talk(address: str) -> None:
    port, _, token = address.partition(":")
    try:
        with socket.create_connection(("127.0.0.1", int(port)), 5) as connection:
            connection.settimeout(None)
            stream = connection.makefile("rwb")
            _write(stream, {"token": token, "pid": os.getpid()})
            server: Server | None = None
            for line in stream:
                request = json.loads(line)
                if request["do"] == "start":
                    server = Server(request["plan"], served=True)
                    _write(stream, server.start())
                else:
                    _write(stream, answer(server, request))
    except OSError:
        return  # leaklint has gone


def _write(stream: Any, row: dict[str, Any]) -> None:
    stream.write(json.dumps(row).encode() + b"\n")
    stream.flush()
