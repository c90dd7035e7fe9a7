"""Calls with their arguments; annotations, which are calls too."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.grammar import (
    ARGUMENTS,
    CALL,
    COMMENTS,
    IDENTIFIER,
    LEFT_OUT,
    SKIPPED,
    SUPER,
    kind,
)
from leaklint.frontends.java.places import members_of
from leaklint.frontends.java.walk import DEEPEST, EXPRESSIONS, PLACES, Walk, expression, place_of
from leaklint.ir import NONE, Call

_ANNOTATION_ARGUMENTS = kind("annotation_argument_list")
_PAIR = kind("element_value_pair")
_SCOPED_NAME = kind("scoped_identifier")
# what checks its first argument, and gives it back
_GIVES_BACK = frozenset({"requireNonNull", "checkNotNull", "checkNotNullParam", "requireNotNull"})
NAMES = frozenset({IDENTIFIER, _SCOPED_NAME})


@expression("method_invocation")
def call(walk: Walk, node: Node) -> int:
    """The result of a call; `requireNonNull(x, …)` gives back `x` itself."""
    b = walk.b
    effect = invoke(walk, node)
    row = b.effects[effect]
    if isinstance(row, Call) and row.args and row.name in _GIVES_BACK:
        given = b.values[row.args[0]]
        if given.kind == "place":
            return b.place_value(given.place, given.at, given.end)
    return b.call_value(effect, node.start_byte, node.end_byte)


def _call_place(walk: Walk, node: Node) -> int:
    return walk.b.result(invoke(walk, node))


PLACES[CALL] = _call_place


def invoke(walk: Walk, node: Node) -> int:
    """Lower a call to its effect."""
    children = node.children
    first = children[0]
    number = first.kind_id
    if number == CALL:
        return _chain(walk, node, children)
    if walk.depth > DEEPEST:
        walk.too_deep(node)
        return walk.b.call("", node.start_byte, node.end_byte, receiver=walk.b.nowhere())
    walk.depth += 1
    if len(children) == 4 and children[2].kind_id == IDENTIFIER:
        if number == IDENTIFIER:
            receiver = walk.b.name(walk.texts[walk.data[first.start_byte : first.end_byte]])
        else:
            receiver = place_of(walk, first)
        effect = _call(walk, node, children, receiver)
    elif len(children) == 2:
        effect = _call(walk, node, children, NONE)
        walk.unqualified.append(effect)
    else:
        effect = _unusual(walk, node, children)
    walk.depth -= 1
    return effect


def _chain(walk: Walk, node: Node, children: list[Node]) -> int:
    """`a.b().c()`, from the innermost call outwards and without recursion."""
    outer: list[tuple[Node, list[Node]]] = []
    while children[0].kind_id == CALL:
        outer.append((node, children))
        node = children[0]
        children = node.children
    effect = invoke(walk, node)
    walk.depth += 1
    while outer:
        node, children = outer.pop()
        effect = _call(walk, node, children, walk.b.result(effect))
    walk.depth -= 1
    return effect


def _unusual(walk: Walk, node: Node, children: list[Node]) -> int:
    """A call with type arguments, `Outer.super`, comments or errors."""
    children = walk.without_extras(children)
    if len(children) == 2:
        effect = _call(walk, node, children, NONE)
        walk.unqualified.append(effect)
        return effect
    supers = [child for child in children if child.kind_id == SUPER]
    receiver = place_of(walk, supers[0] if supers else children[0]) if children else walk.b.nowhere()
    return _call(walk, node, children, receiver)


def _call(walk: Walk, node: Node, children: list[Node], receiver: int) -> int:
    name, given = children[-2], children[-1]
    if name.kind_id != IDENTIFIER or given.kind_id != ARGUMENTS:
        name, given = _name_and_arguments(walk, node, children)
    at = name.start_byte
    values = arguments(walk, given)
    return walk.b.call(
        walk.texts[walk.data[at : name.end_byte]],
        node.start_byte,
        node.end_byte,
        receiver=receiver,
        args=values,
        at_name=at,
    )


def _name_and_arguments(walk: Walk, node: Node, children: list[Node]) -> tuple[Node, Node]:
    """Where comments or errors stand between them; a node without arguments where there are none."""
    children = walk.without_extras(children)
    name = next((child for child in reversed(children) if child.kind_id == IDENTIFIER), node)
    return name, children[-1] if children and children[-1].kind_id == ARGUMENTS else name


def arguments(walk: Walk, node: Node) -> tuple[int, ...]:
    """The values of what stands in parentheses or braces."""
    if node.end_byte - node.start_byte == 2:
        return ()
    children = node.children
    if len(children) == 3:
        child = children[1]
        number = child.kind_id
        if number == IDENTIFIER:
            at, end = child.start_byte, child.end_byte
            return (walk.b.name_value(walk.texts[walk.data[at:end]], at, end),)
        return (EXPRESSIONS[number](walk, child),) if number not in SKIPPED else ()
    values: list[int] = []
    for child in children[1:-1]:
        number = child.kind_id
        if number == IDENTIFIER:
            at, end = child.start_byte, child.end_byte
            values.append(walk.b.name_value(walk.texts[walk.data[at:end]], at, end))
        elif number not in SKIPPED:
            values.append(EXPRESSIONS[number](walk, child))
    return tuple(values)


@expression("marker_annotation", "annotation", nests=True)
def annotation(walk: Walk, node: Node) -> int:
    """`@A` reads A; `@A(x)` and `@A(k = x)` call it."""
    at, end = node.start_byte, node.end_byte
    names = [child for child in node.named_children if child.kind_id in NAMES]
    if not names:
        return walk.opaque(node, node.type)
    *path, last = dotted(names[0])
    place = members_of(walk, walk.name(path[0]), path[1:]) if path else NONE
    given = node.named_children[-1]
    if given.kind_id != _ANNOTATION_ARGUMENTS:
        return walk.b.place_value(walk.b.member(place, walk.text(last)) if path else walk.name(last), at, end)
    values: list[int] = []
    keywords: list[tuple[str, int]] = []
    for child in given.named_children:
        if child.kind_id == _PAIR:
            key, *_, value = child.named_children
            keywords.append((walk.text(key), EXPRESSIONS[value.kind_id](walk, value)))
        elif child.kind_id not in COMMENTS:
            values.append(EXPRESSIONS[child.kind_id](walk, child))
    effect = walk.b.call(
        walk.text(last),
        at,
        end,
        receiver=place,
        callee=NONE if path else walk.name(last),
        args=tuple(values),
        keywords=tuple(keywords),
        at_name=last.start_byte,
    )
    return walk.b.call_value(effect, at, end)


def dotted(node: Node) -> list[Node]:
    """The identifiers of `a.b.c`, from left to right."""
    names: list[Node] = []
    while node.kind_id == _SCOPED_NAME:
        children = [child for child in node.named_children if child.kind_id not in LEFT_OUT]
        if len(children) < 2:
            break
        names.append(children[-1])
        node = children[0]
    names.append(node)
    names.reverse()
    return names
