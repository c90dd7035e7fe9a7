"""Comments that hide findings: which findings each one matches, and which matched none.

Rules know nothing of this, so a suppression that hides nothing can be found. What a comment covers is
decided by lines alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import msgspec

from leaklint.ir import Comment, Unit
from leaklint.rule import Finding, Rule
from leaklint.source import SourceFile

_DIRECTIVE = re.compile(
    r"leaklint:[ \t]*ignore\b[ \t]*(?:\[([^\]\n]*)\])?(?:[ \t]*--[ \t]*(.*?))?[ \t]*(?:\*/|$)", re.M
)
_DECORATOR = re.compile(r"@[\w.$]+\s*(?:\(.*)?$")


class Suppression(msgspec.Struct):
    """One comment. It covers the lines `first` to `last`; `codes` are as the author wrote them."""

    at: int
    end: int
    codes: tuple[str, ...]
    first: int
    last: int
    reason: str = ""
    used: set[str] = msgspec.field(default_factory=set)

    def hides(self, finding: Finding) -> bool:
        """Whether this comment covers a finding; remembers which of its codes did."""
        if finding.line > self.last or max(finding.end_line, finding.line) < self.first:
            return False
        named = {finding.code, finding.rule}.intersection(self.codes)
        self.used |= named
        return bool(named)


def read(unit: Unit, source: SourceFile) -> list[Suppression]:
    """Every suppression of a file, well-formed or not, in source order."""
    found = []
    for comment in unit.comments:
        match = _DIRECTIVE.search(comment.text)
        if match is None:
            continue
        codes = tuple(code.strip() for code in (match[1] or "").split(",") if code.strip())
        first, last = _covered(comment, source)
        found.append(Suppression(comment.at, comment.end, codes, first, last, match[2] or ""))
    return found


def split(findings: list[Finding], suppressions: list[Suppression]) -> tuple[list[Finding], list[Finding]]:
    """Findings that stay, and findings that a comment hides."""
    kept: list[Finding] = []
    hidden: list[Finding] = []
    for finding in findings:
        # every suppression is asked, so that each that matches counts as used
        covering = [suppression for suppression in suppressions if suppression.hides(finding)]
        (hidden if covering else kept).append(finding)
    return kept, hidden


def complaints(
    path: str, suppressions: list[Suppression], rules: Collection[Rule], enabled: Collection[Rule]
) -> Iterator[Finding]:
    """What is wrong with the comments themselves, for the rules LK002 and LK003.

    `rules` are all that exist, `enabled` those that ran: only these can be found unused.
    """
    by_code = {rule.code: rule for rule in enabled}
    known = {word: rule.code for rule in rules for word in (rule.code, rule.name)}
    ran = {word for rule in enabled for word in (rule.code, rule.name)}
    for suppression in suppressions:
        reason = _mistake(suppression, known)
        if reason:
            if rule := by_code.get("LK003"):
                yield _complaint(rule, path, suppression, reason=reason)
            continue
        unused = [code for code in suppression.codes if code in ran and code not in suppression.used]
        if unused and (rule := by_code.get("LK002")):
            yield _complaint(rule, path, suppression, codes=", ".join(unused))


def _mistake(suppression: Suppression, known: dict[str, str]) -> str:
    if not suppression.codes:
        return "it names no rule."
    for code in suppression.codes:
        if code not in known:
            from difflib import get_close_matches

            near = get_close_matches(code, known, 1)
            return f"no rule is called `{code}`" + (f"; did you mean `{near[0]}`?" if near else ".")
    return ""


def _complaint(rule: Rule, path: str, suppression: Suppression, **words: str) -> Finding:
    return Finding(
        rule.code,
        rule.name,
        path,
        suppression.at,
        suppression.end,
        rule.message.format(**words),
        rule.advice.format(**words),
        "high",
        rule.severity,
        "",
    )


def _covered(comment: Comment, source: SourceFile) -> tuple[int, int]:
    """First and last line that a comment covers."""
    last = source.line_of(comment.end - 1)
    if not comment.own_line:
        return source.line_of(comment.at), last
    tail = source.data[comment.end : source.data.find(b"\n", comment.end)].strip()
    if tail:  # `/* leaklint: ignore[…] */ code`
        return last, last
    return _next_code(source, last + 1)


def _next_code(source: SourceFile, line: int) -> tuple[int, int]:
    """The next line of code and the decorators and annotations that stand before it.

    Both are covered: a finding on a cached function points at its decorator.
    """
    first = 0
    depth = 0
    in_comment = False
    for number in range(line, len(source.starts) + 1):
        text = source.line(number).strip()
        if in_comment or text.startswith("/*"):
            in_comment = "*/" not in text
            continue
        if not depth and (not text or text.startswith(("#", "//"))):
            continue
        first = first or number
        if depth or _DECORATOR.match(text):
            depth += text.count("(") - text.count(")")
            continue
        return first, number
    return first or line, len(source.starts)
