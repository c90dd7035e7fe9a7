"""Expressions that read a place: names, `this`, fields, elements, types, and what only wraps them."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.grammar import (
    ELEMENT,
    FIELD_ACCESS,
    IDENTIFIER,
    LEFT_OUT,
    PARENTHESES,
    SCOPED_TYPE,
    SUPER,
    THIS,
    TYPE_IDENTIFIER,
    TYPES,
)
from leaklint.frontends.java.walk import DEEPEST, EXPRESSIONS, PLACES, Walk, expression, place_of
from leaklint.ir import NONE


@expression("identifier")
def identifier(walk: Walk, node: Node) -> int:
    at, end = node.start_byte, node.end_byte
    return walk.b.name_value(walk.texts[walk.data[at:end]], at, end)


PLACES[IDENTIFIER] = Walk.name


@expression("this")
def this(walk: Walk, node: Node) -> int:
    return walk.b.place_value(walk.b.this(), node.start_byte, node.end_byte)


@expression("super")
def superclass(walk: Walk, node: Node) -> int:
    return walk.b.place_value(super_place(walk, node), node.start_byte, node.end_byte)


def _this_place(walk: Walk, node: Node) -> int:
    return walk.b.this()


def super_place(walk: Walk, node: Node) -> int:
    """The `super` of the class around; declared there at its first use."""
    b = walk.b
    scope = b.scope
    while scope != NONE and b.scopes[scope].kind != "class":
        scope = b.scopes[scope].parent
    if scope == NONE:
        return b.name("super")
    owner = b.scopes[scope].owner
    symbol = b.declare("super", "super", node.start_byte, node.end_byte, scope=scope, target=owner)
    return b.symbol_place(symbol)


PLACES[THIS] = _this_place


PLACES[SUPER] = super_place


def outer_this(walk: Walk, name: str) -> int:
    """The place of `Name.this`; anonymous classes bear the name of their base and are passed over."""
    b = walk.b
    owner = b.scopes[b.scope].owner
    while owner != NONE:
        row = b.owners[owner]
        if row.name == name and row.kind != "anonymous":
            return b.symbol_place(row.this)
        owner = row.outer
    return b.this()


@expression("field_access")
def field_access(walk: Walk, node: Node) -> int:
    return walk.b.place_value(field_place(walk, node), node.start_byte, node.end_byte)


def field_place(walk: Walk, node: Node) -> int:
    """The place of `a.b.c`; long chains are walked, not recursed into."""
    path = walk.paths[walk.data[node.start_byte : node.end_byte]]
    if path:
        b = walk.b
        place = b.this() if path[0] == "this" else b.name(path[0])
        for name in path[1:]:
            place = b.member(place, name)
        return place
    names: list[Node] = []
    while node.kind_id == FIELD_ACCESS:
        children = node.children
        if len(children) != 3:
            children = walk.without_extras(children)
        if len(children) < 3:
            break
        if children[-1].kind_id == THIS and len(names) < DEEPEST:
            place = outer_this(walk, walk.text(children[0]).rpartition(".")[2])
            return members_of(walk, place, names[::-1])
        names.append(children[-1])
        node = children[0] if len(children) == 3 else children[2]
    if node.kind_id == SUPER:
        return members_of(walk, walk.b.this(), names[::-1])  # inherited fields are fields of this
    if walk.depth + len(names) > DEEPEST or node.kind_id == FIELD_ACCESS:
        walk.too_deep(node)
        return walk.b.nowhere()
    walk.depth += 1
    place = place_of(walk, node)
    walk.depth -= 1
    return members_of(walk, place, names[::-1])


def members_of(walk: Walk, place: int, names: list[Node]) -> int:
    """The place of `place.a.b` for the identifiers a and b."""
    member = walk.b.member
    for name in names:
        place = member(place, walk.text(name))
    return place


PLACES[FIELD_ACCESS] = field_place


@expression("array_access")
def array_access(walk: Walk, node: Node) -> int:
    return walk.b.place_value(element_place(walk, node), node.start_byte, node.end_byte)


def element_place(walk: Walk, node: Node) -> int:
    container, _ = element(walk, node)
    return walk.b.element(container)


def element(walk: Walk, node: Node) -> tuple[int, int]:
    """The place of the container and the value of the index of `a[i]`."""
    children = [child for child in node.named_children if child.kind_id not in LEFT_OUT]
    if len(children) != 2 or walk.depth > DEEPEST:
        return walk.b.nowhere(), walk.too_deep(node)
    walk.depth += 1
    container = place_of(walk, children[0])
    index = EXPRESSIONS[children[1].kind_id](walk, children[1])
    walk.depth -= 1
    return container, index


PLACES[ELEMENT] = element_place


def _inside(node: Node) -> Node:
    """What stands in parentheses, however many; the node itself where nothing is understood."""
    while node.kind_id == PARENTHESES:
        children = node.children
        if len(children) == 3:
            node = children[1]
            continue
        inner = node
        for child in children:
            if child.is_named and child.kind_id not in LEFT_OUT:
                inner = child
        if inner is node:
            break
        node = inner
    return node


@expression("parenthesized_expression")
def parentheses(walk: Walk, node: Node) -> int:
    inner = _inside(node)
    if walk.depth > DEEPEST or inner.kind_id == PARENTHESES:
        return walk.too_deep(node)
    walk.depth += 1
    value = EXPRESSIONS[inner.kind_id](walk, inner)
    walk.depth -= 1
    return value


def _parentheses_place(walk: Walk, node: Node) -> int:
    return walk.b.place_of(parentheses(walk, node))


PLACES[PARENTHESES] = _parentheses_place


@expression("cast_expression", nests=True)
def cast(walk: Walk, node: Node) -> int:
    children = walk.without_extras(node.named_children)
    if not children or children[-1].kind_id in TYPES:
        return walk.opaque(node, "cast_expression")
    return EXPRESSIONS[children[-1].kind_id](walk, children[-1])


def split_type(node: Node) -> list[Node]:
    """The names of a written type without its arguments and dimensions: `java`, `util`, `Map`."""
    names: list[Node] = []
    while True:
        inner = [child for child in node.named_children if child.kind_id in TYPES]
        if not inner:
            break
        if node.kind_id == SCOPED_TYPE and len(inner) > 1:
            names.append(inner[-1])
        node = inner[0]
    names.append(node)
    names.reverse()
    return names


def type_place(walk: Walk, node: Node) -> int:
    """The place of a type as a value: what `Foo` of `Foo.class`, `instanceof Foo` or `new Foo()` reads."""
    if node.kind_id == TYPE_IDENTIFIER:
        return walk.name(node)
    first, *rest = split_type(node)
    return members_of(walk, walk.name(first), rest)


def type_value(walk: Walk, node: Node) -> int:
    return walk.b.place_value(type_place(walk, node), node.start_byte, node.end_byte)


@expression("class_literal")
def class_literal(walk: Walk, node: Node) -> int:
    written = [child for child in node.named_children if child.kind_id in TYPES]
    if not written:
        return walk.opaque(node, node.type)
    place = walk.b.member(type_place(walk, written[0]), "class")
    return walk.b.place_value(place, node.start_byte, node.end_byte)
