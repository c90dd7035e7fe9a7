"""`=`, `+=` and `++`, as statements and as expressions."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.grammar import ELEMENT, LEFT_OUT, kind
from leaklint.frontends.java.places import element
from leaklint.frontends.java.walk import (
    DEEPEST,
    EXPRESSIONS,
    Walk,
    expression,
    fragments,
    place_of,
    statement,
)
from leaklint.ir import NONE

_ASSIGNMENT = kind("assignment_expression")
_ASSIGN = kind("=", named=False)


@expression("assignment_expression", nests=True)
def assignment(walk: Walk, node: Node) -> int:
    target, _ = assign(walk, node)
    return walk.b.place_value(target, node.start_byte, node.end_byte)


def assign(walk: Walk, node: Node) -> tuple[int, int]:
    """Bind what is assigned; returns the place of the target and the value. `a = b = v` binds v twice."""
    b = walk.b
    at, end = node.start_byte, node.end_byte
    children = node.children
    if len(children) != 3:
        children = walk.without_extras(children)
        if len(children) != 3:
            fragments(walk, node)
            return b.nowhere(), walk.opaque(node, node.type)
    left, sign, right = children
    container = key = NONE
    if left.kind_id == ELEMENT:
        container, key = element(walk, left)
        target = b.element(container)
    else:
        target = place_of(walk, left)
    if right.kind_id == _ASSIGNMENT and walk.depth <= DEEPEST:
        walk.depth += 1
        value = assign(walk, right)[1]
        walk.depth -= 1
    else:
        value = EXPRESSIONS[right.kind_id](walk, right)
    if sign.kind_id != _ASSIGN:
        b.bind(target, value, "augment", at, end, op=walk.text(sign)[:-1])
    elif key != NONE:
        b.bind(container, value, "element", at, end, key=key)
    else:
        b.bind(target, value, "assign", at, end)
    return target, value


@expression("update_expression")
def update(walk: Walk, node: Node) -> int:
    return walk.b.place_value(step(walk, node), node.start_byte, node.end_byte)


def step(walk: Walk, node: Node) -> int:
    """Bind `x++` and its like as `x += 1`; returns the place of x."""
    b = walk.b
    at, end = node.start_byte, node.end_byte
    operands = [child for child in node.named_children if child.kind_id not in LEFT_OUT]
    if not operands or walk.depth > DEEPEST:
        walk.too_deep(node)
        return b.nowhere()
    walk.depth += 1
    target = place_of(walk, operands[0])
    walk.depth -= 1
    sign = node.children[0 if walk.data[at : at + 1] in b"+-" else -1]
    b.bind(target, b.value("number", at, end, "1"), "augment", at, end, op=walk.text(sign)[:1])
    return target


@statement("assignment_expression")
def assignment_statement(walk: Walk, node: Node) -> str:
    assign(walk, node)
    return ""


@statement("update_expression")
def update_statement(walk: Walk, node: Node) -> str:
    step(walk, node)
    return ""
