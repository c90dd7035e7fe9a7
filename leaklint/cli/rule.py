"""`leaklint rule`: the manual of a rule, as text or as JSON."""

from __future__ import annotations

import os
import sys

import click

from leaklint.errors import UsageError
from leaklint.project import open_project
from leaklint.rule import Rule, all_rules
from leaklint.triage.select import find_rule


@click.command("rule")
@click.argument("name", required=False, metavar="[CODE|NAME]")
@click.option("--all", "every", is_flag=True, help="Every rule, by code.")
@click.option(
    "--output-format",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="How to print.",
)
def command(name: str | None, every: bool, output_format: str) -> None:
    """Explain a rule: what it reports and why, with examples."""
    if bool(name) == every:
        raise UsageError("name one rule, or ask for --all", "`leaklint rules` lists them")
    open_project((".",))
    rules = all_rules() if every else (find_rule(all_rules(), name or ""),)
    if output_format == "json":
        import msgspec

        records = [record(rule) for rule in rules]
        document = msgspec.json.encode(records if every else records[0])
        click.echo(msgspec.json.format(document, indent=2))
    elif sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        _print_rich("\n\n".join(page(rule) for rule in rules))
    else:
        click.echo("\n\n".join(page(rule) for rule in rules))


def record(rule: Rule) -> dict[str, object]:
    """A rule as data: the only source for the documentation site and the tables made from it."""
    return {
        "code": rule.code,
        "name": rule.name,
        "family": rule.family,
        "summary": rule.summary,
        "languages": list(rule.languages),
        "severity": rule.severity,
        "confidence": rule.ceiling,
        "since": rule.since,
        "cwe": rule.cwe,
        "message": rule.message,
        "advice": rule.advice,
        "manual": rule.manual.strip() + "\n",
    }


def page(rule: Rule) -> str:
    """The manual as a Markdown page with a title."""
    title, _, rest = rule.manual.strip().partition("\n")
    return f"# {title}\n{rest}"


def _print_rich(text: str) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(width=min(100, Console().width))
    console.print(Markdown(text))
