"""Whom made-up addresses lead to, on this machine: its text goes into drivers that need it."""

import socketserver
import threading
from functools import cache


class Peer(socketserver.BaseRequestHandler):
    """Takes what comes. It answers HTTP with an empty object, and nothing else."""

    def handle(self) -> None:
        while data := self.request.recv(65536):
            if b" HTTP/1." in data:
                self.request.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
                )


@cache
def a_port() -> int:
    """Where the peer listens, on this machine only."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Peer)
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_address[1])
