"""`leaklint check --fix`: which fixes are made, and what is said of those that are not."""

from __future__ import annotations

from typing import Any

import click

from leaklint.cli.terminal import complain
from leaklint.config import Project
from leaklint.discover import Search
from leaklint.errors import UsageError

FIXING = (
    click.option("--fix", is_flag=True, help="Apply the safe fixes, then report what remains."),
    click.option(
        "--unsafe-fixes", is_flag=True, help="With --fix or --diff: also those that can change behaviour."
    ),
    click.option("--diff", is_flag=True, help="Print what --fix would change; change nothing."),
)


def fix(found: Search, project: Project, given: dict[str, Any]) -> bool:
    """Fix files, or print the differences; whether anything changed or would change."""
    if not given["diff"] and given["stdin_filename"]:
        raise UsageError("--fix can't change standard input; --diff shows what it would do")
    from leaklint.repair import repair

    done = repair(found.targets, project, unsafe=given["unsafe_fixes"], write=not given["diff"])
    for outcome in done:
        if given["diff"]:
            click.echo(outcome.changes, nl=False)
        for title in outcome.made if not given["diff"] else ():
            complain(f"{outcome.path}: fixed {title}")
    offered = sum(outcome.offered for outcome in done)
    if offered:
        verb = "fix" if offered == 1 else "fixes"
        complain(f"{offered} {verb} can change behaviour: --unsafe-fixes makes them as well")
    return any(outcome.changes for outcome in done)
