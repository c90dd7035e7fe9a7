"""`leaklint baseline`: accept the findings of today, and forget those that are gone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from leaklint.cli.options import SELECTING, chosen_project, with_options
from leaklint.cli.terminal import complain
from leaklint.discover import search
from leaklint.exits import CLEAN, FAILURE


@click.command("baseline")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--prune", is_flag=True, help="Only forget what is gone; accept nothing new.")
@click.option(
    "--baseline", metavar="FILE", help="The file to write.  [default: .leaklint-baseline.json of the project]"
)
@with_options(SELECTING)
def command(paths: tuple[str, ...], prune: bool, **given: Any) -> int:
    """Write the findings of today to a file that `leaklint check` leaves out from then on.

    Rows are recognised by what leaks, not by line, so they survive edits and renames. Rows whose finding is
    gone are dropped; those of files that were not checked stay.
    """
    from leaklint.cache import Cache
    from leaklint.pipeline import check_files
    from leaklint.triage.baseline import baseline_of

    paths = paths or (".",)
    project = chosen_project(paths, given)
    found = search(
        paths, project, gitignore=not given["no_respect_gitignore"], force_exclude=given["force_exclude"]
    )
    baseline = baseline_of(project)
    cache = None if given["no_cache"] else Cache(Path(project.root))
    report = check_files(found, project, given["jobs"], cache)
    for trouble in report.troubles:
        complain(trouble)
    added, gone = baseline.updated(report, project.settings.confidence, prune=prune)
    file = os.path.relpath(baseline.file).replace(os.sep, "/")
    if baseline.rows or added or gone or baseline.file.exists():
        baseline.write()
    number = len(baseline.rows)
    noun = "finding" if number == 1 else "findings"
    click.echo(f"{file}: {number} known {noun}, {added} added, {gone} gone")
    return FAILURE if report.troubles else CLEAN
