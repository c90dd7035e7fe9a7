"""Every test here needs a JDK: skipped without it, failed if LEAKLINT_REQUIRE names it."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest


@pytest.fixture(autouse=True)
def jdk(need: Callable[[str], None]) -> None:
    need("jdk")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if shutil.which("javac") is None:
        terminalreporter.write_line("runtime tests of the JVM were skipped: a JDK is absent")
