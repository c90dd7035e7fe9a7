"""Local variables, and the declarators that fields have too."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.assignments import assign
from leaklint.frontends.java.grammar import (
    DECLARATOR,
    DIMENSIONS,
    ERROR,
    IDENTIFIER,
    MODIFIERS,
    TYPES,
    UNDERSCORE,
    kind,
)
from leaklint.frontends.java.modifiers import NO_MODIFIERS, Modifiers, modifiers_of
from leaklint.frontends.java.types import Type, dimensions
from leaklint.frontends.java.walk import DEEPEST, EXPRESSIONS, Walk, fragments, statement
from leaklint.ir import NONE
from leaklint.ir.records import SymbolKind

_ASSIGNMENT = kind("assignment_expression")
_EQUALS = kind("=", named=False)
_NO_FLAGS: frozenset[str] = frozenset()


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
