"""Reads source files and owns every conversion between bytes, characters, lines and columns.

The text that front ends parse is always UTF-8; positions in the IR are byte offsets into it. Users
see 1-based lines and 1-based columns in code points; SARIF and editors see UTF-16 units.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

from leaklint.errors import UnreadableFile

_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


class SourceFile:
    """The text of one file as UTF-8 without byte order mark.

    path: as it is shown to the user, with forward slashes.
    data: bytes that the parsers read.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self._starts: list[int] | None = None

    @classmethod
    def read(cls, file: Path, path: str) -> SourceFile:
        """Read a file. Raises UnreadableFile, with a hint, when it cannot be read or decoded."""
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise UnreadableFile(path, error.strerror or str(error)) from error
        return cls(path, to_utf8(raw, path))

    @property
    def starts(self) -> list[int]:
        """Byte offset of the start of each line."""
        if self._starts is None:
            # bytes.splitlines knows \n, \r and \r\n, and no other line break
            rows = self.data.splitlines(keepends=True)
            self._starts = [0, *accumulate(map(len, rows))]
            if rows and not rows[-1].endswith((b"\n", b"\r")):
                self._starts.pop()
        return self._starts

    def line_of(self, offset: int) -> int:
        """1-based line of a byte offset."""
        return bisect_right(self.starts, offset)

    def position(self, offset: int) -> tuple[int, int]:
        """1-based line and 1-based column in code points of a byte offset."""
        line = self.line_of(offset)
        prefix = self.data[self.starts[line - 1] : offset]
        return line, len(prefix.decode("utf-8", "replace")) + 1

    def line(self, number: int) -> str:
        """Text of a 1-based line without its line break; empty past the end."""
        starts = self.starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.data)
        return self.data[starts[number - 1] : end].decode("utf-8", "replace").rstrip("\r\n")

    def utf16_column(self, line: int, column: int) -> int:
        """1-based column in UTF-16 units of a 1-based column in code points."""
        before = self.line(line)[: column - 1]
        return column + sum(char > "\uffff" for char in before)

    def text(self, at: int, end: int) -> str:
        return self.data[at:end].decode("utf-8", "replace")


def to_utf8(raw: bytes, path: str) -> bytes:
    """UTF-8 bytes of a file's content: BOM dropped, PEP 263 declarations honoured for Python.

    Invalid UTF-8 keeps its bytes (the parsers recover); an unknown declared encoding raises
    UnreadableFile.
    """
    if raw.startswith(codecs.BOM_UTF8):
        return raw[3:]
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace").encode()
    if path.endswith((".py", ".pyi", ".pyw")):
        for line in raw.split(b"\n", 2)[:2]:
            found = _CODING.match(line)
            if found:
                return _reencode(raw, found.group(1).decode("ascii"), path)
            if line.strip() and not line.lstrip().startswith(b"#"):
                break
    return raw


def _reencode(raw: bytes, encoding: str, path: str) -> bytes:
    try:
        name = codecs.lookup(encoding).name
        return raw if name == "utf-8" else raw.decode(name, "replace").encode()
    except (LookupError, UnicodeError) as error:
        raise UnreadableFile(path, f"unknown encoding {encoding!r}") from error
