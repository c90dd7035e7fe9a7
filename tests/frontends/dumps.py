"""Runs Markdown files whose cases are a source fence and the `ir` fence that its dump must equal.

A heading names a case; the language of the source fence chooses the front end. A test module of a
language needs no more than

    @pytest.mark.parametrize("case", dumps.cases("java.md"), ids=str)
    def test_dump(case: dumps.Case, request: pytest.FixtureRequest) -> None:
        dumps.check(case, request)

`pytest --update-snapshots` writes the `ir` fences, missing ones too. Read what it wrote: a dump is right
when docs/lowering.md says so, not when it is what the program does.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from leaklint.frontends.base import lower
from leaklint.ir.dump import dump
from leaklint.source import SourceFile
from leaklint.testing.markdown import SUFFIXES, fences

_HERE = Path(__file__).parent


class Case(msgspec.Struct, frozen=True):
    """A source and its dump. `number` is its place among the cases of the file."""

    file: Path
    number: int
    name: str
    language: str
    source: str
    expected: str | None

    def __str__(self) -> str:
        return f"{self.file.stem}: {self.name}"

    def dump(self) -> str:
        source = SourceFile("case" + SUFFIXES[self.language], self.source.encode())
        return dump(lower(source), source)


def cases(*names: str) -> list[Case]:
    """The cases of Markdown files, named relative to this folder; a folder stands for all in it."""
    found: list[Case] = []
    for name in names:
        path = _HERE / name
        for file in sorted(path.glob("*.md")) if path.is_dir() else [path]:
            found += _read(file)
    return found


def check(case: Case, request: pytest.FixtureRequest) -> None:
    """Compare a case with its dump, or rewrite it under --update-snapshots."""
    got = case.dump()
    if request.config.getoption("--update-snapshots"):
        _write(case, got)
    else:
        assert case.expected is not None, "no `ir` fence follows: run with --update-snapshots"
        assert got == case.expected


def _read(file: Path) -> list[Case]:
    found: list[Case] = []
    rows = fences(file.read_text(encoding="utf-8"))
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        if row.checked:
            expected = after.text if after is not None and after.language == "ir" else None
            name = " / ".join(row.headings[1:] or row.headings)
            found.append(Case(file, len(found), name, row.language, row.text, expected))
    return found


def _write(case: Case, text: str) -> None:
    """Put the dump behind the source fence, in the file as it is now."""
    lines = case.file.read_text(encoding="utf-8").splitlines(keepends=True)
    rows = fences("".join(lines))
    sources = [index for index, row in enumerate(rows) if row.checked]
    row = rows[sources[case.number]]
    after = rows[sources[case.number] + 1] if sources[case.number] + 1 < len(rows) else None
    if after is not None and after.language == "ir":
        start = after.line - 1
        lines[start : start + after.text.count("\n")] = [text]
    else:
        end = row.line + row.text.count("\n")
        lines[end:end] = ["\n", "```ir\n", text, "```\n"]
    case.file.write_text("".join(lines), encoding="utf-8")
