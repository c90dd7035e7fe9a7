"""Displays and comprehensions."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.python.dispatch import expression, value
from leaklint.frontends.python.grammar import FOR_CLAUSE, IF_CLAUSE, PAIR, TOKENS
from leaklint.frontends.python.targets import bind
from leaklint.frontends.python.walk import Walk
from leaklint.ir import NONE, Value


def _display(text: str, *kinds: str) -> None:
    @expression(*kinds)
    def lower(walk: Walk, node: Node) -> int:
        at, end = node.start_byte, node.end_byte
        parts = [value(walk, child) for child in node.named_children if child.kind_id not in TOKENS]
        values = walk.values
        values.append(Value("container", at, end, text, NONE, NONE, NONE, NONE, tuple(parts)))
        return len(values) - 1


_display("list", "list", "list_pattern")
_display("set", "set")
_display("tuple", "tuple", "expression_list", "pattern_list", "tuple_pattern")


@expression("dictionary")
def _dictionary(walk: Walk, node: Node) -> int:
    parts: list[int] = []
    keys: list[str] = []
    computed: list[int] = []
    for child in node.named_children:
        kind = child.kind_id
        if kind in TOKENS:
            continue
        key, at = "", NONE
        if kind == PAIR:
            key, at, part = _pair(walk, child)
        else:
            part = value(walk, child)
        parts.append(part)
        keys.append(key)
        computed.append(at)
    made = walk.builder.value(
        "container", node.start_byte, node.end_byte, "dict", tuple(parts), tuple(keys) if any(keys) else ()
    )
    if any(at != NONE for at in computed):
        walk.builder.values[made].computed = tuple(computed)
    return made


def _pair(walk: Walk, node: Node) -> tuple[str, int, int]:
    """The key if it is a literal, else its value, and the value of `key: value`."""
    operands = node.named_children
    if len(operands) != 2:
        operands = walk.operands(node)
    at = value(walk, operands[0])
    key = walk.builder.values[at]
    part = value(walk, operands[-1])
    return (key.text, NONE, part) if key.kind in ("string", "number", "boolean") else ("", at, part)


@expression("pair")
def _stray_pair(walk: Walk, node: Node) -> int:
    return _pair(walk, node)[-1]


_NAMES = {"list_comprehension": "list", "set_comprehension": "set", "dictionary_comprehension": "dict"}


@expression("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression")
def _comprehension(walk: Walk, node: Node) -> int:
    """Its first iterable belongs to the scope outside, as in Python."""
    clauses = walk.operands(node)
    body = clauses.pop(0)
    iterable = _last(walk, clauses[0]) if clauses else NONE
    name = _NAMES.get(node.type, "generator")
    flags = frozenset({"generator"}) if name == "generator" else frozenset()
    scope = walk.open_scope("lambda", name, node, flags=flags)
    walk.comprehensions.add(scope)
    opened = 0
    for clause in clauses:
        opened += _clause(walk, clause, iterable)
        iterable = NONE
    element = value(walk, body)
    for _ in range(opened):
        walk.builder.close_region(node.end_byte)
    walk.close_scope()
    return walk.builder.value(
        "container", node.start_byte, node.end_byte, "comprehension", (element,), scope=scope
    )


def _last(walk: Walk, clause: Node) -> int:
    """The value of the last operand: what a `for` iterates, what an `if` tests."""
    operands = walk.operands(clause)
    return value(walk, operands[-1]) if operands else walk.opaque_value(clause)


def _clause(walk: Walk, clause: Node, iterable: int) -> int:
    """Open the region of a `for` or `if` clause: how many were opened."""
    builder = walk.builder
    if clause.kind_id == IF_CLAUSE:
        test = _last(walk, clause)
        builder.open_region("branch", clause.start_byte, test=test)
    elif clause.kind_id == FOR_CLAUSE:
        if iterable == NONE:
            iterable = _last(walk, clause)
        builder.open_region("loop", clause.start_byte, iterates=iterable)
        operands = walk.operands(clause)
        bind(walk, operands[0], iterable, "iterate", clause.end_byte)
    else:
        value(walk, clause)
        return 0
    return 1
