"""Every literate suite of this folder: what the rules must see, and must leave alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leaklint.rule import all_rules
from leaklint.testing import Case, read_suite, update_snapshots

HERE = Path(__file__).parent
SUITES = sorted(HERE.glob("*.md"))


@pytest.mark.parametrize("case", [case for suite in SUITES for case in read_suite(suite)], ids=str)
def test_case(
    case: Case, record_property: Callable[[str, object], None], request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--update-snapshots") and case.snapshot is not None:
        update_snapshots(HERE / case.file)
        case.snapshot = None
    result = case.run()
    record_property("todo-error", result.todo_errors)
    record_property("todo-ok", result.todo_oks)
    assert not result.failures, "\n".join(result.failures)


def test_every_rule_has_a_suite() -> None:
    wanted = {rule.name.replace("-", "_") for rule in all_rules() if rule.family != "run"}
    assert not wanted - {suite.stem for suite in SUITES}
