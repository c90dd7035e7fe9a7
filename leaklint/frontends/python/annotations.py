"""Declared types, read from the text of an annotation: `dict[str, X] | None` is `dict` of `str`, `X`.

They are read from text, not from the tree, because most annotations repeat within a file and because
a string annotation has no tree.
"""

from __future__ import annotations

import re
from functools import lru_cache

Declared = tuple[str, tuple[str, ...]]

UNKNOWN: Declared = ("", ())

_WRAPPERS = frozenset(
    {"Optional", "Annotated", "ClassVar", "Final", "InitVar", "Required", "NotRequired", "ReadOnly"}
)
_NAME = re.compile(r"[\w.]+")
_LONGEST = 2000


@lru_cache(4096)
def declared(text: str) -> Declared:
    """The outer raw name of a type and the outer raw names of its arguments."""
    name, inner = _unwrap(text)
    return name, tuple(_outer(part) for part in _split(inner, ","))


def _outer(text: str) -> str:
    """The outer raw name of a type argument; a literal stays as it is spelt."""
    return _unwrap(text)[0] or text.strip()


def _unwrap(text: str) -> tuple[str, str]:
    """The outer raw name and the text between its brackets, without what only wraps the type."""
    text = text[:_LONGEST]
    for _ in range(20):
        text = text.strip()
        if text[:1] in ("'", '"') and text[-1:] == text[0] and text[0] not in text[1:-1]:
            text = text[1:-1]
            continue
        alternatives = [part for part in _split(text, "|") if part != "None"]
        if len(alternatives) > 1 or (alternatives and alternatives[0] != text):
            text = alternatives[0]
            continue
        found = _NAME.match(text)
        if found is None:
            return "", ""
        name = found.group().rpartition(".")[2]
        rest = text[found.end() :].strip()
        inner = rest[1:-1] if rest[:1] == "[" and rest[-1:] == "]" else ""
        if name == "Union":
            text = " | ".join(_split(inner, ","))
        elif name in _WRAPPERS:
            text = (_split(inner, ",") or [""])[0]
        else:
            return name, inner
    return "", ""


def _split(text: str, separator: str) -> list[str]:
    """Split where no bracket or quote is open; without empty parts."""
    parts, depth, quote, start = [], 0, "", 0
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "[(":
            depth += 1
        elif char in "])":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]
