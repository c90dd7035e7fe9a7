"""From a node to what lowers its kind. How deep nodes nest is counted here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from leaklint.frontends.python.grammar import BLOCKS, ERROR, LANGUAGE, NAMES, STARRED, TOKENS, kinds
from leaklint.frontends.python.walk import STATEMENTS, Expression, Statement, Walk
from leaklint.ir import Value

DEPTH = 90
"""Nesting that is followed: at most five Python frames each, so that the default limit of 1000 holds."""

_STAR = ord("*")


def value(walk: Walk, node: Node) -> int:
    """Lower an expression to a value."""
    kind = node.kind_id
    at = node.start_byte
    if kind in NAMES:
        end = node.end_byte
        place = walk.places[walk.data[at:end]]
        if place >= 0:
            values = walk.values
            values.append(Value("place", at, end, "", place))
            return len(values) - 1
    elif kind in LITERALS:
        return LITERALS[kind](walk, node)
    if walk.depth > DEPTH:
        return walk.too_deep(node)
    walk.depth += 1
    if walk.data[at] == _STAR and kind not in STARRED:
        result = _starred(walk, node)
    else:
        result = EXPRESSIONS[kind](walk, node)
    walk.depth -= 1
    return result


def _starred(walk: Walk, node: Node) -> int:
    """`*a.b()` in a display may come as `(*a).b()`: lower it without the star, then spread it."""
    before, walk.star = walk.star, node.start_byte
    result = EXPRESSIONS[node.kind_id](walk, node)
    walk.star = before
    return walk.builder.value("spread", node.start_byte, node.end_byte, "", (result,))


def block(walk: Walk, node: Node) -> str:
    """Lower the statements of a block; how its last one leaves it.

    The list of children is the node's own. It is emptied, so that nodes die once they are lowered.
    """
    if walk.depth > DEPTH:
        walk.too_deep(node)
        return ""
    walk.depth += 1
    leaves = ""
    children = node.children
    children.reverse()
    while children:
        child = children.pop()
        kind = child.kind_id
        if kind not in TOKENS:
            leaves = STATEMENTS[kind](walk, child)
    walk.depth -= 1
    return leaves


def region(walk: Walk, node: Node) -> str:
    """Lower a block into the region that was just opened, and close it."""
    leaves = block(walk, node)
    walk.builder.close_region(node.end_byte, leaves)
    return leaves


def nested(walk: Walk, node: Node) -> int:
    """Lower what stands inside a node that has no value of its own."""
    for child in node.named_children:
        if child.kind_id not in TOKENS:
            value(walk, child)
    return walk.opaque_value(node)


def _unknown(walk: Walk, node: Node) -> int:
    if not node.is_missing:
        walk.builder.opaque(node.type, node.start_byte, node.end_byte)
    return nested(walk, node)


def _error(walk: Walk, node: Node) -> int:
    """The pieces of a syntax error may be statements or expressions."""
    block(walk, node)
    return walk.opaque_value(node)


def _token(walk: Walk, node: Node) -> int:
    return walk.opaque_value(node)


def _expression(walk: Walk, node: Node) -> str:
    value(walk, node)
    return ""


_KINDS = (*range(LANGUAGE.node_kind_count), ERROR)
LITERALS: dict[int, Expression] = {}
EXPRESSIONS: dict[int, Expression] = dict.fromkeys(_KINDS, _unknown)
STATEMENTS.update(dict.fromkeys(_KINDS, _expression))
EXPRESSIONS |= dict.fromkeys((ERROR, *BLOCKS), _error) | dict.fromkeys(TOKENS, _token)


def expression(*names: str) -> Callable[[Expression], Expression]:
    """Register the function that lowers expressions of some kinds."""

    def register(lower: Expression) -> Expression:
        EXPRESSIONS.update(dict.fromkeys(kinds(*names), lower))
        return lower

    return register


def literal(*names: str) -> Callable[[Expression], Expression]:
    """Register the function that lowers literals; they do not nest, so no depth is counted."""

    def register(lower: Expression) -> Expression:
        LITERALS.update(dict.fromkeys(kinds(*names), lower))
        return lower

    return register


def statements(*names: str) -> Callable[[Statement], Statement]:
    """Register the function that lowers statements of some kinds."""

    def register(lower: Statement) -> Statement:
        def piece(walk: Walk, node: Node) -> int:
            """Only in the pieces of a syntax error does a statement stand inside an expression."""
            lower(walk, node)
            return walk.opaque_value(node)

        for kind in kinds(*names):
            STATEMENTS[kind] = lower
            EXPRESSIONS[kind] = piece
        return lower

    return register
