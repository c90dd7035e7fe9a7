"""`leaklint dev`: tools for people who work on leaklint."""

from __future__ import annotations

from pathlib import Path

import click

from leaklint.errors import UsageError


@click.group("dev")
def command() -> None:
    """Tools for people who work on leaklint."""


@command.command("ir")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def ir(file: Path) -> None:
    """Print the intermediate representation of a file."""
    from leaklint.frontends.base import language_of, lower
    from leaklint.ir.dump import dump
    from leaklint.source import SourceFile

    if language_of(file.name) is None:
        raise UsageError(f"{file}: not a language that leaklint checks")
    source = SourceFile.read(file, file.as_posix())
    click.echo(dump(lower(source), source), nl=False)


@command.command("schema")
def schema() -> None:
    """Print the JSON schema of the settings, which leaklint/settings.schema.json ships."""
    from leaklint.config import schema as schema_of

    click.echo(schema_of(), nl=False)


@command.command("new-rule")
@click.argument("family")
@click.argument("name")
def new_rule(family: str, name: str) -> None:
    """Start a rule and its literate suite, with the next free code of its family.

    FAMILY is growth, subscription, capture, thread, cycle, native or dom; NAME names the bad pattern, such
    as listener-not-removed.
    """
    from leaklint.cli.scaffold import scaffold

    for file in scaffold(Path.cwd(), family, name):
        click.echo(f"wrote {file}")
