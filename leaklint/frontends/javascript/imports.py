"""Lowers imports: ES, CommonJS `require`, and TypeScript's own."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript.walk import NO_FLAGS, Flags, Walk
from leaklint.ir.records import NONE

_TYPE_ONLY: Flags = frozenset({"type-only"})


def required(w: Walk, node: Node) -> tuple[str, str] | None:
    """Module and name that `require("m")` or `require("m").name` yields; None for anything else."""
    if not w.data.startswith(b"require", node.start_byte):
        return None
    imported = "*"
    if node.type == "member_expression":
        imported = w.text(node.children[-1])
        node = node.children[0]
    if node.type != "call_expression" or w.text(node.children[0]) != "require":
        return None
    given = [child for child in node.children[-1].children if child.is_named]
    if len(given) != 1 or given[0].type != "string":
        return None
    return content(w, given[0]), imported


def content(w: Walk, node: Node) -> str:
    return w.decode(w.data[node.start_byte + 1 : node.end_byte - 1])


def import_statement(w: Walk, node: Node) -> str:
    source = node.child_by_field_name("source")
    module = content(w, source) if source is not None else ""
    flags = NO_FLAGS
    for child in node.children:
        kind = child.type
        if kind == "type" or kind == "typeof":
            flags = _TYPE_ONLY
        elif kind == "import_clause":
            _clause(w, child, module, flags)
        elif kind == "import_require_clause":
            _require_clause(w, child, flags)
        elif child.is_error:
            ex.broken(w, child)
    return ""


def _require_clause(w: Walk, node: Node, flags: Flags) -> None:
    """TypeScript's `import fs = require("fs")`."""
    source = node.child_by_field_name("source")
    name = next((child for child in node.children if child.type == "identifier"), None)
    if source is not None and name is not None:
        _import(w, name, content(w, source), "*", flags)


def _clause(w: Walk, node: Node, module: str, flags: Flags) -> None:
    for child in node.children:
        kind = child.type
        if kind == "identifier":
            _import(w, child, module, "default", flags)
        elif kind == "namespace_import":
            _import(w, child.children[-1], module, "*", flags)
        elif kind == "named_imports":
            for specifier in child.children:
                if specifier.type == "import_specifier":
                    _specifier(w, specifier, module, flags)


def _specifier(w: Walk, node: Node, module: str, flags: Flags) -> None:
    children = node.children
    name = node.child_by_field_name("name")
    if name is None:
        return
    if children[0].type in ("type", "typeof"):
        flags = _TYPE_ONLY
    imported = content(w, name) if name.type == "string" else w.text(name)
    alias = node.child_by_field_name("alias")
    _import(w, alias if alias is not None else name, module, imported, flags)


def _import(w: Walk, name: Node, module: str, imported: str, flags: Flags) -> None:
    symbol = w.b.declare_import(w.text(name), module, imported, name.start_byte, name.end_byte)
    if flags:
        w.b.symbols[symbol].flags |= flags


def import_alias(w: Walk, node: Node) -> str:
    """TypeScript's `import A = B.C` names a member of a namespace."""
    parts = [child for child in node.children if child.is_named and not child.is_extra]
    if len(parts) != 2:
        return ""
    name, target = parts
    symbol = w.b.declare(w.text(name), "constant", name.start_byte, name.end_byte)
    place = w.simple_place(target.start_byte, target.end_byte)
    if place == NONE:
        return ""
    value = w.value_place(place, target.start_byte, target.end_byte)
    w.b.bind(w.b.symbol_place(symbol), value, "declare", node.start_byte, node.end_byte)
    return ""
