"""Binding: what may stand left of `=`, after `for`, `as` and `del`."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.python.chains import lower_place, subscript_key, unwrap
from leaklint.frontends.python.dispatch import DEPTH, value
from leaklint.frontends.python.grammar import (
    AS_TARGET,
    ATTRIBUTE,
    IDENTIFIER,
    SEQUENCE_TARGETS,
    SPLATS,
    SUBSCRIPT,
)
from leaklint.frontends.python.walk import Walk
from leaklint.ir.records import BindHow


def bind(walk: Walk, target: Node, bound: int, how: BindHow, end: int) -> None:
    """Bind a value to a target of any form."""
    kind = target.kind_id
    at = target.start_byte
    if kind == IDENTIFIER:
        name_end = target.end_byte
        walk.bind_name(walk.data[at:name_end], bound, how, at, name_end, end)
    elif kind == ATTRIBUTE:
        walk.declare_field(walk.source(target), target.end_byte)
        walk.builder.bind(lower_place(walk, target), bound, how, at, end)
    elif kind == SUBSCRIPT:
        place, key = element(walk, target)
        if how == "assign":
            walk.builder.bind(place, bound, "element", at, end, key=key)
        else:
            walk.builder.bind(walk.builder.element(place), bound, how, at, end, key=key)
    else:
        _bind_other(walk, target, bound, how, end)


def element(walk: Walk, node: Node) -> tuple[int, int]:
    """The container and the key of `a[key]`."""
    children = walk.parts(node)
    place = lower_place(walk, children[0])
    return place, subscript_key(walk, node, children)


def _bind_other(walk: Walk, target: Node, bound: int, how: BindHow, end: int) -> None:
    if walk.depth > DEPTH:
        walk.too_deep(target)
        return
    walk.depth += 1
    _bind_pattern(walk, target, bound, how, end)
    walk.depth -= 1


def _bind_pattern(walk: Walk, target: Node, bound: int, how: BindHow, end: int) -> None:
    kind = target.kind_id
    if kind == AS_TARGET:
        for child in walk.parts(target):
            bind(walk, child, bound, how, end)
    elif kind in SEQUENCE_TARGETS:
        _destructure(walk, target, bound, how, end)
    elif kind in SPLATS:
        for child in walk.operands(target):
            bind(walk, child, bound, how, end)
    elif unwrap(walk, target) != target:
        bind(walk, unwrap(walk, target), bound, how, end)
    else:
        value(walk, target)


def _destructure(walk: Walk, target: Node, bound: int, how: BindHow, end: int) -> None:
    targets = walk.operands(target)
    if len(targets) == 1 and len(walk.parts(target)) == 3 and walk.data[target.start_byte] == 40:  # `(a) = 1`
        bind(walk, targets[0], bound, how, end)
    else:
        pieces = _pieces(walk, targets, bound, how)
        for child, piece in zip(targets, pieces, strict=True):
            bind(walk, child, piece, how, end)


def _pieces(walk: Walk, targets: list[Node], bound: int, how: BindHow) -> list[int]:
    """The value that each target takes out of a sequence."""
    builder = walk.builder
    source = builder.values[bound]
    if how != "iterate" and _fits(walk, targets, bound):
        return list(source.parts)
    if source.kind != "place" and source.kind != "call":
        inner = builder.value("opaque", source.at, source.end)
    else:
        inner = walk.place_value(builder.element(builder.place_of(bound)), source.at, source.end)
    return [_rest(walk, target, bound) if target.kind_id in SPLATS else inner for target in targets]


def _fits(walk: Walk, targets: list[Node], bound: int) -> bool:
    """Whether targets and the values of a display pair off, as in `a, b = {}, []`."""
    source = walk.values[bound]
    return (
        source.kind == "container"
        and source.text in ("tuple", "list")
        and len(source.parts) == len(targets)
        and not any(target.kind_id in SPLATS for target in targets)
        and not any(walk.values[part].kind == "spread" for part in source.parts)
    )


def _rest(walk: Walk, target: Node, bound: int) -> int:
    """What `*rest` takes: a fresh list of what is left."""
    at, end = target.start_byte, target.end_byte
    spread = walk.builder.value("spread", at, end, "", (bound,))
    return walk.builder.value("container", at, end, "list", (spread,))


def delete(walk: Walk, target: Node, end: int) -> None:
    """`del` of any form."""
    target = unwrap(walk, target)
    at = target.start_byte
    kind = target.kind_id
    if kind == SUBSCRIPT:
        place, key = element(walk, target)
        walk.builder.delete(place, at, end, key)
    elif kind in SEQUENCE_TARGETS:
        stack = walk.operands(target)[::-1]
        while stack:
            child = unwrap(walk, stack.pop())
            if child.kind_id in SEQUENCE_TARGETS:
                stack += walk.operands(child)[::-1]
            else:
                delete(walk, child, child.end_byte)
    elif kind == IDENTIFIER:
        raw = walk.source(target)
        walk.touch(raw, at, target.end_byte)
        walk.builder.delete(walk.place(raw), at, end)
    elif kind == ATTRIBUTE:
        walk.builder.delete(lower_place(walk, target), at, end)
    else:
        value(walk, target)
