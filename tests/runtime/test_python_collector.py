"""Cycles are garbage, unless the program has switched the collector off and does not call it."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import EXAMPLES, Confirmed, at_hand, confirm_file, interpreter, run_workload

from leaklint.runtime.agent import Driver
from leaklint.runtime.verdict import join_heap

WALKS = """
import gc
{start}

def total(tree):
    def visit(node):
        return node[0] + sum(visit(child) for child in node[1:])
    return visit(tree)

def serve(number: int):
    {before}
    return total([number, [1, [2]], [3]])
"""


KEPT = {"LK522": "confirmed", "LK531": "inconclusive"}
"""What a call leaves is seen; that the collector is off is said of a line that only the import runs."""


def confirm_text(folder: Path, start: str, before: str) -> Confirmed:
    file = folder / "program.py"
    file.write_text(WALKS.format(start=start, before=before), "utf-8")
    return confirm_file(file, "serve", budget=4)


def test_the_collector_frees_cycles(tmp_path: Path) -> None:
    found = confirm_text(tmp_path, "", "pass")
    assert found.statuses == {"LK522": "refuted"}
    assert "the cyclic collector frees" in str(found.report.verdicts[0]["reason"])


def test_without_the_collector_they_stay(tmp_path: Path) -> None:
    found = confirm_text(tmp_path, "gc.disable()", "pass")
    assert found.statuses == KEPT
    assert found.trigger["status"] == "confirmed"


def test_what_else_lies_in_the_project_collects_nothing(tmp_path: Path) -> None:
    file = EXAMPLES / "python" / "self_referring_function" / "leaky.py"
    found = confirm_file(file, "serve", budget=4, project=EXAMPLES.parents[1])
    assert found.statuses == KEPT


@pytest.mark.parametrize(
    ("start", "before"),
    [
        ("gc.disable()", "number % 100 or gc.collect()"),
        ("gc.disable()\n\ndef between_requests():\n    gc.collect()\n", "pass"),
        ("", "gc.disable(); gc.enable()"),
        ("gc.freeze()", "pass"),
    ],
)
def test_a_program_that_collects_in_its_own_time_keeps_nothing(
    start: str, before: str, tmp_path: Path
) -> None:
    found = confirm_text(tmp_path, start, before)
    assert "confirmed" not in found.statuses.values(), found.report.verdicts
    assert found.trigger["status"] != "confirmed"


@pytest.mark.parametrize("version", at_hand())
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_the_harness_leaves_no_cycles_itself(kind: str, version: str, tmp_path: Path) -> None:
    text = f"import gc\n\ngc.disable()\n\n\n{kind} iterate(i):\n    pass\n"
    run = run_workload(text, tmp_path, python=interpreter(version), budget=3)
    assert join_heap(Driver("python", "nothing", "workload"), [run]).status == "refuted"
