"""Findings that are known already: which of a run are new, whatever moved in between.

A known finding is matched by path and fingerprint; what is left over is matched by fingerprint alone, so a
file may be renamed and code may move to another one. A copy in a second place is new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from leaklint.rule import Confidence, Finding

INTERNAL = "LK000"
NEVER = ("LK000", "LK001")
"""What was not read is no leak that one could accept."""


class Known(msgspec.Struct, frozen=True, order=True):
    """One finding of an earlier run. path: from the folder of the baseline, or of the repository."""

    path: str
    code: str
    holder: str
    fingerprint: str
    confidence: Confidence = "medium"


class Split(msgspec.Struct):
    """new: findings that nobody knew; known: those that somebody did; gone: rows that match no finding."""

    new: list[Finding] = []
    known: list[Finding] = []
    gone: list[Known] = []


def split(
    findings: Iterable[Finding],
    rows: Iterable[Known],
    path_of: Callable[[Finding], str],
    moved: Callable[[Known], bool],
) -> Split:
    """Tell new findings from known ones. `moved`: whether a row may hold for a file that is not its own."""
    rows = sorted(rows)
    places = Counter((row.path, row.fingerprint) for row in rows)
    result = Split()
    unmatched = []
    for finding in findings:
        place = path_of(finding), finding.fingerprint
        if finding.code == INTERNAL:
            result.new.append(finding)
        elif places[place]:
            places[place] -= 1
            result.known.append(finding)
        else:
            unmatched.append(finding)
    left = []
    for row in rows:
        place = row.path, row.fingerprint
        if places[place]:
            places[place] -= 1
            left.append(row)
    for finding in unmatched:
        match = next((row for row in left if row.fingerprint == finding.fingerprint and moved(row)), None)
        if match is None:
            result.new.append(finding)
        else:
            left.remove(match)
            result.known.append(finding)
    result.gone = left
    return result


def known(finding: Finding, path: str) -> Known:
    """What to remember of a finding."""
    return Known(path, finding.code, finding.holder, finding.fingerprint, finding.confidence)
