"""`instanceof` and `switch`: tests that declare variables when they hold."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.grammar import (
    COMMENTS,
    ERROR,
    GENERIC_TYPE,
    IDENTIFIER,
    LEFT_OUT,
    PARENTHESES,
    TYPES,
    kind,
)
from leaklint.frontends.java.places import type_value
from leaklint.frontends.java.statements import declares
from leaklint.frontends.java.walk import (
    DEEPEST,
    EXPRESSIONS,
    STATEMENTS,
    Walk,
    expression,
    fragments,
    statement,
)
from leaklint.ir import NONE

_RECORD = kind("record_pattern")
_RECORD_BODY = kind("record_pattern_body")
_COMPONENT = kind("record_pattern_component")
_TYPE_PATTERN = kind("type_pattern")
_PATTERN = kind("pattern")
_INSTANCEOF = kind("instanceof", named=False)
_GUARD = kind("guard")
_BODY = kind("switch_block")
_GROUP = kind("switch_block_statement_group")
_RULE = kind("switch_rule")
_LABEL = kind("switch_label")
_EXPRESSION_STATEMENT = kind("expression_statement")
_CONSTANT = frozenset({"final"})


@expression("instanceof_expression", nests=True)
def instanceof(walk: Walk, node: Node) -> int:
    """`o instanceof T`; a variable of the pattern is bound where the test is evaluated."""
    children = walk.without_extras(node.children)
    if len(children) < 3 or children[1].kind_id != _INSTANCEOF:
        fragments(walk, node)
        return walk.opaque(node, node.type)
    subject = EXPRESSIONS[children[0].kind_id](walk, children[0])
    rest = [child for child in children[2:] if child.is_named]
    tested = NONE
    if rest and rest[0].kind_id == _RECORD:
        tested = record_pattern(walk, rest[0], subject)
    elif rest and rest[0].kind_id in TYPES:
        tested = type_value(walk, rest[0])
        if len(rest) > 1:
            bind_pattern(walk, rest[1], rest[0], subject)
    parts = (subject, tested) if tested != NONE else (subject,)
    return walk.b.value("operation", node.start_byte, node.end_byte, "instanceof", parts)


def bind_pattern(walk: Walk, name: Node, written: Node | None, subject: int) -> None:
    """Declare the variable of a pattern and bind it to what was tested.

    `!(o instanceof T t)` declares t for the statements that follow; otherwise t lives in a block that
    ends with the statement, so that the next `instanceof T t` is another variable.
    """
    b = walk.b
    text = walk.text(name)
    if name.kind_id != IDENTIFIER or text == "_":
        return
    at, end = name.start_byte, name.end_byte
    if b.is_declared(text) or not (walk.negations or b.scope in walk.pattern_scopes):
        scope = b.open_scope("block", "", at, end)
        if not walk.negations:
            walk.pattern_scopes.add(scope)
    type_, arguments = walk.type(written) if written is not None else ("", ())
    symbol = b.declare(text, "variable", at, end, type=type_, type_args=arguments)
    b.bind(b.symbol_place(symbol), subject, "declare", at, end)


def record_pattern(walk: Walk, node: Node, subject: int) -> int:
    """Bind the variables of `R(int x, S(var y))`, each one step inside its record; the value of R."""
    b = walk.b
    if walk.depth > DEEPEST:
        return walk.too_deep(node)
    walk.depth += 1
    tested = NONE
    for child in node.named_children:
        number = child.kind_id
        if number == IDENTIFIER:
            tested = EXPRESSIONS[number](walk, child)
        elif number == GENERIC_TYPE:
            tested = type_value(walk, child)
        elif number == _RECORD_BODY:
            for part in child.named_children:
                _component(walk, part, subject)
    walk.depth -= 1
    return tested if tested != NONE else b.value("opaque", node.start_byte, node.end_byte)


def _component(walk: Walk, node: Node, subject: int) -> None:
    number = node.kind_id
    if number == _RECORD:
        record_pattern(walk, node, _inside(walk, node, subject))
    elif number == _COMPONENT:
        parts = [child for child in node.named_children if child.kind_id not in LEFT_OUT]
        if len(parts) == 2:
            bind_pattern(walk, parts[1], parts[0], _inside(walk, node, subject))


def _inside(walk: Walk, node: Node, subject: int) -> int:
    """A component of a tested record: an element of its place, as the components' names are unknown."""
    b = walk.b
    row = b.values[subject]
    if row.kind == "place" or row.kind == "call":
        return b.place_value(b.element(b.place_of(subject)), node.start_byte, node.end_byte)
    return b.value("opaque", node.start_byte, node.end_byte)


@expression("switch_expression", nests=True)
def switch_value(walk: Walk, node: Node) -> int:
    walk.yields.append([])
    _switch(walk, node)
    return walk.b.value("conditional", node.start_byte, node.end_byte, "", tuple(walk.yields.pop()))


@statement("switch_expression", nests=True)
def switch_statement(walk: Walk, node: Node) -> str:
    walk.yields.append([])
    _switch(walk, node)
    walk.yields.pop()
    return ""


def _switch(walk: Walk, node: Node) -> None:
    """A branch per case; groups without arrows share the block that their variables live in."""
    b = walk.b
    subject = NONE
    for child in node.named_children:
        if child.kind_id == PARENTHESES:
            subject = EXPRESSIONS[PARENTHESES](walk, child)
        elif child.kind_id == ERROR:
            fragments(walk, child)
        elif child.kind_id == _BODY:
            cases = child.named_children
            scope = b.scope
            if any(declares(case.named_children) for case in cases if case.kind_id == _GROUP):
                b.open_scope("block", "", child.start_byte, child.end_byte)
            pending: list[Node] = []  # labels of groups that are only labels
            for case in cases:
                if case.kind_id == _GROUP or case.kind_id == _RULE:
                    labels, body = _case_parts(case)
                    pending += labels
                    if body or case is cases[-1]:
                        _case(walk, case, pending, body, subject)
                        pending = []
                elif case.kind_id == ERROR:
                    fragments(walk, case)
            walk.close_to(scope, child.end_byte)


def _case_parts(node: Node) -> tuple[list[Node], list[Node]]:
    """Labels and statements of a case."""
    labels: list[Node] = []
    body: list[Node] = []
    for child in node.named_children:
        if child.kind_id not in COMMENTS:
            (labels if child.kind_id == _LABEL else body).append(child)
    return labels, body


def _case(walk: Walk, node: Node, labels: list[Node], body: list[Node], subject: int) -> None:
    b = walk.b
    end = node.end_byte
    region = b.open_region("branch", labels[0].start_byte if labels else node.start_byte)
    scope = b.scope
    _test(walk, region, labels, subject)
    arrow = node.kind_id == _RULE
    leaves = ""
    for child in body:
        if arrow and child.kind_id == _EXPRESSION_STATEMENT and walk.yields:
            for operand in child.named_children:
                value = EXPRESSIONS[operand.kind_id](walk, operand)
                if value != NONE:
                    walk.yields[-1].append(value)
        else:
            leaves = STATEMENTS[child.kind_id](walk, child)
    if b.scope != scope:
        walk.close_to(scope, end)
    b.close_region(end, leaves)


def _test(walk: Walk, region: int, labels: list[Node], subject: int) -> None:
    """`case` of the subject and what it is compared with; `default` has nothing to compare with."""
    b = walk.b
    parts = [subject] if subject != NONE else []
    guards: list[Node] = []
    for label in labels:
        for child in label.named_children:
            if child.kind_id == _GUARD:
                guards.extend(child.named_children)
            elif child.kind_id == _PATTERN:
                parts.extend(_pattern(walk, child, subject))
            elif child.kind_id == IDENTIFIER and walk.text(child) == "default":
                continue  # `case null, default`
            else:
                value = EXPRESSIONS[child.kind_id](walk, child)
                if value != NONE:
                    parts.append(value)
    at, end = labels[0].start_byte if labels else 0, labels[-1].end_byte if labels else 0
    test = b.value("operation", at, end, "case", tuple(parts))
    for guard in guards:
        held = EXPRESSIONS[guard.kind_id](walk, guard)
        if held != NONE:
            test = b.value("operation", at, end, "and", (test, held))
    b.regions[region].test = test


def _pattern(walk: Walk, node: Node, subject: int) -> list[int]:
    tested: list[int] = []
    for child in node.named_children:
        if child.kind_id == _RECORD:
            tested.append(record_pattern(walk, child, subject))
        elif child.kind_id == _TYPE_PATTERN:
            parts = [part for part in child.named_children if part.kind_id not in LEFT_OUT]
            tested.append(type_value(walk, parts[0]))
            if len(parts) > 1:
                bind_pattern(walk, parts[1], parts[0], subject)
    return tested
