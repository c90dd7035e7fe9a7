"""Calls that raise behind the line: what they leave counts where nothing in the file takes it out."""

from __future__ import annotations

from pathlib import Path

from harness import Confirmed, confirm_file

CACHE = """
from enum import Enum

class State(Enum):
    NEW = "new"

CACHE = {}

def serve(key: str, store):
    CACHE[key] = [key]
    return State(store.find(key))
"""
CLEANED = CACHE + "\n\ndef forget(key: str):\n    CACHE.pop(key, None)\n"
SERVICE = """
import asyncio

class OrderService:
    def __init__(self):
        self._locks: dict[str, asyncio.Lock] = {}

    async def apply(self, order: str, state: str):
        lock = self._locks.get(order)
        if lock is None:
            lock = self._locks[order] = asyncio.Lock()
        async with lock:
            return state

async def serve(socket, service: OrderService):
    hello = await socket.recv()
    order, state = hello.split("|", 1)
    async for message in socket:
        await socket.send(message)
    while await socket.recv():
        pass
    return await service.apply(order, state)
"""


TRANSFERS = """
LOCKS = {}

def serve(source: str, target: str, amount: int):
    if source == target or amount <= 0:
        raise ValueError("refused")
    for name in (source, target):
        LOCKS[name] = [amount]
"""


def tried(folder: Path, text: str) -> Confirmed:
    file = folder / "app.py"
    file.write_text(text, "utf-8")
    return confirm_file(file, budget=3)


def test_what_nothing_takes_out_stays_whatever_is_raised(tmp_path: Path) -> None:
    found = tried(tmp_path, CACHE)
    assert found.statuses["LK101"] == "confirmed", found.report.verdicts
    row = next(row for row in found.report.findings if row.code == "LK101").verdict
    assert row is not None
    assert "is not a valid State" in str(row["raised"])


def test_a_file_that_can_take_it_out_is_not_confirmed_by_calls_that_raise(tmp_path: Path) -> None:
    assert "confirmed" not in tried(tmp_path, CLEANED).statuses.values()


def test_one_object_is_handed_to_all_calls(tmp_path: Path) -> None:
    """A service that owns the holder; the made-up socket unpacks as asked, and comes to its end."""
    found = tried(tmp_path, SERVICE)
    assert found.statuses["LK107"] == "confirmed", found.report.verdicts
    verdict = next(row for row in found.report.findings if row.code == "LK107").verdict
    assert verdict is not None
    assert verdict["trigger"] == "app.py:serve"


def test_texts_of_one_call_differ_where_equal_ones_are_refused(tmp_path: Path) -> None:
    found = tried(tmp_path, TRANSFERS)
    assert found.statuses["LK101"] == "confirmed", found.report.verdicts
    verdict = next(row for row in found.report.findings if row.code == "LK101").verdict
    assert verdict is not None
    assert (verdict["holder_growth_per_call"], verdict["raised"]) == (2, "")
