"""Settings: of the nearest settings file and what it extends, then of the environment, typed.

The nearest file that has settings wins; other files count only where it names them in `extend`. It does
not read options of the command line: `leaklint.cli` lays them over the result.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from leaklint.errors import UsageError
from leaklint.rule import Confidence
from leaklint.tables import SettingsError as SettingsError
from leaklint.tables import Table, explain, line_of_key, read_table

FailOn = Literal["note", "warning", "error", "confirmed", "never"]
Words = tuple[str, ...]

PREFIX = "LEAKLINT_"
ADDED = ("extend-select", "extend-exclude", "models", "rules")
"""Lists to which each file adds, instead of replacing what it inherits."""


def _about(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What a settings file may say. Patterns are those of .gitignore, relative to the project's root."""

    extend: Annotated[str, _about("Another settings file, whose values hold where this one is silent.")] = ""
    select: Annotated[Words, _about("The rules to run: codes, prefixes, names, families or ALL.")] = ("ALL",)
    extend_select: Annotated[Words, _about("Rules to run as well.")] = ()
    ignore: Annotated[Words, _about("Rules not to run.")] = ()
    per_file_ignores: Annotated[
        dict[str, Words], _about("Rules that are silent in the files that a pattern matches.")
    ] = {}
    confidence: Annotated[Confidence, _about("Least confidence to report.")] = "medium"
    fail_on: Annotated[FailOn, _about("Least severity that makes the exit code 1.")] = "warning"
    exclude: Annotated[
        Words | None, _about("What to skip, instead of the folders that are skipped by default.")
    ] = None
    extend_exclude: Annotated[Words, _about("What to skip as well.")] = ()
    max_file_size: Annotated[int, msgspec.Meta(ge=1, description="Bytes past which a file is skipped.")] = (
        1_000_000
    )
    baseline: Annotated[str, _about("The baseline of findings that are accepted for now.")] = (
        ".leaklint-baseline.json"
    )
    models: Annotated[Words, _about("Your own models: TOML files, or folders of them.")] = ()
    rules: Annotated[Words, _about("Your own rules: Python files, or folders of them.")] = ()


class Project(msgspec.Struct, frozen=True):
    """Settings together with the folder that their patterns start from, and the file that said so.

    origins: where each key that is not at its default was set, as the user would look it up.
    """

    root: str
    settings: Settings = Settings()
    file: str = ""
    origins: dict[str, str] = {}


def load_project(paths: tuple[str, ...], file: str = "", *, isolated: bool = False) -> Project:
    """The project that `paths` belong to.

    The root is the folder of the settings file, else the git top level, else the working directory.
    `file` is used instead of the nearest one; `isolated` reads none, and not the environment either.
    """
    start = _common_folder(paths)
    top = git_top(start) or Path.cwd()
    if isolated:
        return Project(str(top))
    file = file or os.environ.get(f"{PREFIX}CONFIG", "")
    if file:
        named = Path(file)
        if not named.is_file():
            raise UsageError(f"{file}: there is no such settings file")
        folder = Path(os.path.abspath(file)).parent
        # a file that projects share is not where they start
        return _project(folder if start.is_relative_to(folder) else top, read_table(named) or Table(named))
    for folder in _upwards(start):
        for name in ("leaklint.toml", "pyproject.toml"):
            nearest = folder / name
            if nearest.is_file() and (found := read_table(nearest)) is not None:
                return _project(folder, found)
    return _project(top, None)


def git_top(folder: Path) -> Path | None:
    """The top level of the git work tree that holds `folder`."""
    return next((up for up in _upwards(folder) if (up / ".git").exists()), None)


def read_settings(file: Path) -> Settings | None:
    """Settings of a file alone; None for a pyproject.toml without `[tool.leaklint]`.

    Raises SettingsError with the line of the first mistake.
    """
    table = read_table(file)
    return None if table is None else _typed(table)


def lay(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """Settings with the values of the environment or the command line over them, by name of the field.

    `select` starts afresh; lists whose name begins with `extend`, and `ignore`, are added to.
    """
    given = {key: value for key, value in values.items() if value not in (None, (), "")}
    if "select" in given:
        settings = msgspec.structs.replace(settings, extend_select=(), ignore=())
    more = given.get("extend_select", ())
    kept = tuple(word for word in settings.ignore if word not in more)
    given["ignore"] = (*kept, *given.get("ignore", ()))
    for key in ("extend_select", "extend_exclude", "models", "rules"):
        given[key] = (*getattr(settings, key), *given.get(key, ()))
    return msgspec.structs.replace(settings, **given)


def schema() -> str:
    """The JSON schema of a settings file, for editors."""
    document = msgspec.json.schema(Settings)
    body = document["$defs"].pop("Settings")
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of leaklint: leaklint.toml, or [tool.leaklint] of pyproject.toml",
        **{key: value for key, value in body.items() if key not in ("title", "required")},
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def variables() -> dict[str, str]:
    """The variable of the environment for each key that can be said in one."""
    keys = [field.encode_name for field in msgspec.structs.fields(Settings)]
    return {
        key: PREFIX + key.upper().replace("-", "_")
        for key in keys
        if key not in ("extend", "per-file-ignores")
    }


def _project(root: Path, table: Table | None) -> Project:
    """Settings of a table, of those that it extends, and of the environment."""
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for inherited in _chain(table):
        typed = _typed(inherited)
        for key in inherited.values:
            value = getattr(typed, key.replace("-", "_"))
            origin = f"{inherited.shown}:{line_of_key(inherited.text, key)}"
            if key in ("models", "rules"):
                value = tuple(str(inherited.file.parent / Path(word).expanduser()) for word in value)
            if key in ADDED or key == "per-file-ignores":
                value = _joined(values.get(key), value)
                origin = ", ".join(filter(None, (origins.get(key), origin)))
            values[key], origins[key] = value, origin
    fields = {key.replace("-", "_"): value for key, value in values.items()}
    settings, said = _environment(Settings(**fields))
    return Project(str(root), settings, str(table.file) if table else "", origins | said)


def _joined(old: Any, new: Any) -> Any:
    if isinstance(new, dict):
        return {**(old or {}), **new}
    return (*(old or ()), *new)


def _chain(table: Table | None) -> list[Table]:
    """A table and those that it extends, the farthest first."""
    chain: list[Table] = []
    while table is not None:
        chain.insert(0, table)
        name = _typed(table).extend
        if not name:
            break
        line = line_of_key(table.text, "extend")
        file = Path(os.path.abspath(table.file.parent / Path(name).expanduser()))
        if any(file == other.file for other in chain):
            raise SettingsError(table.shown, line, f"extend: {name} extends this file in turn")
        if not file.is_file():
            raise SettingsError(table.shown, line, f"extend: {name} does not exist")
        table = read_table(file) or Table(file)
    return chain


def _typed(table: Table) -> Settings:
    try:
        return msgspec.convert(table.values, Settings)
    except msgspec.ValidationError as error:
        known = [field.encode_name for field in msgspec.structs.fields(Settings)]
        raise explain(table, str(error), known) from error


def _environment(settings: Settings) -> tuple[Settings, dict[str, str]]:
    """Settings with what variables say of single keys, and where each was said."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(Settings)}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for key, variable in variables().items():
        text = os.environ.get(variable, "")
        if not text:
            continue
        listed = key in (*ADDED, "select", "ignore", "exclude")
        raw = tuple(word.strip() for word in text.split(",") if word.strip()) if listed else text
        try:
            values[fields[key].name] = msgspec.convert(raw, fields[key].type, strict=False)
        except msgspec.ValidationError as error:
            raise UsageError(f"environment variable {variable}: {error}") from error
        if key in ("models", "rules"):
            values[key] = tuple(os.path.abspath(word) for word in raw)
        origins[key] = f"environment variable {variable}"
    return (lay(settings, values) if values else settings), origins


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
