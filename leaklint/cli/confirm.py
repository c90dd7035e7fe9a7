"""`leaklint confirm`: run what the static check suspects, and say what is true."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any, Literal, get_args

import click
from msgspec.structs import replace

from leaklint.cli.options import laid, words
from leaklint.cli.output import colored, draws, width, write
from leaklint.cli.terminal import complain
from leaklint.config import FailOn, Project
from leaklint.discover import search
from leaklint.errors import UsageError
from leaklint.exits import CLEAN, exit_code
from leaklint.project import open_project
from leaklint.reporters.base import FORMATS, Style, render
from leaklint.rule import CONFIDENCES


@click.command("confirm")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option(
    "--trigger",
    "triggers",
    multiple=True,
    metavar="FILE:NAME",
    help="What to call: a function, Class.method, or a method's bare name. May be given more than once.",
)
@click.option(
    "--workload",
    type=click.Path(exists=True, dir_okay=False),
    help="A file with setup, iterate(i) and teardown to run instead of a driver made by leaklint.",
)
@click.option("--repeat", metavar="CMD", help="A command to run over and over inside one process.")
@click.option("--serve", metavar="CMD", help="A server to start; --load says how to load it.")
@click.option("--load", metavar="CMD", help="A command that loads the server; each run is one call.")
@click.option(
    "--budget",
    type=click.FloatRange(min=0.5),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Time for each series of calls.",
)
@click.option("--python", metavar="PATH", help="Interpreter.  [default: that of the project's environment]")
@click.option("--node", metavar="PATH", help="Node to use.  [default: the one on PATH]")
@click.option("--java", metavar="FOLDER", help="JDK to use.  [default: JAVA_HOME, else PATH]")
@click.option("--classpath", metavar="PATHS", help="Class path for Java.  [default: Maven and Gradle output]")
@click.option("--show-driver", is_flag=True, help="Print the drivers that leaklint would run; run nothing.")
@click.option(
    "--save-driver",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write the driver there, to keep as a regression test; run nothing.",
)
@click.option("--select", multiple=True, metavar="RULES", callback=words, help="Try only these rules.")
@click.option("--extend-select", multiple=True, metavar="RULES", callback=words, hidden=True)
@click.option("--ignore", multiple=True, metavar="RULES", callback=words, help="Do not try these.")
@click.option(
    "--confidence",
    type=click.Choice(CONFIDENCES),
    help="Least confidence to report unless confirmed.  [default: medium]",
)
@click.option(
    "--fail-on",
    type=click.Choice(get_args(FailOn)),
    help="What makes the exit code 1.  [default: warning]",
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 even with findings; never hides a failure.")
@click.option("--output-format", type=click.Choice(FORMATS), default="full", show_default=True)
@click.option("--output-file", type=click.Path(dir_okay=False), help="Write the report there.")
@click.option("--exclude", multiple=True, metavar="PATTERNS", callback=words, help="Skip these as well.")
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Processes at a time.  [default: cores]",
)
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", show_default=True)
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Run the suspects of a static check, watch their holders, and join a verdict to each finding.

    This runs your code, many times, in processes of their own. Exits as `leaklint check` does; with
    `--fail-on confirmed`, 1 means that a leak was confirmed.
    """
    from leaklint.pipeline import check_files
    from leaklint.runtime.confirm import Trigger, confirm, plan_drivers
    from leaklint.runtime.trial import Options

    triggers = [Trigger.parse(text) for text in given["triggers"]]
    paths = paths or tuple(dict.fromkeys(trigger.file for trigger in triggers)) or (".",)
    project = open_project(paths)
    settings = laid(project.settings, given)
    wide = replace(project, settings=replace(settings, confidence="low"))
    found = search(paths, wide)
    report = check_files(found, wide, given["jobs"])
    files = {target.path: os.path.abspath(target.file) for target in found.targets}
    options = Options(
        project.root,
        given["budget"],
        {
            language: given[option]
            for language, option in (("python", "python"), ("javascript", "node"), ("java", "java"))
            if given[option]
        },
        tuple(filter(None, (given["classpath"] or "").split(os.pathsep))),
    )
    if given["show_driver"] or given["save_driver"]:
        return _drivers(plan_drivers(report, files, options, triggers), given["save_driver"])
    confirm(
        report,
        files,
        options,
        triggers=triggers,
        drive=_asked(given, project),
        jobs=given["jobs"] or min(4, os.cpu_count() or 1),
        least=settings.confidence,
        around=_around(wide) if not triggers else None,
    )
    for trouble in report.troubles:
        complain(trouble)
    file = given["output_file"]
    style = Style(colored(given["color"], file), draws(file), width(file), False)
    write(render(report, given["output_format"], style), file)
    return exit_code(report, settings.fail_on, exit_zero=given["exit_zero"])


def _around(project: Project) -> dict[str, str]:
    """All files of the project, where it is known how far it reaches: callers may stand in any of them."""
    root = Path(project.root)
    if not (project.file or (root / ".git").exists()):
        return {}
    return {target.path: os.path.abspath(target.file) for target in search((project.root,), project).targets}


def _drivers(found: list[Any], file: str | None) -> int:
    """Print the drivers, or write the only one."""
    if file is None:
        click.echo("\n\n".join(driver.source.rstrip() for driver in found) or "Nothing to drive.")
        return CLEAN
    if len(found) != 1:
        raise UsageError(
            f"there are {len(found)} drivers, and one file", "choose one with --trigger or --select"
        )
    write(iter([found[0].source]), file)
    return CLEAN


def _asked(given: dict[str, Any], project: Project) -> list[Any]:
    """The drivers that the user brought."""
    from leaklint.runtime.agent import Driver
    from leaklint.runtime.confirm import LANGUAGES
    from leaklint.runtime.trial import writer

    drivers = []
    if given["workload"]:
        file = Path(given["workload"]).resolve()
        suffixes: dict[str, Any] = LANGUAGES
        if file.suffix not in suffixes:
            raise UsageError(
                f"{given['workload']}: no workload has this suffix", "use .py, .js, .mjs, .ts or .java"
            )
        folders = (str(file.parent), os.getcwd(), project.root, os.path.join(project.root, "src"))
        roots = tuple(folder for folder in dict.fromkeys(folders) if os.path.isdir(folder))
        path: tuple[str, ...] = ()
        if file.suffix == ".java":
            from leaklint.runtime.jvm.classpath import class_path, source_roots

            roots = tuple(dict.fromkeys((*roots, *source_roots(file, "", project.root, ()))))
            path = tuple(filter(None, (given["classpath"] or "").split(os.pathsep)))
            path += class_path(file, project.root)
        language = suffixes[file.suffix]
        drivers.append(
            Driver(language, given["workload"], "workload", file=str(file), roots=roots, class_path=path)
        )
    if given["repeat"]:
        command = _command("--repeat", given["repeat"])
        drivers.append(writer(_language(command)).repeat(command, project.root))
    if bool(given["serve"]) != bool(given["load"]):
        raise UsageError("--serve and --load belong together")
    if given["serve"]:
        server, load = _command("--serve", given["serve"]), _command("--load", given["load"])
        drivers.append(Driver(_language(server), given["serve"], "serve", command=server, load=load))
    return drivers


def _command(option: str, text: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"{option} {text!r}: {error}") from error
    if not words:
        raise UsageError(f"{option}: expected a command")
    return words


def _language(command: tuple[str, ...]) -> Literal["python", "javascript", "java"]:
    """The language of a command by its first word; Python where that says nothing (uvicorn, flask)."""
    word = os.path.basename(command[0])
    if word.startswith(("node", "npm", "npx", "yarn", "pnpm", "tsx", "next")):
        return "javascript"
    return "java" if word.startswith(("java", "mvn", "gradle")) else "python"
