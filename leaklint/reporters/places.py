"""Paths as continuous integration knows them: from the top of the repository, whatever led there."""

from __future__ import annotations

import os

from leaklint.report import Report
from leaklint.rule import CONFIDENCES, SEVERITIES, Finding


def root_of(report: Report) -> str:
    """The folder that paths start from, without links in it."""
    return os.path.realpath(report.root or os.getcwd())


def below(path: str, root: str) -> str | None:
    """A path from `root` with forward slashes, links resolved; None for a file that lies elsewhere."""
    inside = os.path.relpath(os.path.realpath(path), root)
    if inside == os.pardir or inside.startswith(os.pardir + os.sep):
        return None
    return inside.replace(os.sep, "/")


def most_certain(findings: list[Finding], limit: int) -> list[Finding]:
    """The most certain findings, in the order that they are in; all of them for a limit of 0."""
    if not 0 < limit < len(findings):
        return findings
    # stable: of two equally certain findings the one that a reader meets first stays
    kept = set(map(id, sorted(findings, key=certainty, reverse=True)[:limit]))
    return [finding for finding in findings if id(finding) in kept]


def certainty(finding: Finding) -> tuple[int, int]:
    """How much a finding deserves a place when there are too many."""
    return SEVERITIES.index(finding.severity), CONFIDENCES.index(finding.confidence)
