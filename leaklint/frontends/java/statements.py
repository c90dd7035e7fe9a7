"""Statements: every handler returns how its statement leaves (`return`, `raise`, …) or an empty string."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.expressions import assign, invoke, step
from leaklint.frontends.java.grammar import (
    BLOCK,
    COMMENTS,
    DECLARATOR,
    DIMENSIONS,
    ERROR,
    IDENTIFIER,
    LEFT_OUT,
    MODIFIERS,
    NAMED,
    PARENTHESES,
    SKIPPED,
    TYPES,
    UNDERSCORE,
    kind,
    kinds,
)
from leaklint.frontends.java.types import Type, dimensions
from leaklint.frontends.java.walk import (
    DEEPEST,
    EXPRESSIONS,
    NO_MODIFIERS,
    STATEMENTS,
    Modifiers,
    Walk,
    fragments,
    modifiers_of,
    statement,
)
from leaklint.ir import NONE
from leaklint.ir.records import LeaveHow, SymbolKind

_ASSIGNMENT = kind("assignment_expression")
_ELSE = kind("else", named=False)
_EQUALS = kind("=", named=False)
_SEMICOLON = kind(";", named=False)
_CLOSE = kind(")", named=False)
_IF = kind("if_statement")
_RESOURCES = kind("resource_specification")
_RESOURCE = kind("resource")
_CATCH = kind("catch_clause")
_CATCH_PARAMETER = kind("catch_formal_parameter")
_CATCH_TYPE = kind("catch_type")
_FINALLY = kind("finally_clause")
_LOCAL = kind("local_variable_declaration")
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
    for child in node.children:
        number = child.kind_id
        if number not in SKIPPED:
            STATEMENTS[number](walk, child)
    return ""


@statement("method_invocation")
def call_statement(walk: Walk, node: Node) -> str:
    invoke(walk, node)
    return ""


@statement("assignment_expression")
def assignment_statement(walk: Walk, node: Node) -> str:
    assign(walk, node)
    return ""


@statement("update_expression")
def update_statement(walk: Walk, node: Node) -> str:
    step(walk, node)
    return ""


@statement("local_variable_declaration")
def local_variable(walk: Walk, node: Node) -> str:
    children = node.children
    modifiers, written = header(walk, children)
    variables(walk, children, local_kind(modifiers), written, modifiers.local, modifiers.decorators)
    return ""


def local_kind(modifiers: Modifiers) -> SymbolKind:
    return "constant" if modifiers.local else "variable"


def header(walk: Walk, children: list[Node]) -> tuple[Modifiers, Type]:
    """Modifiers and type at the start of a declaration."""
    modifiers = NO_MODIFIERS
    for child in children:
        number = child.kind_id
        if number in TYPES:
            return modifiers, walk.type(child)
        if number == MODIFIERS:
            modifiers = modifiers_of(walk, child)
    return modifiers, ("", ())


def variables(
    walk: Walk,
    children: list[Node],
    kind: SymbolKind,
    written: Type,
    flags: frozenset[str],
    decorators: tuple[int, ...],
) -> None:
    """Declare the variables of one declaration, each followed by its initializer."""
    b = walk.b
    scope = b.scope
    for child in children:
        if child.kind_id != DECLARATOR:
            if child.kind_id == ERROR:
                fragments(walk, child)
            continue
        parts = child.children
        if len(parts) != 1 and (len(parts) != 3 or parts[1].kind_id != _EQUALS):
            parts = walk.without_extras(parts)
        symbol = declared(walk, parts, kind, written, flags, decorators)
        if len(parts) < 3 or parts[-2].kind_id != _EQUALS:
            continue
        value = initial(walk, parts[-1])
        if b.scope != scope:
            walk.close_to(scope, child.end_byte)
        b.bind(variable_place(walk, symbol), value, "declare", child.start_byte, child.end_byte)


def initial(walk: Walk, node: Node) -> int:
    """The value of an initializer; that of `x = y = v` is v."""
    if node.kind_id == _ASSIGNMENT and walk.depth <= DEEPEST:
        walk.depth += 1
        value = assign(walk, node)[1]
        walk.depth -= 1
        return value
    return EXPRESSIONS[node.kind_id](walk, node)


_NO_FLAGS: frozenset[str] = frozenset()


def declared(
    walk: Walk,
    children: list[Node],
    kind: SymbolKind,
    written: Type,
    flags: frozenset[str] = _NO_FLAGS,
    decorators: tuple[int, ...] = (),
) -> int:
    """Declare the variable named first in `children`, `int x[]` as `int[]`. NONE for `_` and errors.

    A parameter `_` is declared, as its place among the others matters.
    """
    named = children[0]
    if named.kind_id != IDENTIFIER and (named.kind_id != UNDERSCORE or kind != "parameter"):
        return NONE
    type_, arguments = written
    if len(children) > 1 and children[1].kind_id == DIMENSIONS:
        type_ += dimensions(walk.data, children[1])
    at, end = named.start_byte, named.end_byte
    return walk.b.declare(
        walk.texts[walk.data[at:end]],
        kind,
        at,
        end,
        type=type_,
        type_args=arguments,
        flags=flags,
        decorators=decorators,
    )


def variable_place(walk: Walk, symbol: int) -> int:
    """The place of a declared variable; that of an unnamed one is nowhere."""
    return walk.b.symbol_place(symbol) if symbol != NONE else walk.b.nowhere()


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


@statement("try_statement", "try_with_resources_statement", nests=True)
def try_statement(walk: Walk, node: Node) -> str:
    """A `try` with resources and nothing else has no `try` region: it handles no failure."""
    b = walk.b
    children = walk.without_extras(node.named_children)
    handlers = [child for child in children if child.kind_id == _CATCH or child.kind_id == _FINALLY]
    body = [child for child in children if child.kind_id == BLOCK]
    resources = [
        resource
        for child in children
        if child.kind_id == _RESOURCES
        for resource in child.named_children
        if resource.kind_id == _RESOURCE
    ]
    if handlers:
        b.open_region("try", node.start_byte)
    leaves = _with(walk, resources, body) if resources else _blocks(walk, body)
    if handlers:
        b.close_region(body[-1].end_byte if body else node.end_byte, leaves)
    for handler in handlers:
        if handler.kind_id == _CATCH:
            _catch(walk, handler)
        else:
            b.open_region("finally", handler.start_byte)
            left = _blocks(walk, handler.named_children)
            b.close_region(handler.end_byte, left)
    return "" if handlers else leaves


def _blocks(walk: Walk, nodes: list[Node]) -> str:
    leaves = ""
    for node in nodes:
        if node.kind_id not in COMMENTS:
            leaves = STATEMENTS[node.kind_id](walk, node)
    return leaves


def _with(walk: Walk, resources: list[Node], body: list[Node]) -> str:
    """Enter the resources; the block of the variables holds the body too."""
    b = walk.b
    scope = b.scope
    end = body[-1].end_byte if body else resources[-1].end_byte
    if any(child.kind_id == _EQUALS for resource in resources for child in resource.children):
        b.open_scope("block", "", resources[0].start_byte, end)
    for resource in resources:
        _enter(walk, resource)
    b.open_region("with", body[0].start_byte if body else end)
    leaves = _blocks(walk, body)
    b.close_region(end, leaves)
    if b.scope != scope:
        walk.close_to(scope, end)
    return leaves


def _enter(walk: Walk, node: Node) -> None:
    b = walk.b
    at, end = node.start_byte, node.end_byte
    children = walk.without_extras(node.children)
    if not any(child.kind_id == _EQUALS for child in children):
        for child in children:
            if child.is_named:
                b.bind(b.nowhere(), EXPRESSIONS[child.kind_id](walk, child), "enter", at, end)
        return
    modifiers, written = header(walk, children)
    names = [index for index, child in enumerate(children) if child.kind_id in NAMED]
    value = EXPRESSIONS[children[-1].kind_id](walk, children[-1])
    if not names:
        return
    symbol = declared(
        walk, children[names[0] :], local_kind(modifiers), written, modifiers.local, modifiers.decorators
    )
    b.bind(variable_place(walk, symbol), value, "enter", at, end)


def _catch(walk: Walk, node: Node) -> None:
    """The caught exception comes from nowhere: its value is opaque."""
    b = walk.b
    leaves = ""
    b.open_region("except", node.start_byte)
    b.open_scope("block", "", node.start_byte, node.end_byte)
    for child in node.named_children:
        if child.kind_id == _CATCH_PARAMETER:
            _caught(walk, child)
        elif child.kind_id not in COMMENTS:
            leaves = STATEMENTS[child.kind_id](walk, child)
    b.close_scope()
    b.close_region(node.end_byte, leaves)


def _caught(walk: Walk, node: Node) -> None:
    b = walk.b
    at, end = node.start_byte, node.end_byte
    children = walk.without_extras(node.named_children)
    modifiers = NO_MODIFIERS
    written: Type = ("", ())
    for index, child in enumerate(children):
        number = child.kind_id
        if number == MODIFIERS:
            modifiers = modifiers_of(walk, child)
        elif number == _CATCH_TYPE:
            alternatives = [kind_ for kind_ in child.named_children if kind_.kind_id in TYPES]
            written = walk.type(alternatives[0]) if alternatives else written
        elif number in NAMED:
            symbol = declared(walk, children[index:], local_kind(modifiers), written, modifiers.local)
            b.bind(variable_place(walk, symbol), b.value("opaque", at, end), "catch", at, end)
            return


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
