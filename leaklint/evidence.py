"""What findings are made of: a place in the source, and how sure they are."""

from __future__ import annotations

from typing import Literal

import msgspec

Confidence = Literal["high", "medium", "low"]


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
