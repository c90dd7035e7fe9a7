"""What a rule is, what it reports, and how the shipped and the installed rules are found.

A rule is the one `Rule` subclass of a module under `leaklint.rules`; the module's docstring is its
manual. There is no list of rules to edit.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from leaklint.edit import Fix
from leaklint.evidence import Confidence as Confidence
from leaklint.evidence import Evidence as Evidence

if TYPE_CHECKING:
    from leaklint.solve import Facts

Severity = Literal["error", "warning", "note"]

CONFIDENCES: tuple[Confidence, ...] = ("low", "medium", "high")
_MEASURED = """
## Measured
On the repositories of docs/accuracy.md: {}.
"""
SEVERITIES: tuple[Severity, ...] = ("note", "warning", "error")


class Finding(msgspec.Struct):
    """A leak as it is reported: one per rule and holder.

    `at`, `end` are byte offsets of the first growth or registration site; the pipeline fills
    1-based `line`, `column` (code points), exclusive `end_column`, and `fingerprint`.
    """

    code: str
    rule: str
    path: str
    at: int
    end: int
    message: str
    advice: str
    confidence: Confidence
    severity: Severity
    holder: str
    evidence: list[Evidence] = []
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    fingerprint: str = ""
    verdict: dict[str, object] | None = None
    fix: Fix | None = None


class Rule:
    """Base of every rule. Subclasses set the class attributes and write `check`.

    message, advice: templates filled from keyword arguments of `finding`.
    opt_in: off unless it is selected by code or name.
    ceiling: the highest confidence that its findings may have; `low` until 20 findings on real
    code were read and at most three were false.
    """

    code: ClassVar[str]
    since: ClassVar[str] = "0.1"
    languages: ClassVar[tuple[str, ...]] = ("python", "javascript", "java")
    cwe: ClassVar[int] = 401
    severity: ClassVar[Severity] = "warning"
    folds: ClassVar[str] = ""  # of findings that end in the same evidence: what the first says of the others
    yields_to: ClassVar[tuple[str, ...]] = ()  # codes that speak instead about the same holder or place
    opt_in: ClassVar[bool] = False
    ceiling: ClassVar[Confidence] = "high"
    message: ClassVar[str]
    advice: ClassVar[str]

    @property
    def name(self) -> str:
        """Kebab-case name, taken from the file."""
        return type(self).__module__.rpartition(".")[2].replace("_", "-")

    @property
    def family(self) -> str:
        """The folder that the rule's file lies in; `user` for a file that lies in none."""
        return f"user.{type(self).__module__}".rsplit(".", 2)[-2]

    @property
    def manual(self) -> str:
        """The rule's page, in Markdown; what it found on real code at the end."""
        page = importlib.import_module(type(self).__module__).__doc__ or ""
        if not page or self.family in ("run", "user"):
            return page
        counts = measured().get(self.code)
        text = "{real} real, {arguable} arguable, {false} false".format(**counts) if counts else "no finding"
        return f"{page.rstrip()}\n{_MEASURED.format(text)}"

    @property
    def summary(self) -> str:
        """First line of the manual without name and code."""
        return self.manual.strip().partition("\n")[0].partition(": ")[2]

    def check(self, facts: Facts) -> Iterator[Finding]:
        raise NotImplementedError

    def finding(
        self,
        facts: Facts,
        at: int,
        end: int,
        *,
        holder: str,
        confidence: Confidence,
        evidence: list[Evidence],
        severity: Severity | None = None,
        message: str | None = None,
        advice: str | None = None,
        **words: str,
    ) -> Finding:
        """A finding; `words` and `holder` fill the templates.

        In a test, and in code that is not shipped, it is only a candidate.
        """
        ceiling = "low" if facts.is_test(at) or facts.builds.leaves_out(at) else self.ceiling
        rank = min(CONFIDENCES.index(confidence), CONFIDENCES.index(ceiling))
        return Finding(
            self.code,
            self.name,
            facts.unit.path,
            at,
            end,
            (message or self.message).format(holder=holder, **words),
            (advice or self.advice).format(holder=holder, **words),
            CONFIDENCES[rank],
            severity or self.severity,
            holder,
            evidence,
        )


@cache
def measured() -> dict[str, dict[str, int]]:
    """Rule -> how many of its findings on the repositories of docs/accuracy.md are real, arguable and false.

    `make accuracy` writes the file, and fails when it is out of date.
    """
    file = Path(rule_folders()[0], "measured.json")
    return msgspec.json.decode(file.read_bytes(), type=dict[str, dict[str, int]])


def rule_folders() -> list[str]:
    """The folders that the shipped rules lie in."""
    package = importlib.import_module("leaklint.rules")
    return list(vars(package)["__path__"])


_ADDED: list[Rule] = []


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every shipped rule, and those of the project and of plugins, by code."""
    found = [*_ADDED]
    for info in pkgutil.walk_packages(rule_folders(), "leaklint.rules."):
        if not info.ispkg:
            found += rules_of(importlib.import_module(info.name))
    return tuple(sorted(found, key=lambda rule: rule.code))


@cache
def rules_for(language: str) -> tuple[Rule, ...]:
    """The rules that look for leaks in files of a language, by code."""
    return tuple(rule for rule in all_rules() if rule.family != "run" and language in rule.languages)


def rules_of(module: ModuleType) -> list[Rule]:
    """The rules that a module defines; what it imports does not count."""
    return [
        item()
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Rule) and item.__module__ == module.__name__
    ]


def set_rules(rules: Iterable[Rule]) -> None:
    """Run these as well as the shipped ones, in this process and from now on."""
    if list(rules) != _ADDED:
        _ADDED[:] = rules
        all_rules.cache_clear()
        rules_for.cache_clear()
