"""Which rules run: codes, prefixes of codes, names, families, and ALL."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable

from leaklint.config import Project, Settings
from leaklint.errors import UsageError
from leaklint.ignores import Patterns
from leaklint.rule import Finding, Rule

_EXACT = 100
_ALWAYS = ("LK000", "LK001")  # a file that was not read must not look clean because of `--select`


def enabled(rules: Iterable[Rule], settings: Settings) -> tuple[Rule, ...]:
    """The rules that settings switch on. The more specific selector wins; on a tie, `ignore` does."""
    wanted = (*settings.select, *settings.extend_select)
    return tuple(rule for rule in rules if _on(rule, wanted, settings.ignore))


def check_selectors(rules: Collection[Rule], selectors: Iterable[str]) -> None:
    """Raises UsageError for a selector that matches no rule."""
    for selector in selectors:
        if not any(_specificity(rule, selector) for rule in rules):
            raise UsageError(f"no rule matches {selector!r}", _nearest(rules, selector))


def exemptions(rules: Collection[Rule], project: Project) -> Callable[[Finding], bool]:
    """Whether `per-file-ignores` lets a finding go. Raises UsageError for a selector without a rule."""
    table = []
    for pattern, selectors in project.settings.per_file_ignores.items():
        check_selectors(rules, selectors)
        codes = {rule.code for rule in rules if any(_specificity(rule, word) for word in selectors)}
        table.append((Patterns(project.root, (pattern,)), codes))

    def exempt(finding: Finding) -> bool:
        return any(
            finding.code in codes and patterns.match(os.path.abspath(finding.path))
            for patterns, codes in table
        )

    return exempt


def find_rule(rules: Collection[Rule], name: str) -> Rule:
    """The rule of a code or a name. Raises UsageError for any other word."""
    for rule in rules:
        if name.lower() in (rule.code.lower(), rule.name):
            return rule
    raise UsageError(f"no rule is called {name!r}", _nearest(rules, name))


def _on(rule: Rule, wanted: Iterable[str], ignored: Iterable[str]) -> bool:
    plus = max((_specificity(rule, selector) for selector in wanted), default=0)
    minus = max((_specificity(rule, selector) for selector in ignored), default=0)
    if rule.opt_in and plus < _EXACT:
        return False
    if rule.code in _ALWAYS:
        return rule.code == _ALWAYS[0] or minus <= 1
    return plus > minus


def _specificity(rule: Rule, selector: str) -> int:
    """0 if a selector does not match; otherwise the more, the closer it is to this one rule."""
    word = selector.strip()
    if word.upper() == "ALL":
        return 1
    if word.upper() == rule.code or word.lower() == rule.name:
        return _EXACT
    if word.lower() == rule.family:
        return 4
    if len(word) >= 2 and rule.code.startswith(word.upper()):
        return 1 + len(word)
    return 0


def _nearest(rules: Collection[Rule], word: str) -> str:
    import difflib

    words = [text for rule in rules for text in (rule.code, rule.name)]
    near = difflib.get_close_matches(word, words, 1)
    return f"did you mean {near[0]}?" if near else "`leaklint rules` lists them"
