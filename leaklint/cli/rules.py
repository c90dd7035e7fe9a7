"""`leaklint rules`: one line a rule."""

from __future__ import annotations

import click

from leaklint.project import open_project
from leaklint.rule import all_rules

_SHORT = {"python": "py", "javascript": "js", "java": "java"}


@click.command("rules")
def command() -> None:
    """List every rule: code, name, languages and what it reports.

    `low` marks those that are not shown by default, `off` those that are not run.
    """
    open_project((".",))
    rows = [
        (
            rule.code,
            rule.name,
            " ".join(_SHORT[language] for language in rule.languages) if rule.family != "run" else "",
            "off" if rule.opt_in else "low" if rule.ceiling == "low" else "",
            rule.summary,
        )
        for rule in all_rules()
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        click.echo(f"{'  '.join(cells)}  {row[4]}".rstrip())
