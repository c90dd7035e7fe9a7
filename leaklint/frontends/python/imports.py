"""Imports: every one is a symbol, also when it binds a name a second time."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.python.dispatch import statements
from leaklint.frontends.python.grammar import ALIASED_IMPORT, DOTTED_NAME, TOKENS, WILDCARD
from leaklint.frontends.python.walk import Walk
from leaklint.ir import Symbol

_TYPE_ONLY = frozenset({"type-only"})


@statements("import_statement")
def _import(walk: Walk, node: Node) -> str:
    for child in node.children:
        kind = child.kind_id
        if kind == DOTTED_NAME:
            name = _dotted(walk, child).partition(".")[0]
            _declare(walk, child, name, name, "*")
        elif kind == ALIASED_IMPORT:
            path, _, alias = walk.parts(child)
            _declare(walk, child, _dotted(walk, alias), _dotted(walk, path), "*")
    return ""


@statements("import_from_statement", "future_import_statement")
def _import_from(walk: Walk, node: Node) -> str:
    module = ""
    names = False
    for child in node.children:
        kind = child.kind_id
        if kind in TOKENS:
            if child.type == "import":
                names = True
            elif child.type == "__future__":
                module = "__future__"
        elif not names:
            module = _dotted(walk, child)
        elif kind == WILDCARD:
            _declare(walk, child, "*", module, "*")
        elif kind == ALIASED_IMPORT:
            original, _, alias = walk.parts(child)
            _declare(walk, child, _dotted(walk, alias), module, _dotted(walk, original))
        else:
            name = _dotted(walk, child)
            _declare(walk, child, name, module, name)
    return ""


def _dotted(walk: Walk, node: Node) -> str:
    """A dotted name without the blanks that may stand in it."""
    raw = walk.source(node)
    return walk.texts[raw if raw.isalnum() else b"".join(raw.split())]


def _declare(walk: Walk, node: Node, name: str, module: str, imported: str) -> None:
    """Declare an import. A further import of a name gets a row of its own, so that none is lost."""
    builder = walk.builder
    at, end = node.start_byte, node.end_byte
    raw = name.encode()
    flags = _TYPE_ONLY if walk.type_only else frozenset()
    symbol, first = walk.declare(raw, "import", at, end, flags=flags)
    row = builder.symbols[symbol]
    if not first:
        if row.kind == "variable":
            row.kind, row.at, row.end, row.module, row.imported = "import", at, end, module, imported
            return
        row = Symbol(name, "import", builder.scope, at, end, builder.region, flags=flags)
        builder.symbols.append(row)
    row.module, row.imported = module, imported
