"""Reads type annotations down to what the IR keeps: an outer raw name and those of its arguments."""

from __future__ import annotations

import re

from tree_sitter import Node

from leaklint.frontends.javascript.texts import Type
from leaklint.frontends.javascript.walk import Walk

_NOTHING: Type = ("", ())
LITERAL: Type = ("literal", ())
_SIMPLE = re.compile(rb":?\s*([\w$]+)")
_NO_NAME = frozenset({"undefined", "null"})
_INSIDE = frozenset({"type_annotation", "parenthesized_type", "readonly_type", "opting_type_annotation"})
_LONGEST = 80  # longer annotations are not worth a cache entry


def declared_type(w: Walk, node: Node) -> Type:
    """Outer raw name and arguments of an annotation or a type; most are one word, seen many times."""
    at, end = node.start_byte, node.end_byte
    if end - at > _LONGEST:
        return _outer(w, node)
    text = w.data[at:end]
    known = w.texts.types.get(text)
    if known is None:
        simple = _SIMPLE.fullmatch(text)
        known = (w.decode(simple.group(1)), ()) if simple else _outer(w, node)
        w.texts.types[text] = known
    return known


def _outer(w: Walk, node: Node) -> Type:
    """Iterative where types nest on the outside: parentheses, readonly, unions, arrays."""
    suffix = ""
    while True:
        kind = node.type
        if kind in _INSIDE:
            node = _types(node)[-1] if _types(node) else node
            if node.type == kind:
                return _NOTHING
        elif kind == "union_type" and _is_of_literals(node):
            return LITERAL
        elif kind == "index_type_query":
            return LITERAL  # `keyof Events`: as many as the type has members
        elif kind in ("union_type", "intersection_type"):
            node = _first_of_union(w, node)
            if node.type == kind:
                return _NOTHING
        elif kind == "array_type":
            suffix += "[]"
            node = node.children[0]
        else:
            break
    name, args = _named(w, node)
    return (name + suffix, () if suffix else args)


def _types(node: Node) -> list[Node]:
    return [child for child in node.children if child.is_named and not child.is_extra]


def _is_of_literals(node: Node) -> bool:
    """`"asc" | "desc"`: as many values as are written down."""
    pending = [node]
    while pending:
        row = pending.pop()
        if row.type == "union_type":
            pending += _types(row)
        elif row.type != "literal_type":
            return False
    return True


def _first_of_union(w: Walk, node: Node) -> Node:
    """The leftmost member that is not null or undefined."""
    first: Node | None = None
    while node.type in ("union_type", "intersection_type"):
        members = _types(node)
        if not members:
            return node
        real = [member for member in members if w.text(member) not in _NO_NAME]
        if len(real) > 1 and real[0].type in ("union_type", "intersection_type"):
            first = real[-1]
        node = real[0] if real else members[0]
    if w.text(node) in _NO_NAME and first is not None:
        return first
    return node


def _named(w: Walk, node: Node) -> Type:
    kind = node.type
    if kind in ("type_identifier", "predefined_type", "identifier", "this_type"):
        return w.text(node), ()
    if kind == "nested_type_identifier":
        return w.text(node.children[-1]), ()
    if kind == "generic_type":
        name = node.children[0]
        args = node.children[-1]
        raw = w.text(name.children[-1] if name.children else name)
        return raw, tuple(_argument(w, child) for child in _types(args))
    if kind == "function_type" or kind == "constructor_type":
        return "function", ()
    if kind == "tuple_type":
        return "tuple", ()
    if kind == "object_type":
        return "object", _index_signature(w, node)
    return _NOTHING


def _index_signature(w: Walk, node: Node) -> tuple[str, ...]:
    """Key and value type of `{ [key: string]: T }`: a map in all but name."""
    for child in node.children:
        if child.type == "index_signature":
            key = child.child_by_field_name("index_type")
            value = child.child_by_field_name("type")
            if key is not None and value is not None:
                return _argument(w, key), _argument(w, value)
    return ()


def _argument(w: Walk, node: Node) -> str:
    """The outer name alone, so that arguments of arguments are never looked at."""
    at, end = node.start_byte, node.end_byte
    simple = _SIMPLE.fullmatch(w.data, at, end)
    if simple:
        return w.decode(simple.group(1))
    while node.type in _INSIDE or node.type in ("union_type", "intersection_type"):
        before = node
        if node.type in _INSIDE:
            node = _types(node)[-1] if _types(node) else node
        else:
            node = _first_of_union(w, node)
        if node.id == before.id:
            return ""
    suffix = ""
    while node.type == "array_type":
        suffix += "[]"
        node = node.children[0]
    if node.type == "generic_type":
        node = node.children[0]
    name = _named(w, node)[0] if node.type != "object_type" else "object"
    return name + suffix
