"""Syntax errors, and the comments and annotations that speak to leaklint; neither takes part in lowering."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.grammar import COMMENTS
from leaklint.frontends.java.walk import Walk

_MARK = b"leaklint:"
_NEAR = 24  # characters of source shown in a message


def problems(walk: Walk, root: Node) -> None:
    """One Problem for each outermost error and each missing token, in source order."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error:
            near = walk.data[node.start_byte : node.end_byte].decode("utf-8", "replace")
            lines = near.strip().splitlines()
            near = lines[0][:_NEAR].strip() if lines else ""
            walk.b.problem(node.start_byte, node.end_byte, f'syntax error near "{near}"')
        elif node.is_missing:
            walk.b.problem(node.start_byte, node.end_byte, f'syntax error: "{node.type}" is missing')
        elif node.has_error:
            stack.extend(reversed([child for child in node.children if child.has_error]))


def comments(walk: Walk, root: Node) -> None:
    """A row for each comment and annotation with the mark, found by its position rather than by a walk."""
    data = walk.data
    found = data.find(_MARK)
    while found >= 0:
        node = root.descendant_for_byte_range(found, found + len(_MARK))
        after = found + len(_MARK)
        if node is not None and node.kind_id in COMMENTS:
            at, after = node.start_byte, node.end_byte
            line = max(data.rfind(b"\n", 0, at), data.rfind(b"\r", 0, at)) + 1
            walk.b.comment(at, after, data[at:after].decode("utf-8", "replace"), not data[line:at].strip())
        elif node is not None and (annotation := _suppression(node)) is not None:
            after = annotation.end_byte
            declared = annotation.parent.parent if annotation.parent is not None else None
            until = declared.end_byte if declared is not None else after
            walk.b.comment(annotation.start_byte, after, _text(annotation), True, until)
        found = data.find(_MARK, after)


def _suppression(node: Node) -> Node | None:
    """The `@SuppressWarnings` that a node stands in."""
    around: Node | None = node
    while around is not None and around.type != "annotation":
        around = around.parent
    name = around.child_by_field_name("name") if around is not None else None
    return around if name is not None and _text(name).rpartition(".")[2] == "SuppressWarnings" else None


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
