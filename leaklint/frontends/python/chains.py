"""Calls and what is chained of them: attributes, elements, results of results.

A chain is followed in a loop, not by recursion, because `a.b().c().d()…` may be of any length.
"""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.python.dispatch import expression, value
from leaklint.frontends.python.grammar import (
    ARGUMENTS,
    ATTRIBUTE,
    AWAIT,
    CALL,
    CHAINED,
    DELIMITED,
    DICTIONARY_SPLAT,
    IDENTIFIER,
    KEYWORD_ARGUMENT,
    NAMES,
    SUBSCRIPT,
    TOKENS,
    WRAPPERS,
)
from leaklint.frontends.python.names import STEPS
from leaklint.frontends.python.walk import Walk
from leaklint.ir import NONE, Call, Value

_STAR = ord("*")
_LONGEST = 500
"""Longer texts are not tried as a dotted name, so that a long chain is not copied again and again."""

Link = tuple[Node, list[Node]]
"""A call, element or attribute of a chain, and its children."""


@expression("call")
def _call(walk: Walk, node: Node) -> int:
    call = lower_call(walk, node)
    values = walk.values
    values.append(Value("call", node.start_byte, node.end_byte, "", NONE, call))
    return len(values) - 1


@expression("attribute", "subscript")
def _place(walk: Walk, node: Node) -> int:
    place = _chained(walk, node)[0]
    return walk.place_value(place, node.start_byte, node.end_byte)


@expression("parenthesized_expression", "await")
def _wrapper(walk: Walk, node: Node) -> int:
    inner = unwrap(walk, node)
    if inner == node:
        return walk.opaque_value(node)
    found = value(walk, inner)
    if node.kind_id == AWAIT:
        walk.builder.leave("await", node.start_byte, node.end_byte)
    return found


def unwrap(walk: Walk, node: Node) -> Node:
    """The expression inside parentheses and `await`."""
    while node.kind_id in WRAPPERS:
        inner = walk.operands(node)
        if not inner:
            break
        for other in inner[:-1]:
            value(walk, other)
        node = inner[-1]
    return node


def lower_call(walk: Walk, node: Node) -> int:
    """Lower a call to its effect."""
    if node.child_count == 2:
        function, given = node.child(0), node.child(1)
    else:
        function, *_, given = walk.parts(node)
    kind = function.kind_id
    if kind in NAMES:
        at = function.start_byte
        raw = walk.data[at : function.end_byte]
        shape = walk.shapes[raw]
        if shape is not None:
            head, name = shape
            if head:
                return _emit(walk, node, given, walk.places[head], name, at + len(head) + 1)
            return _emit(walk, node, given, NONE, name, at, walk.places[raw])
    return _chained(walk, node)[1]


def lower_place(walk: Walk, node: Node) -> int:
    """The place that an expression reads; what it evaluates on the way becomes effects."""
    if node.kind_id in NAMES:
        place = walk.places[walk.data[node.start_byte : node.end_byte]]
        if place >= 0:
            return place
    return _chained(walk, node)[0]


def _chained(walk: Walk, node: Node) -> tuple[int, int]:
    """Lower a chain from its root outwards: the place of the whole, and its last call."""
    links: list[Link] = []
    while True:
        at = node.start_byte
        if at == walk.type_call and node.kind_id in DELIMITED:
            return _climb(walk, _type_call(walk, node), links)
        node = unwrap(walk, node)
        kind = node.kind_id
        if kind not in CHAINED:
            break
        if kind == ATTRIBUTE and node.end_byte - at < _LONGEST and not _is_called(links):
            place = walk.places[walk.source(node)]
            if place >= 0:
                return _climb(walk, place, links)
        children = walk.parts(node)
        links.append((node, children))
        node = children[0]
    if kind == IDENTIFIER:
        return _climb(walk, walk.place(walk.source(node)), links)
    return _climb(walk, walk.builder.place_of(value(walk, node)), links)


def _is_called(links: list[Link]) -> bool:
    return bool(links) and links[-1][0].kind_id == CALL


def _type_call(walk: Walk, node: Node) -> int:
    """The result of `type(…)` at the start of an assignment that the grammar reads as a type alias."""
    at = walk.data.rfind(b"type", 0, node.start_byte)
    walk.type_call = NONE
    args = tuple(value(walk, child) for child in walk.operands(node))
    builder = walk.builder
    call = builder.call("type", at, node.end_byte, callee=walk.places[b"type"], args=args, at_name=at)
    return builder.result(call)


def _climb(walk: Walk, place: int, links: list[Link]) -> tuple[int, int]:
    """Lower the links on a place, innermost last in the list: the place of the whole, and its last call."""
    builder = walk.builder
    call = NONE
    steps = 0
    while links:
        node, children = links.pop()
        kind = node.kind_id
        steps += 1
        if steps > STEPS:
            builder.opaque("too long a path", node.start_byte, node.end_byte)
            place, steps = builder.nowhere(), 0
        if kind == CALL:
            function = children[0]
            name = walk.texts[walk.source(function)] if function.kind_id == IDENTIFIER else ""
            call = _emit(walk, node, children[-1], NONE, name, function.start_byte, place)
            place, steps = builder.result(call), 0
        elif kind == SUBSCRIPT:
            subscript_key(walk, node, children)
            place = builder.element(place)
        else:
            attribute = children[-1]
            name = walk.texts[walk.source(attribute)]
            if _is_called(links):
                caller, called = links.pop()
                call = _emit(walk, caller, called[-1], place, name, attribute.start_byte)
                place, steps = builder.result(call), 0
            else:
                place = builder.member(place, name)
    return place, call


def _emit(
    walk: Walk,
    node: Node,
    given: Node,
    receiver: int,
    name: str,
    at_name: int,
    callee: int = NONE,
) -> int:
    """The effect of a call, after its arguments `given`."""
    args: list[int] = []
    keywords: list[tuple[str, int]] = []
    if given.kind_id == ARGUMENTS:
        arguments(walk, given, args, keywords)
    else:  # `f(x for x in y)`
        args.append(value(walk, given))
    at = node.start_byte
    if walk.data[at] == _STAR:
        at += 1
    builder = walk.builder
    effects = walk.effects
    row = Call(
        builder.scope,
        builder.region,
        at,
        node.end_byte,
        name,
        receiver,
        callee,
        tuple(args),
        tuple(keywords),
        False,
        at_name,
    )
    effects.append(row)
    return len(effects) - 1


def arguments(walk: Walk, node: Node, args: list[int], keywords: list[tuple[str, int]]) -> None:
    """Lower an argument list in source order."""
    for child in node.named_children:
        kind = child.kind_id
        if kind in TOKENS:
            continue
        if kind == KEYWORD_ARGUMENT:
            part = child.child(child.child_count - 1)
            name = walk.source(child).partition(b"=")[0].rstrip()
            keywords.append((walk.texts[name], value(walk, part)))
        elif kind == DICTIONARY_SPLAT:
            keywords.append(("**", value(walk, child)))
        else:
            args.append(value(walk, child))


def subscript_key(walk: Walk, node: Node, children: list[Node]) -> int:
    """The key of `a[key]`: a tuple when there are several."""
    keys = [value(walk, child) for child in children[1:] if child.kind_id not in TOKENS]
    if len(keys) == 1:
        return keys[0]
    return walk.builder.value("container", node.start_byte, node.end_byte, "tuple", tuple(keys))


@expression("slice")
def _slice(walk: Walk, node: Node) -> int:
    """Start, stop and step; a bound that is not written is null."""
    bounds = [NONE]
    for child in walk.parts(node):
        if child.kind_id in TOKENS:
            bounds.append(NONE)
        else:
            bounds[-1] = value(walk, child)
    at = node.start_byte
    parts = tuple(bound if bound != NONE else walk.builder.value("null", at, at) for bound in bounds)
    return walk.builder.value("operation", at, node.end_byte, "slice", parts)
