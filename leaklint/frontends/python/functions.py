"""Functions, methods and lambdas: their scopes, flags and the meaning of `self`."""

from __future__ import annotations

import msgspec
from tree_sitter import Node

from leaklint.frontends.python.dispatch import block, expression, statements, value
from leaklint.frontends.python.grammar import BLOCKS, IDENTIFIER, PARAMETERS, TOKENS, TYPE, TYPE_PARAMETER
from leaklint.frontends.python.parameters import (
    NO_FLAGS,
    Parameter,
    annotation,
    declare_parameters,
    open_type_parameters,
    parameters,
)
from leaklint.frontends.python.walk import Selves, Walk
from leaklint.ir import NONE
from leaklint.ir.records import ScopeKind

_FLAGS = {
    "staticmethod": "static",
    "classmethod": "classmethod",
    "property": "property",
    "cached_property": "property",
    "abstractmethod": "abstract",
    "setter": "setter",
    "getter": "getter",
    "override": "override",
}
"""Flags by the last part of a decorator's name."""

_OF_CLASS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
"""Methods whose first parameter is the class without a decorator."""


class _Header(msgspec.Struct):
    """What is known of a function when its body begins. `home` is its class scope, or NONE."""

    name: bytes
    home: int
    decorators: tuple[int, ...]
    flags: frozenset[str]
    symbol: int = NONE
    parameters: list[Parameter] = []
    generic: bool = False


@statements("function_definition")
def _function(walk: Walk, node: Node) -> str:
    lower_function(walk, node, ())
    return ""


def lower_function(walk: Walk, node: Node, decorators: tuple[int, ...]) -> None:
    """Lower a function whose decorators are already lowered."""
    flags = _decorated_flags(walk, decorators) if decorators else NO_FLAGS
    if walk.data.startswith(b"async", node.start_byte):
        flags |= {"async"}
    header = _Header(b"", walk.builder.scope if walk.static else NONE, decorators, flags)
    body = None
    for child in node.named_children:
        kind = child.kind_id
        if kind == IDENTIFIER:
            header.name = walk.source(child)
            header.symbol, _ = walk.declare(header.name, "function", child.start_byte, child.end_byte)
        elif kind == PARAMETERS:
            header.parameters = parameters(walk, child)
        elif kind in BLOCKS:
            body = child
        elif kind == TYPE:
            annotation(walk, child)
        elif kind == TYPE_PARAMETER:
            open_type_parameters(walk, child)
            header.generic = True
        elif kind not in TOKENS:
            value(walk, child)
    _open(walk, node, header)
    selves = _enter(walk, header.parameters, header.home, header.flags)
    if body is not None:
        block(walk, body)
    walk.selves = selves
    walk.close_scope()
    if header.generic:
        walk.close_scope()


def _open(walk: Walk, node: Node, header: _Header) -> None:
    """Open the scope of a function. Where no instance is visible, its owner is NONE."""
    builder = walk.builder
    name = walk.texts[header.name]
    kind: ScopeKind = "function"
    owner: int | None = None
    if header.home != NONE:
        kind = "constructor" if name == "__init__" else "method"
        if name in _OF_CLASS:
            header.flags |= {"classmethod"}
        if "static" in header.flags or "classmethod" in header.flags:
            owner = NONE
    scope = walk.open_scope(
        kind,
        name,
        node,
        owner=owner,
        symbol=header.symbol,
        flags=header.flags,
        decorators=header.decorators,
    )
    if header.symbol != NONE and builder.symbols[header.symbol].target == NONE:
        builder.symbols[header.symbol].target = scope


def _enter(walk: Walk, rows: list[Parameter], home: int, flags: frozenset[str]) -> Selves:
    """Declare the parameters of the scope just opened; the spellings of `self` to restore behind it."""
    builder = walk.builder
    before = walk.selves
    if before and rows:
        walk.selves = _without(before, rows)
    if home != NONE:
        builder.add_method(builder.scopes[home].owner, builder.scope)
        if rows and "static" not in flags and "rest" not in rows[0].flags:
            walk.alias_self(rows[0].name, home, "classmethod" in flags)
            rows = rows[1:]
    declare_parameters(walk, rows)
    return before


def _without(selves: Selves, rows: list[Parameter]) -> Selves:
    """A parameter of the same name hides the `self` of an enclosing method."""
    names = {row.name for row in rows}
    return {name: where for name, where in selves.items() if name not in names}


def _decorated_flags(walk: Walk, decorators: tuple[int, ...]) -> frozenset[str]:
    rows = [walk.values[decorator] for decorator in decorators]
    names = [walk.texts[walk.data[row.at : row.end].rpartition(b".")[2]] for row in rows]
    return frozenset(_FLAGS[name] for name in names if name in _FLAGS)


@expression("lambda")
def _lambda(walk: Walk, node: Node) -> int:
    return lower_lambda(walk, node, "")


def lower_lambda(walk: Walk, node: Node, name: str) -> int:
    """Lower a lambda to a closure; one that has a name is a method of the class in which it stands."""
    builder = walk.builder
    children = walk.operands(node)
    rows = parameters(walk, children[0]) if len(children) == 2 else []
    home = builder.scope if name else NONE
    flags = frozenset({"arrow"}) if name else NO_FLAGS
    scope = walk.open_scope("method" if name else "lambda", name, node, flags=flags)
    selves = _enter(walk, rows, home, flags)
    if children:
        body = children[-1]
        result = value(walk, body)
        builder.leave("return", body.start_byte, body.end_byte, result)
    walk.selves = selves
    walk.close_scope()
    return builder.value("closure", node.start_byte, node.end_byte, scope=scope)
