"""Lowers classes: heritage, fields, methods, static blocks, decorators."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript import functions as fn
from leaklint.frontends.javascript.objects import member_flags, method, property_name
from leaklint.frontends.javascript.types import declared_type
from leaklint.frontends.javascript.walk import Walk
from leaklint.ir.records import NONE, SymbolKind

_NOTHING: tuple[str, tuple[str, ...]] = ("", ())
_FIELDS = frozenset({"field_definition", "public_field_definition"})


def decorator(w: Walk, node: Node) -> int:
    """`@dec` or `@dec(…)`: the value that decorates."""
    return ex.inner(w, node)


def class_declaration(w: Walk, node: Node, decorators: tuple[int, ...] = ()) -> str | None:
    name_node = node.child_by_field_name("name")
    if name_node is None:
        class_value(w, node)
        return None
    symbol = w.b.declare(w.text(name_node), "class", name_node.start_byte, name_node.end_byte)
    owner = class_(w, node, w.text(name_node), symbol, decorators)
    row = w.b.symbols[symbol]
    if row.kind == "class" and (row.target == NONE or w.b.owners[row.target].kind == "interface"):
        # a class and an interface of one name are one type: the class is the one with methods
        row.target = owner
        row.flags -= {"type-only"}
    return ""


def class_value(w: Walk, node: Node, name: str = "", symbol: int = NONE) -> int:
    """A class expression; its own name, if any, is visible inside it only."""
    name_node = node.child_by_field_name("name")
    at, end = node.start_byte, node.end_byte
    if name_node is None:
        return w.b.value("class", at, end, owner=class_(w, node, name, symbol, ()))
    w.open("block", "", at, end)
    own = w.text(name_node)
    if symbol != NONE:
        w.b.alias_name(own, symbol)
    else:
        symbol = w.b.declare(own, "class", name_node.start_byte, name_node.end_byte)
    owner = class_(w, node, own, symbol, ())
    if w.b.symbols[symbol].kind == "class":
        w.b.symbols[symbol].target = owner
    w.close()
    return w.b.value("class", at, end, owner=owner)


def class_(w: Walk, node: Node, name: str, symbol: int, decorators: tuple[int, ...]) -> int:
    """Lower a class; its Owner."""
    bases: tuple[int, ...] = ()
    body: Node | None = None
    flags: set[str] = set()
    for child in node.children:
        kind = child.type
        if kind == "class_body":
            body = child
        elif kind == "class_heritage":
            bases = heritage(w, child)
        elif kind == "decorator":
            decorators += (decorator(w, child),)
        elif kind == "abstract":
            flags.add("abstract")
    at, end = node.start_byte, node.end_byte if body is None else body.end_byte
    owner = w.b.open_owner(
        name, "class", at, end, symbol=symbol, bases=bases, decorators=decorators, flags=frozenset(flags)
    )
    scope = w.open("class", name, at, end, owner=owner, symbol=symbol)
    w.b.owners[owner].scope = scope
    saved = w.static
    w.static = NONE
    if body is not None:
        _body(w, body, owner, symbol)
    w.static = saved
    w.close()
    return owner


def heritage(w: Walk, node: Node) -> tuple[int, ...]:
    """Values of the base class and, in TypeScript, of the interfaces."""
    bases: list[int] = []
    for child in node.children:
        kind = child.type
        if kind == "extends_clause":
            bases.extend(ex.operands(w, child))
        elif kind in ("implements_clause", "extends_type_clause"):
            bases.extend(
                type_value(w, base) for base in child.children if base.is_named and not base.is_extra
            )
        else:
            handler = w.expressions[child.kind_id]
            if handler is not None:
                bases.append(handler(w, child))
    return tuple(bases)


def type_value(w: Walk, node: Node) -> int:
    """The place that a type name reads, without its type arguments."""
    name = node.children[0] if node.type == "generic_type" else node
    place = w.simple_place(name.start_byte, name.end_byte)
    if place == NONE:
        return w.opaque_value(node)
    return w.value_place(place, name.start_byte, name.end_byte)


def _body(w: Walk, node: Node, owner: int, symbol: int) -> None:
    pending: tuple[int, ...] = ()  # TypeScript puts a method's decorators before it
    for child in node.children:
        kind = child.type
        if kind == "decorator":
            pending += (decorator(w, child),)
            continue
        if kind == "method_definition":
            method(w, child, owner, pending, symbol)
        elif kind in _FIELDS:
            _field(w, child, owner, symbol, pending)
        elif kind == "class_static_block":
            _static_block(w, child, owner, symbol)
        elif kind == "abstract_method_signature":
            _abstract(w, child, owner, pending)
        elif child.is_error:
            ex.broken(w, child)
        elif not child.is_named or child.is_extra:
            continue
        pending = ()


def _abstract(w: Walk, node: Node, owner: int, decorators: tuple[int, ...]) -> None:
    """An abstract method is a scope without a body."""
    name_node = node.child_by_field_name("name")
    name = property_name(w, name_node) if name_node is not None else ""
    scope = w.open(
        "method",
        name,
        node.start_byte,
        node.end_byte,
        owner=owner,
        flags=frozenset({"abstract"}),
        decorators=decorators,
    )
    w.close()
    w.b.add_method(owner, scope)


def _static_block(w: Walk, node: Node, owner: int, symbol: int) -> None:
    saved = w.function, w.static
    w.function = w.open("static-block", "", node.start_byte, node.end_byte, owner=owner)
    w.static = symbol
    w.tables.run_block(w, node.children[-1])
    w.close()
    w.function, w.static = saved


def _field(w: Walk, node: Node, owner: int, symbol: int, decorators: tuple[int, ...]) -> None:
    static = False
    name_node: Node | None = None
    value_node: Node | None = None
    type_ = _NOTHING
    for child in node.children:
        kind = child.type
        if kind == "static":
            static = True
        elif kind == "decorator":
            decorators += (decorator(w, child),)
        elif kind == "type_annotation":
            type_ = declared_type(w, child)
        elif kind == "=":
            value_node = node.children[-1]
            break
        elif child.is_named and not child.is_extra and kind not in _MODIFIERS:
            name_node = child
    if name_node is None:
        return
    saved = w.static, w.names
    if static and symbol != NONE:
        w.static, w.names = symbol, {}  # here `this` is the class
    if name_node.type == "computed_property_name":
        _computed(w, node, name_node, value_node)
    else:
        kind_: SymbolKind = "static" if static else "field"
        name = property_name(w, name_node)
        field = w.b.declare(
            name,
            kind_,
            name_node.start_byte,
            name_node.end_byte,
            type=type_[0],
            type_args=type_[1],
            flags=member_flags(w, node),
            decorators=decorators,
        )
        if value_node is not None:
            value = _initial(w, value_node, name, field, owner, static)
            w.b.bind(w.b.symbol_place(field), value, "declare", node.start_byte, node.end_byte)
    w.static, w.names = saved


_MODIFIERS = frozenset({"accessibility_modifier", "override_modifier"})


def _initial(w: Walk, node: Node, name: str, field: int, owner: int, static: bool) -> int:
    """A field's first value; a function there is a method that each instance has of its own."""
    if node.type in fn.FUNCTION_VALUES:
        flags = w.b.symbols[field].flags & {"private"}
        return fn.method_closure(w, node, name, owner, flags | {"static"} if static else flags)
    return ex.named(w, node, name, field)


def _computed(w: Walk, node: Node, name_node: Node, value_node: Node | None) -> None:
    """`[key] = value` in a class body stores under a key that only running the code tells."""
    key = ex.inner(w, name_node)
    if value_node is not None:
        value = ex.expression(w, value_node)
        w.b.bind(w.this(), value, "element", node.start_byte, node.end_byte, key=key)
