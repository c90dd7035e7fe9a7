"""Each pattern in a leaky and a repaired form, run on real interpreters."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import EXAMPLES, at_hand, confirm_file, interpreter

PATTERNS = sorted(folder.name for folder in (EXAMPLES / "python").iterdir() if folder.is_dir())
NATIVE = {"foreign_memory_not_freed"}
PLACED = {pattern: number for number, pattern in enumerate(PATTERNS)}


@pytest.fixture(autouse=True)
def _measured(pattern: str) -> None:
    if pattern in NATIVE and not Path("/proc/self/statm").exists():
        pytest.skip("native memory is measured on Linux")


def version_for(pattern: str, turn: int) -> str:
    """Patterns take turns on the interpreters at hand, so that each runs some of them."""
    versions = at_hand()
    return interpreter(versions[(PLACED[pattern] + turn) % len(versions)])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_leak_is_confirmed_under_a_trigger(pattern: str) -> None:
    found = confirm_file(EXAMPLES / "python" / pattern / "leaky.py", "serve", python=version_for(pattern, 0))
    assert "confirmed" in found.statuses.values(), found.report.verdicts
    assert found.trigger["status"] == "confirmed"


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_leak_is_confirmed_with_a_made_driver(pattern: str) -> None:
    found = confirm_file(EXAMPLES / "python" / pattern / "leaky.py", python=version_for(pattern, 1))
    assert "confirmed" in found.statuses.values(), found.report.verdicts


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_repair_is_not_confirmed(pattern: str) -> None:
    found = confirm_file(
        EXAMPLES / "python" / pattern / "repaired.py", "serve", python=version_for(pattern, 2)
    )
    assert "confirmed" not in found.statuses.values(), found.report.verdicts
    assert found.trigger["status"] == "refuted", found.trigger
