"""A server that is started, loaded and watched from inside."""

from __future__ import annotations

import socket
from pathlib import Path

from harness import at_hand, interpreter

from leaklint.config import Settings
from leaklint.pipeline import check_source
from leaklint.runtime.agent import Driver, Limits, RunPlan
from leaklint.runtime.derive import outline
from leaklint.runtime.measure import Run, run
from leaklint.runtime.verdict import join, join_heap
from leaklint.source import SourceFile

SERVER = """
import http.server, sys

SEEN = {}

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        SEEN[self.path] = [self.path]
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass

if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
LOAD = """
import http.client, sys, time
link = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for number in range(10):
    link.request("GET", f"/{time.time_ns()}")
    link.getresponse().read()
"""


def load(folder: Path, command: str = "server.py", budget: float = 6) -> tuple[Driver, Run]:
    (folder / "server.py").write_text(SERVER, "utf-8")
    (folder / "load.py").write_text(LOAD, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    python = interpreter(at_hand()[-1])
    driver = Driver(
        "python", command, "serve", command=(python, command, port), load=(python, "-S", "load.py", port)
    )
    file = folder / "server.py"
    found = outline(
        file, "server.py", check_source(SourceFile.read(file, "server.py"), Settings(confidence="low"))
    )
    return driver, run(RunPlan(driver, found.suspects, str(folder), limits=Limits(40)), budget)


def test_the_holder_of_a_server_is_watched(tmp_path: Path) -> None:
    driver, found = load(tmp_path)
    assert not found.failure, found.failure
    file = tmp_path / "server.py"
    suspect = outline(
        file, "server.py", check_source(SourceFile.read(file, "server.py"), Settings(confidence="low"))
    ).suspects[0]
    verdict = join(suspect, 0, driver, [found])
    assert verdict.status == "confirmed", verdict
    assert verdict.retaining_path[:2] == ["module __main__", "SEEN"]
    assert join_heap(driver, [found]).status == "confirmed"


def test_a_server_that_does_not_start(tmp_path: Path) -> None:
    _, found = load(tmp_path, "missing.py")
    assert "missing.py" in found.failure
