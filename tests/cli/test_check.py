"""`leaklint check`: options, exit codes, and what each format prints for a real leak."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from project import Answer, Call

from leaklint import analysis

FIELDS = [
    *("code", "rule", "path", "line", "column", "end_line", "end_column", "message", "advice"),
    *("confidence", "severity", "holder", "evidence", "fingerprint", "verdict"),
]


def codes(answer: Answer) -> list[str]:
    return [finding["code"] for finding in json.loads(answer.out)["findings"]]


def test_a_leak_is_named_and_the_exit_code_says_so(project: Path, call: Call) -> None:
    answer = call("check")
    assert answer.code == 1
    assert answer.out.startswith("warning: `app.CACHE` keeps every")
    assert answer.out.endswith("1 leak in 1 file; 2 files checked\n")
    assert "\x1b" not in answer.out


def test_concise(project: Path, call: Call) -> None:
    answer = call("check", "--output-format", "concise")
    assert re.fullmatch(r"app\.py:5:5: LK101 `app\.CACHE` keeps .*\n", answer.out)


def test_json_has_every_field_of_its_description(project: Path, call: Call) -> None:
    document = json.loads(call("check", "--output-format", "json").out)
    assert list(document) == ["version", "findings", "summary"]
    (finding,) = document["findings"]
    assert list(finding) == FIELDS
    assert (finding["path"], finding["line"], finding["holder"]) == ("app.py", 5, "app.CACHE")
    assert all(list(row) == ["path", "line", "column", "message"] for row in finding["evidence"])
    assert document["summary"] == {"files": 2, "skipped": {}, "findings": {"warning": 1}, "opaque": 0}


def test_statistics_add_the_seconds(project: Path, call: Call) -> None:
    answer = call("check", "--output-format", "json", "--statistics")
    assert json.loads(answer.out)["summary"]["seconds"] >= 0
    assert "LK101  unbounded-cache" in call("check", "--statistics").out


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ((), True),
        (("--select", "LK101"), True),
        (("--select", "LK1"), True),
        (("--select", "unbounded-cache"), True),
        (("--select", "growth"), True),
        (("--select", "ALL"), True),
        (("--select", "LK2,LK3"), False),
        (("--select", "LK2", "--extend-select", "LK101"), True),
        (("--ignore", "LK101"), False),
        (("--ignore", "LK1"), False),
        (("--ignore", "LK1", "--select", "LK101"), True),
        (("--confidence", "high"), False),
        (("--confidence", "low"), True),
    ],
)
def test_which_rules_run(project: Path, call: Call, arguments: tuple[str, ...], found: bool) -> None:
    answer = call("check", "--output-format", "json", *arguments)
    assert codes(answer) == (["LK101"] if found else [])
    assert answer.code == int(found)


def test_a_selector_without_a_rule_is_a_mistake(project: Path, call: Call) -> None:
    answer = call("check", "--select", "unbounded-cach")
    assert answer.code == 2
    assert "no rule matches 'unbounded-cach'" in answer.err
    assert "did you mean unbounded-cache?" in answer.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--exit-zero",), 0),
        (("--fail-on", "note"), 1),
        (("--fail-on", "error"), 0),
        (("--fail-on", "confirmed"), 0),
        (("--fail-on", "never"), 0),
        (("missing.py",), 2),
        (("missing.py", "--exit-zero"), 2),
        (("--no-such-option",), 2),
        (("--confidence", "certain"), 2),
    ],
)
def test_exit_codes(project: Path, call: Call, arguments: tuple[str, ...], code: int) -> None:
    assert call("check", "app.py", *arguments).code == code


def test_a_syntax_error_is_listed_and_never_fails(folder: Path, call: Call) -> None:
    Path("broken.py").write_text("def f(:\n    pass\n")
    answer = call("check", "--fail-on", "note", "--output-format", "json")
    assert codes(answer) == ["LK001"]
    assert answer.code == 0


@pytest.mark.parametrize(
    ("name", "text", "first", "others"),
    [
        ("flow.js", "const a = 1;\n" + "opaque type T = {| a: ?B |};\n" * 30, 2, 29),
        ("two.py", "x = 1\ny = )\nz = 2\nw = ]\n", 2, 1),
        ("One.java", "class A { int x = ; }\n", 1, 0),
    ],
)
def test_one_finding_says_how_much_of_a_file_was_not_read(
    folder: Path, call: Call, name: str, text: str, first: int, others: int
) -> None:
    Path(name).write_text(text)
    (found,) = json.loads(call("check", "--output-format", "json").out)["findings"]
    assert (found["code"], found["line"]) == ("LK001", first)
    assert len(found["evidence"]) <= 3
    assert bool(found["evidence"]) == ("other place" in found["message"]) == bool(others)
    if name == "two.py":
        assert found["message"].endswith("(and 1 other place)")
        assert found["evidence"][0]["line"] == 4


def test_a_syntax_error_stays_when_rules_are_selected(folder: Path, call: Call) -> None:
    Path("broken.py").write_text("def f(:\n    pass\n")
    assert codes(call("check", "--select", "LK101", "--output-format", "json")) == ["LK001"]
    assert codes(call("check", "--ignore", "LK001", "--output-format", "json")) == []


def test_a_missing_path_does_not_hide_findings(project: Path, call: Call) -> None:
    answer = call("check", "missing.py", "app.py", "--output-format", "json")
    assert answer.code == 2
    assert codes(answer) == ["LK101"]
    assert "missing.py: no such file or directory" in answer.err


def test_an_error_in_a_rule_costs_its_findings_only(
    project: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, facts: object) -> object:
        raise KeyError("what was I thinking")

    monkeypatch.setattr("leaklint.rules.growth.growing_collection.GrowingCollection.check", fail)
    answer = call("check", "app.py", "--output-format", "json")
    assert answer.code == 2
    assert codes(answer) == ["LK000", "LK101"]
    assert "rule LK102: KeyError: 'what was I thinking'" in answer.out


def test_an_error_in_one_file_costs_that_file_only(
    project: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    lower = analysis.lower

    def fail(source: analysis.SourceFile) -> analysis.Unit:
        if source.path == "clean.py":
            raise RecursionError("too deep")
        return lower(source)

    monkeypatch.setattr(analysis, "lower", fail)
    answer = call("check", "--output-format", "json")
    assert answer.code == 2
    assert codes(answer) == ["LK101", "LK000"]


def test_output_file(project: Path, call: Call) -> None:
    answer = call("check", "--output-format", "json", "--output-file", "report.json")
    assert (answer.code, answer.out) == (1, "")
    assert len(json.loads(Path("report.json").read_text())["findings"]) == 1
    answer = call("check", "--output-file", "no/such/folder/report.json")
    assert answer.code == 2
    assert "cannot be written" in answer.err


def test_show_files_gives_a_reason_for_each_skip(project: Path, call: Call) -> None:
    Path("lib").mkdir()
    Path("lib/jquery.min.js").write_text("var a=1;" * 1000)
    Path("node_modules/x").mkdir(parents=True)
    Path("notes.md").touch()
    answer = call("check", "--show-files")
    assert answer.out.splitlines() == [
        ".git/: skipped: version control",
        "app.py",
        "clean.py",
        "lib/jquery.min.js: skipped: minified",
        "node_modules/: skipped: installed packages",
        "notes.md: skipped: not a language that leaklint checks",
    ]
    assert answer.code == 0
    assert call("check", "--show-files", "missing").code == 2


def test_no_cache_is_accepted(project: Path, call: Call) -> None:
    assert call("check", "--no-cache").code == 1


@pytest.mark.parametrize(
    ("environment", "arguments", "colored"),
    [
        ({}, (), False),
        ({"FORCE_COLOR": "1"}, (), True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, (), False),
        ({"NO_COLOR": "1"}, ("--color", "always"), True),
        ({"FORCE_COLOR": "1"}, ("--color", "never"), False),
    ],
)
def test_color(
    project: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    arguments: tuple[str, ...],
    colored: bool,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in call("check", *arguments).out) == colored


def test_the_number_of_processes_changes_nothing(folder: Path, call: Call) -> None:
    for number in range(230):
        Path(f"leak{number:03}.py").write_text(f"CACHE = {{}}\n\n\ndef f{number}(k):\n    CACHE[k] = k\n")
    alone = call("check", "--output-format", "json", "--jobs", "1")
    assert len(codes(alone)) == 230
    assert call("check", "--output-format", "json", "--jobs", "3") == alone
    assert call("check", "--output-format", "json") == alone
