"""Reads written types: the outer raw name and the outer raw names of the arguments, nothing deeper."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.grammar import (
    ANNOTATED_TYPE,
    ARRAY_TYPE,
    DIMENSIONS,
    GENERIC_TYPE,
    SCOPED_TYPE,
    TYPE_ARGUMENTS,
    TYPE_IDENTIFIER,
    TYPES,
    WILDCARD,
)

Type = tuple[str, tuple[str, ...]]


def read_type(data: bytes, node: Node) -> Type:
    """`Map` and `String`, `List` of `java.util.Map<String, List<X>>`; `var` declares no type."""
    name, arguments = _outer(data, node)
    if arguments is None:
        return ("", ()) if name == "var" else (name, ())
    return name, tuple(_outer(data, child)[0] for child in arguments.named_children if _is_type(child))


def _is_type(node: Node) -> bool:
    return node.kind_id in TYPES or node.kind_id == WILDCARD


def _outer(data: bytes, node: Node) -> tuple[str, Node | None]:
    """The raw name of a type, and its type arguments. Not recursive: types nest without a limit."""
    arrays = ""
    arguments: Node | None = None
    while True:
        kind = node.kind_id
        inner: Node | None = None
        if kind in (ARRAY_TYPE, ANNOTATED_TYPE, GENERIC_TYPE, WILDCARD):
            for child in node.named_children:
                if child.kind_id == DIMENSIONS:
                    arrays += dimensions(data, child)
                elif child.kind_id == TYPE_ARGUMENTS:
                    arguments = child
                elif _is_type(child):
                    inner = child
            if inner is None:
                return "?" + arrays, arguments
            node = inner
        elif kind == SCOPED_TYPE:
            names = [child for child in node.named_children if child.kind_id == TYPE_IDENTIFIER]
            last = names[-1] if names else node
            return data[last.start_byte : last.end_byte].decode("utf-8", "replace") + arrays, arguments
        else:
            return data[node.start_byte : node.end_byte].decode("utf-8", "replace") + arrays, arguments


def dimensions(data: bytes, node: Node) -> str:
    """`[][]` for the dimensions of an array, whatever annotations and blanks they contain."""
    return "[]" * data.count(b"[", node.start_byte, node.end_byte)
