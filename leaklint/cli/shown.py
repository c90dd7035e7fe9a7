"""What `--show-settings` prints: settings as a file could say them, with where each value is from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import msgspec

from leaklint.config import Project


def settings_lines(project: Project) -> Iterator[str]:
    """One line a key: `key = value  # where it was set`."""
    file = os.path.relpath(project.file).replace(os.sep, "/") if project.file else ""
    yield f"# settings file: {file or 'none'}"
    yield f"# patterns start from: {os.path.relpath(project.root).replace(os.sep, '/')}"
    tables = []
    for field in msgspec.structs.fields(project.settings):
        key, value = field.encode_name, getattr(project.settings, field.name)
        origin = project.origins.get(key, "default")
        if isinstance(value, dict):
            tables.append((key, value, origin))
        elif value is None or value == "":
            yield f"# {key} is not set"
        else:
            yield f"{key} = {_toml(value, key)}  # {origin}"
    for key, rows, origin in tables:
        yield f"\n[{key}]  # {origin}"
        yield from (f"{_toml(name, key)} = {_toml(value, key)}" for name, value in rows.items())


def _toml(value: object, key: str) -> str:
    """A value as TOML; lists and strings of JSON are that already."""
    if key in ("models", "rules") and isinstance(value, tuple):
        value = [os.path.relpath(word).replace(os.sep, "/") for word in value]
    return json.dumps(value, ensure_ascii=False)
