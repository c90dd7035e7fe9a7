"""Removals that are passed by: what has to run is the way out, not the removal."""

from __future__ import annotations

from pathlib import Path

from harness import Confirmed, confirm_file

RUN = """
RUNNING = {}


def run(number: int, work):
    RUNNING[number] = work
    result = work(number)
    del RUNNING[number]
    return result
"""
TRANSFERS = """
import logging

LOG = logging.getLogger("transfers")
LOG.propagate = False
LOG.addHandler(logging.NullHandler())


class Transfers:
    def __init__(self):
        self.open = {}

    def begin(self, number: int, size: int):
        self.open[number] = bytearray(size % 10)

    def end(self, number: int):
        data = self.open[number]
        if data.find(b"END") < 0:
            LOG.error("incomplete: %s", number)
            return None
        del self.open[number]
        return bytes(data)


TRANSFERS = Transfers()
"""


def confirm_text(folder: Path, text: str, trigger: str = "") -> Confirmed:
    file = folder / "program.py"
    file.write_text(text, "utf-8")
    return confirm_file(file, trigger, budget=4)


def test_work_that_succeeds_says_nothing_about_work_that_fails(tmp_path: Path) -> None:
    text = RUN + "\n\ndef serve(number: int):\n    return run(number, str)\n"
    found = confirm_text(tmp_path, text, "serve")
    assert found.statuses == {"LK115": "inconclusive"}
    verdict = found.report.findings[0].verdict
    assert verdict is not None
    assert "under which the work fails" in str(verdict["reason"])


def test_a_made_driver_makes_the_work_fail(tmp_path: Path) -> None:
    found = confirm_text(tmp_path, RUN)
    assert found.statuses == {"LK115": "confirmed"}
    verdict = found.report.findings[0].verdict
    assert verdict is not None
    assert str(verdict["raised"]).startswith("RuntimeError: made to fail")


def test_what_handles_a_failure_is_not_confirmed(tmp_path: Path) -> None:
    """Where the entry is taken out on the way that a failure takes, too."""
    repaired = RUN.replace("    result = work(number)\n    del RUNNING[number]\n    return result", """\
    try:
        return work(number)
    finally:
        del RUNNING[number]""")
    assert repaired != RUN
    assert "confirmed" not in confirm_text(tmp_path, repaired).statuses.values()


def test_an_early_return_that_is_taken_confirms(tmp_path: Path) -> None:
    text = TRANSFERS + (
        "\n\ndef serve(number: int):\n    TRANSFERS.begin(number, 5)\n    return TRANSFERS.end(number)\n"
    )
    assert confirm_text(tmp_path, text).statuses == {"LK115": "confirmed"}


def test_an_early_return_that_is_not_taken_does_not(tmp_path: Path) -> None:
    text = TRANSFERS + "\n\ndef serve(number: int):\n    TRANSFERS.begin(number, 5)\n"
    found = confirm_text(tmp_path, text, "serve")
    assert found.statuses == {"LK115": "inconclusive"}
    assert "release not exercised" in str(found.report.verdicts[0]["reason"])


def test_an_awaited_call_that_succeeds_is_no_way_out(tmp_path: Path) -> None:
    """It ran, and that says nothing: the driver makes it fail."""
    text = RUN.replace("def run", "async def run").replace("= work(", "= await work(")
    assert confirm_text(tmp_path, text).statuses == {"LK115": "confirmed"}
