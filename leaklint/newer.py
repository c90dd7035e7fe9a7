"""Reduces a report to what is new: not in the baseline, and not in the project as it was at a revision.

The project as it was is checked in the same way, files linked and all, so a removed release counts although
the line that leaks is as old as before. With the cache this costs the changed files only.
"""

from __future__ import annotations

import os
from pathlib import Path

from leaklint.cache import Borrowed
from leaklint.config import Project
from leaklint.discover import Search, Target, shown
from leaklint.frontends.base import language_of
from leaklint.pipeline import check_files
from leaklint.report import Report
from leaklint.rule import Finding
from leaklint.triage.baseline import baseline_of
from leaklint.triage.changes import Change, Changes, changes_since
from leaklint.triage.known import known, split


def without_baseline(report: Report, project: Project) -> int:
    """Leave out what the baseline holds. Returns how many of its rows nothing matches any more."""
    baseline = baseline_of(project)
    if not baseline.rows:
        return 0
    parts = baseline.split(report)
    report.findings = parts.new
    report.known += len(parts.known)
    return len(baseline.disproved(parts, report, project.settings.confidence))


def only_new(
    report: Report, found: Search, project: Project, revision: str, jobs: int, cached: bool
) -> None:
    """Leave out what the project had at the merge base with `revision` already."""
    changes = changes_since(revision, project.root)
    if not report.findings:
        return
    cache = Borrowed(Path(project.root)) if cached else None
    before = check_files(_as_it_was(found, changes), project, jobs, cache)
    renamed = {change.before: change.after for change in changes.changed if change.before and change.after}

    def path_of(finding: Finding) -> str:
        return os.path.relpath(os.path.realpath(finding.path), changes.top).replace(os.sep, "/")

    rows = [
        known(finding, renamed.get(path_of(finding), path_of(finding))) for finding in before.findings
    ]
    parts = split(report.findings, rows, path_of, lambda row: True)
    report.findings = parts.new
    report.known += len(parts.known)


def _as_it_was(found: Search, changes: Changes) -> Search:
    """The same search at the base: older content for what changed, nothing for what was not there."""
    now = {
        os.path.relpath(os.path.realpath(target.file), changes.top).replace(os.sep, "/"): target
        for target in found.targets
    }
    changed = {change.after or change.before for change in changes.changed}
    # a text on standard input differs from its file, whatever git says of that
    given = [path for path, target in now.items() if target.data is not None and path not in changed]
    changed.update(given)
    targets = [target for path, target in now.items() if path in changes.files and path not in changed]
    olds = [Change(path, path, f"{changes.base}:{path}") for path in given if path in changes.files]
    olds += [
        change
        for change in changes.changed
        if language_of(change.before) and (not change.after or change.after in now)
    ]
    for path, data in changes.read(olds).items():
        file = os.path.join(changes.top, path)
        targets.append(Target(file, shown(file), len(data), False, data))
    return Search(targets=sorted(targets, key=lambda target: target.path.split("/")), roots=found.roots)

