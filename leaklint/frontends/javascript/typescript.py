"""Lowers what only TypeScript has: enums, interfaces, namespaces, ambient declarations."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript.classes import heritage
from leaklint.frontends.javascript.objects import member_flags, property_name
from leaklint.frontends.javascript.types import LITERAL, declared_type
from leaklint.frontends.javascript.walk import Flags, Walk
from leaklint.ir.records import NONE

_TYPE_ONLY: Flags = frozenset({"type-only"})


def enum(w: Walk, node: Node) -> str:
    """An enum is an Owner whose members are static."""
    name_node = node.child_by_field_name("name")
    body = node.child_by_field_name("body")
    if name_node is None or body is None:
        ex.broken(w, node)
        return ""
    name = w.text(name_node)
    symbol = w.b.declare(name, "class", name_node.start_byte, name_node.end_byte)
    at, end = node.start_byte, node.end_byte
    owner = w.b.open_owner(name, "enum", at, end, symbol=symbol)
    if w.b.symbols[symbol].target == NONE:
        w.b.symbols[symbol].target = owner
    scope = w.open("class", name, at, end, owner=owner, symbol=symbol)
    w.b.owners[owner].scope = scope
    for child in body.children:
        if child.type == "enum_assignment":
            parts = ex.significant(w, child)
            _member(w, parts[0], child, ex.expression(w, parts[-1]))
        elif child.is_named and not child.is_extra:
            _member(w, child, child, NONE)
    w.close()
    return ""


def _member(w: Walk, name_node: Node, node: Node, value: int) -> None:
    field = w.b.declare(property_name(w, name_node), "static", name_node.start_byte, name_node.end_byte)
    if value != NONE:
        w.b.bind(w.b.symbol_place(field), value, "declare", node.start_byte, node.end_byte)


def alias(w: Walk, node: Node) -> str:
    """`type Mode = "on" | "off"` is an enum without members; other aliases say nothing about values."""
    name_node = node.child_by_field_name("name")
    value = node.child_by_field_name("value")
    if name_node is None or value is None:
        return ""
    if value.type != "literal_type" and declared_type(w, value) != LITERAL:
        return ""
    name, at, end = w.text(name_node), node.start_byte, node.end_byte
    flags = frozenset() if w.lookup(name, w.b.scope) != NONE else _TYPE_ONLY
    symbol = w.b.declare(name, "class", name_node.start_byte, name_node.end_byte, flags=flags)
    owner = w.b.open_owner(name, "enum", at, end, symbol=symbol)
    if w.b.symbols[symbol].target == NONE:
        w.b.symbols[symbol].target = owner
    scope = w.open("class", name, at, end, owner=owner, symbol=symbol)
    w.b.owners[owner].scope = scope
    w.close()
    return ""


def interface(w: Walk, node: Node) -> str:
    """An interface is an Owner with typed fields; its methods have no bodies and are left out."""
    name_node = node.child_by_field_name("name")
    if name_node is None:
        return ""
    name = w.text(name_node)
    at, end = node.start_byte, node.end_byte
    declared = w.lookup(name, w.b.scope)
    symbol = w.b.declare(
        name,
        "class",
        name_node.start_byte,
        name_node.end_byte,
        flags=frozenset() if declared != NONE else _TYPE_ONLY,
    )
    bases: tuple[int, ...] = ()
    for child in node.children:
        if child.type == "extends_type_clause":
            bases = heritage(w, node)
            break
    owner = w.b.open_owner(name, "interface", at, end, symbol=symbol, bases=bases)
    if w.b.symbols[symbol].target == NONE:
        w.b.symbols[symbol].target = owner
    scope = w.open("class", name, at, end, owner=owner, symbol=symbol)
    w.b.owners[owner].scope = scope
    for child in node.children[-1].children:
        if child.type == "property_signature":
            _property(w, child)
    w.close()
    return ""


def _property(w: Walk, node: Node) -> None:
    name_node = node.child_by_field_name("name")
    type_node = node.child_by_field_name("type")
    if name_node is None or name_node.type == "computed_property_name":
        return
    type_ = declared_type(w, type_node) if type_node is not None else ("", ())
    w.b.declare(
        property_name(w, name_node),
        "field",
        name_node.start_byte,
        name_node.end_byte,
        type=type_[0],
        type_args=type_[1],
        flags=member_flags(w, node),
    )


def namespace(w: Walk, node: Node) -> str:
    """`namespace N {}` runs at once, like a function called where it stands; `N.x` reads its exports."""
    name_node = node.child_by_field_name("name")
    body = node.child_by_field_name("body")
    if name_node is None:
        return ""
    at, end = node.start_byte, node.end_byte
    if name_node.type == "string":
        if body is not None:
            _scoped(w, body, w.decode(w.data[name_node.start_byte + 1 : name_node.end_byte - 1]), NONE, NONE)
        return ""
    name = w.text(name_node)
    first = name.split(".", 1)[0].strip()
    symbol = w.b.declare(first, "constant", name_node.start_byte, name_node.start_byte + len(first.encode()))
    place = w.b.symbol_place(symbol)
    for step in name.split(".")[1:]:
        place = w.b.member(place, step.strip())
    if body is not None:
        _scoped(w, body, name, place, symbol, at, end)
    return ""


def _scoped(
    w: Walk, body: Node, name: str, place: int, symbol: int, at: int | None = None, end: int | None = None
) -> None:
    saved = w.function, w.namespace, w.static
    w.function = w.open(
        "static-block",
        name,
        body.start_byte if at is None else at,
        body.end_byte if end is None else end,
        owner=NONE,
        symbol=symbol,
    )
    w.namespace, w.static = place, NONE
    w.tables.run_block(w, body)
    w.close()
    w.function, w.namespace, w.static = saved


def ambient(w: Walk, node: Node) -> str:
    """`declare …` declares names for what exists elsewhere; `declare global` declares them for everybody."""
    for child in node.children:
        if child.type == "statement_block":
            _scoped(w, child, "global", NONE, NONE)
            continue
        handler = w.statements[child.kind_id]
        if handler is not None:
            handler(w, child)
    return ""


def signature(w: Walk, node: Node) -> str | None:
    """A function without a body: an overload, or a declared function. Only its name counts."""
    name = node.child_by_field_name("name")
    if name is not None:
        w.b.declare(w.text(name), "function", name.start_byte, name.end_byte)
    return None
