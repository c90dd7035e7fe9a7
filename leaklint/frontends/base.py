"""What every front end offers, and which file it is for. A front end knows syntax and no API."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Protocol

from leaklint.ir import Unit
from leaklint.source import SourceFile

Lower = Callable[[SourceFile], Unit]

_BY_SUFFIX = {
    **dict.fromkeys((".py", ".pyi", ".pyw"), "python"),
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts"), "javascript"),
    **dict.fromkeys((".vue", ".svelte"), "javascript"),
    ".java": "java",
}
_MODULES = dict.fromkeys((".vue", ".svelte"), "components")  # where the language has more than one


class Frontend(Protocol):
    """A module `leaklint.frontends.<language>`."""

    def lower(self, source: SourceFile) -> Unit:
        """Lower one file. Never raises for any input: what it cannot read becomes a Problem."""


def language_of(path: str) -> str | None:
    """The language of a path by its suffix, or None for files that leaklint does not check."""
    dot = path.rfind(".")
    return _BY_SUFFIX.get(path[dot:].lower()) if dot >= 0 else None


def suffixes() -> tuple[str, ...]:
    return tuple(_BY_SUFFIX)


def lower(source: SourceFile) -> Unit:
    """Lower a file with the front end of its suffix. Raises KeyError for other files."""
    language = language_of(source.path)
    if language is None:
        raise KeyError(source.path)
    suffix = source.path[source.path.rfind(".") :].lower()
    module: Frontend = importlib.import_module(f"leaklint.frontends.{_MODULES.get(suffix, language)}")
    return module.lower(source)
