"""Each pattern in a leaky and a repaired form, run on a real Node."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from node_runs import EXAMPLES, check, confirm_files

from leaklint.rule import rules_for

PATTERNS = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir() and folder.name != "typed")
DRIVEN = 0.6
"""Share of the patterns that must be confirmed with a driver made by leaklint."""

NOT_DRIVEN = frozenset({"LK304", "LK342", "LK401", "LK603", "LK641"})
"""Rules that need what Node does not come with (components, pools of connections, three.js), that speak of
one value for each context (`AsyncLocalStorage`), of which no number of calls makes more, or of a call that
never comes back (LK342)."""

BUDGETS = {"worker_not_terminated": 8.0}
"""Seconds a series for what is slow: a thread with a Node of its own takes 50 ms to start."""


def source(pattern: str, form: str) -> Path:
    return next((EXAMPLES / pattern).glob(f"{form}.*"))


def test_every_rule_has_a_pattern() -> None:
    found = {finding.code for pattern in PATTERNS for finding in check([source(pattern, "leaky")]).findings}
    covered = {rule.code for rule in rules_for("javascript") if rule.family != "run"}
    assert covered - found == NOT_DRIVEN


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_leak_is_confirmed_and_its_repair_is_refuted(pattern: str) -> None:
    budget = BUDGETS.get(pattern, 2.5)
    leaky = confirm_files([source(pattern, "leaky")], "serve", budget=budget)
    repaired = confirm_files([source(pattern, "repaired")], "serve", budget=budget)
    mended = {code for _, code in leaky.statuses} - {code for _, code in repaired.statuses}
    for (_, code), status in leaky.statuses.items():
        assert status == "confirmed" or (mended and code not in mended), leaky.report.verdicts
    assert "confirmed" in leaky.statuses.values(), leaky.report.verdicts
    assert leaky.trigger["status"] == "confirmed"
    assert leaky.trigger["retaining_path"]
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


def test_no_repaired_program_is_confirmed_with_a_made_driver(tmp_path: Path) -> None:
    files = []
    for pattern in PATTERNS:
        place = source(pattern, "repaired")
        files.append(Path(shutil.copy(place, tmp_path / f"{pattern}{place.suffix}")))
    found = confirm_files(files, project=tmp_path, budget=1.5)
    assert "confirmed" not in found.statuses.values(), found.report.verdicts
