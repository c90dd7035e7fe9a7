"""The baseline: a file of findings that a team accepts for now, so that only new ones are reported."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import msgspec

from leaklint.config import Project
from leaklint.errors import LeaklintError
from leaklint.report import Report
from leaklint.rule import CONFIDENCES, Confidence, Finding
from leaklint.triage.known import NEVER, Known, Split, known, split

VERSION = 1


class BaselineError(LeaklintError):
    """A baseline that cannot be read or written."""


class Baseline(msgspec.Struct):
    """The rows of a baseline file; their paths start from its folder."""

    file: Path
    rows: list[Known] = []

    @classmethod
    def read(cls, file: Path) -> Baseline:
        """Raises BaselineError for a file that is there and is no baseline."""
        try:
            document = msgspec.json.decode(file.read_bytes(), type=_Document)
        except FileNotFoundError:
            return cls(file)
        except (OSError, msgspec.MsgspecError) as error:
            hint = "`leaklint baseline` writes a new one when it is gone"
            raise BaselineError(f"{_shown(file)}: is no baseline: {error}", hint) from error
        if document.version != VERSION:
            raise BaselineError(f"{_shown(file)}: version {document.version} is of another leaklint")
        return cls(file, document.findings)

    def write(self) -> None:
        """One row a line and sorted, so that two branches that change it can be merged."""
        rows = [msgspec.json.encode(row).decode("utf-8", "replace") for row in sorted(self.rows)]
        listed = ",\n    ".join(rows)
        body = f"[\n    {listed}\n  ]" if rows else "[]"
        try:
            self.file.write_text(f'{{\n  "version": {VERSION},\n  "findings": {body}\n}}\n', "utf-8")
        except OSError as error:
            raise BaselineError(f"{_shown(self.file)}: cannot be written: {error.strerror}") from error

    def path_of(self, finding: Finding) -> str:
        return self._inside(finding.path)

    def split(self, report: Report) -> Split:
        """Which findings are new, which are here, and which rows have no finding any more."""
        checked = {self._inside(path) for path in report.checked}
        folder = self.file.parent
        return split(
            report.findings,
            self.rows,
            self.path_of,
            lambda row: row.path in checked or not (folder / row.path).exists(),
        )

    def updated(self, report: Report, least: Confidence, *, prune: bool) -> tuple[int, int]:
        """Take in the findings of a report unless it is only to prune; drop rows that a check disproved.

        Returns how many were added and how many dropped.
        """
        parts = self.split(report)
        gone = self.disproved(parts, report, least)
        fresh = [finding for finding in parts.new if finding.code not in NEVER]
        adding = [] if prune else fresh
        kept = [row for row in parts.gone if row not in gone]
        self.rows = [known(finding, self.path_of(finding)) for finding in (*parts.known, *adding)] + kept
        return len(adding), len(gone)

    def disproved(self, parts: Split, report: Report, least: Confidence) -> list[Known]:
        """Rows without a finding that this run would have found."""
        seen = {self._inside(path) for path in report.checked}
        return [row for row in parts.gone if self._disproved(row, seen, report.rules, least)]

    def _disproved(self, row: Known, seen: Collection[str], ran: Collection[str], least: Confidence) -> bool:
        """Whether a run would have found a row: its file was checked or is gone, and its rule was on."""
        if not (self.file.parent / row.path).exists():
            return True
        on = row.code in ran and CONFIDENCES.index(row.confidence) >= CONFIDENCES.index(least)
        return on and row.path in seen

    def _inside(self, path: str) -> str:
        return os.path.relpath(os.path.abspath(path), self.file.parent).replace(os.sep, "/")


class _Document(msgspec.Struct):
    version: int
    findings: list[Known] = []


def baseline_file(project: Project) -> Path:
    """The file that the settings name, from the project's root; one of the command line, from here."""
    name = project.settings.baseline
    base = os.getcwd() if project.origins.get("baseline") == "command line" else project.root
    return Path(os.path.abspath(os.path.join(base, name)))


def baseline_of(project: Project) -> Baseline:
    """The baseline of a project; empty if the file is not there."""
    return Baseline.read(baseline_file(project))


def _shown(file: Path) -> str:
    return os.path.relpath(file).replace(os.sep, "/")
