"""Each pattern in a leaky and a repaired form, run on a real Node."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from node_runs import EXAMPLES, confirm_files

PATTERNS = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir() and folder.name != "typed")
DRIVEN = 0.6
"""Share of the patterns that must be confirmed with a driver made by leaklint."""


def source(pattern: str, form: str) -> Path:
    return next((EXAMPLES / pattern).glob(f"{form}.*"))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_leak_is_confirmed_and_its_repair_is_refuted(pattern: str) -> None:
    leaky = confirm_files([source(pattern, "leaky")], "serve")
    assert "confirmed" in leaky.statuses.values(), leaky.report.verdicts
    assert leaky.trigger["status"] == "confirmed"
    assert leaky.trigger["retaining_path"]
    repaired = confirm_files([source(pattern, "repaired")], "serve")
    assert "confirmed" not in repaired.statuses.values(), repaired.report.verdicts
    assert repaired.trigger["status"] == "refuted", repaired.trigger


def test_most_leaks_are_confirmed_with_a_made_driver(tmp_path: Path) -> None:
    files = []
    for pattern in PATTERNS:
        place = source(pattern, "leaky")
        files.append(Path(shutil.copy(place, tmp_path / f"{pattern}{place.suffix}")))
    found = confirm_files(files, project=tmp_path, budget=1.5)
    sure = {path for (path, _), status in found.statuses.items() if status == "confirmed"}
    assert len(sure) >= DRIVEN * len(PATTERNS), sorted({file.name for file in files} - sure)
