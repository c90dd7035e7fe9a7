"""Runs a command and brings back what it said."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def sh(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command outside of any git hook that these tests may run in."""
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
