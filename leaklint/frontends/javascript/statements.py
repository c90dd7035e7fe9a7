"""Lowers statements. A handler returns how its last way out leaves: return, raise, break, continue or ""."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.javascript import assignments
from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript.patterns import NAMES, Binding, bind_elements, bind_target, source_of
from leaklint.frontends.javascript.walk import Execute, Walk
from leaklint.ir.records import NONE, LeaveHow


def run(w: Walk, nodes: list[Node]) -> str:
    """Lower a list of statements in the current scope."""
    table = w.statements
    leaves = ""
    entered = w.entered
    end = nodes[-1].end_byte if nodes else 0
    nodes.reverse()
    while nodes:
        node = nodes.pop()
        handler = table[node.kind_id]
        if handler is not None:
            result = handler(w, node)
            if result is not None:  # hoisted functions do not change how a list ends
                leaves = result
    while w.entered > entered:
        w.entered -= 1
        w.b.close_region(end, leaves)
    return leaves


def run_block(w: Walk, node: Node) -> str:
    """Statements of a function body: what they declare belongs to the function."""
    return run(w, node.children)


def block(w: Walk, node: Node) -> str:
    """A block; it is a scope only where something is declared in it."""
    children = node.children
    lexical = w.tables.lexical
    for child in children:
        if child.kind_id in lexical:
            w.open("block", "", node.start_byte, node.end_byte)
            leaves = run(w, children)
            w.close()
            return leaves
    return run(w, children)


def statement(w: Walk, node: Node) -> str:
    """One statement as the body of another: a function declared there has a block of its own."""
    handler = w.statements[node.kind_id]
    if handler is None:
        return ""
    return handler(w, node) or ""


def expression_statement(w: Walk, node: Node) -> str:
    effects = w.tables.effects
    for child in node.children:
        handler = effects[child.kind_id]
        if handler is not None:
            handler(w, child)
    return ""


def if_statement(w: Walk, node: Node) -> str:
    """`else if` nests in the negated region; a chain of any length is walked in a loop."""
    builder = w.b
    otherwise = w.tables.otherwise
    opened = 0
    arms: list[str] = []
    end = node.end_byte
    current: Node | None = node
    while current is not None:
        parts = current.children
        if len(parts) != 3 and (len(parts) != 4 or parts[3].kind_id not in otherwise):
            parts = ex.significant(w, current)
            if len(parts) < 3:
                ex.broken(w, current)
                arms.append("")
                break
        test = ex.inner(w, parts[1])
        body = parts[2]
        builder.open_region("branch", body.start_byte, test=test)
        leaves = statement(w, body)
        builder.close_region(body.end_byte, leaves)
        arms.append(leaves)
        current = None
        if len(parts) < 4:
            arms.append("")
            break
        inside = ex.significant(w, parts[3])
        if len(inside) < 2:
            arms.append("")
            break
        other = inside[-1]
        builder.open_region("branch", other.start_byte, test=test, negated=True)
        opened += 1
        if other.type == "if_statement":
            current = other
        else:
            arms.append(statement(w, other))
    leaves = arms[-1]
    for arm in range(opened - 1, -1, -1):
        builder.close_region(end, leaves)
        leaves = leaves if leaves and arms[arm] else ""
    return leaves if opened else ""


def while_statement(w: Walk, node: Node) -> str:
    builder = w.b
    region = builder.open_region("loop", node.start_byte)
    for child in ex.significant(w, node):
        if child.type == "parenthesized_expression":
            builder.regions[region].test = ex.inner(w, child)
        else:
            statement(w, child)
    builder.close_region(node.end_byte)
    return ""


def for_statement(w: Walk, node: Node) -> str:
    """The init stands before the loop; test, body and update inside it, in that order."""
    builder = w.b
    initial = node.child_by_field_name("initializer")
    test = node.child_by_field_name("condition")
    update = node.child_by_field_name("increment")
    body = node.child_by_field_name("body")
    scoped = initial is not None and initial.type == "lexical_declaration"
    if scoped:
        w.open("block", "", node.start_byte, node.end_byte)
    if initial is not None:
        _either(w, initial)
    region = builder.open_region("loop", node.start_byte)
    if test is not None and test.is_named and test.type != "empty_statement":
        builder.regions[region].test = _either(w, test)
    if body is not None:
        statement(w, body)
    if update is not None:
        _either(w, update)
    builder.close_region(node.end_byte)
    if scoped:
        w.close()
    return ""


def _either(w: Walk, node: Node) -> int:
    """A part of a `for` header: a statement in one grammar, an expression in another."""
    handler = w.expressions[node.kind_id]
    if handler is not None:
        return handler(w, node)
    if node.type == "expression_statement":
        return ex.inner(w, node)
    statement(w, node)
    return NONE


def for_in_statement(w: Walk, node: Node) -> str:
    """`for (x of xs)`, `for (k in o)`: a variable that the loop declares belongs to a block inside it."""
    builder = w.b
    left = node.child_by_field_name("left")
    right = node.child_by_field_name("right")
    body = node.child_by_field_name("body")
    if left is None or right is None:
        ex.broken(w, node)
        return ""
    word = node.child_by_field_name("kind")
    kind = word.type if word is not None else ""
    iterated = ex.expression(w, right)
    builder.open_region("loop", node.start_byte, iterates=iterated)
    scoped = kind not in ("", "var")
    if scoped:
        w.open("block", "", node.start_byte, node.end_byte)
    binding = Binding("iterate")
    if kind:
        scope = w.b.scope if scoped else w.function
        binding = Binding("iterate", "constant" if kind == "const" else "variable", scope)
    left = ex.unwrapped(w, left)
    if left.type in NAMES or left.type in ("member_expression", "subscript_expression"):
        bind_target(w, left, NONE, binding, iterated)
    else:
        bind_elements(w, left, source_of(w, iterated), binding)
    if body is not None:
        statement(w, body)
    if scoped:
        w.close()
    builder.close_region(node.end_byte)
    return ""


def try_statement(w: Walk, node: Node) -> str:
    builder = w.b
    for child in node.children:
        kind = child.type
        if kind == "statement_block":
            builder.open_region("try", child.start_byte)
            builder.close_region(child.end_byte, block(w, child))
        elif kind == "catch_clause":
            builder.open_region("except", child.start_byte)
            builder.close_region(child.end_byte, _catch(w, child))
        elif kind == "finally_clause":
            builder.open_region("finally", child.start_byte)
            builder.close_region(child.end_byte, block(w, child.children[-1]))
        elif child.is_error:
            ex.broken(w, child)
    return ""


def _catch(w: Walk, node: Node) -> str:
    parameter = node.child_by_field_name("parameter")
    body = node.children[-1]
    if parameter is None:
        return block(w, body)
    w.open("block", "", node.start_byte, node.end_byte)
    bind_target(w, parameter, NONE, Binding("catch", "variable", w.b.scope))
    leaves = block(w, body)
    w.close()
    return leaves


def switch_statement(w: Walk, node: Node) -> str:
    value_node = node.child_by_field_name("value")
    body = node.child_by_field_name("body")
    if value_node is None or body is None:
        ex.broken(w, node)
        return ""
    subject = ex.inner(w, value_node)
    lexical = w.tables.lexical
    cases = [case for case in body.children if case.is_named and not case.is_extra]
    scoped = any(child.kind_id in lexical for case in cases for child in case.children)
    if scoped:
        w.open("block", "", body.start_byte, body.end_byte)
    patterns: list[int] = []
    at = body.start_byte
    for case in cases:
        if not patterns:
            at = case.start_byte
        _case(w, case, subject, patterns, at)
    if scoped:
        w.close()
    return ""


def _case(w: Walk, node: Node, subject: int, patterns: list[int], at: int) -> None:
    """One `case`; labels without statements of their own join the next one."""
    value = node.child_by_field_name("value")
    if value is not None:
        patterns.append(ex.expression(w, value))
    children = node.children
    colon = next((index for index, child in enumerate(children) if child.type == ":"), len(children))
    body = children[colon + 1 :]
    if not any(child.is_named and not child.is_extra for child in body) and value is not None:
        return
    test = w.b.value("operation", at, node.end_byte, "case", (subject, *patterns))
    patterns.clear()
    w.b.open_region("branch", at, test=test)
    w.b.close_region(node.end_byte, run(w, body))


def leave(how: LeaveHow) -> Execute:
    """A handler for `return`, `throw`, `break` and `continue`."""

    def handler(w: Walk, node: Node) -> str:
        value = NONE
        if how in ("return", "raise"):
            for child in node.children:
                expression = w.expressions[child.kind_id]
                if expression is not None:
                    value = expression(w, child)
        w.b.leave(how, node.start_byte, node.end_byte, value)
        return how

    return handler


def last(w: Walk, node: Node) -> str:
    """A statement around another: a label."""
    return statement(w, node.children[-1])


def with_statement(w: Walk, node: Node) -> str:
    """Inside `with (o)` any name may be a property of o, so nothing in it is certain."""
    w.b.opaque("with statement", node.start_byte, node.end_byte)
    for child in node.children:
        if child.type == "parenthesized_expression":
            ex.inner(w, child)
        else:
            statement(w, child)
    return ""


def using_declaration(w: Walk, node: Node) -> str:
    """`using x = open()`: the rest of the block is the body of a `with` region."""
    for child in node.children:
        if child.type == "variable_declarator":
            assignments.declare(w, child, "constant", w.b.scope, "enter")
    enter(w, node)
    return ""


def enter(w: Walk, node: Node) -> None:
    """Open a `with` region that the surrounding list of statements closes."""
    w.b.open_region("with", node.end_byte)
    w.entered += 1


def error(w: Walk, node: Node) -> str:
    ex.broken(w, node)
    return ""


def nothing(w: Walk, node: Node) -> str:
    return ""
