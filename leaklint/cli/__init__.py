"""The command line: one file a subcommand, imported when it is called."""

from __future__ import annotations

import importlib
import os

import click

from leaklint import __version__
from leaklint.cli.terminal import complain
from leaklint.errors import LeaklintError
from leaklint.exits import FAILURE, INTERRUPTED

_COMMANDS = {
    "check": "Find leaks in files and folders.",
    "confirm": "Run the suspects of a check, and say which of them leak.",
    "monitor": "Watch the memory of a process and say whether it leaks.",
    "baseline": "Accept the findings of today, report only new ones.",
    "clean": "Remove the cache.",
    "server": "Serve editors: findings as you type.",
    "rule": "Explain a rule.",
    "rules": "List every rule.",
    "dev": "Tools for people who work on leaklint.",
}


class _Commands(click.Group):
    """Subcommands by name, so that `leaklint check` does not pay for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"leaklint.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def command() -> None:
    """Find memory leaks in Python, JavaScript, TypeScript and Java before production."""


def run(arguments: list[str]) -> int:
    """Run the command; returns its exit code. Mistakes of the user are printed as one line and a hint."""
    try:
        code = command.main(arguments, prog_name="leaklint", standalone_mode=False)
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else error.format_message(), err=True)
        return FAILURE
    except click.ClickException as error:
        hint = (
            f"try `{error.ctx.command_path} --help`"
            if isinstance(error, click.UsageError) and error.ctx
            else ""
        )
        complain(error.format_message(), hint)
        return FAILURE
    except LeaklintError as error:
        complain(error.message, error.hint)
        return FAILURE
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:
        if os.environ.get("LEAKLINT_TRACEBACK"):
            raise
        complain(
            f"internal error: {type(error).__name__}: {error}",
            "please report it with what LEAKLINT_TRACEBACK=1 prints",
        )
        return FAILURE
    return code if isinstance(code, int) else 0
