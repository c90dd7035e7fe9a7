"""Lowers Python source to a `Unit`. It knows the syntax and no API."""

from __future__ import annotations

from tree_sitter import Node, Parser

from leaklint.frontends.python import (  # noqa: F401  (each registers what it lowers)
    chains,
    classes,
    containers,
    control,
    functions,
    imports,
    literals,
    operators,
    patterns,
    statements,
)
from leaklint.frontends.python.dispatch import block
from leaklint.frontends.python.grammar import COMMENT, LANGUAGE
from leaklint.frontends.python.ownclass import name_classes
from leaklint.frontends.python.walk import Walk
from leaklint.ir import Unit
from leaklint.ir.builder import Builder
from leaklint.source import SourceFile


def lower(source: SourceFile) -> Unit:
    """Lower one file. Never raises: what it cannot read becomes a Problem."""
    try:
        return _lower(source)
    except RecursionError:
        builder = _builder(source)
        builder.problem(0, len(source.data), "too deeply nested to be read")
        return builder.finish()


def _builder(source: SourceFile) -> Builder:
    unit = Unit(source.path, "python")
    return Builder(unit, class_names="direct", end=len(source.data))


def _lower(source: SourceFile) -> Unit:
    data = source.data
    tree = Parser(LANGUAGE).parse(data)
    builder = _builder(source)
    block(Walk(builder, data), tree.root_node)
    if b"leaklint:" in data:
        _comments(builder, tree.root_node, data)
    if tree.root_node.has_error:
        _problems(builder, tree.root_node, data)
    builder.unit.problems.sort(key=lambda problem: problem.at)
    unit = builder.finish()
    name_classes(unit, data)
    return unit


def _comments(builder: Builder, root: Node, data: bytes) -> None:
    """Rows for the comments that speak to leaklint."""
    at, end = data.find(b"leaklint:"), -1
    while at >= 0:
        node = root.descendant_for_byte_range(at, at + 1) if at >= end else None
        if node is not None and node.kind_id == COMMENT:
            start, end = node.start_byte, node.end_byte
            line = data[max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1 : start]
            builder.comment(start, end, data[start:end].decode("utf-8", "replace").rstrip(), not line.strip())
        at = data.find(b"leaklint:", at + 1)


def _problems(builder: Builder, root: Node, data: bytes) -> None:
    """A Problem for each outermost ERROR and each missing token."""
    stack = [root]
    while stack:
        node = stack.pop()
        at, end = node.start_byte, node.end_byte
        if node.is_error:
            near = data[at : min(end, at + 200)].decode("utf-8", "replace").strip()
            near = (near.splitlines() or [""])[0][:40]
            builder.problem(at, end, f'syntax error near "{near}"')
        elif node.is_missing:
            builder.problem(at, end, f"syntax error: missing {node.type}")
        elif node.has_error:
            stack += node.children
