"""Settings: `[tool.leaklint]` of the nearest pyproject.toml, or the nearest leaklint.toml, typed.

The nearest file that has settings wins as a whole; files are never merged. It does not read options of
the command line: `leaklint.cli` lays them over the result.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from leaklint.errors import LeaklintError
from leaklint.rule import Confidence

FailOn = Literal["note", "warning", "error", "confirmed", "never"]


class SettingsError(LeaklintError):
    """A mistake in a settings file: file, line and reason."""

    def __init__(self, file: str, line: int, reason: str, hint: str = "") -> None:
        super().__init__(f"{file}:{line}: {reason}" if line else f"{file}: {reason}", hint)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What a settings file may say. Patterns are those of .gitignore, relative to `root`.

    exclude: replaces the folders that are skipped by default; `extend-exclude` adds to them.
    max-file-size: in bytes.
    """

    select: tuple[str, ...] = ("ALL",)
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] | None = None
    extend_exclude: tuple[str, ...] = ()
    confidence: Confidence = "medium"
    fail_on: FailOn = "warning"
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    max_file_size: Annotated[int, msgspec.Meta(ge=1)] = 1_000_000


class Project(msgspec.Struct, frozen=True):
    """Settings together with the folder that their patterns start from, and the file that said so."""

    root: str
    settings: Settings = Settings()
    file: str = ""


def load_project(paths: tuple[str, ...]) -> Project:
    """The project that `paths` belong to.

    The root is the folder of the settings file, else the git top level, else the working directory.
    """
    start = _common_folder(paths)
    for folder in _upwards(start):
        for name in ("leaklint.toml", "pyproject.toml"):
            file = folder / name
            if file.is_file():
                settings = read_settings(file)
                if settings is not None:
                    return Project(str(folder), settings, str(file))
    top = git_top(start)
    return Project(str(top or Path.cwd()))


def git_top(folder: Path) -> Path | None:
    """The top level of the git work tree that holds `folder`."""
    return next((up for up in _upwards(folder) if (up / ".git").exists()), None)


def read_settings(file: Path) -> Settings | None:
    """Settings of a file; None for a pyproject.toml without `[tool.leaklint]`.

    Raises SettingsError with the line of the first mistake.
    """
    shown = os.path.relpath(file)
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(shown, 0, f"cannot be read: {error}") from error
    if file.name == "pyproject.toml" and "leaklint" not in text:
        return None  # most projects have one; a parser is not worth importing for it
    import tomllib

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        reason = re.sub(r" \(at .*\)$", "", str(error))
        raise SettingsError(shown, int(line[1]) if line else len(text.splitlines()), reason) from error
    if file.name == "pyproject.toml":
        tools = table.get("tool")
        if not isinstance(tools, dict) or "leaklint" not in tools:
            return None
        table = tools["leaklint"]
    try:
        return msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        raise _explain(shown, text, str(error)) from error


def line_of_key(text: str, key: str) -> int:
    """1-based line on which a key of the settings is set; 0 if it is not found."""
    pattern = re.compile(rf"""\s*(?:\[tool\.leaklint\.)?["']?{re.escape(key)}["']?\s*[=\].]""")
    inside = "[tool.leaklint" not in text
    for number, line in enumerate(text.splitlines(), 1):
        inside = inside or line.startswith("[tool.leaklint")
        if inside and pattern.match(line):
            return number
    return 0


def _explain(file: str, text: str, reason: str) -> SettingsError:
    """msgspec's reason with the line of the key that it is about."""
    unknown = re.search(r"unknown field `([^`]+)`", reason)
    if unknown:
        import difflib

        known = [field.encode_name for field in msgspec.structs.fields(Settings)]
        near = difflib.get_close_matches(unknown[1], known, 1)
        hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(sorted(known))}"
        return SettingsError(file, line_of_key(text, unknown[1]), f"unknown key {unknown[1]!r}", hint)
    key = re.search(r"at `\$\.([\w-]+)", reason)
    what = re.sub(r" - at `.*`$", "", reason)
    name = key[1] if key else "leaklint"
    return SettingsError(file, line_of_key(text, name), f"{name}: {what}")


def _common_folder(paths: tuple[str, ...]) -> Path:
    """The deepest folder that holds every path; the working directory if there is none."""
    try:
        common = Path(os.path.commonpath([os.path.abspath(path) for path in paths]))
    except ValueError:
        return Path.cwd()
    return common if common.is_dir() else common.parent


def _upwards(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.parents
