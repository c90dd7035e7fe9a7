"""What every reporter offers, and how source lines reach those that show them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Protocol, get_args

import msgspec

from leaklint.errors import UnreadableFile
from leaklint.report import Report
from leaklint.source import SourceFile

Format = Literal["full", "concise", "json", "sarif", "github", "gitlab", "junit", "html"]
FORMATS: tuple[str, ...] = get_args(Format)
FILES = ("json", "sarif", "gitlab", "junit", "html")
"""Formats that may be written to a file of their own beside the report on the terminal."""


class Style(msgspec.Struct, frozen=True):
    """How a text report may look: colour, line drawing, and the width that text may fill.

    limit: most findings to show; 0 for all.
    """

    color: bool = False
    drawing: bool = True
    width: int = 100
    statistics: bool = False
    limit: int = 0

    def paint(self, text: str, *codes: int) -> str:
        """Text in an ANSI style, if there is colour."""
        return f"\x1b[{';'.join(map(str, codes))}m{text}\x1b[0m" if self.color and text else text


class Reporter(Protocol):
    """A module `leaklint.reporters.<format>`."""

    def render(self, report: Report, style: Style, sources: Sources) -> Iterator[str]:
        """The report in pieces, ready to be written one after the other."""


def render(report: Report, format: str, style: Style, sources: Sources | None = None) -> Iterator[str]:
    """A report in one of FORMATS. `sources` hands in text that is not on disk."""
    module: Reporter = importlib.import_module(f"leaklint.reporters.{format}")
    return module.render(report, style, sources or Sources())


def printable(text: str) -> str:
    """Text of a path or a message that stays on its line and cannot command a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def encode(document: object) -> str:
    """Indented JSON with a final line break. Names of files may hold bytes that are no text."""
    try:
        data = msgspec.json.encode(document)
    except UnicodeEncodeError:
        data = msgspec.json.encode(_as_text(document))
    return msgspec.json.format(data, indent=2).decode() + "\n"


def _as_text(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_as_text(key): _as_text(item) for key, item in value.items()}
        case list():
            return [_as_text(item) for item in value]
        case _:
            return value


class Sources:
    """The text of the files that findings point into, each read once, when it is first asked for.

    Files that are not on disk can be handed in.
    """

    def __init__(self, *files: SourceFile) -> None:
        self._files = {file.path: file for file in files}

    def __getitem__(self, path: str) -> SourceFile:
        if path not in self._files:
            try:
                self._files[path] = SourceFile.read(Path(path), path)
            except UnreadableFile:  # gone or changed since it was checked: frames stay empty
                self._files[path] = SourceFile(path, b"")
        return self._files[path]
