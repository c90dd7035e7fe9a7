"""What `leaklint check` leaves out because it is known: in the baseline, or at an earlier revision."""

from __future__ import annotations

from typing import Any

import click

from leaklint.cli.terminal import complain
from leaklint.config import Project
from leaklint.discover import Search
from leaklint.report import Report
from leaklint.triage.baseline import baseline_file

NARROWING = (
    click.option(
        "--baseline",
        metavar="FILE",
        help="The baseline of accepted findings.  [default: .leaklint-baseline.json, if there is one]",
    ),
    click.option("--no-baseline", is_flag=True, help="Report what the baseline holds as well."),
    click.option(
        "--new-from",
        metavar="REV",
        envvar="LEAKLINT_NEW_FROM",
        help="Report only what changed since the merge base with this revision; commits, staged, unstaged "
        "and untracked files count.",
    ),
)


def narrow(report: Report, found: Search, project: Project, given: dict[str, Any]) -> None:
    """Leave out what is known."""
    if given["new_from"]:
        from leaklint.newer import only_new

        only_new(report, found, project, given["new_from"], given["jobs"], not given["no_cache"])
    if given["no_baseline"] or not baseline_file(project).exists():
        return
    from leaklint.newer import without_baseline

    gone = without_baseline(report, project)
    if gone and not given["new_from"] and given["output_format"] in ("full", "concise"):
        text = f"note: {gone} in the baseline {'is' if gone == 1 else 'are'} gone"
        complain(f"{text}; `leaklint baseline --prune` drops {'it' if gone == 1 else 'them'}")
