"""`leaklint clean`: remove the cache."""

from __future__ import annotations

from pathlib import Path

import click

from leaklint.config import load_project
from leaklint.exits import CLEAN


@click.command("clean")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
def command(paths: tuple[str, ...]) -> int:
    """Remove the cache of the project that PATHS (by default the working directory) belong to."""
    from leaklint.cache import FOLDER, clean

    root = load_project(paths or (".",)).root
    removed = clean(Path(root))
    click.echo(f"removed {FOLDER} of {root}" if removed else f"no {FOLDER} in {root}")
    return CLEAN
