"""Changes to a file that belong to a finding."""

from __future__ import annotations

import msgspec


class Edit(msgspec.Struct, frozen=True):
    """Replace the bytes [at, end) of the file's UTF-8 text."""

    at: int
    end: int
    text: str


class Fix(msgspec.Struct, frozen=True):
    """What to change for one finding. title: an imperative; safe: behaviour stays the same."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False
