"""Lowers assignments and everything that binds names: declarations, destructuring, updates."""

from __future__ import annotations

from typing import NamedTuple

from tree_sitter import Node

from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript.walk import Walk
from leaklint.ir.records import NONE, BindHow, SymbolKind

NAMES = frozenset(
    {"identifier", "shorthand_property_identifier_pattern", "shorthand_property_identifier", "undefined"}
)
PATTERNS = frozenset({"object_pattern", "array_pattern", "object", "array"})
_RESTS = frozenset({"rest_pattern", "spread_element"})
_DEFAULTS = frozenset({"assignment_pattern", "object_assignment_pattern"})


class Binding(NamedTuple):
    """How the targets of a pattern are bound: declared in `scope`, or assigned when `kind` is None."""

    how: BindHow
    kind: SymbolKind | None = None
    scope: int = NONE


def bind_target(w: Walk, node: Node, source: int, binding: Binding, value: int = NONE) -> None:
    """Bind a target, taking patterns apart. `source` is the place it reads, NONE when there is none.

    `value` is what a plain target is bound to when that is not just the source.
    """
    kind = node.type
    if kind in NAMES:
        name = w.text(node)
        at, end = node.start_byte, node.end_byte
        if binding.kind is not None:
            symbol = w.b.declare(name, binding.kind, at, end, scope=binding.scope)
            place = w.b.symbol_place(symbol)
        else:
            place = w.root(w.data[at:end])
        w.b.bind(place, _read(w, node, source, value), binding.how, at, end)
    elif kind in PATTERNS:
        if w.deepest and w.depth >= w.deepest:
            w.too_deep(node)
            return
        w.depth += 1
        _pattern(w, node, source, binding)
        w.depth -= 1
    elif kind in _DEFAULTS or kind == "assignment_expression":
        _defaulted(w, node, source, binding)
    elif kind in _RESTS:
        _rest(w, node, source, binding)
    elif kind == "subscript_expression":
        holder, key, name = ex.subscript(w, node)
        _store(w, node, holder, key, name, _read(w, node, source, value), binding.how)
    elif kind == "member_expression":
        place = ex.place(w, node)
        w.b.bind(place, _read(w, node, source, value), binding.how, node.start_byte, node.end_byte)
    elif kind in ex.WRAPPERS:
        inside = ex.unwrapped(w, node)
        if inside.type in ex.WRAPPERS:
            ex.broken(w, node)
        else:
            bind_target(w, inside, source, binding, value)
    elif kind != "comment":
        ex.expression(w, node)


def _pattern(w: Walk, node: Node, source: int, binding: Binding) -> None:
    if node.type in ("object_pattern", "object"):
        for child in node.children:
            if child.is_named:
                _property(w, child, source, binding)
        return
    element = w.b.element(source) if source != NONE else NONE
    for child in node.children:
        if child.is_named and not child.is_extra:
            bind_target(w, child, source if child.type in _RESTS else element, binding)


def bind_value(w: Walk, node: Node, value: int, binding: Binding) -> None:
    """Take a value apart: `[a, b] = [b, a]` part by part, everything else by its place."""
    row = w.values[value]
    if row.kind != "container" or row.text != "array" or node.type not in ("array_pattern", "array"):
        bind_target(w, node, source_of(w, value), binding)
        return
    targets = [child for child in node.children if child.is_named and not child.is_extra]
    holes = len(node.children) != 2 * len(targets) + 1 and len(targets) > 0
    if holes or len(targets) != len(row.parts) or any(target.type in _RESTS for target in targets):
        bind_target(w, node, NONE, binding)
        return
    for target, part in zip(targets, row.parts, strict=True):
        bind_target(w, target, source_of(w, part), binding, part)


def bind_elements(w: Walk, node: Node, source: int, binding: Binding) -> None:
    """Take apart what a loop over `source` yields: `[k, v]` iterate an element, the rest reads inside it."""
    element = w.b.element(source) if source != NONE else NONE
    inner = binding._replace(how="declare" if binding.kind else "assign")
    if node.type not in ("array_pattern", "array"):
        bind_target(w, node, element, inner)
        return
    inside = w.b.element(element) if element != NONE else NONE
    for child in node.children:
        if child.type in NAMES or child.type == "member_expression":
            bind_target(w, child, element, binding)
        elif child.is_named and not child.is_extra:
            bind_target(w, child, element if child.type in _RESTS else inside, inner)


def source_of(w: Walk, value: int) -> int:
    """The place that a pattern takes apart; NONE when the value is no place."""
    row = w.values[value]
    if row.kind == "operation" and row.text in ("or", "??"):  # `const { signal } = init || {}`
        rest = [part for part in row.parts if w.values[part].kind not in ("container", "null")]
        row = w.values[rest[0]] if len(rest) == 1 else row
        value = rest[0] if len(rest) == 1 else value
    return w.b.place_of(value) if row.kind in ("place", "call") else NONE


def _read(w: Walk, node: Node, source: int, value: int) -> int:
    if value != NONE:
        return value
    if source == NONE:
        return w.opaque_value(node)
    return w.value_place(source, node.start_byte, node.end_byte)


def _store(w: Walk, node: Node, holder: int, key: int, name: str, value: int, how: BindHow) -> None:
    at, end = node.start_byte, node.end_byte
    if name:
        w.b.bind(w.b.member(holder, name), value, how, at, end)
    else:
        w.b.bind(holder, value, "element", at, end, key=key)


def _property(w: Walk, node: Node, source: int, binding: Binding) -> None:
    """One entry of an object pattern; targets are one step further inside the source."""
    kind = node.type
    if kind in ("pair_pattern", "pair"):
        parts = ex.significant(w, node)
        if len(parts) == 3:
            bind_target(w, parts[2], _step(w, parts[0], source), binding)
    elif kind in NAMES:
        place = w.b.member(source, w.text(node)) if source != NONE else NONE
        bind_target(w, node, place, binding)
    elif kind in _DEFAULTS or kind == "assignment_expression":
        left = ex.significant(w, node)[0]
        place = w.b.member(source, w.text(left)) if source != NONE else NONE
        _defaulted(w, node, place, binding)
    elif kind in _RESTS:
        _rest(w, node, source, binding, in_object=True)
    elif node.is_error:
        ex.broken(w, node)


def _step(w: Walk, key: Node, source: int) -> int:
    """The place that a key of a pattern reads; a computed key is lowered too."""
    kind = key.type
    if kind == "computed_property_name":
        ex.inner(w, key)
        return w.b.element(source) if source != NONE else NONE
    if source == NONE:
        return NONE
    name = ex.literal_name(w, key) if kind in ("string", "number") else w.text(key)
    return w.b.member(source, name) if name else w.b.element(source)


def _defaulted(w: Walk, node: Node, source: int, binding: Binding) -> None:
    """`target = default` inside a pattern: bound to the source, then to the default."""
    parts = ex.significant(w, node)
    left, right = parts[0], parts[-1]
    bind_target(w, left, source, binding)
    value = ex.expression(w, right)
    if left.type in NAMES:
        place = w.root(w.data[left.start_byte : left.end_byte])
        w.b.bind(place, value, "default", node.start_byte, node.end_byte)


def _rest(w: Walk, node: Node, source: int, binding: Binding, *, in_object: bool = False) -> None:
    """`...rest` is a fresh container with what is left of the source spread into it."""
    target = node.children[-1]
    at, end = node.start_byte, node.end_byte
    part = w.value_place(source, at, end) if source != NONE else w.opaque_value(node)
    spread = w.b.value("spread", at, end, parts=(part,))
    kind, keys = ("object", ("",)) if in_object else ("array", ())
    bind_target(w, target, NONE, binding, w.b.value("container", at, end, kind, (spread,), keys))
