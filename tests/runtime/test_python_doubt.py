"""Doubt is never a confirmation and never a refutation: each reason for `inconclusive` and `not-run`."""

from __future__ import annotations

from pathlib import Path

from harness import Confirmed, confirm_file


def tried(folder: Path, text: str, trigger: str = "", **options: object) -> Confirmed:
    file = folder / "app.py"
    file.write_text(text, "utf-8")
    return confirm_file(file, trigger, **options)  # type: ignore[arg-type]


def verdict(found: Confirmed, code: str) -> tuple[str, str]:
    row = next(row for row in found.report.findings if row.code == code).verdict
    assert row is not None
    return str(row["status"]), str(row["reason"])


def test_a_release_whose_callers_did_not_run(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        """
OPEN = {}

def begin(key: str):
    OPEN[key] = [key]

def end(key: str):
    OPEN.pop(key, None)
""",
        "begin",
    )
    assert found.trigger["status"] == "inconclusive", found.trigger
    assert "release not exercised: `end()`" in str(found.trigger["reason"])


def test_a_caller_that_releases_is_driven_and_not_what_it_calls(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        """
STACK = []

def push(item: str):
    STACK.append(item)

def run(item: str):
    push(item)
    drop(STACK)

def drop(stack):
    getattr(stack, "clear")()
""",
    )
    assert "confirmed" not in found.statuses.values(), found.report.verdicts
    assert verdict(found, "LK102")[0] == "refuted"


def test_a_driver_that_raises(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        """
CACHE = {}

def serve(key: str):
    CACHE[key] = [key]
    raise RuntimeError("no connection")
""",
        "serve",
    )
    status, reason = verdict(found, "LK101")
    assert status == "inconclusive"
    assert "RuntimeError: no connection" in reason


def test_a_site_that_is_never_reached(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        """
ROWS = []

def serve(key: str):
    for number in range(len(key) - 1_000):
        ROWS.append([key])
""",
        "serve",
    )
    assert verdict(found, "LK102") == ("inconclusive", "the calls never reached the suspect line")
    assert found.trigger["status"] == "refuted"


def test_the_life_of_an_object_that_only_the_driver_keeps_is_unknown(tmp_path: Path) -> None:
    text = """
class Builder:
    def __init__(self):
        self.parts = []

    def add(self, part: str):
        self.parts.append([part])
"""
    status, reason = verdict(tried(tmp_path, text), "LK107")
    assert status == "inconclusive"
    assert "as long as one `Builder` lives" in reason
    assert verdict(tried(tmp_path, text, "Builder.add"), "LK107")[0] == "confirmed"
    assert verdict(tried(tmp_path, text, "add"), "LK107")[0] == "confirmed"


def test_an_interpreter_that_is_not_there(tmp_path: Path) -> None:
    found = tried(tmp_path, "ROWS = []\n\ndef add(row: str):\n    ROWS.append([row])\n", python="python9.9")
    status, reason = verdict(found, "LK102")
    assert status == "not-run"
    assert "--python" in reason


def test_a_module_that_cannot_be_imported(tmp_path: Path) -> None:
    found = tried(
        tmp_path, "import no_such_module\nROWS = []\n\ndef add(row: str):\n    ROWS.append([row])\n", "add"
    )
    status, reason = verdict(found, "LK102")
    assert status == "not-run"
    assert "no_such_module" in reason


def test_the_same_argument_and_fresh_ones_are_told_apart(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        """
BY_KEY = {}
LOG = []

def serve(key: str):
    BY_KEY[key] = [key]
    LOG.append([key])
""",
        "serve",
    )
    by_code = {row.code: row.verdict for row in found.report.findings}
    assert by_code["LK101"] is not None
    assert by_code["LK101"]["inputs"] == "fresh"
    assert by_code["LK102"] is not None
    assert by_code["LK102"]["inputs"] == "any"


def test_a_limit_beyond_the_calls_is_passed_by_more_calls(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        """
from functools import lru_cache

class Shop:
    def __init__(self, name: str):
        self.name = name

    @lru_cache(maxsize=1500)
    def price(self):
        return len(self.name)

def serve(name: str):
    return Shop(name).price()
""",
        "serve",
    )
    status, reason = verdict(found, "LK104")
    assert status != "confirmed", reason
    assert status == "refuted" or "horizon" in reason


def test_classes_dataclasses_and_enums_are_made_for_arguments(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        """
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

class Kind(Enum):
    NEW = 1

@dataclass(frozen=True)
class Order:
    number: int
    lines: list[str]
    kind: Kind = Kind.NEW

ORDERS = {}

def accept(order: Order, kind: Kind, folder: Path, *, retries: int, note: str | None = None):
    ORDERS[order.number, kind.name, folder.name] = order.lines[0].upper()
""",
    )
    assert verdict(found, "LK101")[0] == "confirmed", found.report.verdicts


def test_objects_of_unknown_kind_answer_to_anything(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        """
SEEN = {}

def handle(request):
    SEEN[request.user.id] = request.headers["agent"].lower()
    for part in request.parts:
        part.close()
""",
    )
    assert verdict(found, "LK101")[0] == "confirmed", found.report.verdicts


def test_generators_and_async_generators_run_to_their_end(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        """
ROWS = []
LINES = []

def rows(text: str):
    for word in text.split("-"):
        yield word
    ROWS.append([text])

async def lines(text: str):
    for word in text.split("-"):
        yield word
    LINES.append([text])
""",
    )
    assert [row.verdict["status"] for row in found.report.findings if row.verdict] == ["confirmed"] * 2


def test_releases_are_called_when_they_alone_are_missing(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        """
class Rooms:
    def __init__(self):
        self.members = {}

    def join(self, room: str, name: str):
        self.members.setdefault(room, set()).add(name)

    def leave(self, room: str, name: str):
        self.members[room].discard(name)
""",
    )
    assert verdict(found, "LK111")[0] == "confirmed", found.report.verdicts
    assert "app.py:Rooms.join, Rooms.leave" in str(found.report.verdicts)


def test_a_finalizer_is_no_release_that_could_have_run(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        """
class Client:
    instances = {}

    def __init__(self, name: str):
        self.name = name
        Client.instances[id(self)] = self

    def __del__(self):
        del Client.instances[id(self)]
""",
    )
    assert verdict(found, "LK108")[0] == "confirmed", found.report.verdicts


def test_a_limit_that_was_not_reached_is_a_horizon(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        """
ROWS = []

def serve(row: str):
    if len(ROWS) > 50_000_000:
        ROWS.clear()
    ROWS.append([row])
""",
        "serve",
    )
    assert found.trigger["status"] == "inconclusive", found.trigger
    assert "horizon" in str(found.trigger["reason"])


def test_calls_are_raised_to_pass_a_limit(tmp_path: Path) -> None:
    found = tried(
        tmp_path,
        """
from collections import deque

ROWS = deque(maxlen=2500)

def serve(row: str):
    ROWS.append([row])
""",
        "serve",
    )
    assert found.trigger["status"] in ("refuted", "inconclusive"), found.trigger
    assert int(str(found.trigger["calls"])) > 2500 or "horizon" in str(found.trigger["reason"])


def test_what_others_are_ended_by_must_have_run(tmp_path: Path) -> None:
    text = """
class Gauge:
    running = []

    def start(self):
        Gauge.running.append(self)

    def stop(self):
        Gauge.running.remove(self)

class Region:
    def __init__(self):
        self.memory, self.store, self.temp = Gauge(), Gauge(), Gauge()

    def start(self):
        self.memory.start()
        self.store.start()
        self.temp.start()

    def stop(self):
        self.memory.stop()
        self.store.stop()

def begin(number: int):
    Region().start()

def both(number: int):
    region = Region()
    region.start()
    region.stop()
"""
    status, reason = verdict(tried(tmp_path, text, "begin"), "LK208")
    assert (status, "release not exercised: `Region.stop()`" in reason) == ("inconclusive", True)
    assert verdict(tried(tmp_path, text, "both"), "LK208")[0] == "confirmed"


def test_registration_is_no_leak_when_only_a_made_driver_repeats_it(tmp_path: Path) -> None:
    text = "HOOKS = []\n\ndef add_reload_hook(hook):\n    HOOKS.append(hook)\n"
    found = tried(tmp_path, text)
    assert "confirmed" not in found.statuses.values(), found.report.verdicts
    assert tried(tmp_path, text, "add_reload_hook").trigger["status"] == "confirmed"
