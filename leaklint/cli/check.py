"""`leaklint check`: paths in, report and exit code out."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click
from msgspec.structs import replace

from leaklint.cli.terminal import complain
from leaklint.config import FailOn, Settings, load_project
from leaklint.discover import Search, search
from leaklint.errors import UsageError
from leaklint.exits import CLEAN, FAILURE, exit_code
from leaklint.reporters.base import FORMATS, Style, render
from leaklint.rule import CONFIDENCES


def _words(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """`--select LK1,LK201 --select growth` as one list of words."""
    return tuple(word.strip() for text in value for word in text.split(",") if word.strip())


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    callback=_words,
    help="Run only these rules: codes, prefixes, names, families or ALL.",
)
@click.option("--extend-select", multiple=True, metavar="RULES", callback=_words, help="Run these as well.")
@click.option("--ignore", multiple=True, metavar="RULES", callback=_words, help="Do not run these.")
@click.option(
    "--confidence", type=click.Choice(CONFIDENCES), help="Least confidence to report.  [default: medium]"
)
@click.option(
    "--fail-on",
    type=click.Choice(get_args(FailOn)),
    help="Least severity that makes the exit code 1.  [default: warning]",
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 even with findings; never hides a failure.")
@click.option(
    "--output-format", type=click.Choice(FORMATS), default="full", show_default=True, help="How to report."
)
@click.option(
    "--output-file",
    type=click.Path(dir_okay=False),
    help="Write the report there instead of to standard output.",
)
@click.option("--statistics", is_flag=True, help="Count findings by rule, and what was not understood.")
@click.option(
    "--show-files", is_flag=True, help="List every file, with the reason for each skip; check nothing."
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERNS",
    callback=_words,
    help="Skip these as well (syntax of .gitignore).",
)
@click.option("--force-exclude", is_flag=True, help="Apply excludes to paths named on the command line too.")
@click.option("--no-respect-gitignore", is_flag=True, help="Check what .gitignore ignores.")
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Processes to use.  [default: one a core for large trees]",
)
@click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    show_default=True,
    help="Colour in the text formats.",
)
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
def command(
    paths: tuple[str, ...],
    output_format: str,
    output_file: str | None,
    statistics: bool,
    show_files: bool,
    force_exclude: bool,
    no_respect_gitignore: bool,
    exit_zero: bool,
    jobs: int,
    color: str,
    no_cache: bool,
    **options: Any,
) -> int:
    """Find leaks in files and folders (by default in the working directory).

    Exits with 0 when nothing was found, 1 with findings, 2 when something could not be checked.
    """
    started = time.perf_counter()
    paths = paths or (".",)
    project = load_project(paths)
    project = replace(project, settings=_with_options(project.settings, options))
    found = search(paths, project, gitignore=not no_respect_gitignore, force_exclude=force_exclude)
    if show_files:
        return _show_files(found)

    from leaklint.cache import Cache
    from leaklint.pipeline import check_files

    cache = None if no_cache else Cache(Path(project.root))
    report = check_files(found, project, jobs, cache)
    if report.alone and output_format in ("full", "concise"):
        complain("note: the rest of the project is not known yet; `leaklint check .` there links its files")
    if statistics:
        report.seconds = time.perf_counter() - started
    for trouble in report.troubles:
        complain(trouble)
    style = Style(_colored(color, output_file), _draws(output_file), _width(output_file), statistics)
    _write(render(report, output_format, style), output_file)
    return exit_code(report, project.settings.fail_on, exit_zero=exit_zero)


def _with_options(settings: Settings, options: dict[str, Any]) -> Settings:
    """Settings of the file with the options of the command line laid over them.

    `--select` starts afresh; `--ignore`, `--extend-select` and `--exclude` add.
    """
    if options["select"]:
        settings = replace(settings, select=options["select"], extend_select=(), ignore=())
    kept = tuple(word for word in settings.ignore if word not in options["extend_select"])
    return replace(
        settings,
        extend_select=(*settings.extend_select, *options["extend_select"]),
        ignore=(*kept, *options["ignore"]),
        extend_exclude=(*settings.extend_exclude, *options["exclude"]),
        confidence=options["confidence"] or settings.confidence,
        fail_on=options["fail_on"] or settings.fail_on,
    )


def _show_files(found: Search) -> int:
    """Every file that was met: its path, and for those that are skipped the reason."""
    from leaklint.discover import unwanted

    lines = [(skip.path, skip.reason) for skip in found.skipped]
    for target in found.targets:
        try:
            with open(target.file, "rb") as file:
                lines.append((target.path, unwanted(file.read(), target.explicit)))
        except OSError as error:
            found.troubles.append(f"{target.path}: cannot be read: {error.strerror}")
    for path, reason in sorted(lines, key=lambda line: line[0].split("/")):
        click.echo(f"{path}: skipped: {reason}" if reason else path)
    for trouble in found.troubles:
        complain(trouble)
    return FAILURE if found.troubles else CLEAN


def _write(pieces: Iterator[str], file: str | None) -> None:
    if file is None:
        # paths and source lines may hold what the terminal's encoding cannot show
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        sys.stdout.writelines(pieces)
        return
    try:
        Path(file).write_text("".join(pieces), "utf-8")
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from error


def _colored(choice: str, file: str | None) -> bool:
    """Colour only on a terminal, unless the user or the environment says otherwise."""
    if choice != "auto":
        return choice == "always"
    if file or os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def _draws(file: str | None) -> bool:
    """Whether line drawing reaches the reader as it is meant."""
    return bool(file) or (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _width(file: str | None) -> int:
    if file or not sys.stdout.isatty():
        return 100
    import shutil

    return min(120, max(60, shutil.get_terminal_size((100, 24)).columns))
