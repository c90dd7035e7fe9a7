"""Options that several commands share, and how they are laid over the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click
from msgspec.structs import replace

from leaklint.config import FailOn, Project, Settings, lay
from leaklint.project import open_project, with_origin
from leaklint.reporters.base import FILES, FORMATS
from leaklint.rule import CONFIDENCES

Command = TypeVar("Command", bound=Callable[..., Any])

_KEYS = {
    "select": "select",
    "extend_select": "extend-select",
    "ignore": "ignore",
    "exclude": "extend-exclude",
    "confidence": "confidence",
    "fail_on": "fail-on",
    "baseline": "baseline",
}
"""The key of the settings that an option speaks of."""


def words(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """`--select LK1,LK201 --select growth` as one list of words."""
    return tuple(word.strip() for text in value for word in text.split(",") if word.strip())


def _rules(name: str, text: str) -> Callable[[Command], Command]:
    return click.option(name, multiple=True, metavar="RULES", callback=words, help=text)


SELECTING = (
    click.option(
        "--config",
        metavar="FILE",
        help="Read the settings there instead of in the nearest pyproject.toml or leaklint.toml.",
    ),
    click.option("--isolated", is_flag=True, help="Read no settings: no file, no environment."),
    _rules("--select", "Run only these rules: codes, prefixes, names, families or ALL."),
    _rules("--extend-select", "Run these as well."),
    _rules("--ignore", "Do not run these."),
    click.option(
        "--confidence", type=click.Choice(CONFIDENCES), help="Least confidence to report.  [default: medium]"
    ),
    click.option(
        "--exclude",
        "--extend-exclude",
        "exclude",
        multiple=True,
        metavar="PATTERNS",
        callback=words,
        help="Skip these as well (syntax of .gitignore).",
    ),
    click.option(
        "--force-exclude", is_flag=True, help="Apply excludes to paths named on the command line too."
    ),
    click.option("--no-respect-gitignore", is_flag=True, help="Check what .gitignore ignores."),
    click.option(
        *("--jobs", "-j"),
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        envvar="LEAKLINT_JOBS",
        help="Processes to use.  [default: one a core for large trees]",
    ),
    click.option(
        "--no-cache", is_flag=True, envvar="LEAKLINT_NO_CACHE", help="Neither read nor write the cache."
    ),
)
"""What to look at, and for what."""

REPORTING = (
    click.option(
        "--fail-on",
        type=click.Choice(get_args(FailOn)),
        help="Least severity that makes the exit code 1.  [default: warning]",
    ),
    click.option("--exit-zero", is_flag=True, help="Exit 0 even with findings; never hides a failure."),
    click.option(
        "--output-format",
        type=click.Choice(FORMATS),
        default="full",
        show_default=True,
        envvar="LEAKLINT_OUTPUT_FORMAT",
        help="How to report.",
    ),
    click.option(
        "--output-file",
        type=click.Path(dir_okay=False),
        envvar="LEAKLINT_OUTPUT_FILE",
        help="Write the report there instead of to standard output.",
    ),
    *(
        click.option(
            f"--{name}-output",
            type=click.Path(dir_okay=False),
            metavar="FILE",
            envvar=f"LEAKLINT_{name.upper()}_OUTPUT",
            help=f"Write a report in the format `{name}` there as well.",
        )
        for name in FILES
    ),
    click.option(
        "--sarif-root",
        type=click.Path(file_okay=False, exists=True),
        metavar="FOLDER",
        envvar="LEAKLINT_SARIF_ROOT",
        help="Folder that paths in SARIF and for CI start from.  [default: the top of the git repository]",
    ),
    click.option(
        "--sarif-category",
        metavar="NAME",
        envvar="LEAKLINT_SARIF_CATEGORY",
        help="Keeps several uploads of one commit to GitHub apart.",
    ),
    click.option(
        "--max-findings",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Print at most so many findings as text, the most certain ones.  [default: all]",
    ),
    click.option("--statistics", is_flag=True, help="Count findings by rule, and what was not understood."),
    click.option(
        "--color",
        type=click.Choice(("auto", "always", "never")),
        default="auto",
        show_default=True,
        envvar="LEAKLINT_COLOR",
        help="Colour in the text formats.",
    ),
)
"""How to report, and what makes the exit code 1."""


def with_options(*groups: tuple[Callable[..., Any], ...]) -> Callable[[Command], Command]:
    """All options of some groups, in the order in which `--help` should list them."""

    def decorate(command: Command) -> Command:
        for option in reversed([option for group in groups for option in group]):
            command = option(command)
        return command

    return decorate


def chosen_project(paths: tuple[str, ...], given: dict[str, Any]) -> Project:
    """The project that paths belong to, with the options of the command line laid over its settings."""
    project = open_project(paths, given.get("config") or "", isolated=bool(given.get("isolated")))
    said = [key for option, key in _KEYS.items() if given.get(option)]
    settings = laid(project.settings, given)
    return replace(with_origin(project, said, "command line"), settings=settings)


def laid(settings: Settings, given: dict[str, Any]) -> Settings:
    """Settings with the options of the command line over them. `--select` starts afresh; lists are added."""
    values = {key.replace("-", "_"): given.get(option) for option, key in _KEYS.items()}
    return lay(settings, values)
