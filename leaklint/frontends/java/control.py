"""Branches and loops."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.grammar import COMMENTS, LEFT_OUT, NAMED, PARENTHESES, kind
from leaklint.frontends.java.variables import declared, header, local_kind, variable_place
from leaklint.frontends.java.walk import EXPRESSIONS, STATEMENTS, Walk, fragments, statement
from leaklint.ir import NONE

_ELSE = kind("else", named=False)
_SEMICOLON = kind(";", named=False)
_CLOSE = kind(")", named=False)
_IF = kind("if_statement")
_LOCAL = kind("local_variable_declaration")


@statement("if_statement", nests=True)
def if_statement(walk: Walk, node: Node) -> str:
    """A chain of `else if` nests in the negated regions; it is walked, not recursed into."""
    b = walk.b
    scope = b.scope
    arms: list[str] = []
    negated = 0
    end = node.end_byte
    while True:
        parts = _if_parts(node)
        if len(parts) < 2:
            fragments(walk, node)
            arms.append("")
            break
        test = EXPRESSIONS[parts[0].kind_id](walk, parts[0])
        arms.append(_arm(walk, parts[1], test))
        if len(parts) < 3:
            arms.append("")
            break
        node = parts[2]
        if b.scope in walk.pattern_scopes:
            walk.close_to(scope, node.start_byte)  # where `o instanceof T t` held, t is gone
        b.open_region("branch", node.start_byte, test=test, negated=True)
        negated += 1
        if node.kind_id != _IF:
            arms.append(STATEMENTS[node.kind_id](walk, node))
            break
    leaves = arms.pop()
    while negated:
        b.close_region(end, leaves)
        negated -= 1
        then = arms.pop()
        leaves = then if leaves else ""
    return leaves


def _if_parts(node: Node) -> list[Node]:
    """Condition, first arm and, where there is one, second arm."""
    children = node.children
    if len(children) == 3:
        return children[1:]
    if len(children) == 5 and children[3].kind_id == _ELSE:
        return [children[1], children[2], children[4]]
    return [child for child in children if child.is_named and child.kind_id not in LEFT_OUT]


def _arm(walk: Walk, node: Node, test: int) -> str:
    b = walk.b
    b.open_region("branch", node.start_byte, test=test)
    leaves = STATEMENTS[node.kind_id](walk, node)
    b.close_region(node.end_byte, leaves)
    return leaves


@statement("while_statement", nests=True)
def while_statement(walk: Walk, node: Node) -> str:
    """The test's effects stand inside the loop: they run every time."""
    b = walk.b
    loop = b.open_region("loop", node.start_byte)
    _looped(walk, node.named_children, loop)
    b.close_region(node.end_byte)
    return ""


@statement("do_statement", nests=True)
def do_statement(walk: Walk, node: Node) -> str:
    b = walk.b
    loop = b.open_region("loop", node.start_byte)
    _looped(walk, node.named_children, loop)
    b.close_region(node.end_byte)
    return ""


def _looped(walk: Walk, parts: list[Node], loop: int) -> None:
    """Test and body of a loop, in the order in which they are written."""
    for part in parts:
        if part.kind_id == PARENTHESES and walk.b.regions[loop].test == NONE:
            walk.b.regions[loop].test = EXPRESSIONS[PARENTHESES](walk, part)
        else:
            STATEMENTS[part.kind_id](walk, part)


@statement("for_statement", nests=True)
def for_statement(walk: Walk, node: Node) -> str:
    """The variables of the first part belong to a block around the loop."""
    b = walk.b
    children = node.children
    scope = b.scope
    if any(child.kind_id == _LOCAL for child in children):
        b.open_scope("block", "", node.start_byte, node.end_byte)
    first, test, step_, body = _for_parts(children)
    for child in first:
        STATEMENTS[child.kind_id](walk, child)
    loop = b.open_region("loop", node.start_byte)
    for child in test:
        b.regions[loop].test = EXPRESSIONS[child.kind_id](walk, child)
    for child in (*body, *step_):
        STATEMENTS[child.kind_id](walk, child)
    b.close_region(node.end_byte)
    if b.scope != scope:
        walk.close_to(scope, node.end_byte)
    return ""


def _for_parts(children: list[Node]) -> tuple[list[Node], list[Node], list[Node], list[Node]]:
    """What stands before the first `;` of a `for`, before the second, before `)`, and after it."""
    parts: tuple[list[Node], list[Node], list[Node], list[Node]] = ([], [], [], [])
    at = 0
    for child in children:
        number = child.kind_id
        if number == _LOCAL:
            parts[0].append(child)  # its `;` is its own
            at = 1
        elif number in (_SEMICOLON, _CLOSE):
            at = min(at + 1, 3) if number == _SEMICOLON else 3
        elif child.is_named and number not in COMMENTS:
            parts[at].append(child)
    return parts


@statement("enhanced_for_statement", nests=True)
def for_each(walk: Walk, node: Node) -> str:
    b = walk.b
    children = walk.without_extras(node.children)
    modifiers, written = header(walk, children)
    names = [index for index, child in enumerate(children) if child.kind_id in NAMED]
    if not names or len(children) < names[0] + 5:
        fragments(walk, node)
        walk.opaque(node, node.type)
        return ""
    source, body = children[-3], children[-1]
    value = EXPRESSIONS[source.kind_id](walk, source)
    scope = b.scope
    b.open_scope("block", "", node.start_byte, node.end_byte)
    b.open_region("loop", node.start_byte, iterates=value)
    variable = children[names[0]]
    symbol = declared(
        walk, children[names[0] :], local_kind(modifiers), written, modifiers.local, modifiers.decorators
    )
    b.bind(variable_place(walk, symbol), value, "iterate", variable.start_byte, variable.end_byte)
    STATEMENTS[body.kind_id](walk, body)
    b.close_region(node.end_byte)
    walk.close_to(scope, node.end_byte)
    return ""
