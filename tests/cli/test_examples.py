"""The examples that `make demo` shows: each leaks, and its repair is silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from leaklint.config import Settings
from leaklint.frontends.base import language_of
from leaklint.pipeline import check_source
from leaklint.source import SourceFile

EXAMPLES = Path(__file__).parents[2] / "examples"
FOLDERS = [EXAMPLES / name for name in ("python", "javascript", "java")]
FILES = sorted(file for folder in FOLDERS for file in folder.rglob("*") if language_of(file.name))
REPAIRED = [file for file in FILES if file.stem.lower().endswith("fixed")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_example(file: Path) -> None:
    findings = check_source(SourceFile.read(file, file.name), Settings())
    assert bool(findings) == (file not in REPAIRED), [finding.message for finding in findings]


def test_every_example_has_its_repair() -> None:
    assert {language_of(file.name) for file in REPAIRED} == {"python", "javascript", "java"}
    assert len(REPAIRED) * 2 == len(FILES) >= 10
