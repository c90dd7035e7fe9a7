"""`leaklint check --watch`: check again whenever a source file changes."""

from __future__ import annotations

from collections.abc import Callable

import click

from leaklint.errors import UsageError
from leaklint.frontends.base import language_of

WATCHING = (
    click.option("--watch", is_flag=True, help="Check again whenever a file changes; stop with Ctrl-C."),
)


def watch(paths: tuple[str, ...], check: Callable[[], int]) -> int:
    """Run a check now and after each change below some paths, until it is interrupted."""
    try:
        import watchfiles
    except ImportError as error:
        raise UsageError(
            "--watch needs watchfiles", "install leaklint-cli with its extra: leaklint-cli[watch]"
        ) from error
    code = check()
    click.echo("watching for changes …", err=True)
    for changes in watchfiles.watch(*paths, debounce=200, raise_interrupt=True):
        if any(
            language_of(path) or path.endswith(("pyproject.toml", "leaklint.toml")) for _, path in changes
        ):
            code = check()
    return code
