"""What the commands say on standard error."""

from __future__ import annotations

import click


def complain(message: str, hint: str = "") -> None:
    """Say what went wrong and what to do about it."""
    click.echo(f"leaklint: {message}" + (f"\n  hint: {hint}" if hint else ""), err=True)
