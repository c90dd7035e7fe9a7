"""The front end for JavaScript, JSX, TypeScript and TSX: syntax in, a `Unit` out, no knowledge of any API.

`grammar` parses, `walk` carries the state, `tables` dispatches on node kinds, and the other modules
lower one group of constructs each.
"""

from __future__ import annotations

import sys

from tree_sitter import Tree

from leaklint.frontends.javascript import exports, grammar
from leaklint.frontends.javascript.tables import Tables, tables_for
from leaklint.frontends.javascript.walk import Walk
from leaklint.ir.builder import Builder
from leaklint.ir.records import Unit
from leaklint.source import SourceFile

_FRAMES_A_NODE = 12  # calls between two look-ups in the dispatch tables, at most


def lower(source: SourceFile) -> Unit:
    """Lower one file. Never raises for any bytes: what it cannot read becomes a Problem or Opaque."""
    tree, name = grammar.parse(source)
    try:
        walk = _walk(source, tree, tables_for(name))
    except RecursionError:  # a pathological file: once more, and with a limit to the depth
        walk = _walk(source, tree, tables_for(name, guarded=True), _frames_left() // _FRAMES_A_NODE)
    grammar.report(walk.b, tree, source.data)
    _comments(walk.b, tree, source)
    return walk.b.finish()


def _walk(source: SourceFile, tree: Tree, handlers: Tables, deepest: int = 0) -> Walk:
    unit = Unit(source.path, "javascript", grammar.dialect_of(source.path))
    walk = Walk(unit, source.data, handlers)
    walk.deepest = deepest
    handlers.run_block(walk, tree.root_node)
    exports.resolve(walk)
    return walk


def _frames_left() -> int:
    """How many calls may still nest before Python refuses."""
    used = 0
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        used += 1
    return sys.getrecursionlimit() - used


def _comments(builder: Builder, tree: Tree, source: SourceFile) -> None:
    """Comments that speak to leaklint, found by searching for its name instead of walking the tree."""
    data = source.data
    at = data.find(b"leaklint:")
    while at >= 0:
        node = tree.root_node.descendant_for_byte_range(at, at)
        end = at + 1
        if node is not None and node.type in ("comment", "html_comment"):
            start, end = node.start_byte, node.end_byte
            line = data.rfind(b"\n", 0, start) + 1
            builder.comment(start, end, source.text(start, end), not data[line:start].strip())
        at = data.find(b"leaklint:", end)
