"""What made-up arguments do says little: a thread that they end, an emitter that is gone after the call."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import confirm_file

SENDER = """
import queue
import threading

class Sender:
    def __init__(self, host):
        self.host = host
        self._lines = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def _send(self):
        while True:
            line = self._lines.get()
            self.host.write(line)

def notify(host, lines):
    sender = Sender(host)
    for line in lines:
        sender._lines.put(line)
"""
PLUGIN = """
class Plugin:
    def __init__(self, player, library):
        self.player = player
        self.id = player.connect("song", self.changed)
        library.connect("added", self.added)

    def destroy(self):
        self.player.disconnect(self.id)

    def changed(self, song):
        pass

    def added(self, song):
        pass
"""

PRESENCE = """
class Presence:
    def __init__(self):
        self.online = {}

    def enter(self, user: str, channel: str):
        self.online[user.lower()] = channel

    def leave(self, user: str):
        self.online.pop(user, None)

PRESENCE = Presence()
"""


def test_arguments_that_end_a_thread_are_replaced(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(SENDER, "utf-8")
    found = confirm_file(file, budget=4)
    assert found.statuses == {"LK422": "confirmed"}, found.report.verdicts


def test_an_emitter_that_was_made_up_refutes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(PLUGIN, "utf-8")
    found = confirm_file(file, budget=3)
    assert found.statuses == {"LK221": "inconclusive"}
    assert "made up" in str(found.report.verdicts[0]["reason"])


def test_a_driver_that_raises_is_told_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text("SEEN = []\n\ndef serve(order):\n    SEEN.append(order.number + {})\n", "utf-8")
    found = confirm_file(file, budget=3)
    assert found.statuses == {"LK102": "inconclusive"}
    reason = str(found.report.verdicts[0]["reason"])
    assert reason.startswith("the driver raised ")
    assert reason.endswith("give a --trigger or a --workload that sets up what it needs")


def test_keys_that_are_made_up_are_alike(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(PRESENCE, "utf-8")
    found = confirm_file(file, budget=3)
    assert found.statuses == {"LK110": "inconclusive"}
    assert "made up" in str(found.report.verdicts[0]["reason"])


SESSIONS = """import uuid


class Sessions:
    def __init__(self):
        self.by_id = {}
        self.by_user = {}

    def open(self, user):
        token = uuid.uuid4().hex
        self.by_id[token] = user
        self.by_user[token] = user
        return token

    def close(self, token):
        if self.by_id.pop(token, None) is not None:
            LEAVES


SESSIONS = Sessions()
"""


@pytest.mark.parametrize(
    ("leaves", "confirmed"), [("print(end='')", True), ("del self.by_user[token]", False)]
)
def test_a_release_is_handed_what_the_call_gave(leaves: str, confirmed: bool, tmp_path: Path) -> None:
    file = tmp_path / "sessions.py"
    file.write_text(SESSIONS.replace("LEAVES", leaves), "utf-8")
    found = confirm_file(file, budget=2)
    assert ("confirmed" in found.statuses.values()) is confirmed, found.report.verdicts

MAILS = """
from library_that_is_nowhere import Queue, render, wrap

from .mails import Templates


class Mails(Queue, Templates):
    def take(self, number):
        SEEN.append(render(number))
        self.push(number)


SEEN = []


@wrap("mails")
def serve(number):
    Mails(number).take(number)
    LEAVES
"""


@pytest.mark.parametrize(("leaves", "confirmed"), [("return", True), ("SEEN.clear()", False)])
def test_something_stands_in_for_what_is_not_there(leaves: str, confirmed: bool, tmp_path: Path) -> None:
    file = tmp_path / "7-serve.py"
    file.write_text(MAILS.replace("LEAVES", leaves), "utf-8")
    found = confirm_file(file, budget=2)
    assert ("confirmed" in found.statuses.values()) is confirmed, found.report.verdicts
    assert all("no module `" in row["reason"] for row in found.report.verdicts), found.report.verdicts


def test_folders_that_relative_imports_go_through_are_packages(tmp_path: Path) -> None:
    (tmp_path / "shop" / "web").mkdir(parents=True)
    (tmp_path / "shop" / "words.py").write_text("def plain(text):\n    return str(text)\n", "utf-8")
    file = tmp_path / "shop" / "web" / "views.py"
    text = "from ..words import plain\n\nSEEN = []\n\n\ndef serve(name):\n    SEEN.append(plain(name))\n"
    file.write_text(text, "utf-8")
    found = confirm_file(file, budget=2)
    assert set(found.statuses.values()) == {"confirmed"}, found.report.verdicts
