"""Arguments that must be there: files, peers, objects that are opened first, threads that come and go."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import Confirmed, confirm_file

from leaklint.runtime.places import is_wait, role
from leaklint.runtime.suspect import Parameter

UPLOADS = """
import pathlib

PARTS = {}


def upload(path: pathlib.Path, name: str):
    PARTS[name] = path.read_bytes()
    return len(PARTS[name])
"""
CLIENT = """
import asyncio
import itertools


class Client:
    def __init__(self, host: str, port: int, *, timeout: float = 30.0):
        self._host, self._port, self._timeout = host, port, timeout
        self._ids = itertools.count()
        self._pending = {}
        self._writer = None

    async def open(self):
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)

    async def call(self, method: str):
        if self._writer is None:
            raise RuntimeError("client is not open")
        number = next(self._ids)
        self._pending[number] = method
        self._writer.write(method.encode() + b"\\n")
        answer = await asyncio.wait_for(self._reader.readline(), self._timeout)
        del self._pending[number]
        return answer
"""
FINALLY = CLIENT.replace(
    """        answer = await asyncio.wait_for(self._reader.readline(), self._timeout)
        del self._pending[number]
        return answer
""",
    """        try:
            return await asyncio.wait_for(self._reader.readline(), self._timeout)
        finally:
            del self._pending[number]
""",
)
THREADS = """
import threading


class Connections:
    def __init__(self):
        self._by_thread = {}

    def connection(self):
        number = threading.current_thread().name
        if number not in self._by_thread:
            self._by_thread[number] = object()
        return self._by_thread[number]


CONNECTIONS = Connections()
"""
NOTES = """
import json

SENT = []


def send(note):
    SENT.append(json.dumps({"note": note.text, "at": note.at + 1}))
"""

RECEIVES = """
import json

OPEN = set()


def serve(number: int, socket):
    OPEN.add(socket)
    hello = json.loads(socket.recv(100))
    if hello.get("version", 0) < 2:
        ENDS
        return
    socket.send(b"welcome")
    OPEN.discard(socket)
"""


def confirm_text(folder: Path, text: str, trigger: str = "") -> Confirmed:
    file = folder / "program.py"
    file.write_text(text, "utf-8")
    return confirm_file(file, trigger, budget=3)


def test_a_file_is_there_for_a_path(tmp_path: Path) -> None:
    found = confirm_text(tmp_path, UPLOADS)
    assert found.statuses["LK101"] == "confirmed", found.report.verdicts


def test_a_client_is_opened_before_it_is_used_and_does_not_wait_long(tmp_path: Path) -> None:
    found = confirm_text(tmp_path, CLIENT)
    row = next(row for row in found.report.verdicts if row["holder"] == "Client._pending")
    assert row["status"] == "confirmed", row
    assert "TimeoutError" in str(row["raised"])


def test_what_is_removed_in_any_case_is_not_accused(tmp_path: Path) -> None:
    assert FINALLY != CLIENT
    assert "confirmed" not in confirm_text(tmp_path, FINALLY).statuses.values()
    assert confirm_text(tmp_path, FINALLY, "Client.call").trigger["status"] != "confirmed"


def test_an_entry_for_each_thread(tmp_path: Path) -> None:
    found = confirm_text(tmp_path, THREADS)
    assert found.statuses.get("LK421") == "confirmed", found.report.verdicts


def test_what_answers_to_anything_is_written_as_json_and_counts(tmp_path: Path) -> None:
    found = confirm_text(tmp_path, NOTES)
    assert "confirmed" in found.statuses.values(), found.report.verdicts


@pytest.mark.parametrize(
    ("name", "kind", "what"),
    [
        ("path", "str", "file"),
        ("config", "Path", "file"),
        ("work_dir", "Path", "folder"),
        ("base_url", "str", "address"),
        ("host", "str", "host"),
        ("port", "int", "port"),
        ("command", "list", "command"),
        ("path", "tuple", ""),
        ("report", "str", ""),
    ],
)
def test_what_a_parameter_needs(name: str, kind: str, what: str) -> None:
    assert role(Parameter(name, kind)) == what


def test_how_long_a_call_may_wait() -> None:
    assert is_wait(Parameter("timeout", "float", has_default=True, default="number"))
    assert not is_wait(Parameter("timeout", "float", has_default=True, default="null"))
    assert not is_wait(Parameter("timer", "float"))


LIMITER = """
def limiter(limit: int):
    hits = {}

    def allow(client: str):
        hits[client] = hits.get(client, 0) + 1
        return hits[client] <= limit

    return allow
"""


def test_what_a_factory_makes_is_called_with_one_factory(tmp_path: Path) -> None:
    """How long the program keeps that is not said, so nothing is confirmed."""
    (row,) = confirm_text(tmp_path, LIMITER).report.verdicts
    assert row["holder_growth_per_call"] == 1.0, row
    assert "it grows as long as one" in str(row["reason"])
    emptied = LIMITER.replace("hits[client] <= limit", "hits.pop(client) <= limit")
    assert not {"confirmed"} & set(confirm_text(tmp_path, emptied).statuses.values())


def test_what_is_read_of_an_argument_is_json(tmp_path: Path) -> None:
    found = confirm_text(tmp_path, RECEIVES.replace("ENDS", "pass"), "serve").trigger
    assert (found["status"], found["holder"]) == ("confirmed", "program.OPEN"), found
    fixed = confirm_text(tmp_path, RECEIVES.replace("ENDS", "OPEN.discard(socket)"), "serve")
    assert fixed.trigger["status"] != "confirmed", fixed.trigger


JOBS = """import subprocess

CHILDREN = []


class Jobs:
    def start(self, job):
        with open(job.logfile("logs"), "a") as log:
            child = subprocess.Popen(["a-program-that-is-nowhere", job.number], stdout=log)
        CHILDREN.append(child)
        child.wait()
        LEAVES


JOBS = Jobs()
"""


@pytest.mark.parametrize(
    ("leaves", "confirmed"), [("return child.pid", True), ("CHILDREN.remove(child)", False)]
)
def test_a_program_that_is_not_installed_is_started(leaves: str, confirmed: bool, tmp_path: Path) -> None:
    found = confirm_text(tmp_path, JOBS.replace("LEAVES", leaves))
    assert ("confirmed" in found.statuses.values()) is confirmed, found.report.verdicts


FLASK = """
class Flask:
    def __init__(self, name):
        self.secret_key = None

    def test_request_context(self, path, headers, environ_base, **more):
        return _Context({**headers, "address": environ_base["REMOTE_ADDR"]})


class _Context:
    def __init__(self, fields):
        self.fields = fields

    def __enter__(self):
        request.headers = self.fields

    def __exit__(self, *args):
        del request.headers


class _Request:
    pass


request = _Request()
"""
VIEWS = """from flask import request

SEEN = {}


def view():
    SEEN[request.headers["X-Client"]] = request.headers.get("address")
    LEAVES
"""


@pytest.mark.parametrize(("leaves", "confirmed"), [("return 'ok'", True), ("SEEN.clear()", False)])
def test_a_view_of_flask_has_a_request(leaves: str, confirmed: bool, tmp_path: Path) -> None:
    (tmp_path / "flask.py").write_text(FLASK, "utf-8")
    found = confirm_text(tmp_path, VIEWS.replace("LEAVES", leaves))
    assert ("confirmed" in found.statuses.values()) is confirmed, found.report.verdicts
