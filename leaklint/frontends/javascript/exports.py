"""Lowers exports: ES `export`, re-exports, `module.exports`, and the exported members of namespaces."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript.imports import content
from leaklint.frontends.javascript.walk import Walk
from leaklint.ir.records import NONE, Symbol, SymbolKind

WHOLE = ("*", "default")  # names under which `module.exports = X` can be imported
_LOCAL = frozenset({"variable", "constant", "function", "class", "import"})


def export_statement(w: Walk, node: Node) -> str | None:
    children = node.children
    words = [child.type for child in children]
    decorators = tuple(w.tables.decorator(w, child) for child in children if child.type == "decorator")
    source = node.child_by_field_name("source")
    if "as" in words:
        return ""  # `export as namespace N` names the file for scripts without modules
    if source is not None:
        _reexport(w, node, content(w, source), "type" in words)
        return ""
    declared = node.child_by_field_name("declaration")
    if declared is not None:
        return _declaration(w, declared, "default" in words, decorators)
    for child in children:
        if child.type == "export_clause":
            for name, local, _ in _specifiers(w, child):
                _offer(w, name, local)
            return ""
    given = [child for child in children if w.expressions[child.kind_id] is not None]
    if given:
        _expression(w, node, given[-1], WHOLE if "=" in words else ("default",))
    else:  # `export import A = B`
        for child in children:
            if child.type == "import_alias":
                return _declaration(w, child, False, ())
    return ""


def _specifiers(w: Walk, node: Node) -> list[tuple[str, str, Node]]:
    """Exported name, name here or in the source module, and node of each specifier."""
    found = []
    for child in node.children:
        if child.type != "export_specifier":
            continue
        name = child.child_by_field_name("name")
        alias = child.child_by_field_name("alias")
        if name is None:
            continue
        local = content(w, name) if name.type == "string" else w.text(name)
        exported = local
        if alias is not None:
            exported = content(w, alias) if alias.type == "string" else w.text(alias)
        found.append((exported, local, child))
    return found


def _reexport(w: Walk, node: Node, module: str, type_only: bool) -> None:
    """`export … from "m"` offers a name without declaring it; `export *` is exported as `*:m`."""
    for child in node.children:
        kind = child.type
        if kind == "*":
            _offer_import(w, f"*:{module}", "*", module, child, type_only)
        elif kind == "namespace_export":
            name = child.children[-1]
            exported = content(w, name) if name.type == "string" else w.text(name)
            _offer_import(w, exported, "*", module, child, type_only)
        elif kind == "export_clause":
            for exported, imported, specifier in _specifiers(w, child):
                _offer_import(w, exported, imported, module, specifier, type_only)


def _offer_import(w: Walk, name: str, imported: str, module: str, node: Node, type_only: bool) -> None:
    row = Symbol(name, "import", w.b.scope, node.start_byte, node.end_byte, module=module, imported=imported)
    if type_only:
        row.flags = frozenset({"type-only"})
    symbol = w.loose_symbol(row)
    if w.namespace is None:
        w.export(name, symbol)


def _offer(w: Walk, exported: str, local: str) -> None:
    """Export a name that may be declared further down."""
    if w.namespace is None:
        w.exported.append((exported, local, w.b.scope))


def _declaration(w: Walk, node: Node, default: bool, decorators: tuple[int, ...]) -> str | None:
    before = len(w.b.symbols)
    scope = w.b.scope
    if decorators and node.type in w.tables.classes:
        leaves = w.tables.class_declaration(w, node, decorators)
    else:
        handler = w.statements[node.kind_id]
        leaves = handler(w, node) if handler is not None else ""
    found: list[int] = []
    name_node = node.child_by_field_name("name")
    if name_node is not None:
        symbol = w.lookup(w.text(name_node).split(".", 1)[0], scope)
        if symbol != NONE:
            found.append(symbol)
    else:
        symbols = w.b.symbols
        found = [
            index
            for index in range(before, len(symbols))
            if symbols[index].scope == scope and symbols[index].kind in _LOCAL
        ]
    for symbol in found:
        row = w.b.symbols[symbol]
        if w.namespace is None:
            w.export("default" if default else row.name, symbol)
        elif w.namespace != NONE:
            row.flags |= {"exported"}
            _member(w, w.namespace, row, symbol, node)
    return leaves


def _member(w: Walk, namespace: int, row: Symbol, symbol: int, node: Node) -> None:
    """An exported member of a namespace can be read as `N.x` from outside."""
    at, end = node.start_byte, node.end_byte
    value = w.value_place(w.b.symbol_place(symbol), at, end)
    w.b.bind(w.b.member(namespace, row.name), value, "assign", at, end)


def _expression(w: Walk, node: Node, given: Node, names: tuple[str, ...]) -> None:
    """`export default expression` and `export = expression`."""
    if given.type == "identifier":
        for name in names:
            _offer(w, name, w.text(given))
        return
    symbol = w.loose_symbol(Symbol(names[-1], "constant", w.b.scope, given.start_byte, given.end_byte))
    value = ex.named(w, given, "", symbol)
    _take_shape(w, symbol, value)
    w.b.bind(w.b.symbol_place(symbol), value, "declare", node.start_byte, node.end_byte)
    for name in names:
        w.export(name, symbol)


def _take_shape(w: Walk, symbol: int, value: int) -> None:
    """Make the symbol of an exported function or class point to it."""
    row = w.values[value]
    entry = w.b.symbols[symbol]
    if row.kind == "closure":
        entry.kind, entry.target = "function", row.scope
        if w.b.scopes[row.scope].symbol == NONE:
            w.b.scopes[row.scope].symbol = symbol
    elif row.kind == "class":
        entry.kind, entry.target = "class", row.owner
        if w.b.owners[row.owner].symbol == NONE:
            w.b.owners[row.owner].symbol = symbol


def exported_assignment(w: Walk, text: bytes, right: Node, place: int, value: int) -> None:
    """`module.exports = X`, `module.exports.x = X`, `exports.x = X`."""
    steps = text.split(b".")
    if steps[0] == b"module":
        if steps[1] != b"exports":
            return
        steps = steps[1:]
    if len(steps) > 2:
        return
    while right.type == "assignment_expression":
        right = right.children[-1]
    if len(steps) == 2:
        _common(w, (w.decode(steps[1]),), right, place, value)
        return
    _common(w, WHOLE, right, place, value)
    if right.type == "object":
        row = w.values[value]
        for key, part in zip(row.keys, row.parts, strict=False):
            if key and w.values[part].kind != "spread":
                _common_member(w, key, part, place)


def _common_member(w: Walk, key: str, part: int, place: int) -> None:
    row = w.values[part]
    local = w.text_at(row.at, row.end)
    if row.kind == "place" and local.isidentifier():
        w.exported.append((key, local, w.b.scope))
    else:
        _alias(w, (key,), w.b.member(place, key), part)


def _common(w: Walk, names: tuple[str, ...], right: Node, place: int, value: int) -> None:
    if right.type == "identifier":
        w.exported.extend((name, w.text(right), w.b.scope) for name in names)
    else:
        _alias(w, names, place, value)


def _alias(w: Walk, names: tuple[str, ...], place: int, value: int) -> None:
    """Export a value that has no name of its own, under a symbol that means the place it is stored in."""
    row = w.values[value]
    kind: SymbolKind = "constant"
    symbol = w.loose_symbol(Symbol(names[-1], kind, w.b.scope, row.at, row.end))
    _take_shape(w, symbol, value)
    read = w.value_place(place, row.at, row.end)
    w.b.bind(w.b.symbol_place(symbol), read, "declare", row.at, row.end)
    for name in names:
        if name not in w.unit.exports:
            w.export(name, symbol)


def resolve(w: Walk) -> None:
    """Enter the exports of names that were declared anywhere in the file."""
    for exported, local, scope in w.exported:
        symbol = w.lookup(local, scope)
        if symbol != NONE:
            w.export(exported, symbol)
    for owner in w.prototypes.values():
        row = w.b.owners[owner]
        if row.symbol == NONE:
            row.symbol = w.lookup(row.name, row.scope)
