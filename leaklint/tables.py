"""Reads the table of one settings file, and turns mistakes in it into one line with the line number.

It knows TOML and files; what the keys mean is the business of `leaklint.config`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from leaklint.errors import LeaklintError


class SettingsError(LeaklintError):
    """A mistake in a settings file: file, line and reason."""

    def __init__(self, file: str, line: int, reason: str, hint: str = "") -> None:
        super().__init__(f"{file}:{line}: {reason}" if line else f"{file}: {reason}", hint)


class Table(msgspec.Struct, frozen=True):
    """The keys of leaklint in one file, and the text that they stand in."""

    file: Path
    values: dict[str, Any] = {}
    text: str = ""

    @property
    def shown(self) -> str:
        """The file as a user finds it from the working directory."""
        return os.path.relpath(self.file).replace(os.sep, "/")


def read_table(file: Path) -> Table | None:
    """The table of a file; None for a pyproject.toml without `[tool.leaklint]`.

    Raises SettingsError with the line of the first mistake in the TOML.
    """
    file = Path(os.path.abspath(file))
    shown = Table(file).shown
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(shown, 0, f"cannot be read: {error}") from error
    if file.name == "pyproject.toml" and "leaklint" not in text:
        return None  # most projects have one; a parser is not worth importing for it
    import tomli

    try:
        values = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        reason = re.sub(r" \(at .*\)$", "", str(error))
        raise SettingsError(shown, int(line[1]) if line else len(text.splitlines()), reason) from error
    if file.name == "pyproject.toml":
        tools = values.get("tool")
        if not isinstance(tools, dict) or "leaklint" not in tools:
            return None
        values = tools["leaklint"]
        if not isinstance(values, dict):
            raise SettingsError(shown, line_of_key(text, "leaklint"), "leaklint: must be a table")
    return Table(file, values, text)


def line_of_key(text: str, key: str) -> int:
    """1-based line on which a key of the settings is set; 0 if it is not found."""
    pattern = re.compile(rf"""\s*\[?\s*(?:tool\.leaklint\.)?["']?{re.escape(key)}["']?\s*[=\].]""")
    inside = "[tool.leaklint" not in text
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("["):
            inside = line.startswith("[tool.leaklint") or "[tool.leaklint" not in text
        if inside and pattern.match(line):
            return number
    return 0


def explain(table: Table, reason: str, known: Collection[str]) -> SettingsError:
    """msgspec's reason with the line of the key that it is about."""
    unknown = re.search(r"unknown field `([^`]+)`", reason)
    if unknown:
        import difflib

        near = difflib.get_close_matches(unknown[1], known, 1)
        hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(sorted(known))}"
        line = line_of_key(table.text, unknown[1])
        return SettingsError(table.shown, line, f"unknown key {unknown[1]!r}", hint)
    key = re.search(r"at `\$\.([\w-]+)", reason)
    what = re.sub(r" - at `.*`$", "", reason)
    name = key[1] if key else "leaklint"
    return SettingsError(table.shown, line_of_key(table.text, name), f"{name}: {what}")
