"""Reads model tables, merges those of one language, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec
import tomli

from leaklint.errors import ModelError
from leaklint.models.schema import Models

_ROLES = frozenset("kvc*-")
_ADDED: dict[str, tuple[Models, ...]] = {}


@cache
def load(language: str) -> Models:
    """The models of a language, shipped and of the project. Raises ModelError for a mistake in a table."""
    files = sorted(Path(__file__).with_name(language).glob("*.toml"))
    tables = [parse(file.read_text("utf-8"), f"{language}/{file.name}") for file in files]
    return merge([*tables, *_ADDED.get(language, ())])


def set_models(tables: dict[str, tuple[Models, ...]]) -> None:
    """Use these as well as the shipped ones, by language, in this process and from now on."""
    if tables != _ADDED:
        _ADDED.clear()
        _ADDED.update(tables)
        load.cache_clear()


def parse(text: str, file: str) -> Models:
    """Models of one TOML table; `file` is named in errors. Raises ModelError."""
    try:
        models = msgspec.convert(tomli.loads(text), Models)
    except tomli.TOMLDecodeError as error:
        raise ModelError(file, "TOML", str(error)) from error
    except msgspec.ValidationError as error:
        reason, _, key = str(error).partition(" - at ")
        raise ModelError(file, key.strip("`$.") or "top level", reason) from error
    _check(models, file)
    return models


def merge(tables: Iterable[Models]) -> Models:
    """One table with the lists joined, and the kinds and the names united, later tables first in effect."""
    whole = Models()
    for table in tables:
        for field in Models.__struct_fields__:
            mine, theirs = getattr(whole, field), getattr(table, field)
            setattr(whole, field, mine | theirs if isinstance(mine, dict | frozenset) else [*mine, *theirs])
    _check_kinds(whole)
    return whole


def _check(models: Models, file: str) -> None:
    for kind, row in models.kind.items():
        for method, roles in row.grow.items():
            if not roles or set(roles) - _ROLES:
                raise ModelError(file, f"kind.{kind}.grow.{method}", f"roles {roles!r} are not of k v c * -")
    for index, container in enumerate(models.container):
        if not (container.names or container.types or container.literals or container.builders):
            raise ModelError(file, f"container[{index}]", "names, types or literals must name something")
    for pair in models.pair:
        if not pair.acquire:
            raise ModelError(file, f"pair {pair.name}", "acquire is empty")


def _check_kinds(models: Models) -> None:
    for container in models.container:
        if container.kind not in models.kind:
            name = (container.names or container.types or container.literals or container.builders)[0]
            raise ModelError("container", name, f"kind {container.kind!r} is not defined in any table")
