"""Literals and strings, plain and interpolated."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.python.dispatch import DEPTH, literal, value
from leaklint.frontends.python.grammar import (
    FORMAT_EXPRESSION,
    FORMAT_SPECIFIER,
    INTERPOLATION,
    STRING_PIECES,
)
from leaklint.frontends.python.walk import Walk
from leaklint.ir import Value

_QUOTES = b"\"'"
_BACKTICK = ord("`")
_TRIPLE = (b'"""', b"'''")


@literal("integer", "float")
def _number(walk: Walk, node: Node) -> int:
    at, end = node.start_byte, node.end_byte
    return walk.builder.value("number", at, end, walk.texts[walk.data[at:end]])


@literal("true", "false")
def _boolean(walk: Walk, node: Node) -> int:
    at, end = node.start_byte, node.end_byte
    return walk.builder.value("boolean", at, end, "true" if walk.data[at:end] == b"True" else "false")


@literal("none")
def _none(walk: Walk, node: Node) -> int:
    return walk.builder.value("null", node.start_byte, node.end_byte)


@literal("ellipsis")
def _ellipsis(walk: Walk, node: Node) -> int:
    return walk.builder.value("null", node.start_byte, node.end_byte, "...")


@literal("string")
def _string(walk: Walk, node: Node) -> int:
    at, end = node.start_byte, node.end_byte
    raw = walk.data[at:end]
    if raw[0] in _QUOTES:
        width = 3 if raw[:3] in _TRIPLE else 1
        content = raw[width:-width]
    else:
        if raw[0] == _BACKTICK:
            walk.builder.problem(at, end, "backticks (Python 2)")
            return walk.opaque_value(node)
        content, interpolated = _content(raw)
        if interpolated:
            parts = _interpolations(walk, node)
            if parts:
                return walk.builder.value("template", at, end, "", parts)
    values = walk.values
    values.append(Value("string", at, end, content.decode("utf-8", "replace")))
    return len(values) - 1


@literal("concatenated_string")
def _concatenated(walk: Walk, node: Node) -> int:
    parts: tuple[int, ...] = ()
    contents = []
    for child in walk.parts(node):
        content, interpolated = _content(walk.source(child))
        contents.append(content)
        if interpolated:
            parts += _interpolations(walk, child)
    at, end = node.start_byte, node.end_byte
    if parts:
        return walk.builder.value("template", at, end, "", parts)
    return walk.builder.value("string", at, end, b"".join(contents).decode("utf-8", "replace"))


def _content(raw: bytes) -> tuple[bytes, bool]:
    """What stands between the quotes of a string, and whether it may hold interpolations."""
    first = 0
    while first < len(raw) and raw[first] not in _QUOTES:
        first += 1
    width = 3 if raw[first : first + 3] in _TRIPLE else 1
    content = raw[first + width : -width]
    return content, b"{" in content and any(letter in b"fFtT" for letter in raw[:first])


def _interpolations(walk: Walk, node: Node) -> tuple[int, ...]:
    """The values that an f-string puts in, those of its format specifiers too."""
    if walk.depth > DEPTH:
        return (walk.too_deep(node),)
    walk.depth += 1
    parts = []
    stack = node.children[::-1]
    while stack:
        child = stack.pop()
        kind = child.kind_id
        if kind == INTERPOLATION or kind == FORMAT_SPECIFIER or kind == FORMAT_EXPRESSION:
            stack += child.children[::-1]
        elif kind not in STRING_PIECES:
            parts.append(value(walk, child))
    walk.depth -= 1
    return tuple(parts)
