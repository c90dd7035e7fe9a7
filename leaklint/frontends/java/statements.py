"""Statements: every handler returns how its statement leaves (`return`, `raise`, …) or an empty string."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.calls import invoke
from leaklint.frontends.java.grammar import CALL, SKIPPED, kinds
from leaklint.frontends.java.walk import EXPRESSIONS, STATEMENTS, Walk, statement
from leaklint.ir import NONE
from leaklint.ir.records import LeaveHow

_DECLARING = kinds(
    "local_variable_declaration",
    "class_declaration",
    "interface_declaration",
    "enum_declaration",
    "record_declaration",
)


def sequence(walk: Walk, nodes: list[Node]) -> str:
    """Lower statements in order; how the last of them leaves."""
    b = walk.b
    scope = b.scope
    leaves = ""
    for node in nodes:
        number = node.kind_id
        if number in SKIPPED:
            continue
        leaves = STATEMENTS[number](walk, node)
        if b.scope != scope:
            walk.close_to(scope, node.end_byte)
    return leaves


def declares(nodes: list[Node]) -> bool:
    """Whether a block needs a scope of its own."""
    return not _DECLARING.isdisjoint([node.kind_id for node in nodes])


@statement("block", "constructor_body", nests=True)
def block(walk: Walk, node: Node) -> str:
    nodes = node.children
    if not declares(nodes):
        return sequence(walk, nodes)
    walk.b.open_scope("block", "", node.start_byte, node.end_byte)
    leaves = sequence(walk, nodes)
    walk.b.close_scope()
    return leaves


@statement("expression_statement")
def expression_statement(walk: Walk, node: Node) -> str:
    children = node.children
    first = children[0]
    number = first.kind_id
    if number == CALL:
        invoke(walk, first)
    else:
        STATEMENTS[number](walk, first)
    if len(children) > 2:
        for child in children[1:]:
            if child.kind_id not in SKIPPED:
                STATEMENTS[child.kind_id](walk, child)
    return ""


@statement("method_invocation")
def call_statement(walk: Walk, node: Node) -> str:
    invoke(walk, node)
    return ""


@statement("return_statement")
def return_statement(walk: Walk, node: Node) -> str:
    return _leave(walk, node, "return")


@statement("throw_statement")
def throw_statement(walk: Walk, node: Node) -> str:
    return _leave(walk, node, "raise")


@statement("yield_statement")
def yield_statement(walk: Walk, node: Node) -> str:
    """The value of a block in a switch expression."""
    value = _operand(walk, node)
    if walk.yields:
        walk.yields[-1].append(value)
    walk.b.leave("yield", node.start_byte, node.end_byte, value)
    return ""


@statement("break_statement")
def break_statement(walk: Walk, node: Node) -> str:
    walk.b.leave("break", node.start_byte, node.end_byte)
    return "break"


@statement("continue_statement")
def continue_statement(walk: Walk, node: Node) -> str:
    walk.b.leave("continue", node.start_byte, node.end_byte)
    return "continue"


def _leave(walk: Walk, node: Node, how: LeaveHow) -> str:
    walk.b.leave(how, node.start_byte, node.end_byte, _operand(walk, node))
    return how


def _operand(walk: Walk, node: Node) -> int:
    value = NONE
    for child in node.children:
        number = child.kind_id
        if number not in SKIPPED:
            value = EXPRESSIONS[number](walk, child)
    return value


@statement("synchronized_statement", nests=True)
def synchronized(walk: Walk, node: Node) -> str:
    leaves = ""
    for child in node.named_children:
        leaves = STATEMENTS[child.kind_id](walk, child)
    return leaves


@statement("labeled_statement", nests=True)
def labeled(walk: Walk, node: Node) -> str:
    *_, body = node.named_children
    return STATEMENTS[body.kind_id](walk, body)


@statement("assert_statement")
def assert_statement(walk: Walk, node: Node) -> str:
    for child in node.named_children:
        EXPRESSIONS[child.kind_id](walk, child)
    return ""
