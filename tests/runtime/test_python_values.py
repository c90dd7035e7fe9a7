"""Values for declared types: protocols, decimals, fields of dataclasses, functions that give something."""

from __future__ import annotations

from pathlib import Path

from harness import confirm_file

TYPED = """
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

class Store(Protocol):
    def find(self, key: str) -> str: ...

@dataclass(frozen=True)
class Login:
    host: str
    password: str = field(repr=False)
    port: int = 22
    tries: list = field(default_factory=list)
    started: float = field(init=False, default=0.0)

SEEN = {}

async def serve(login: Login, store: Store, price: Decimal, following: Callable[[str], Awaitable[str]]):
    answer = await following(login.password)
    SEEN[login.password] = (store.find(login.host), price + Decimal(1), answer)
"""


def test_values_for_declared_types(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text(TYPED, "utf-8")
    found = confirm_file(file, budget=3)
    assert found.statuses["LK101"] == "confirmed", found.report.verdicts
