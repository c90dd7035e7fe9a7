"""Edits that belong to a finding. Each is checked before it is offered: its finding goes, no new one comes.

A fix is safe when it can't change what the program does; all of those for Python so far can (a bounded
cache forgets), so they are unsafe. The mechanism is for every language; Python has the first fixes.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator

from leaklint.edit import Edit, Fix
from leaklint.frontends.base import language_of
from leaklint.rule import Finding
from leaklint.source import SourceFile

Analyse = Callable[[SourceFile], list[Finding]]


def suggest(
    finding: Finding,
    source: SourceFile,
    findings: list[Finding],
    analyse: Analyse,
    bounded_library: bool = False,
) -> Fix | None:
    """The fix for a finding, if there is one that holds.

    findings: all findings of the file, with which those after the fix are compared.
    analyse: gives the findings of a changed text.
    bounded_library: whether the project already depends on cachetools.
    """
    if language_of(source.path) != "python":
        return None
    from leaklint.fixes.python import rewrite

    proposed = rewrite(finding, source.data, bounded_library)
    if proposed is None:
        return None
    title, text = proposed
    after = {_identity(row) for row in analyse(SourceFile(source.path, text))}
    before = {_identity(row) for row in findings}
    if _identity(finding) in after or after - before:
        return None
    return Fix(title, tuple(edits_between(source.data, text)))


def edits_between(old: bytes, new: bytes) -> Iterator[Edit]:
    """Edits, whole lines each, that turn one text into another."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    for kind, low, high, first, last in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if kind != "equal":
            yield Edit(starts[low], starts[high], b"".join(after[first:last]).decode("utf-8", "replace"))


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """A text with edits made; they must not overlap."""
    for edit in sorted(edits, key=lambda edit: edit.at, reverse=True):
        data = data[: edit.at] + edit.text.encode() + data[edit.end :]
    return data


def diff(path: str, old: bytes, new: bytes) -> str:
    """A unified diff of two texts of one file."""
    before = old.decode("utf-8", "replace").splitlines(keepends=True)
    after = new.decode("utf-8", "replace").splitlines(keepends=True)
    return "".join(difflib.unified_diff(before, after, path, path))


__all__ = ["Edit", "Fix", "apply", "diff", "edits_between", "suggest"]


def _identity(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.holder
