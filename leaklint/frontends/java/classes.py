"""Type declarations, their members, and constructions that bring a class of their own."""

from __future__ import annotations

from typing import Literal

from tree_sitter import Node

from leaklint.frontends.java.calls import arguments
from leaklint.frontends.java.functions import parameter, rest_parameter
from leaklint.frontends.java.grammar import (
    ARGUMENTS,
    BLOCK,
    CLASS_BODY,
    ERROR,
    IDENTIFIER,
    MODIFIERS,
    PARAMETERS,
    SKIPPED,
    TYPE_IDENTIFIER,
    TYPES,
    kind,
    kinds,
)
from leaklint.frontends.java.modifiers import NO_MODIFIERS, modifiers_of
from leaklint.frontends.java.places import members_of, split_type, type_value
from leaklint.frontends.java.statements import sequence
from leaklint.frontends.java.variables import header, variables
from leaklint.frontends.java.walk import (
    DEEPEST,
    MEMBERS,
    Walk,
    expression,
    fragments,
    member,
    place_of,
    statement,
)
from leaklint.ir import NONE
from leaklint.ir.records import SymbolKind

_BODIES = kinds("class_body", "interface_body", "enum_body", "annotation_type_body")
_BASES = kinds("superclass", "super_interfaces", "extends_interfaces")
_TYPE_LIST = kind("type_list")
_PARAMETER = kind("formal_parameter")
_REST = kind("spread_parameter")
_NEW = kind("new", named=False)
_OWNER_KINDS: dict[int, Literal["class", "interface", "enum", "record"]] = {
    kind("class_declaration"): "class",
    kind("interface_declaration"): "interface",
    kind("annotation_type_declaration"): "interface",
    kind("enum_declaration"): "enum",
    kind("record_declaration"): "record",
}
_CONSTANT = frozenset({"final", "public"})
_COMPONENT = frozenset({"final", "private"})
_STATIC_FLAG = frozenset({"static"})


@member(
    "class_declaration",
    "interface_declaration",
    "annotation_type_declaration",
    "enum_declaration",
    "record_declaration",
)
def type_declaration(walk: Walk, node: Node) -> None:
    b = walk.b
    modifiers = NO_MODIFIERS
    bases: list[Node] = []
    name = components = body = None
    for child in node.named_children:
        number = child.kind_id
        if number == IDENTIFIER:
            name = child
        elif number in _BODIES:
            body = child
        elif number == MODIFIERS:
            modifiers = modifiers_of(walk, child)
        elif number in _BASES:
            bases.extend(_bases(child))
        elif number == PARAMETERS:
            components = child
        elif number == ERROR:
            fragments(walk, child)
    if name is None or walk.depth > DEEPEST:
        walk.too_deep(node)
        return
    walk.depth += 1
    at, end = node.start_byte, node.end_byte
    text = walk.text(name)
    symbol = b.declare(text, "class", name.start_byte, name.end_byte)
    kind_ = _OWNER_KINDS[node.kind_id]
    flags = _owner_flags(walk, kind_, modifiers.owner)
    values = [type_value(walk, base) for base in bases]
    owner = b.open_owner(
        text, kind_, at, end, symbol=symbol, bases=values, decorators=modifiers.decorators, flags=flags
    )
    walk.base_names[owner] = [walk.text(split_type(base)[-1]) for base in bases]
    row = b.symbols[symbol]
    if row.kind == "class" and row.target == NONE:
        row.target = owner
    b.open_scope("class", text, at, end, owner=owner, symbol=symbol)
    if components is not None:
        walk.components[b.scope] = _components(walk, components)
    if body is not None:
        members(walk, body)
    b.close_scope()
    walk.depth -= 1


@statement(
    "class_declaration",
    "interface_declaration",
    "annotation_type_declaration",
    "enum_declaration",
    "record_declaration",
)
def local_type(walk: Walk, node: Node) -> str:
    type_declaration(walk, node)
    return ""


def _bases(node: Node) -> list[Node]:
    """The types after `extends` or `implements`."""
    children = [
        inner
        for child in node.named_children
        for inner in (child.named_children if child.kind_id == _TYPE_LIST else [child])
    ]
    return [child for child in children if child.kind_id in TYPES]


def _owner_flags(walk: Walk, kind_: str, flags: frozenset[str]) -> frozenset[str]:
    """Interfaces, enums and records inside others, and all types inside interfaces, are static."""
    b = walk.b
    if kind_ == "record":
        flags |= {"final"}
    scope = b.scopes[b.scope]
    if scope.kind == "module":
        return flags
    inside_interface = scope.kind == "class" and b.owners[scope.owner].kind == "interface"
    return flags | _STATIC_FLAG if kind_ != "class" or inside_interface else flags


def members(walk: Walk, node: Node) -> None:
    scope = walk.b.scope
    for child in node.children:
        number = child.kind_id
        if number in SKIPPED:
            continue
        MEMBERS[number](walk, child)
        if walk.b.scope != scope:
            walk.close_to(scope, child.end_byte)


@member("enum_body_declarations")
def enum_members(walk: Walk, node: Node) -> None:
    members(walk, node)


def anonymous(walk: Walk, name: str, base: int, body: Node) -> int:
    """The value of the class of `new T() {…}`, named after T."""
    b = walk.b
    at, end = body.start_byte, body.end_byte
    owner = b.open_owner(name, "anonymous", at, end, bases=(base,))
    walk.base_names[owner] = [name]
    b.open_scope("class", name, at, end, owner=owner)
    members(walk, body)
    b.close_scope()
    return b.value("class", at, end, owner=owner)


@expression("object_creation_expression", nests=True)
def creation(walk: Walk, node: Node) -> int:
    """`new T(…)`; the receiver of `outer.new T(…)` is `outer`, that of `new a.T(…)` is `a`."""
    b = walk.b
    at, end = node.start_byte, node.end_byte
    created = given = body = None
    receiver = NONE
    for index, child in enumerate(node.children):
        number = child.kind_id
        if number in TYPES:
            created = child
        elif number == ARGUMENTS:
            given = child
        elif number == CLASS_BODY:
            body = child
        elif number == ERROR:
            fragments(walk, child)
        elif index == 0 and number != _NEW:
            receiver = place_of(walk, child)
    if created is None:
        return walk.opaque(node, node.type)
    names = [created] if created.kind_id == TYPE_IDENTIFIER else split_type(created)
    callee = NONE
    if len(names) == 1 and receiver == NONE:
        callee = walk.name(names[0])
    elif receiver == NONE:
        receiver = members_of(walk, walk.name(names[0]), names[1:-1])
    name = walk.text(names[-1])
    values = arguments(walk, given) if given is not None else ()
    if body is not None:
        values = (*values, anonymous(walk, name, type_value(walk, created), body))
    effect = b.call(
        name,
        at,
        end,
        receiver=receiver,
        callee=callee,
        args=values,
        new=True,
        at_name=names[-1].start_byte,
    )
    return b.call_value(effect, at, end)


@member("field_declaration", "constant_declaration", "local_variable_declaration")
def field(walk: Walk, node: Node) -> None:
    """Fields; what an error displaced into a function is a local variable."""
    b = walk.b
    children = node.children
    modifiers, written = header(walk, children)
    scope = b.scopes[b.scope]
    flags = modifiers.field
    kind_: SymbolKind = "static" if "static" in modifiers.words else "field"
    if scope.kind != "class":
        kind_ = "variable"
    elif b.owners[scope.owner].kind == "interface":
        kind_, flags = "static", flags | _CONSTANT
    variables(walk, children, kind_, written, flags, modifiers.decorators)


@member("enum_constant")
def enum_constant(walk: Walk, node: Node) -> None:
    """A static field bound to `new E(…)`, with the class of its body as last argument."""
    b = walk.b
    scope = b.scopes[b.scope]
    decorators: tuple[int, ...] = ()
    values: tuple[int, ...] = ()
    name = body = None
    for child in node.named_children:
        number = child.kind_id
        if number == IDENTIFIER:
            name = child
        elif number == ARGUMENTS:
            values = arguments(walk, child)
        elif number == CLASS_BODY:
            body = child
        elif number == MODIFIERS:
            decorators = modifiers_of(walk, child).decorators
    if name is None or scope.kind != "class":
        return
    at, end = name.start_byte, node.end_byte
    enum = b.owners[scope.owner]
    callee = b.symbol_place(enum.symbol) if enum.symbol != NONE else b.name(enum.name)
    symbol = b.declare(
        walk.text(name),
        "static",
        at,
        name.end_byte,
        type=enum.name,
        flags=_CONSTANT,
        decorators=decorators,
    )
    if body is not None:
        base = b.place_value(callee, at, name.end_byte)
        values = (*values, anonymous(walk, enum.name, base, body))
    effect = b.call(enum.name, at, end, callee=callee, args=values, new=True, at_name=at)
    b.bind(b.symbol_place(symbol), b.call_value(effect, at, end), "declare", at, end)


def _components(walk: Walk, node: Node) -> tuple[int, ...]:
    """Declare the fields of a record."""
    fields: list[int] = []
    for child in node.named_children:
        if child.kind_id == _PARAMETER:
            fields.append(parameter(walk, child, "field", _COMPONENT))
        elif child.kind_id == _REST:
            fields.append(rest_parameter(walk, child, "field", _COMPONENT))
    return tuple(field for field in fields if field != NONE)


@member("compact_constructor_declaration")
def compact_constructor(walk: Walk, node: Node) -> None:
    """Its parameters are the components, which are assigned after its body."""
    b = walk.b
    fields = walk.components.get(b.scope, ())
    modifiers = NO_MODIFIERS
    body = None
    name = ""
    for child in node.named_children:
        if child.kind_id == MODIFIERS:
            modifiers = modifiers_of(walk, child)
        elif child.kind_id == IDENTIFIER:
            name = walk.text(child)
        elif child.kind_id == BLOCK:
            body = child
    scope = b.open_scope(
        "constructor",
        name,
        node.start_byte,
        node.end_byte,
        flags=modifiers.method,
        decorators=modifiers.decorators,
    )
    owner = b.scopes[scope].owner
    if owner != NONE:
        b.add_method(owner, scope)
    symbols: list[int] = []
    for index in fields:
        row = b.symbols[index]
        symbols.append(
            b.declare(row.name, "parameter", row.at, row.end, type=row.type, type_args=row.type_args)
        )
    b.scopes[scope].params = tuple(symbols)
    sequence(walk, body.named_children if body is not None else [])
    end = node.end_byte
    for index, symbol in zip(fields, symbols, strict=True):
        value = b.place_value(b.symbol_place(symbol), end - 1, end)
        b.bind(b.symbol_place(index), value, "assign", end - 1, end)
    b.close_scope()
