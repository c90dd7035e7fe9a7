"""Lowers Java source (8 to 25) to the intermediate representation. It knows syntax and no API.

It does not resolve overloads, infer types or look into other files.
"""

from __future__ import annotations

import re

from tree_sitter import Parser

from leaklint.frontends.java import (  # noqa: F401  (each registers what it lowers)
    assignments,
    classes,
    control,
    functions,
    patterns,
    statements,
    tries,
    values,
)
from leaklint.frontends.java.grammar import LANGUAGE
from leaklint.frontends.java.linking import link
from leaklint.frontends.java.trivia import comments, problems
from leaklint.frontends.java.units import program
from leaklint.frontends.java.walk import Walk
from leaklint.ir import Unit
from leaklint.source import SourceFile

__all__ = ["lower"]

_BEFORE_DOTS = re.compile(rb"@[\w.]+[ \t]*(?=\.\.\.)")
_LONG_ESCAPE = re.compile(rb"\\u(u+)")


def lower(source: SourceFile) -> Unit:
    """Lower one file. Never raises for any input: what it cannot read becomes a Problem."""
    root = Parser(LANGUAGE).parse(_readable(source.data)).root_node
    walk = Walk(source)
    program(walk, root)
    if root.has_error:
        problems(walk, root)
    if b"leaklint:" in source.data:
        comments(walk, root)
    return link(walk)


def _readable(data: bytes) -> bytes:
    """The text with blanks where the grammar can't read what is valid.

    `String @Nullable ... names`, `"\\uu00e9"`, and a zero byte in quotes, where it takes the text to end.
    """
    if b"\0" in data:
        data = data.replace(b"\0", b" ")
    if b"\\uu" in data:
        data = _LONG_ESCAPE.sub(lambda found: b" " * len(found[1]) + b"\\u", data)
    if b"..." not in data:
        return data
    return _BEFORE_DOTS.sub(lambda found: b" " * len(found[0]), data)
