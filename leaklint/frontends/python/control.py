"""Statements that hold blocks: branches, loops, `try`, `with`."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.python.dispatch import block, expression, region, statements, value
from leaklint.frontends.python.grammar import (
    AS_PATTERNS,
    BLOCKS,
    ELIF,
    ELSE,
    EXCEPT,
    FINALLY,
    PARENTHESIZED,
    TOKENS,
    WITH_CLAUSE,
    WITH_ITEM,
)
from leaklint.frontends.python.targets import bind
from leaklint.frontends.python.walk import Walk
from leaklint.ir import NONE

_TYPE_CHECKING = frozenset({b"TYPE_CHECKING", b"typing.TYPE_CHECKING"})


def all_leave(arms: list[str]) -> str:
    """How a statement leaves when every one of its arms does."""
    return arms[0] if arms and all(arms) else ""


# -- if


@statements("if_statement")
def _if(walk: Walk, node: Node) -> str:
    """Each `elif` nests in the region where the tests before it do not hold."""
    builder = walk.builder
    arms: list[str] = []
    test, opened, complete = NONE, 0, False
    queue = node.named_children[::-1]
    while queue:
        child = queue.pop()
        kind = child.kind_id
        if kind in BLOCKS:
            builder.open_region("branch", child.start_byte, test=test)
            arms.append(_arm(walk, child, test))
        elif kind == ELIF:
            builder.open_region("branch", child.start_byte, test=test, negated=True)
            opened += 1
            queue += child.named_children[::-1]
        elif kind == ELSE:
            builder.open_region("branch", child.start_byte, test=test, negated=True)
            arms.append(_suite(walk, child))
            complete = True
        elif kind not in TOKENS:
            test = value(walk, child)
    leaves = arms.pop() if complete and arms else ""
    for _ in range(opened):
        leaves = all_leave([arms.pop(), leaves]) if arms else ""
        builder.close_region(node.end_byte, leaves)
    return all_leave([arms.pop(), leaves]) if arms else ""


def _arm(walk: Walk, body: Node, test: int) -> str:
    row = walk.values[test] if test != NONE else None
    if row is None or walk.data[row.at : row.end] not in _TYPE_CHECKING:
        return region(walk, body)
    before, walk.type_only = walk.type_only, True
    leaves = region(walk, body)
    walk.type_only = before
    return leaves


def _suite(walk: Walk, clause: Node) -> str:
    """Lower the block of a clause into the open region, and close it."""
    leaves = _inside(walk, clause)
    walk.builder.close_region(clause.end_byte, leaves)
    return leaves


def _inside(walk: Walk, clause: Node) -> str:
    leaves = ""
    for child in clause.named_children:
        if child.kind_id in BLOCKS:
            leaves = block(walk, child)
        elif child.kind_id not in TOKENS:
            value(walk, child)
    return leaves


# -- loops


@statements("while_statement")
def _while(walk: Walk, node: Node) -> str:
    """The test is evaluated inside the loop."""
    builder = walk.builder
    outside = builder.region
    loop = builder.open_region("loop", node.start_byte)
    for child in node.named_children:
        kind = child.kind_id
        if kind in BLOCKS:
            region(walk, child)
        elif kind == ELSE:
            _after_loop(walk, child)
        elif kind not in TOKENS:
            builder.regions[loop].test = value(walk, child)
    balance(walk, outside, node.end_byte)
    return ""


@statements("for_statement")
def _for(walk: Walk, node: Node) -> str:
    builder = walk.builder
    outside = builder.region
    target = None
    for child in node.named_children:
        kind = child.kind_id
        if kind in BLOCKS:
            region(walk, child)
        elif kind == ELSE:
            _after_loop(walk, child)
        elif kind in TOKENS:
            continue
        elif target is None:
            target = child
        elif builder.region == outside:
            iterable = value(walk, child)
            builder.open_region("loop", node.start_byte, iterates=iterable)
            bind(walk, target, iterable, "iterate", child.end_byte)
    balance(walk, outside, node.end_byte)
    return ""


def _after_loop(walk: Walk, clause: Node) -> None:
    """The `else` of a loop runs unless the loop was left by `break`."""
    walk.builder.open_region("branch", clause.start_byte)
    _suite(walk, clause)


def balance(walk: Walk, outside: int, end: int, leaves: str = "") -> None:
    """Close all regions inside `outside`: the opened ones, or what a syntax error left open."""
    while walk.builder.region != outside:
        walk.builder.close_region(end, leaves)


# -- try, with


@statements("try_statement")
def _try(walk: Walk, node: Node) -> str:
    builder = walk.builder
    children = walk.parts(node)
    builder.open_region("try", node.start_byte)
    leaves, end, at_last = "", node.start_byte, ""
    for child in children:
        if child.kind_id in BLOCKS:
            leaves, end = block(walk, child), child.end_byte
        elif child.kind_id == ELSE:
            leaves, end = _inside(walk, child), child.end_byte
    builder.close_region(end, leaves)
    arms = [leaves]
    for child in children:
        if child.kind_id == EXCEPT:
            arms.append(_except(walk, child))
        elif child.kind_id == FINALLY:
            builder.open_region("finally", child.start_byte)
            at_last = _suite(walk, child)
    return at_last or all_leave(arms)


def _except(walk: Walk, clause: Node) -> str:
    """What is caught has no value in the source; its classes have."""
    row = walk.builder.regions[walk.builder.open_region("except", clause.start_byte)]
    leaves = ""
    for child in clause.named_children:
        kind = child.kind_id
        if kind in BLOCKS:
            leaves = block(walk, child)
        elif kind in AS_PATTERNS:
            parts = walk.parts(child)
            row.catches = value(walk, parts[0])
            bind(walk, parts[-1], walk.opaque_value(parts[0]), "catch", child.end_byte)
        elif kind not in TOKENS:
            row.catches = value(walk, child)
    walk.builder.close_region(clause.end_byte, leaves)
    return leaves


@statements("with_statement")
def _with(walk: Walk, node: Node) -> str:
    leaves = ""
    for child in node.named_children:
        kind = child.kind_id
        if kind == WITH_CLAUSE:
            _items(walk, child)
        elif kind in BLOCKS:
            walk.builder.open_region("with", child.start_byte)
            leaves = region(walk, child)
        elif kind not in TOKENS:
            value(walk, child)
    return leaves


def _items(walk: Walk, clause: Node) -> None:
    for item in clause.named_children:
        if item.kind_id == WITH_ITEM:
            for child in walk.parts(item):
                _enter(walk, child)
        elif item.kind_id not in TOKENS:
            value(walk, item)


def _enter(walk: Walk, node: Node) -> None:
    at, end = node.start_byte, node.end_byte
    while node.kind_id == PARENTHESIZED:  # `with (a as b):`
        inner = walk.operands(node)
        if len(inner) != 1:
            break
        node = inner[0]
    if node.kind_id in AS_PATTERNS:
        value(walk, node)
        return
    entered = value(walk, node)
    walk.builder.bind(walk.builder.nowhere(), entered, "enter", at, end)


@expression("as_pattern")
def _as(walk: Walk, node: Node) -> int:
    parts = walk.parts(node)
    entered = value(walk, parts[0])
    bind(walk, parts[-1], entered, "enter", node.end_byte)
    return entered
