"""`leaklint server`: the language server for editors."""

from __future__ import annotations

import click

from leaklint.errors import UsageError
from leaklint.exits import CLEAN


@click.command("server")
def command() -> int:
    """Speak the language server protocol over standard input and output, for editors."""
    try:
        from leaklint.server import make_server
    except ImportError as error:
        raise UsageError(
            f"the language server needs {error.name}",
            "install leaklint-cli with its extra: leaklint-cli[lsp]",
        ) from error
    make_server().start_io()
    return CLEAN
