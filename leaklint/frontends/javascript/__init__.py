"""The front end for JavaScript, JSX, TypeScript and TSX: syntax in, a `Unit` out, no knowledge of any API.

`grammar` parses, `walk` carries the state, `tables` dispatches on node kinds, and the other modules
lower one group of constructs each.
"""

from __future__ import annotations

from tree_sitter import Tree

from leaklint.frontends.javascript import exports, grammar
from leaklint.frontends.javascript.tables import tables
from leaklint.frontends.javascript.walk import Walk
from leaklint.ir.builder import Builder
from leaklint.ir.records import Unit
from leaklint.source import SourceFile


def lower(source: SourceFile) -> Unit:
    """Lower one file. Never raises for any bytes: what it cannot read becomes a Problem or Opaque."""
    tree, name = grammar.parse(source)
    unit = Unit(source.path, "javascript", grammar.dialect_of(source.path))
    w = Walk(unit, source.data, tables(name))
    root = tree.root_node
    w.tables.run_block(w, root)
    exports.resolve(w)
    grammar.report(w.b, tree, source.data)
    _comments(w.b, tree, source)
    return w.b.finish()


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
