"""`--add-ignore=REASON`: suppressions for the findings of a run, written into the files."""

from __future__ import annotations

import click

from leaklint.cli.terminal import complain
from leaklint.exits import CLEAN, FAILURE
from leaklint.report import Report


def add_ignores(report: Report, reason: str) -> int:
    """Write a suppression for each finding, and say how many there are now."""
    from leaklint.triage.annotate import annotate

    for trouble in report.troubles:
        complain(trouble)
    done = annotate(report.findings, reason)
    for trouble in done.troubles:
        complain(trouble)
    files = len(done.files)
    click.echo(
        f"{done.written} {'suppression' if done.written == 1 else 'suppressions'} written "
        f"in {files} {'file' if files == 1 else 'files'}"
    )
    return FAILURE if done.troubles or report.troubles else CLEAN
