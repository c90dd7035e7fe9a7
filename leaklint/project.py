"""Opens a project for a run: its settings, its rules and models, and the words that must mean a rule."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from leaklint.config import Project, load_project
from leaklint.errors import LeaklintError, UsageError
from leaklint.plugins import activate, of_project
from leaklint.rule import all_rules
from leaklint.triage.select import check_selectors


def open_project(paths: tuple[str, ...], file: str = "", *, isolated: bool = False) -> Project:
    """Settings and plugins of the project that `paths` belong to; from now on its rules are known.

    Raises a LeaklintError that says where the mistake stands.
    """
    project = load_project(paths or (".",), file, isolated=isolated)
    activate(of_project(project))
    settings = project.settings
    for key in ("select", "extend-select", "ignore"):
        _named(project, key, getattr(settings, key.replace("-", "_")))
    for words in settings.per_file_ignores.values():
        _named(project, "per-file-ignores", words)
    return project


def with_origin(project: Project, keys: Iterable[str], origin: str) -> Project:
    """The project with a note of where these keys were set last."""
    adding = ("extend-select", "extend-exclude", "ignore")
    said = {
        key: f"{project.origins[key]}, {origin}" if key in adding and key in project.origins else origin
        for key in keys
    }
    return replace(project, origins=project.origins | said)


def _named(project: Project, key: str, words: Iterable[str]) -> None:
    try:
        check_selectors(all_rules(), words)
    except UsageError as error:
        place = project.origins.get(key, "")
        text = f"{place}: {key}: {error.message}" if place else error.message
        raise LeaklintError(text, error.hint) from error
