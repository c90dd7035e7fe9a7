"""The exit codes of the command, and what decides between them. 2 beats 1."""

from __future__ import annotations

from leaklint.config import FailOn
from leaklint.report import Report
from leaklint.rule import SEVERITIES, Finding

CLEAN = 0
FINDINGS = 1
FAILURE = 2
INTERRUPTED = 130

INTERNAL_ERROR = "LK000"
SYNTAX_ERROR = "LK001"


def exit_code(report: Report, fail_on: FailOn, *, exit_zero: bool = False) -> int:
    """What the process ends with. `exit_zero` hides findings, never a failure."""
    if report.troubles or any(finding.code == INTERNAL_ERROR for finding in report.findings):
        return FAILURE
    failed = any(_fails(finding, fail_on) for finding in report.findings)
    if exit_zero or not (failed or (fail_on != "never" and _confirms_a_trigger(report))):
        return CLEAN
    return FINDINGS


def _confirms_a_trigger(report: Report) -> bool:
    """Whether something that the user had run leaks, with or without a finding."""
    return any(row["finding"] is None and row["status"] == "confirmed" for row in report.verdicts or ())


def _fails(finding: Finding, fail_on: FailOn) -> bool:
    if fail_on == "never" or finding.code == SYNTAX_ERROR:
        return False  # modern syntax that a grammar does not know must not block a commit
    if fail_on == "confirmed":
        return finding.verdict is not None and finding.verdict["status"] == "confirmed"
    return SEVERITIES.index(finding.severity) >= SEVERITIES.index(fail_on)
