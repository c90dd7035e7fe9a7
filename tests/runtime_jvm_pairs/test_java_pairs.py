"""Each pattern in a leaky and a repaired form, run on a real JVM."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from java_runs import EXAMPLES, check, confirm_files

from leaklint.reporters.base import Style, render

PATTERNS = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())
DRIVEN = 0.6
"""Share of the patterns that must be confirmed with a driver made by leaklint."""


def source(pattern: str, form: str) -> Path:
    return EXAMPLES / pattern / f"{form}.java"


def gathered(form: str, folder: Path) -> list[Path]:
    """The files of all patterns, each in a folder of its own."""
    return [
        Path(shutil.copytree(EXAMPLES / pattern, folder / pattern, dirs_exist_ok=True)) / f"{form}.java"
        for pattern in PATTERNS
    ]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_leak_is_confirmed_and_its_repair_is_refuted(pattern: str) -> None:
    leaky = confirm_files([source(pattern, "Leaky")], "serve")
    assert leaky.trigger["status"] == "confirmed", leaky.trigger
    assert leaky.trigger["runtime"].startswith("JVM ")
    if "thread_local" in pattern:
        assert "thread" in leaky.trigger["retaining_path"][0]
    assert set(leaky.statuses.values()) == {"confirmed"}, leaky.report.verdicts
    repaired = confirm_files([source(pattern, "Repaired")], "serve")
    if repaired.trigger["status"] == "inconclusive":  # on a busy machine it takes longer to see
        repaired = confirm_files([source(pattern, "Repaired")], "serve", budget=10.0)
    assert "confirmed" not in repaired.statuses.values(), repaired.report.verdicts
    assert repaired.trigger["status"] == "refuted", repaired.trigger


def test_threads_are_counted_as_such() -> None:
    found = confirm_files([source("executor_per_call", "Leaky")])
    (executor,) = (finding.verdict for finding in found.report.findings if finding.code == "LK403")
    assert executor is not None
    assert (executor["counted"], executor["holder_growth_per_call"]) == ("threads", 1.0)
    lines = "".join(render(found.report, "full", Style(False, False, 100, False)))
    assert "confirmed: 1 thread a call" in lines


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_static_check_tells_them_apart(pattern: str) -> None:
    leaky, repaired = (check([source(pattern, form)], EXAMPLES / pattern) for form in ("Leaky", "Repaired"))
    codes = {finding.code for finding in leaky.findings}
    assert codes, pattern
    assert not codes <= {finding.code for finding in repaired.findings}


def test_most_leaks_are_confirmed_with_a_made_driver(tmp_path: Path) -> None:
    files = gathered("Leaky", tmp_path)
    found = confirm_files(files, project=tmp_path)
    sure = {path for (path, _), status in found.statuses.items() if status == "confirmed"}
    missed = sorted({file.parent.name for file in files} - {Path(path).parent.name for path in sure})
    assert len(missed) <= (1 - DRIVEN) * len(PATTERNS), (missed, found.report.verdicts)


def test_no_repair_is_confirmed_with_a_made_driver(tmp_path: Path) -> None:
    found = confirm_files(gathered("Repaired", tmp_path), project=tmp_path)
    assert "confirmed" not in found.statuses.values(), found.report.verdicts
