"""Comments that hide findings: which findings each one matches, and which matched none.

Rules know nothing of this, so a suppression that hides nothing can be found. What a comment covers is
decided by lines; only an annotation of Java also covers what is declared under it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import msgspec

from leaklint.ir import Comment, Unit
from leaklint.rule import Finding, Rule
from leaklint.source import SourceFile

_DIRECTIVE = re.compile(
    r"leaklint:[ \t]*(ignore|file-ignore|disable|enable)(?![\w-])[ \t]*(?:\[([^\]\n]*)\])?"
    r"(?:[ \t]*--[ \t]*(.*?))?[ \t]*(?:\*/|$)",
    re.M,
)
_WORD = re.compile(r"leaklint:[ \t]*([\w-]+)[ \t]*\[")
_WORDS = ("ignore", "file-ignore", "disable", "enable")
_ANNOTATED = re.compile(r'"leaklint:([^"\n]*)"')
_DECORATOR = re.compile(r"@[\w.$]+\s*(?:\(.*)?$")
_END = 2**31


class Suppression(msgspec.Struct):
    """One comment or annotation. It covers the lines `first` to `last`; `codes` as the author wrote them.

    fault: what is wrong with it; it hides nothing then.
    declared: it also covers findings whose evidence stands on these lines.
    """

    at: int
    end: int
    codes: tuple[str, ...]
    first: int
    last: int
    reason: str = ""
    fault: str = ""
    declared: bool = False
    used: set[str] = msgspec.field(default_factory=set)

    def hides(self, finding: Finding) -> bool:
        """Whether this comment covers a finding; remembers which of its codes did."""
        if not self._covers(finding):
            return False
        named = {finding.code, finding.rule}.intersection(self.codes)
        self.used |= named
        return bool(named)

    def _covers(self, finding: Finding) -> bool:
        if finding.line <= self.last and max(finding.end_line, finding.line) >= self.first:
            return True
        return self.declared and any(
            part.path == finding.path and self.first <= part.line <= self.last for part in finding.evidence
        )


def read(unit: Unit, source: SourceFile) -> list[Suppression]:
    """Every suppression of a file, well-formed or not, in source order."""
    found: list[Suppression] = []
    open_ranges: dict[str, Suppression] = {}
    for comment in unit.comments:
        if comment.until:
            found.append(_annotation(comment, source))
            continue
        match = _DIRECTIVE.search(comment.text)
        if match is None:
            if word := _WORD.search(comment.text):
                found.append(_faulty(comment, f"there is no `{word[1]}`{_near(word[1], _WORDS)}"))
            continue
        codes = tuple(code.strip() for code in (match[2] or "").split(",") if code.strip())
        if match[1] in ("disable", "enable") and codes:
            found += _range(match[1], codes, comment, source, open_ranges, match[3] or "")
            continue
        first, last = (1, _END) if match[1] == "file-ignore" else _covered(comment, source)
        found.append(Suppression(comment.at, comment.end, codes, first, last, match[3] or ""))
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
    """What is wrong with the comments themselves, for the rules LK002, LK003 and LK004.

    `rules` are all that exist, `enabled` those that ran: only these can be found unused.
    """
    by_code = {rule.code: rule for rule in enabled}
    known = {word: rule.code for rule in rules for word in (rule.code, rule.name)}
    ran = {word for rule in enabled for word in (rule.code, rule.name)}
    for suppression in suppressions:
        reason = suppression.fault or _mistake(suppression, known)
        if reason:
            if rule := by_code.get("LK003"):
                yield _complaint(rule, path, suppression, reason=reason)
            continue
        unused = [code for code in suppression.codes if code in ran and code not in suppression.used]
        if unused and (rule := by_code.get("LK002")):
            yield _complaint(rule, path, suppression, codes=", ".join(unused))
        elif not suppression.reason and not suppression.declared and (rule := by_code.get("LK004")):
            yield _complaint(rule, path, suppression, codes=", ".join(suppression.codes))


def _near(word: str, words: Collection[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, words, 1)
    return f"; did you mean `{near[0]}`?" if near else "."


def _faulty(comment: Comment, fault: str) -> Suppression:
    return Suppression(comment.at, comment.end, (), 0, -1, fault=fault)


def _annotation(comment: Comment, source: SourceFile) -> Suppression:
    """`@SuppressWarnings("leaklint:LK201")` covers the declaration that it stands at."""
    codes = tuple(
        code.strip()
        for text in _ANNOTATED.findall(comment.text)
        for code in text.split(",")
        if code.strip()
    )
    first, last = source.line_of(comment.at), source.line_of(comment.until - 1)
    return Suppression(comment.at, comment.end, codes, first, last, declared=True)


def _range(
    word: str,
    codes: tuple[str, ...],
    comment: Comment,
    source: SourceFile,
    open_ranges: dict[str, Suppression],
    reason: str,
) -> Iterator[Suppression]:
    """`disable[…]` covers the lines to the `enable[…]` of the same code, or to the end of the file."""
    line = source.line_of(comment.at)
    for code in codes:
        if word == "disable" and code not in open_ranges:
            opened = Suppression(comment.at, comment.end, (code,), line, _END, reason)
            open_ranges[code] = opened
            yield opened
        elif word == "enable" and code in open_ranges:
            open_ranges.pop(code).last = line
        elif word == "enable":
            yield _faulty(comment, f"`{code}` is not disabled here.")


def _mistake(suppression: Suppression, known: dict[str, str]) -> str:
    if not suppression.codes:
        return "it names no rule."
    for code in suppression.codes:
        if code not in known:
            return f"no rule is called `{code}`{_near(code, known)}"
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
    alone = source.line(last).strip().startswith("{/*") and source.line(last).strip().endswith("*/}")  # JSX
    if not comment.own_line and not alone:
        return source.line_of(comment.at), last
    tail = source.data[comment.end : source.data.find(b"\n", comment.end)].strip()
    if tail and not alone:  # a comment in front of code on its own line
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
