"""Lowers imports: ES, CommonJS `require`, and TypeScript's own."""

from __future__ import annotations

import re

from tree_sitter import Node

from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript.texts import plain_import, specifiers
from leaklint.frontends.javascript.walk import NO_FLAGS, Flags, Walk
from leaklint.ir.records import NONE

_TYPE_ONLY: Flags = frozenset({"type-only"})
_REQUIRES = frozenset({"require", "window.require", "__non_webpack_require__", "nodeRequire"})


def required(w: Walk, node: Node) -> tuple[str, str] | None:
    """Module and name that `require("m")`, `require("m").name` or `await import("m")` yields, or None."""
    imported = "*"
    if node.type == "member_expression":
        imported = w.text(node.children[-1])
        node = node.children[0]
    if node.type == "parenthesized_expression" and node.named_child_count == 1:
        node = node.named_children[0]
    if node.type == "await_expression":
        node = node.children[-1]
        if node.type != "call_expression" or node.children[0].type != "import":
            return None
    elif node.type != "call_expression" or w.text(node.children[0]) not in _REQUIRES:
        return None
    given = [child for child in node.children[-1].children if child.is_named]
    if len(given) != 1 or given[0].type != "string":
        return None
    return content(w, given[0]), imported


def taken_from(w: Walk, node: Node) -> tuple[str, str] | None:
    """Module and name that a name means which is imported from a package: `pg` of `const { Pool } = pg`."""
    if node.type != "identifier":
        return None
    number = w.lookup(w.text(node), w.b.scope)
    row = w.b.symbols[number] if number != NONE else None
    if row is None or row.kind != "import" or row.module.startswith((".", "/", "@/", "~/")):
        return None
    return row.module, row.imported


def content(w: Walk, node: Node) -> str:
    return w.decode(w.data[node.start_byte + 1 : node.end_byte - 1])


def import_statement(w: Walk, node: Node) -> str:
    match = plain_import(w.data, node.start_byte, node.end_byte)
    if match is None or not _plain(w, match):
        _parsed(w, node)
    return ""


def _plain(w: Walk, match: re.Match[bytes]) -> bool:
    """Declare what an import of the usual form imports, read from its text."""
    type_only, default, whole, names, module_ = match.groups()
    if default in (b"type", b"typeof", b"defer", b"source"):
        return False  # a modifier, or a strange name: the tree tells
    found = specifiers(w.data, match.start(4), match.end(4)) if names else []
    if found is None:
        return False
    module = w.decode(module_)
    flags = _TYPE_ONLY if type_only else NO_FLAGS
    if default:
        _declare(w, default, match.start(2), module, "default", flags)
    if whole:
        _declare(w, whole, match.start(3), module, "*", flags)
    for specifier in found:
        only, imported, local = specifier.groups()
        name = w.decode(imported or local)
        _declare(w, local, specifier.start(3), module, name, _TYPE_ONLY if only else flags)
    return True


def _declare(w: Walk, raw: bytes, at: int, module: str, imported: str, flags: Flags) -> None:
    symbol = w.b.declare_import(w.decode(raw), module, imported, at, at + len(raw))
    if flags:
        w.b.symbols[symbol].flags |= flags


def _parsed(w: Walk, node: Node) -> None:
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
    _declare(w, w.data[name.start_byte : name.end_byte], name.start_byte, module, imported, flags)


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
