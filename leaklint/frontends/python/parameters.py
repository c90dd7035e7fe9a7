"""Parameters of functions and lambdas, and what annotations declare.

Defaults and annotations are lowered where Python evaluates them: in the scope around the function.
"""

from __future__ import annotations

import re

import msgspec
from tree_sitter import Node

from leaklint.frontends.python.annotations import UNKNOWN, Declared, declared
from leaklint.frontends.python.dispatch import expression, nested, value
from leaklint.frontends.python.grammar import (
    DEFAULT_PARAMETER,
    DICTIONARY_SPLAT_PATTERN,
    IDENTIFIER,
    LIST_SPLAT_PATTERN,
    SEPARATORS,
    TOKENS,
    TYPE,
    TYPED_DEFAULT_PARAMETER,
    TYPED_PARAMETER,
)
from leaklint.frontends.python.walk import Walk
from leaklint.ir import NONE

NO_FLAGS: frozenset[str] = frozenset()
_REST = frozenset({"rest"})
_TYPE_NAME = re.compile(rb"\**\s*([\w\x80-\xff]+)")


class Parameter(msgspec.Struct, gc=False):
    """A parameter whose default and annotation are already lowered. `whole` is its span with both."""

    name: bytes
    at: int
    end: int
    declared: Declared = UNKNOWN
    default: int = NONE
    flags: frozenset[str] = NO_FLAGS
    whole: tuple[int, int] = (0, 0)


def parameters(walk: Walk, node: Node) -> list[Parameter]:
    """The parameters of a list, in order."""
    found: list[Parameter] = []
    for child in node.named_children:
        kind = child.kind_id
        if kind == IDENTIFIER:
            at, end = child.start_byte, child.end_byte
            found.append(Parameter(walk.data[at:end], at, end))
        elif kind not in TOKENS:
            found += _parameter(walk, child)
    return found


def _parameter(walk: Walk, node: Node) -> list[Parameter]:
    kind = node.kind_id
    if kind in (LIST_SPLAT_PATTERN, DICTIONARY_SPLAT_PATTERN):
        return [_named(walk, node, flags=_REST)]
    if kind == DEFAULT_PARAMETER:
        parts = walk.operands(node)
        return [_named(walk, parts[0], whole=node, default=value(walk, parts[-1]))]
    if kind in (TYPED_PARAMETER, TYPED_DEFAULT_PARAMETER):
        return [_typed(walk, node)]
    if kind in SEPARATORS:
        return []
    walk.builder.problem(node.start_byte, node.end_byte, "parameter that is no name (Python 2)")
    return [_named(walk, child) for child in _names(node)]


def _typed(walk: Walk, node: Node) -> Parameter:
    """`*args: T` holds a tuple of T, `**kwargs: T` a dict of them."""
    name, *rest = walk.operands(node)
    type_, default = UNKNOWN, NONE
    for part in rest:
        if part.kind_id == TYPE:
            type_ = annotation(walk, part)
        else:
            default = value(walk, part)
    if name.kind_id == LIST_SPLAT_PATTERN:
        return _named(walk, name, ("tuple", (type_[0],)), flags=_REST)
    if name.kind_id == DICTIONARY_SPLAT_PATTERN:
        return _named(walk, name, ("dict", ("str", type_[0])), flags=_REST)
    return _named(walk, name, type_, whole=node, default=default)


def _named(
    walk: Walk,
    node: Node,
    type_: Declared = UNKNOWN,
    *,
    whole: Node | None = None,
    default: int = NONE,
    flags: frozenset[str] = NO_FLAGS,
) -> Parameter:
    if node.kind_id != IDENTIFIER:
        node = next(iter(_names(node)), node)
    at, end = node.start_byte, node.end_byte
    span = (at, end) if whole is None else (whole.start_byte, whole.end_byte)
    return Parameter(walk.data[at:end], at, end, type_, default, flags, span)


def _names(node: Node) -> list[Node]:
    """The identifiers in a pattern, in source order."""
    found, stack = [], [node]
    while stack:
        node = stack.pop()
        if node.kind_id == IDENTIFIER:
            found.append(node)
        stack += reversed(node.children)
    return found


def declare_parameters(walk: Walk, rows: list[Parameter]) -> None:
    """Declare parameters in the function's scope, which is the current one, and bind their defaults."""
    builder = walk.builder
    symbols = []
    for row in rows:
        symbol, first = walk.declare(
            row.name,
            "parameter",
            row.at,
            row.end,
            type=row.declared[0],
            type_args=row.declared[1],
            flags=row.flags,
        )
        if first:
            symbols.append(symbol)
        if row.default != NONE:
            builder.bind(walk.place(row.name), row.default, "default", *row.whole)
    builder.scopes[builder.scope].params = tuple(symbols)


def annotation(walk: Walk, node: Node) -> Declared:
    """The declared type; what the annotation calls is lowered."""
    raw = walk.source(node)
    if b"(" in raw or b"lambda" in raw:
        value(walk, node)
    return declared(raw.decode("utf-8", "replace"))


@expression("type")
def _type(walk: Walk, node: Node) -> int:
    children = walk.operands(node)
    return value(walk, children[0]) if len(children) == 1 else nested(walk, node)


@expression("generic_type", "union_type", "constrained_type", "member_type", "splat_type", "type_parameter")
def _type_expression(walk: Walk, node: Node) -> int:
    return nested(walk, node)


def open_type_parameters(walk: Walk, node: Node) -> None:
    """Open the block scope that holds the names of `[T, *Ts, **P]`, and declare them."""
    walk.open_scope("block", "", node)
    for child in walk.operands(node):
        raw = walk.source(child)
        found = _TYPE_NAME.match(raw)
        if found:
            at = child.start_byte
            walk.declare(found.group(1), "variable", at + found.start(1), at + found.end(1))
        if b"(" in raw or b"lambda" in raw:
            value(walk, child)
