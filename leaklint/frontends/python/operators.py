"""Operators, conditions and the other expressions that combine values."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.python.dispatch import DEPTH, expression, nested, value
from leaklint.frontends.python.grammar import BINARY, BOOLEAN, NAME_OR_LITERAL, TOKENS
from leaklint.frontends.python.walk import Walk
from leaklint.ir import NONE

_OPERATORS = frozenset(b"+ - * / // % ** @ | & ^ << >> and or".split())


@expression("binary_operator")
def _binary(walk: Walk, node: Node) -> int:
    """A chain of one operator is one operation, so that long sums stay flat."""
    root, chain = _left_chain(walk, node, BINARY)
    if not chain:
        return nested(walk, node)
    builder = walk.builder
    at = node.start_byte
    parts, end, operator, nesting = [value(walk, root)], root.end_byte, chain[-1][0], 0
    while chain:
        text, right, right_end = chain.pop()
        if text != operator:
            parts = [builder.value("operation", at, end, operator, tuple(parts))]
            operator = text
            nesting += 1
            if nesting > DEPTH:
                parts, nesting = [walk.too_deep(node)], 0
        parts.append(value(walk, right))
        end = right_end
    return builder.value("operation", at, end, operator, tuple(parts))


def _left_chain(walk: Walk, node: Node, kind: int) -> tuple[Node, list[tuple[str, Node, int]]]:
    """The leftmost operand, and outermost first (operator, right operand, end) of each operator."""
    chain: list[tuple[str, Node, int]] = []
    while node.kind_id == kind:
        operands = walk.operands(node)
        if len(operands) != 2:  # after a syntax error
            break
        left, right = operands
        between = walk.data[left.end_byte : right.start_byte].strip()
        operator = walk.texts[between] if between in _OPERATORS else _operator(node)
        chain.append((operator, right, node.end_byte))
        node = left
    return node, chain


def _operator(node: Node) -> str:
    """The operator of a node in which comments stand around it."""
    return next((child.type for child in node.children if not child.is_named), "")


@expression("boolean_operator")
def _boolean(walk: Walk, node: Node) -> int:
    root, chain = _left_chain(walk, node, BOOLEAN)
    if not chain:
        return nested(walk, node)
    builder = walk.builder
    at = node.start_byte
    parts, end, operator = [value(walk, root)], root.end_byte, chain[-1][0]
    opened = 0
    while chain:
        text, right, right_end = chain.pop()
        if text != operator:
            opened = _close_untaken(walk, opened, end)
            parts = [builder.value("operation", at, end, operator, tuple(parts))]
            operator = text
        if right.kind_id not in NAME_OR_LITERAL and opened < DEPTH:
            while opened < len(parts):
                builder.open_region("branch", right.start_byte, test=parts[opened], negated=operator == "or")
                opened += 1
        parts.append(value(walk, right))
        end = right_end
    _close_untaken(walk, opened, end)
    return builder.value("operation", at, end, operator, tuple(parts))


def _close_untaken(walk: Walk, opened: int, end: int) -> int:
    """Close as many regions, innermost first; those without effects are not kept."""
    for _ in range(opened):
        close_region_if_used(walk, end)
    return 0


def close_region_if_used(walk: Walk, end: int) -> None:
    """Close the current region; forget it when nothing happens in it."""
    builder = walk.builder
    current = builder.region
    builder.close_region(end)
    row = builder.regions[current]
    if row.first == row.last:
        builder.regions.pop()


@expression("conditional_expression")
def _conditional(walk: Walk, node: Node) -> int:
    operands = walk.operands(node)
    at, end = node.start_byte, node.end_byte
    if len(operands) != 3:
        return walk.builder.value("opaque", at, end, "", tuple(value(walk, child) for child in operands))
    taken, condition, otherwise = operands
    test = value(walk, condition)
    parts = (_branch(walk, taken, test, False), _branch(walk, otherwise, test, True))
    return walk.builder.value("conditional", at, end, "", parts)


def _branch(walk: Walk, node: Node, test: int, negated: bool) -> int:
    if node.kind_id in NAME_OR_LITERAL:
        return value(walk, node)
    walk.builder.open_region("branch", node.start_byte, test=test, negated=negated)
    result = value(walk, node)
    close_region_if_used(walk, node.end_byte)
    return result


@expression("comparison_operator")
def _comparison(walk: Walk, node: Node) -> int:
    """`a < b < c` is the `and` of its pairs; the value in the middle stands in both."""
    builder = walk.builder
    at = node.start_byte
    pairs: list[int] = []
    operators: list[str] = []
    left = NONE
    for child in walk.parts(node):
        if child.kind_id in TOKENS:
            operator = child.type
            if operator == "<>":
                builder.problem(child.start_byte, child.end_byte, "operator <> (Python 2)")
                operator = "!="
            operators.append(operator)
            continue
        right = value(walk, child)
        if left != NONE:
            pairs.append(builder.value("operation", at, child.end_byte, " ".join(operators), (left, right)))
            operators.clear()
        left, at = right, child.start_byte
    if len(pairs) == 1:
        return pairs[0]
    return builder.value("operation", node.start_byte, node.end_byte, "and", tuple(pairs))


@expression("not_operator", "unary_operator")
def _unary(walk: Walk, node: Node) -> int:
    operator, operand = walk.parts(node)
    part = value(walk, operand)
    return walk.builder.value("operation", node.start_byte, node.end_byte, operator.type, (part,))


@expression("named_expression")
def _walrus(walk: Walk, node: Node) -> int:
    parts = walk.parts(node)
    name, at, end = parts[0], node.start_byte, node.end_byte
    bound = value(walk, parts[-1])
    raw = walk.source(name)
    walk.bind_outside_comprehension(raw, bound, at, name.end_byte, end)
    return walk.place_value(walk.place(raw), at, end)


@expression("list_splat", "dictionary_splat", "parenthesized_list_splat", "list_splat_pattern")
def _splat(walk: Walk, node: Node) -> int:
    parts = tuple(value(walk, child) for child in walk.parts(node) if child.kind_id not in TOKENS)
    if len(parts) == 1 and node.start_byte == walk.star:
        return parts[0]
    return walk.builder.value("spread", node.start_byte, node.end_byte, "", parts)


@expression("yield")
def _yield(walk: Walk, node: Node) -> int:
    """What is sent in is not known; `yield from x` yields a spread."""
    builder = walk.builder
    at, end = node.start_byte, node.end_byte
    children = walk.parts(node)
    parts = [value(walk, child) for child in children if child.kind_id not in TOKENS]
    given = parts[0] if parts else NONE
    if len(children) > 1 and children[1].kind_id in TOKENS:
        given = builder.value("spread", at, end, "", tuple(parts))
    function = builder.scopes[builder.function_scope()]
    if function.kind != "module":
        function.flags |= {"generator"}
    builder.leave("yield", at, end, given)
    return builder.value("opaque", at, end)
