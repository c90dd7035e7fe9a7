"""Fingerprints, duplicates and selectors, on findings made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from leaklint.config import Settings
from leaklint.errors import UsageError
from leaklint.evidence import Evidence
from leaklint.pipeline import check_source
from leaklint.rule import Finding, Rule, all_rules
from leaklint.source import SourceFile
from leaklint.triage.dedupe import dedupe, one_a_holder
from leaklint.triage.select import enabled, find_rule

LEAK = "CACHE = {}\n\n\ndef f(k, v):\n    CACHE[k] = v\n"


def finding(code: str, **fields: Any) -> Finding:
    values = {
        "rule": "some-rule",
        "path": "a.py",
        "at": 0,
        "end": 1,
        "message": "",
        "advice": "",
        "confidence": "high",
        "severity": "warning",
        "holder": "",
    }
    return Finding(code, **{**values, **fields})


def print_of(text: str, path: str = "app.py", index: int = 0) -> str:
    return check_source(SourceFile(path, text.encode()), Settings(confidence="low"))[index].fingerprint


def test_a_fingerprint_survives_what_does_not_concern_it() -> None:
    same = print_of(LEAK)
    assert same.endswith(":1")
    assert print_of("import os\n\n" + LEAK) == same
    assert print_of(LEAK.replace("CACHE[k] = v", "CACHE[k]  =  v")) == same
    assert print_of(LEAK, "src/other.py") == same


def test_a_fingerprint_changes_with_holder_and_line() -> None:
    same = print_of(LEAK)
    assert print_of(LEAK.replace("CACHE", "STORE")) != same
    assert print_of(LEAK.replace("] = v", "] = [v]")) != same


def test_equal_fingerprints_are_numbered() -> None:
    growth = "\n\nclass A:\n    rows = {}\n\n    def f(self, k, v):\n        A.rows[k] = v\n"
    source = SourceFile("app.py", (growth + growth).encode())
    prints = [row.fingerprint for row in check_source(source, Settings(confidence="low", select=("LK1",)))]
    assert len(set(prints)) == len(prints)


class General(Rule):
    code = "LK901"
    yields_to = ("LK902",)


class Special(Rule):
    code = "LK902"


@pytest.mark.parametrize(
    ("other", "speaks"),
    [
        ({"holder": "a.CACHE", "at": 5}, ["LK902"]),
        ({"holder": "b.CACHE", "at": 3}, ["LK902"]),
        ({"holder": "b.CACHE", "at": 5}, ["LK901", "LK902"]),
        ({"holder": "a.CACHE", "at": 5, "path": "b.py"}, ["LK901", "LK902"]),
    ],
)
def test_the_more_specific_rule_speaks(other: dict[str, Any], speaks: list[str]) -> None:
    rows = [finding("LK901", holder="a.CACHE", at=3), finding("LK902", **other)]
    assert [row.code for row in dedupe(rows, [General(), Special()])] == speaks


def test_no_holder_is_no_common_holder() -> None:
    rows = [finding("LK901", at=3), finding("LK902", at=5)]
    assert len(dedupe(rows, [General(), Special()])) == 2


@pytest.mark.parametrize(
    ("settings", "on"),
    [
        ({}, {"LK000", "LK001", "LK002", "LK003", "LK101", "LK201"}),
        ({"select": ("LK2",)}, {"LK000", "LK001", "LK201"}),
        ({"select": ("run",)}, {"LK000", "LK001", "LK002", "LK003"}),
        ({"select": ("LK101", "LK2"), "ignore": ("LK1",)}, {"LK000", "LK001", "LK101", "LK201"}),
        ({"select": ("LK1",), "ignore": ("LK1",)}, {"LK000", "LK001"}),
        ({"ignore": ("ALL",), "extend_select": ("LK2",)}, {"LK000", "LK001", "LK201"}),
        ({"ignore": ("LK0",)}, {"LK000", "LK101", "LK201"}),
        ({"ignore": ("LK001", "LK000")}, {"LK000", "LK002", "LK003", "LK101", "LK201"}),
    ],
)
def test_which_rules_are_on(settings: dict[str, Any], on: set[str]) -> None:
    found = {rule.code for rule in enabled(all_rules(), Settings(**settings))}
    assert found & {"LK000", "LK001", "LK002", "LK003", "LK101", "LK201"} == on


def test_find_rule() -> None:
    assert find_rule(all_rules(), "lk101").code == "LK101"
    with pytest.raises(UsageError):
        find_rule(all_rules(), "LK1")


def test_files_that_fill_one_holder_speak_once() -> None:
    def site(path: str, made: str = "a.js") -> Finding:
        evidence = [Evidence(made, 7, 9, "made here"), Evidence(path, 3, 4, "grows here")]
        return finding("LK101", path=path, holder="a.seen", evidence=evidence)

    rows = one_a_holder([site("b.js"), site("a.js"), site("a.js"), site("c.js"), site("b.js", "other/a.js")])
    assert sorted(row.path for row in rows) == ["a.js", "a.js", "b.js"]
    assert [[each.path for each in row.evidence[1:]] for row in rows if len(row.evidence) > 2] == [
        ["a.js", "b.js", "c.js"]
    ]


def test_a_line_says_a_thing_once() -> None:
    text = "async function f(b, s) { const i = s ? createImageBitmap(b) : createImageBitmap(b, s); i.width; }"
    (found,) = check_source(SourceFile("a.js", text.encode()))
    assert found.code == "LK641" and [row.line for row in found.evidence] == [1]
