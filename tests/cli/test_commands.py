"""The other commands: manuals, lists, tools for developers, help."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from project import LEAK, Call

from leaklint import __version__
from leaklint.cli.scaffold import next_code
from leaklint.rule import all_rules


def test_version_and_help(call: Call) -> None:
    assert call("--version").out == f"leaklint {__version__}\n"
    assert "check" in call("--help").out
    assert call().code == 2


def test_an_unknown_command_is_a_mistake(call: Call) -> None:
    answer = call("chek")
    assert answer.code == 2
    assert answer.err.startswith("leaklint: No such command 'chek'")


@pytest.mark.parametrize("name", ["LK101", "lk101", "unbounded-cache"])
def test_rule_prints_the_manual(call: Call, name: str) -> None:
    out = call("rule", name).out
    assert out.startswith("# unbounded-cache (LK101): ")
    assert "## When it stays silent" in out


def test_rule_as_data(call: Call) -> None:
    record = json.loads(call("rule", "LK101", "--output-format", "json").out)
    assert (record["code"], record["name"], record["family"]) == ("LK101", "unbounded-cache", "growth")
    records = json.loads(call("rule", "--all", "--output-format", "json").out)
    assert [row["code"] for row in records] == [rule.code for rule in all_rules()]
    assert record in records


def test_rule_wants_one_name_that_exists(call: Call) -> None:
    assert call("rule").code == 2
    answer = call("rule", "unbounded-cash")
    assert answer.code == 2
    assert "did you mean unbounded-cache?" in answer.err


def test_rules_lists_every_rule_on_a_line(call: Call) -> None:
    rows = call("rules").out.splitlines()
    assert [row.split()[0] for row in rows] == [rule.code for rule in all_rules()]


def test_dev_ir_prints_the_text_form(folder: Path, call: Call) -> None:
    Path("app.py").write_text(LEAK)
    answer = call("dev", "ir", "app.py")
    assert answer.code == 0
    assert answer.out.startswith("unit python")
    Path("notes.md").touch()
    assert call("dev", "ir", "notes.md").code == 2
    assert call("dev", "ir", "missing.py").code == 2


def test_new_rule_writes_a_rule_that_works(folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("rules").mkdir()
    answer = call("dev", "new-rule", "thread", "worker-never-joined")
    assert answer.out.splitlines() == [
        "wrote rules/thread/worker_never_joined.py",
        "wrote tests/rules/worker_never_joined.md",
    ]
    monkeypatch.syspath_prepend(str(folder / "rules"))
    for module in ("thread", "thread.worker_never_joined"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    text = Path("rules/thread/worker_never_joined.py").read_text()
    assert f'code = "{next_code(4)}"' in text
    compile(text, "worker_never_joined.py", "exec")
    from leaklint.testing import fences, read_suite

    cases = read_suite(Path("tests/rules/worker_never_joined.md"))
    assert [len(case.fence.headings) for case in cases] == [2, 2]
    assert {"bad", "good"} <= {word for fence in fences(text) for word in fence.words}


@pytest.mark.parametrize(
    ("family", "name", "reason"),
    [
        ("growht", "x", "no family is called"),
        ("growth", "Bad Name", "is no rule name"),
        ("growth", "unbounded_cache", "a rule is called 'unbounded-cache' already"),
    ],
)
def test_new_rule_refuses(folder: Path, call: Call, family: str, name: str, reason: str) -> None:
    Path("rules").mkdir()
    answer = call("dev", "new-rule", family, name)
    assert answer.code == 2
    assert reason in answer.err


def test_new_rule_belongs_into_a_checkout(call: Call) -> None:
    assert "no folder rules/ here" in call("dev", "new-rule", "growth", "x").err


def test_an_internal_error_is_one_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("leaklint.cli.rules.all_rules", fail)
    answer = call("rules")
    assert answer.code == 2
    assert answer.err.startswith("leaklint: internal error: KeyError: 'surprise'\n  hint: ")
    monkeypatch.setenv("LEAKLINT_TRACEBACK", "1")
    with pytest.raises(KeyError):
        call("rules")
