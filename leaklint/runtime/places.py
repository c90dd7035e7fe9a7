"""Arguments that must be there: files, folders, addresses and peers that code opens or connects to.

They are tried last, and only growth counts under them: nothing is refuted, for a made-up peer answers little.
"""

from __future__ import annotations

import re
from pathlib import Path

from leaklint.runtime.suspect import Parameter

_TEXT = frozenset({"", "str", "string", "String"})
_PATHS = _TEXT | {"Path", "PathLike", "PurePath", "StrPath"}
_NUMBERS = frozenset({"", "int", "float", "number"})
_LISTS = frozenset({"", "list", "List", "Sequence", "Iterable", "tuple"})
TIMEOUT = re.compile(r"(?i)^(\w+_)?timeout(_s|_seconds)?$")
_ROLES = (
    ("address", re.compile(r"(?i)(^|_|[a-z])(url|uri|endpoint)$"), _TEXT),
    ("host", re.compile(r"(?i)^(\w+_)?(host|hostname|server)$"), _TEXT),
    ("port", re.compile(r"(?i)^(\w+_)?port$"), frozenset({"", "int"})),
    ("folder", re.compile(r"(?i)^(\w+_)?(dir|directory|folder|root|cwd|workdir|workspace|inbox)$"), _PATHS),
    ("file", re.compile(r"(?i)^(\w+_)?(path|file|filename|source|src|archive|document)$"), _PATHS),
    ("command", re.compile(r"(?i)^(\w+_)?(command|cmd|argv|program)$"), _TEXT | _LISTS),
    ("moment", TIMEOUT, _NUMBERS),
)

OPENS = ("__aenter__", "__enter__", "open", "connect")
"""Methods that make an object ready for its others, where they ask for nothing."""


def role(parameter: Parameter) -> str:
    """What has to be there for a parameter: by its name, where its type allows it; "" for nothing."""
    kind = parameter.type.rpartition(".")[2]
    fits = (name for name, pattern, types in _ROLES if kind in types and pattern.search(parameter.name))
    return next(fits, "file" if kind in ("Path", "PurePath") else "")


def starts_programs(file: str) -> bool:
    """Whether a file may start a program that is not installed here."""
    try:
        return b"subprocess" in Path(file).read_bytes()
    except OSError:
        return False


def is_wait(parameter: Parameter) -> bool:
    """Whether a parameter says how long a call may wait."""
    plain = parameter.default == "number" or not parameter.has_default
    return plain and bool(TIMEOUT.match(parameter.name))
