"""Classes: owners, bases, metaclasses; and decorators, which functions and classes share."""

from __future__ import annotations

import re

from tree_sitter import Node

from leaklint.frontends.python.chains import arguments
from leaklint.frontends.python.dispatch import block, statements, value
from leaklint.frontends.python.functions import lower_function
from leaklint.frontends.python.grammar import (
    ARGUMENTS,
    BLOCKS,
    CLASS,
    DECORATOR,
    FUNCTION,
    IDENTIFIER,
    TOKENS,
    TYPE_PARAMETER,
)
from leaklint.frontends.python.parameters import NO_FLAGS, open_type_parameters
from leaklint.frontends.python.walk import Walk
from leaklint.ir import NONE

_DOTTED = re.compile(rb"[\w.\x80-\xff]*")


@statements("class_definition")
def _class(walk: Walk, node: Node) -> str:
    _lower_class(walk, node, ())
    return ""


def _lower_class(walk: Walk, node: Node, decorators: tuple[int, ...]) -> None:
    builder = walk.builder
    name, symbol = b"", NONE
    bases: list[int] = []
    flags = NO_FLAGS
    body = None
    generic = False
    for child in node.named_children:
        kind = child.kind_id
        if kind == IDENTIFIER:
            name = walk.source(child)
            symbol, _ = walk.declare(name, "class", child.start_byte, child.end_byte)
        elif kind == TYPE_PARAMETER:
            open_type_parameters(walk, child)
            generic = True
        elif kind == ARGUMENTS:
            bases, flags = _bases(walk, child)
        elif kind in BLOCKS:
            body = child
        elif kind not in TOKENS:
            value(walk, child)
    owner = builder.open_owner(
        walk.texts[name],
        "class",
        node.start_byte,
        node.end_byte,
        symbol=symbol,
        bases=bases,
        decorators=decorators,
        flags=flags,
    )
    if symbol != NONE and builder.symbols[symbol].target == NONE:
        builder.symbols[symbol].target = owner
    walk.open_scope("class", walk.texts[name], node, owner=owner, symbol=symbol)
    if body is not None:
        block(walk, body)
    walk.close_scope()
    if generic:
        walk.close_scope()


def _bases(walk: Walk, node: Node) -> tuple[list[int], frozenset[str]]:
    """The bases, and the metaclass as a flag. Other keywords only matter for what they call."""
    bases: list[int] = []
    keywords: list[tuple[str, int]] = []
    arguments(walk, node, bases, keywords)
    bases = [_without_arguments(walk, base) for base in bases]
    for name, given in keywords:
        if name == "metaclass":
            row = walk.values[given]
            found = _DOTTED.match(walk.data, row.at, row.end)
            last = found.group().rpartition(b".")[2] if found else b""
            return bases, frozenset({f"metaclass:{walk.texts[last]}"})
    return bases, NO_FLAGS


def _without_arguments(walk: Walk, base: int) -> int:
    """`Base` of `Base[T]`."""
    row = walk.values[base]
    raw, bracket, _ = walk.data[row.at : row.end].partition(b"[")
    place = walk.places[raw.rstrip()] if row.kind == "place" and bracket else NONE
    return walk.place_value(place, row.at, row.end) if place >= 0 else base


@statements("decorated_definition")
def _decorated(walk: Walk, node: Node) -> str:
    """Decorators are evaluated before the defaults of what they decorate."""
    decorators: list[int] = []
    for child in node.named_children:
        kind = child.kind_id
        if kind == DECORATOR:
            decorators += [value(walk, part) for part in walk.operands(child)]
        elif kind == FUNCTION:
            lower_function(walk, child, tuple(decorators))
        elif kind == CLASS:
            _lower_class(walk, child, tuple(decorators))
        elif kind not in TOKENS:
            value(walk, child)
    return ""
