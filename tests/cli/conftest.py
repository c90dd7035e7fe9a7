"""The command in this process, and a small project with one leak."""

from __future__ import annotations

from pathlib import Path

import pytest
from project import CLEAN, LEAK, Answer, Call

from leaklint.cli import run


@pytest.fixture
def call(folder: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run the command without a new process."""

    def invoke(*arguments: str) -> Answer:
        capsys.readouterr()
        code = run(list(arguments))
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return invoke


@pytest.fixture
def project(folder: Path) -> Path:
    """`app.py` leaks, `clean.py` does not."""
    (folder / "app.py").write_text(LEAK)
    (folder / "clean.py").write_text(CLEAN)
    return folder
