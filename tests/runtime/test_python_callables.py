"""Everything that a trigger may name: static and class methods, properties, coroutines, nested packages."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import at_hand, confirm_file, interpreter

CORE = """
from ..util import helper
from functools import wraps
import asyncio
import ctypes
import logging
import sys

class Base:
    registry = {}

class Calc(Base):
    history = []
    __secret = []

    def __init__(self, size: int = 3, *, name: str):
        self.size, self.name = size, name

    @staticmethod
    def quote(number: int) -> str:
        Calc.history.append([number])
        return helper(number)

    @classmethod
    def make(cls, key: str):
        cls.registry[key] = cls(name=key)
        return cls.registry[key]

    async def fetch(self, query: str, limit=10):
        await asyncio.sleep(0)
        self.__secret.append([query])

    @property
    def first(self):
        Calc.history.append([1])
        return 1

def memoize(function):
    seen = {}

    @wraps(function)
    def inner(x):
        if x not in seen:
            seen[x] = function(x)
        return seen[x]

    return inner

@memoize
def slow(x):
    return [x]

def use(x: int):
    return slow(x)

def log_per_call(name: str):
    log = logging.getLogger("work")
    log.addHandler(logging.NullHandler())
    log.info(name)

def path_per_call(name: str):
    sys.path.append(name)

class Slotted:
    __slots__ = ("rows",)

    def __init__(self):
        self.rows = []

    def add(self, row: str):
        self.rows.append([row])

ONE = Slotted()

def slotted(row: str):
    ONE.add(row)

class Node:
    def __init__(self, parent):
        self.parent = parent
        self.children = []

ROOT = Node(None)

def tree(name: str):
    ROOT.children.append(Node(ROOT))

def native(number: int):
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    ctypes.memset(libc.malloc(8000), 1, 8000)
"""
TARGETS = {
    "Calc.quote": "Calc.history",
    "quote": "Calc.history",
    "make": "Base.registry",
    "Calc.fetch": "Calc.__secret",
    "first": "Calc.history",
    "use": "memoize.seen",
    "log_per_call": "",
    "path_per_call": "sys.path.append",
    "slotted": "Slotted.rows",
    "tree": "",
    "native": "",
}


@pytest.mark.parametrize("target", TARGETS)
def test_it_is_called_and_confirmed(target: str, tmp_path: Path) -> None:
    if target == "native" and not Path("/proc/self/statm").exists():
        pytest.skip("native memory is measured on Linux")
    package = tmp_path / "src" / "shop" / "sub"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").write_text("")
    (package.parent / "util.py").write_text("def helper(number):\n    return str(number)\n")
    (package / "core.py").write_text(CORE, "utf-8")
    versions = at_hand()
    python = interpreter(versions[list(TARGETS).index(target) % len(versions)])
    found = confirm_file(package / "core.py", target, python=python, project=tmp_path)
    assert found.trigger["status"] == "confirmed", found.trigger
    if TARGETS[target]:
        assert found.trigger["holder"] == TARGETS[target]
