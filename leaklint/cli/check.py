"""`leaklint check`: paths in, report and exit code out."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from leaklint.cli.annotating import add_ignores
from leaklint.cli.fixing import FIXING, fix
from leaklint.cli.narrowing import NARROWING, narrow
from leaklint.cli.options import REPORTING, SELECTING, chosen_project, with_options
from leaklint.cli.output import write_reports
from leaklint.cli.progress import counting
from leaklint.cli.terminal import complain
from leaklint.cli.watching import WATCHING, watch
from leaklint.config import Project
from leaklint.discover import Search, search, text_of
from leaklint.errors import UsageError
from leaklint.exits import CLEAN, FAILURE, FINDINGS, exit_code
from leaklint.reporters.base import Sources
from leaklint.source import SourceFile, to_utf8

INSTEAD = (
    click.option(
        "--show-files", is_flag=True, help="List every file, with the reason for each skip; check nothing."
    ),
    click.option(
        "--show-settings", is_flag=True, help="Print every setting and where it was set; check nothing."
    ),
    click.option(
        "--add-ignore",
        metavar="REASON",
        help="Write a suppression with this reason for each finding instead of reporting it.",
    ),
)

FIXES = 200
"""Findings for which a SARIF file carries fixes: each one is tried out first."""


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@with_options(SELECTING, NARROWING, FIXING, REPORTING, INSTEAD, WATCHING)
@click.option(
    "--stdin-filename", metavar="FILE", help="With the path `-`: the file that standard input stands for."
)
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Find leaks in files and folders (by default in the working directory; `-` is standard input).

    Exits with 0 when nothing was found, 1 with findings, 2 when something could not be checked.
    """
    if given["watch"]:
        return watch(paths or (".",), lambda: _check(paths, given))
    return _check(paths, given)


def _check(paths: tuple[str, ...], given: dict[str, Any]) -> int:
    """One check, from paths to the exit code."""
    started = time.perf_counter()
    stdin = _stdin(paths, given)
    paths = (stdin,) if stdin else paths or (".",)
    project = chosen_project(paths, given)
    if given["show_settings"]:
        from leaklint.cli.shown import settings_lines

        click.echo("\n".join(settings_lines(project)))
        return CLEAN
    found = _found(paths, project, given, stdin)
    if given["show_files"]:
        return _show_files(found)
    if given["fix"] or given["diff"]:
        changed = fix(found, project, given)
        if given["diff"]:
            return FINDINGS if changed else CLEAN

    from leaklint.cache import Borrowed, Cache
    from leaklint.pipeline import check_files

    cache = None
    if not given["no_cache"]:
        cache = (Borrowed if stdin else Cache)(Path(project.root))
    report = check_files(found, project, given["jobs"], cache, counting())
    narrow(report, found, project, given)
    if given["add_ignore"] is not None:
        return add_ignores(report, given["add_ignore"])
    if report.alone and given["output_format"] in ("full", "concise"):
        complain("note: the rest of the project is not known yet; `leaklint check .` there links its files")
    if given["statistics"]:
        report.seconds = time.perf_counter() - started
    for trouble in report.troubles:
        complain(trouble)
    sources = Sources(
        *(SourceFile(row.path, to_utf8(row.data, row.path)) for row in found.targets if row.data is not None)
    )
    if given["output_format"] == "sarif" or given.get("sarif_output"):
        from leaklint.repair import attach

        attach(report.findings[:FIXES], project, sources.__getitem__)
    write_reports(report, given, sources)
    return exit_code(report, project.settings.fail_on, exit_zero=given["exit_zero"])


def _stdin(paths: tuple[str, ...], given: dict[str, Any]) -> str:
    """The file that standard input stands for; "" when files are read."""
    filename: str | None = given["stdin_filename"]
    if "-" not in paths:
        if filename:
            raise UsageError("--stdin-filename belongs to the path `-`")
        return ""
    if len(paths) > 1:
        raise UsageError("`-` reads standard input, and stands alone")
    if not filename:
        raise UsageError("`-` needs --stdin-filename: its suffix says which language this is")
    if given["fix"] or given["diff"] or given["add_ignore"] is not None:
        raise UsageError("standard input can be checked, not changed")
    return filename


def _found(paths: tuple[str, ...], project: Project, given: dict[str, Any], stdin: str) -> Search:
    if stdin:
        return text_of(stdin, sys.stdin.buffer.read(), project, force_exclude=given["force_exclude"])
    return search(
        paths, project, gitignore=not given["no_respect_gitignore"], force_exclude=given["force_exclude"]
    )


def _show_files(found: Search) -> int:
    """Every file that was met: its path, and for those that are skipped the reason."""
    from leaklint.discover import unwanted

    lines = [(skip.path, skip.reason) for skip in found.skipped]
    for target in found.targets:
        try:
            with open(target.file, "rb") as file:
                lines.append((target.path, unwanted(file.read(), target.explicit, target.path)))
        except OSError as error:
            found.troubles.append(f"{target.path}: cannot be read: {error.strerror}")
    for path, reason in sorted(lines, key=lambda line: line[0].split("/")):
        click.echo(f"{path}: skipped: {reason}" if reason else path)
    for trouble in found.troubles:
        complain(trouble)
    return FAILURE if found.troubles else CLEAN
