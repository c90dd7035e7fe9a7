"""Every test here needs Node: skipped without it, failed if LEAKLINT_REQUIRE names it."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest


@pytest.fixture(autouse=True)
def node(need: Callable[[str], None]) -> str:
    need("node")
    return shutil.which("node") or ""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if shutil.which("node") is None:
        terminalreporter.write_line("runtime tests of Node were skipped: node is absent")
