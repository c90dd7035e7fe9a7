"""Rules and models of the project's own, and rules of installed packages (entry point `leaklint.rules`).

What is found is handed to the registries of rules and models. Whatever is wrong with one of them names it
and ends the run: a rule that silently did not run would make the project look clean.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from leaklint.config import Project
from leaklint.errors import LeaklintError
from leaklint.models import parse, set_models
from leaklint.rule import Rule, all_rules, rules_of, set_rules

GROUP = "leaklint.rules"
LANGUAGES = ("python", "javascript", "java")
_CODE = re.compile(r"[A-Z]{2,8}[0-9]{3,4}$")


class Plugins(msgspec.Struct, frozen=True):
    """Files of rules and models. installed: whether packages are asked.

    digest: of the content of all of them, filled by `activate`.
    """

    rules: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    installed: bool = True
    digest: bytes = b""


class PluginError(LeaklintError):
    """A rule or a model of the user's own that cannot be used: which one, and why."""

    def __init__(self, plugin: str, reason: str, hint: str = "") -> None:
        super().__init__(f"plugin {plugin}: {reason}", hint)


active = Plugins(installed=False)
"""What `activate` was last called with; other processes of the run are told."""


def of_project(project: Project) -> Plugins:
    """The plugins of a project. Raises PluginError for a path that does not exist."""
    settings = project.settings
    rules = tuple(_files(settings.rules, ".py", project.origins.get("rules", "")))
    models = tuple(_files(settings.models, ".toml", project.origins.get("models", "")))
    return Plugins(rules, models)


def activate(plugins: Plugins) -> None:
    """Make the rules and models known to this process. Raises PluginError."""
    global active
    found: list[Rule] = []
    origins: dict[str, str] = {}
    set_rules(())
    shipped = {word: "leaklint itself" for rule in all_rules() for word in (rule.code, rule.name)}
    sources = [(_shown(file), _from_file(file)) for file in plugins.rules]
    if plugins.installed:
        sources += _from_packages()
    for origin, rules in sources:
        if not rules:
            raise PluginError(origin, "it defines no rule", "a rule is a subclass of leaklint.rule.Rule")
        for rule in rules:
            _check(rule, origin, shipped | origins)
            origins |= {rule.code: origin, rule.name: origin}
            found.append(rule)
    tables: dict[str, list[Any]] = {}
    for file in plugins.models:
        tables.setdefault(_language(file), []).append(parse(Path(file).read_text("utf-8"), _shown(file)))
    set_models({language: tuple(rows) for language, rows in tables.items()})
    set_rules(found)
    active = msgspec.structs.replace(plugins, digest=_digest(found, plugins.models))


def _digest(rules: list[Rule], models: tuple[str, ...]) -> bytes:
    """Of all that the user's own rules and models say; nothing when there are none."""
    if not rules and not models:
        return b""
    digest = blake2b(digest_size=16)
    sources = {str(sys.modules[type(rule).__module__].__file__): rule.code for rule in rules}
    for file in sorted({*sources, *models}):
        digest.update(file.encode("utf-8", "surrogatepass") + Path(file).read_bytes())
    return digest.digest()


def _files(paths: tuple[str, ...], suffix: str, origin: str) -> Iterator[str]:
    for path in paths:
        if os.path.isdir(path):
            listed = sorted(Path(path).rglob(f"*{suffix}"))
            yield from (str(file) for file in listed if not file.name.startswith("_"))
        elif os.path.isfile(path):
            yield path
        else:
            raise PluginError(_shown(path), "there is no such file or folder", f"named in {origin}")


def _from_file(file: str) -> list[Rule]:
    name = f"leaklint.rules.user.{Path(file).stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        sys.modules[name] = module  # a rule finds its manual by the name of its module
        return rules_of(module)
    except Exception as error:
        raise _failed(_shown(file), error) from error


def _from_packages() -> list[tuple[str, list[Rule]]]:
    """The rules of each entry point. Most environments have none: finding that out must cost little."""
    if not any(map(_declares, sys.path)):
        return []
    from importlib.metadata import entry_points

    found = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        origin = f"{point.name} ({point.dist.name})" if point.dist else point.name
        try:
            loaded = point.load()
            rules = rules_of(loaded) if isinstance(loaded, ModuleType) else [loaded()]
        except Exception as error:
            raise _failed(origin, error) from error
        found.append((origin, rules))
    return found


def _declares(folder: str) -> bool:
    """Whether an installed distribution in a folder has an entry point for rules."""
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return False
    for name in names:
        if name.endswith((".dist-info", ".egg-info")):
            try:
                with open(os.path.join(folder, name, "entry_points.txt"), "rb") as file:
                    if f"[{GROUP}]".encode() in file.read():
                        return True
            except OSError:
                continue
    return False


def _check(rule: Rule, origin: str, taken: dict[str, str]) -> None:
    if not isinstance(rule, Rule):
        raise PluginError(origin, f"{type(rule).__name__} is no rule", "subclass leaklint.rule.Rule")
    needed = ("code", "message", "advice")
    missing = [name for name in needed if not isinstance(getattr(rule, name, None), str)]
    if missing:
        raise PluginError(origin, f"{type(rule).__name__} has no {missing[0]}")
    if not _CODE.match(rule.code):
        raise PluginError(origin, f"{rule.code!r} is no code", "letters, then three digits: TEAM101")
    for word in (rule.code, rule.name):
        if word in taken:
            raise PluginError(origin, f"{word} is already a rule of {taken[word]}")


def _language(file: str) -> str:
    """`python/redis.toml`, `python.toml` and `redis.python.toml` are models of Python."""
    path = Path(file)
    for word in (*reversed(path.stem.split(".")), path.parent.name):
        if word in LANGUAGES:
            return word
    hint = "name it python.toml or redis.python.toml, or put it into a folder python/"
    raise PluginError(_shown(file), "its name does not say which language it is about", hint)


def _failed(origin: str, error: Exception) -> PluginError:
    return PluginError(origin, " ".join(f"{type(error).__name__}: {error}".split()))


def _shown(file: str) -> str:
    return os.path.relpath(file).replace(os.sep, "/")
