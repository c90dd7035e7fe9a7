"""Calls and what is chained of them: attributes, elements, results of results.

A chain is followed in a loop, not by recursion, because `a.b().c().d()…` may be of any length.
"""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.python.grammar import (
    ARGUMENTS,
    ATTRIBUTE,
    CALL,
    CHAINED,
    DICTIONARY_SPLAT,
    IDENTIFIER,
    KEYWORD_ARGUMENT,
    SUBSCRIPT,
    TOKENS,
    WRAPPERS,
)
from leaklint.frontends.python.walk import STEPS, Walk, expression, value
from leaklint.ir import NONE

Keywords = tuple[tuple[str, int], ...]


@expression("call")
def _call(walk: Walk, node: Node) -> int:
    call = lower_call(walk, node)
    return walk.builder.call_value(call, node.start_byte, node.end_byte)


@expression("attribute", "subscript")
def _place(walk: Walk, node: Node) -> int:
    place = lower_place(walk, node)
    return walk.place_value(place, node.start_byte, node.end_byte)


@expression("parenthesized_expression", "await")
def _wrapper(walk: Walk, node: Node) -> int:
    return value(walk, unwrap(walk, node))


def unwrap(walk: Walk, node: Node) -> Node:
    """The expression inside parentheses and `await`."""
    while node.kind_id in WRAPPERS:
        inner = [child for child in walk.parts(node) if child.kind_id not in TOKENS]
        if not inner:
            break
        for other in inner[:-1]:
            value(walk, other)
        node = inner[-1]
    return node


def lower_call(walk: Walk, node: Node) -> int:
    """Lower a call to its effect."""
    children = node.children
    if len(children) != 2:
        children = walk.parts(node)
    function = children[0]
    data = walk.data
    end = function.end_byte
    raw = data[function.start_byte : end]
    if function.kind_id == ATTRIBUTE:
        dot = raw.rfind(b".")
        name = raw[dot + 1 :]
        receiver = walk.places.get(raw[:dot])
        if receiver is None:
            receiver = walk.dotted(raw[:dot])
        if receiver >= 0 and name in walk.texts:
            return _emit(walk, node, children, receiver, walk.texts[name], end - len(name))
    elif function.kind_id == IDENTIFIER:
        return _emit(walk, node, children, NONE, walk.text(raw), function.start_byte, walk.name(raw))
    return _chained(walk, node)[1]


def lower_place(walk: Walk, node: Node) -> int:
    """The place that an expression reads; what it evaluates on the way becomes effects."""
    kind = node.kind_id
    if kind == IDENTIFIER or kind == ATTRIBUTE:
        place = walk.dotted(walk.data[node.start_byte : node.end_byte])
        if place >= 0:
            return place
    return _chained(walk, node)[0]


def _chained(walk: Walk, node: Node) -> tuple[int, int]:
    """Lower a chain from its root outwards: the place of the whole, and its last call."""
    links: list[tuple[Node, list[Node]]] = []
    while True:
        node = unwrap(walk, node)
        kind = node.kind_id
        if kind not in CHAINED:
            break
        if kind == ATTRIBUTE and (not links or links[-1][0].kind_id != CALL):
            place = walk.dotted(walk.source(node))
            if place >= 0:
                return _climb(walk, place, links)
        children = walk.parts(node)
        links.append((node, children))
        node = children[0]
    if kind == IDENTIFIER:
        return _climb(walk, walk.name(walk.source(node)), links)
    return _climb(walk, walk.builder.place_of(value(walk, node)), links)


def _climb(walk: Walk, place: int, links: list[tuple[Node, list[Node]]]) -> tuple[int, int]:
    builder = walk.builder
    call = NONE
    steps = 0
    name = b""
    receiver = NONE
    while links:
        node, children = links.pop()
        kind = node.kind_id
        steps += 1
        if steps > STEPS:
            builder.opaque("too long a path", node.start_byte, node.end_byte)
            place, steps = builder.nowhere(), 0
        if kind == CALL:
            function = children[0]
            at = node.start_byte
            if function.kind_id == IDENTIFIER:
                name, at = walk.source(function), function.start_byte
            call = _emit(walk, node, children, NONE, walk.text(name) if name else "", at, place)
            place, steps = builder.result(call), 0
        elif kind == SUBSCRIPT:
            subscript_key(walk, node, children)
            place = builder.element(place)
        else:
            attribute = children[-1]
            name = walk.source(attribute)
            if links and links[-1][0].kind_id == CALL:
                caller, arguments = links.pop()
                receiver = place
                call = _emit(walk, caller, arguments, receiver, walk.text(name), attribute.start_byte)
                place, steps = builder.result(call), 0
            else:
                place = builder.member(place, walk.text(name))
        name = b""
    return place, call


def _emit(
    walk: Walk,
    node: Node,
    children: list[Node],
    receiver: int,
    name: str,
    at_name: int,
    callee: int = NONE,
) -> int:
    """The effect of a call whose function is `children[0]`, after its arguments."""
    args: list[int] = []
    keywords: list[tuple[str, int]] = []
    for part in children[1:]:
        if part.kind_id == ARGUMENTS:
            arguments(walk, part, args, keywords)
        else:
            args.append(value(walk, part))
    return walk.builder.call(
        name,
        node.start_byte,
        node.end_byte,
        receiver=receiver,
        callee=callee,
        args=tuple(args),
        keywords=tuple(keywords),
        at_name=at_name,
    )


def arguments(walk: Walk, node: Node, args: list[int], keywords: list[tuple[str, int]]) -> None:
    """Lower an argument list in source order."""
    for child in node.children:
        kind = child.kind_id
        if kind in TOKENS:
            continue
        if kind == KEYWORD_ARGUMENT:
            parts = walk.parts(child)
            keywords.append((walk.text(walk.source(parts[0])), value(walk, parts[-1])))
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
