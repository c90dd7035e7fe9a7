"""The manuals: their examples run, their shape is the same, and rules agree with where they stand."""

from __future__ import annotations

import re
import string

import pytest

from leaklint.cli.scaffold import FAMILIES
from leaklint.rule import Rule, all_rules
from leaklint.testing import ManualCase, fences, read_manual

SECTIONS = [
    "What it does",
    "Why is this bad?",
    "Example",
    "Use instead",
    "When it stays silent",
    "Runtime check",
    "References",
    "Measured",
]
LANGUAGES = {
    "python": "python",
    "js": "javascript",
    "jsx": "javascript",
    "ts": "javascript",
    "tsx": "javascript",
    "java": "java",
}
RULES = [rule for rule in all_rules() if rule.family != "run"]


@pytest.mark.parametrize("case", [case for rule in RULES for case in read_manual(rule)], ids=str)
def test_example(case: ManualCase) -> None:
    result = case.run()
    assert not result.failures, "\n".join(result.failures)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_manual_has_the_parts_that_readers_expect(rule: Rule) -> None:
    assert rule.manual.startswith(f"{rule.name} ({rule.code}): ")
    assert re.findall(r"^## (.*)$", rule.manual, re.M) == SECTIONS
    for kind in ("bad", "good"):
        shown = {LANGUAGES[fence.language] for fence in fences(rule.manual) if kind in fence.words}
        assert shown >= set(rule.languages), f"a {kind} example is missing"


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)
def test_rule_agrees_with_its_place(rule: Rule) -> None:
    digit = {"run": 0, **FAMILIES}[rule.family]
    assert re.fullmatch(rf"LK{digit}\d\d", rule.code)
    assert rule.summary, "the first line of the manual is `name (CODE): summary`"
    for template in (rule.message, rule.advice):
        assert all(
            name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(template)
        )


def test_codes_and_names_are_unique() -> None:
    rules = all_rules()
    assert len({rule.code for rule in rules}) == len(rules)
    assert len({rule.name for rule in rules}) == len(rules)


def test_rules_yield_to_rules_that_exist() -> None:
    codes = {rule.code for rule in all_rules()}
    assert all(codes.issuperset(rule.yields_to) for rule in all_rules())
