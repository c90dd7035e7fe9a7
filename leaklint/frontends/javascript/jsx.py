"""Lowers JSX: an element is a container of its attributes and children; a component is called too."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript.walk import Walk
from leaklint.ir.records import NONE

_NAMES = frozenset({"identifier", "member_expression", "nested_identifier", "jsx_namespace_name"})


def element(w: Walk, node: Node) -> int:
    """`<a …>…</a>`, `<a …/>` and fragments."""
    keys: list[str] = []
    parts: list[int] = []
    tag: Node | None = None
    for child in node.children:
        kind = child.type
        if kind == "jsx_opening_element":
            tag = _attributes(w, child, keys, parts)
        elif kind == "jsx_self_closing_element":
            keys.append("")
            parts.append(ex.expression(w, child))
        elif kind == "jsx_expression":
            _braces(w, child, "", keys, parts)
        else:
            handler = w.expressions[child.kind_id]
            if handler is not None and kind not in _NAMES:
                keys.append("")
                parts.append(handler(w, child))
    return _finish(w, node, tag, keys, parts, _count(keys))


def self_closing(w: Walk, node: Node) -> int:
    keys: list[str] = []
    parts: list[int] = []
    tag = _attributes(w, node, keys, parts)
    return _finish(w, node, tag, keys, parts, len(keys))


def _count(keys: list[str]) -> int:
    """How many entries are attributes: children come last and have no key."""
    count = len(keys)
    while count and not keys[count - 1]:
        count -= 1
    return count


def _finish(w: Walk, node: Node, tag: Node | None, keys: list[str], parts: list[int], given: int) -> int:
    if tag is not None:
        _component(w, node, tag, keys[:given], parts[:given])
    return w.b.value("container", node.start_byte, node.end_byte, "jsx", tuple(parts), tuple(keys))


def _component(w: Walk, node: Node, tag: Node, keys: list[str], parts: list[int]) -> None:
    """A capitalised or dotted tag is a call of that component with its attributes."""
    text = w.data[tag.start_byte : tag.end_byte]
    head, _, last = text.rpartition(b".")
    if not head and not text[:1].isupper():
        return
    receiver, callee = NONE, NONE
    if head:
        receiver = w.chain(head)
    else:
        callee = w.root(text)
    spread = tuple(part for key, part in zip(keys, parts, strict=True) if not key)
    named = tuple((key, part) for key, part in zip(keys, parts, strict=True) if key)
    w.b.call(
        w.decode(last),
        node.start_byte,
        node.end_byte,
        receiver=receiver if receiver != NONE else NONE,
        callee=callee,
        args=spread,
        keywords=named,
        at_name=tag.end_byte - len(last),
    )


def _attributes(w: Walk, node: Node, keys: list[str], parts: list[int]) -> Node | None:
    """Lower the attributes of an opening tag; the node of its name."""
    tag: Node | None = None
    for child in node.children:
        kind = child.type
        if kind == "jsx_attribute":
            _attribute(w, child, keys, parts)
        elif kind == "jsx_expression":
            _braces(w, child, "", keys, parts)
        elif kind in _NAMES and tag is None:
            tag = child
        elif child.is_error:
            ex.broken(w, child)
    return tag


def _attribute(w: Walk, node: Node, keys: list[str], parts: list[int]) -> None:
    children = node.children
    name = w.text(children[0])
    if len(children) < 3:
        keys.append(name)
        parts.append(w.b.value("boolean", node.start_byte, node.end_byte, "true"))
        return
    value = children[-1]
    if value.type == "jsx_expression":
        _braces(w, value, name, keys, parts)
    else:
        keys.append(name)
        parts.append(ex.expression(w, value))


def _braces(w: Walk, node: Node, name: str, keys: list[str], parts: list[int]) -> None:
    """`{expression}`; empty braces hold a comment."""
    for child in node.children:
        handler = w.expressions[child.kind_id]
        if handler is not None:
            keys.append(name)
            parts.append(ex.named(w, child, name, NONE))
