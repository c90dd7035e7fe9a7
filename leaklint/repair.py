"""Applies fixes to files: as many passes as it takes, each fix checked before the next.

Writes a file only where a fix was accepted, in its own encoding and with its own byte order mark.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from leaklint.analysis import analyse, visible
from leaklint.config import Project
from leaklint.discover import Target
from leaklint.errors import UnreadableFile
from leaklint.fixes import apply, diff, suggest
from leaklint.rule import Finding, all_rules
from leaklint.source import SourceFile, to_utf8
from leaklint.triage.select import enabled

_PASSES = 50


class Repair(msgspec.Struct):
    """What became of one file. made: titles of the fixes; offered: fixes that only `--unsafe-fixes` makes."""

    path: str
    made: list[str] = []
    offered: int = 0
    changes: str = ""


def repair(targets: Iterable[Target], project: Project, *, unsafe: bool, write: bool) -> list[Repair]:
    """Fix files, or with `write` false only say what would change."""
    done = []
    for target in targets:
        if not target.path.endswith((".py", ".pyi", ".pyw")):
            continue
        try:
            raw = Path(target.file).read_bytes()
            data = to_utf8(raw, target.path)
        except (OSError, UnreadableFile):
            continue  # the check says so
        outcome = Repair(target.path)
        fixed = _fixed(SourceFile(target.path, data), project, unsafe, outcome)
        if fixed != data:
            outcome.changes = diff(target.path, data, fixed)
            if write and raw in (data, codecs.BOM_UTF8 + data):
                Path(target.file).write_bytes(raw[: len(raw) - len(data)] + fixed)
        if outcome.made or outcome.offered:
            done.append(outcome)
    return done


def attach(findings: Iterable[Finding], project: Project, text: Callable[[str], SourceFile]) -> None:
    """Give every finding its fix, for reports that carry them. `text` gives the text of a shown path."""
    every: dict[str, list[Finding]] = {}
    library = depends_on_cachetools(project)
    for finding in findings:
        if finding.path.endswith(".py") and finding.fix is None:
            source = text(finding.path)
            known = every.get(finding.path)
            if known is None:
                known = every[finding.path] = _findings(source)
            finding.fix = suggest(finding, source, known, _findings, library)


def _fixed(source: SourceFile, project: Project, unsafe: bool, outcome: Repair) -> bytes:
    """The text after every fix that may be made."""
    rules = enabled(all_rules(), project.settings)
    skipped: set[str] = set()
    library = depends_on_cachetools(project)
    for _ in range(_PASSES):
        analysis = analyse(source)
        shown = visible(analysis, source, source.path, project.settings, rules)
        for finding in shown:
            if finding.fingerprint in skipped:
                continue
            fix = suggest(finding, source, analysis.findings, _findings, library)
            if fix is None or not (fix.safe or unsafe):
                skipped.add(finding.fingerprint)
                outcome.offered += fix is not None
                continue
            source = SourceFile(source.path, apply(source.data, fix.edits))
            outcome.made.append(f"{finding.code}: {fix.title}")
            break
        else:
            break
    return source.data


def _findings(source: SourceFile) -> list[Finding]:
    return analyse(source).findings


def depends_on_cachetools(project: Project) -> bool:
    """Whether the project already names cachetools among its dependencies."""
    for name in ("pyproject.toml", "requirements.txt", "setup.cfg", "setup.py", "Pipfile"):
        file = os.path.join(project.root, name)
        try:
            if "cachetools" in Path(file).read_text("utf-8", "replace"):
                return True
        except OSError:
            continue
    return False
