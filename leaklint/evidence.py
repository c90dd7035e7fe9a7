"""A place in the source that a finding shows."""

from __future__ import annotations

import msgspec


class Evidence(msgspec.Struct):
    """One place in the source that a finding shows. Offsets are bytes into the file's UTF-8 text."""

    path: str
    at: int
    end: int
    message: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
