"""Fixtures of the runtime tests, and a line about the interpreters that were absent."""

from __future__ import annotations

import pytest
from harness import VERSIONS, at_hand, interpreter


@pytest.fixture(params=VERSIONS)
def python(request: pytest.FixtureRequest) -> str:
    """Each version of CPython; those that are not there are skipped."""
    found = interpreter(request.param)
    if not found:
        pytest.skip(f"CPython {request.param} is not at hand")
    return found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    present = at_hand()
    absent = [version for version in VERSIONS if version not in present]
    line = f"runtime tests ran on CPython {', '.join(present) or 'none'}"
    terminalreporter.write_line(line + (f"; absent: {', '.join(absent)}" if absent else ""))
