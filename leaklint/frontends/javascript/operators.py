"""Lowers operators: those whose right operand may not be evaluated put its effects in a branch."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript.walk import Walk
from leaklint.ir.records import NONE, Value

OPERATORS = {"&&": "and", "||": "or", "===": "==", "!==": "!=", "!": "not"}
LOGICAL = frozenset({"&&", "||", "??"})
Operator = tuple[str, bool]  # text in the IR, whether the right operand may not be evaluated


def unary(w: Walk, node: Node) -> int:
    children = node.children
    if len(children) != 2:
        children = ex.significant(w, node)
    operator = children[0].type
    if operator == "delete":
        return delete(w, node, children[-1])
    part = ex.expression(w, children[-1])
    text = OPERATORS.get(operator, operator)
    return w.b.value("operation", node.start_byte, node.end_byte, text, (part,))


def delete(w: Walk, node: Node, target: Node) -> int:
    at, end = node.start_byte, node.end_byte
    target = ex.unwrapped(w, target)
    if target.type == "subscript_expression":
        holder, key, name = ex.subscript(w, target)
        if name:
            w.b.delete(w.b.member(holder, name), at, end)
        else:
            w.b.delete(holder, at, end, key)
    elif target.type == "member_expression":
        w.b.delete(ex.place(w, target), at, end)
    else:
        ex.expression(w, target)
    return w.opaque_value(node)


def binary(w: Walk, node: Node) -> int:
    """Operators of any length, iteratively: `a + b + c` is one operation, other chains nest to the left."""
    children = node.children
    left = children[0]
    kind = node.kind_id
    if len(children) != 3 or left.kind_id == kind:
        return _binaries(w, node, kind)
    right = children[2]
    text, logical = w.tables.operators[children[1].kind_id]
    value = w.operands[left.kind_id](w, left)
    part = guarded(w, right, value, text != "and") if logical else w.operands[right.kind_id](w, right)
    values = w.values
    values.append(
        Value("operation", node.start_byte, node.end_byte, text, NONE, NONE, NONE, NONE, (value, part))
    )
    return len(values) - 1


def _binaries(w: Walk, node: Node, kind: int) -> int:
    links: list[tuple[Node, Node, Operator]] = []
    left = node
    while left.kind_id == kind:
        children = left.children
        if len(children) != 3:
            children = ex.significant(w, left)
            if len(children) != 3:
                break
        links.append((left, children[2], w.tables.operators[children[1].kind_id]))
        left = children[0]
    if not links:
        return ex.broken(w, node)
    value = ex.expression(w, left)
    sum_parts: list[int] = []
    for index in range(len(links) - 1, -1, -1):
        link, right, (text, logical) = links[index]
        part = guarded(w, right, value, text != "and") if logical else ex.expression(w, right)
        parts: tuple[int, ...] = (value, part)
        if text == "+":
            if not sum_parts:
                sum_parts.append(value)
            sum_parts.append(part)
            if index and links[index - 1][2][0] == "+":
                continue
            parts, sum_parts = tuple(sum_parts), []
        value = w.b.value("operation", node.start_byte, link.end_byte, text, parts)
    return value


def guarded(w: Walk, node: Node, test: int, negated: bool) -> int:
    """Lower an operand that is evaluated only if a test holds; the region stays only if it has effects."""
    handler = w.expressions[node.kind_id]
    if handler is None:
        return w.opaque_value(node)
    kind = node.kind_id
    if kind in w.tables.leaves or (
        kind in w.plain and w.simple_place(node.start_byte, node.end_byte) != NONE
    ):
        return handler(w, node)
    start = open_guard(w, node.start_byte, test, negated)
    value = handler(w, node)
    close_guard(w, start, node.end_byte)
    return value


def open_guard(w: Walk, at: int, test: int, negated: bool) -> tuple[int, int]:
    builder = w.b
    builder.open_region("branch", at, test=test, negated=negated)
    return len(builder.effects), len(builder.scopes)


def close_guard(w: Walk, start: tuple[int, int], end: int) -> None:
    builder = w.b
    if (len(builder.effects), len(builder.scopes)) != start:
        builder.close_region(end)
        return
    builder.region = builder.regions.pop().parent


def ternary(w: Walk, node: Node) -> int:
    children = node.children
    if len(children) != 5:
        children = ex.significant(w, node)
        if len(children) != 5:
            return ex.broken(w, node)
    test = ex.expression(w, children[0])
    first = guarded(w, children[2], test, False)
    second = guarded(w, children[4], test, True)
    return w.b.value("conditional", node.start_byte, node.end_byte, parts=(first, second))
