"""Lowers assignment expressions, updates and variable declarations."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript.exports import exported_assignment
from leaklint.frontends.javascript.functions import FUNCTION_VALUES, method_closure
from leaklint.frontends.javascript.imports import required, taken_from
from leaklint.frontends.javascript.objects import assigned_prototype, prototype_of
from leaklint.frontends.javascript.operators import close_guard, open_guard
from leaklint.frontends.javascript.patterns import PATTERNS, Binding, bind_target, bind_value
from leaklint.frontends.javascript.texts import NO_TYPE
from leaklint.frontends.javascript.types import declared_type
from leaklint.frontends.javascript.walk import Walk
from leaklint.ir.records import NONE, BindHow, SymbolKind

_ASSIGN = Binding("assign")
_REQUIRES = (b"require", b"window.require", b"await import", b"(await import", b"__non_webpack_require__")
_CONDITIONAL = {"&&=": "and", "||=": "or", "??=": "??"}


def assign_value(w: Walk, node: Node) -> int:
    """An assignment as a value: the place of its target, or what was taken apart."""
    place, value = assign(w, node)
    return value if place == NONE else w.value_place(place, node.start_byte, node.end_byte)


def assign_bound(w: Walk, node: Node, name: str, symbol: int) -> int:
    """An assignment that is itself assigned: both targets are bound to the same value."""
    return assign(w, node)[1]


def assign(w: Walk, node: Node) -> tuple[int, int]:
    """Lower `left = right`; the place assigned to (NONE for a pattern) and the value."""
    children = node.children
    if len(children) != 3:
        children = ex.significant(w, node)
        if children and children[0].type == "using":
            return _using(w, node, children)
        if len(children) != 3:
            return NONE, ex.broken(w, node)
    left, _, right = children
    at, end = node.start_byte, node.end_byte
    kind = left.type
    if kind in ex.WRAPPERS:
        left = ex.unwrapped(w, left)
        kind = left.type
    if kind == "identifier":
        text = w.data[left.start_byte : left.end_byte]
        place = w.root(text)
        value = ex.named(w, right, w.decode(text), NONE)
        w.b.bind(place, value, "assign", at, end)
        return place, value
    if kind == "member_expression":
        return _member(w, node, left, right)
    if kind == "subscript_expression":
        holder, key, name = ex.subscript(w, left)
        value = ex.named(w, right, name, NONE)
        if name:
            place = w.b.member(holder, name)
            w.b.bind(place, value, "assign", at, end)
            return place, value
        w.b.bind(holder, value, "element", at, end, key=key)
        return w.b.element(holder), value
    value = ex.expression(w, right)
    if kind in PATTERNS:
        bind_value(w, left, value, _ASSIGN)
    else:
        ex.expression(w, left)
    return NONE, value


def _member(w: Walk, node: Node, left: Node, right: Node) -> tuple[int, int]:
    text = w.data[left.start_byte : left.end_byte]
    place = ex.place(w, left)
    value = NONE
    last = left.children[-1]
    if right.kind_id in w.tables.named:
        value = _method(w, text, last, right)
        if value == NONE:
            value = ex.named(w, right, w.text(last), NONE)
    else:
        value = ex.expression(w, right)
    w.b.bind(place, value, "assign", node.start_byte, node.end_byte)
    if text.startswith((b"exports.", b"module.exports")):
        exported_assignment(w, text, right, place, value)
    return place, value


def _method(w: Walk, text: bytes, last: Node, right: Node) -> int:
    """The value of a function or object that the assignment makes part of an Owner; NONE for others."""
    if text.startswith(b"this."):
        if right.type in FUNCTION_VALUES and text.count(b".") == 1:
            owner = _own(w)
            if owner != NONE:
                return method_closure(w, right, w.text(last), owner)
        return NONE
    if w.has_prototypes:
        return assigned_prototype(w, text, right)
    return NONE


def _own(w: Walk) -> int:
    """The Owner that `this.m = function` gives a method to: in constructors, and anywhere in a prototype."""
    owner = w.b.scopes[w.b.scope].owner
    if owner == NONE or w.static != NONE:
        return NONE
    if w.b.owners[owner].kind == "prototype" or w.b.scopes[w.function].kind == "constructor":
        return owner
    return NONE


def augment_value(w: Walk, node: Node) -> int:
    return w.value_place(augment(w, node), node.start_byte, node.end_byte)


def augment(w: Walk, node: Node) -> int:
    """`x += v` augments; `x ??= v` is an assignment in a branch, because it may not happen."""
    children = ex.significant(w, node)
    if len(children) != 3:
        ex.broken(w, node)
        return w.b.nowhere()
    left, operator, right = children
    conditional = _CONDITIONAL.get(operator.type)
    place, holder, key = _target(w, left)
    at, end = node.start_byte, node.end_byte
    if not conditional:
        w.b.bind(place, ex.expression(w, right), "augment", at, end, key=key, op=operator.type[:-1])
        return place
    test = w.value_place(place, left.start_byte, left.end_byte)
    start = open_guard(w, right.start_byte, test, conditional != "and")
    value = ex.named(w, right, "", NONE)
    if holder != NONE:
        w.b.bind(holder, value, "element", at, end, key=key, op=conditional)
    else:
        w.b.bind(place, value, "assign", at, end, op=conditional)
    close_guard(w, start, end)
    return place


def _target(w: Walk, node: Node) -> tuple[int, int, int]:
    """Place, and for `a[k]` the container and the key, of something read and written at once."""
    node = ex.unwrapped(w, node)
    if node.type != "subscript_expression":
        return ex.place(w, node), NONE, NONE
    holder, key, name = ex.subscript(w, node)
    if name:
        return w.b.member(holder, name), NONE, NONE
    return w.b.element(holder), holder, key


def update(w: Walk, node: Node) -> int:
    """`x++` adds the number 1."""
    at, end = node.start_byte, node.end_byte
    op = "+"
    target: Node | None = None
    for child in ex.significant(w, node):
        if child.is_named:
            target = child
        else:
            op = child.type[:1]
    if target is None:
        return w.opaque_value(node)
    place, _, key = _target(w, target)
    one = w.b.value("number", at, end, "1")
    w.b.bind(place, one, "augment", at, end, key=key, op=op)
    return w.value_place(place, at, end)


def variables(w: Walk, node: Node) -> str:
    """`var`, `let` and `const` declarations."""
    first, *rest = node.children
    word = w.data[first.start_byte : first.end_byte]
    kind: SymbolKind = "constant" if word == b"const" else "variable"
    scope = w.function if word == b"var" else w.b.scope
    declarators = w.tables.declarator
    for child in rest:
        if child.kind_id in declarators:
            declare(w, child, kind, scope)
        elif child.is_error:
            ex.broken(w, child)
    return ""


def declare(w: Walk, node: Node, kind: SymbolKind, scope: int, how: BindHow = "declare") -> None:
    """One declarator: the name with its type, and `Bind(declare)` when it has a value."""
    children = node.children
    name_node = children[0]
    value_node: Node | None = None
    type_ = NO_TYPE
    if len(children) == 3 and children[1].type == "=":
        value_node = children[2]
    elif len(children) > 1:
        value_node = node.child_by_field_name("value")
        type_node = node.child_by_field_name("type")
        if type_node is not None:
            type_ = declared_type(w, type_node)
    if name_node.kind_id not in w.plain:
        _taken_apart(w, name_node, value_node, kind, scope)
        return
    at, end = name_node.start_byte, name_node.end_byte
    raw = w.data[at:end]
    name = w.decode(raw)
    builder = w.b
    symbol = builder.declare(name, kind, at, end, scope=scope, type=type_[0], type_args=type_[1])
    place = builder.symbol_place(symbol)
    if scope == builder.scope:
        w.names[raw] = place
    if value_node is None:
        return
    if w.data.startswith(_REQUIRES, value_node.start_byte):
        source = required(w, value_node)
        if source is not None:
            row = builder.symbols[symbol]
            row.kind = "import"
            row.module, row.imported = source
    value = ex.named(w, value_node, name, symbol)
    if w.values[value].kind == "class":
        row = builder.symbols[symbol]
        row.kind, row.target = "class", w.values[value].owner
    builder.bind(place, value, how, node.start_byte, node.end_byte)
    if w.has_prototypes:
        alias = prototype_of(w, value_node)
        if alias:
            w.prototype_aliases[name] = alias


def _taken_apart(w: Walk, pattern: Node, value_node: Node | None, kind: SymbolKind, scope: int) -> None:
    if value_node is None:
        bind_target(w, pattern, NONE, Binding("declare", kind, scope))
        return
    if w.data.startswith(_REQUIRES, value_node.start_byte):
        source = required(w, value_node)
    else:
        source = taken_from(w, value_node)
    value = ex.expression(w, value_node)
    if source is not None:
        _required_names(w, pattern, source, scope)
    bind_value(w, pattern, value, Binding("declare", kind, scope))


def _required_names(w: Walk, pattern: Node, source: tuple[str, str], scope: int) -> None:
    """`const { a, b: c } = require("m")` declares imports; deeper patterns stay plain variables."""
    for child in pattern.children:
        parts = ex.significant(w, child) if child.type == "pair_pattern" else [child]
        local = parts[-1]
        if local.type in ("identifier", "shorthand_property_identifier_pattern"):
            symbol = w.b.declare(w.text(local), "import", local.start_byte, local.end_byte, scope=scope)
            row = w.b.symbols[symbol]
            name = w.text(parts[0]).strip("\"'")
            row.module, row.imported = source[0], name if source[1] == "*" else f"{source[1]}.{name}"


def _using(w: Walk, node: Node, children: list[Node]) -> tuple[int, int]:
    """`using x = open()` as the TypeScript grammar reads it, as an assignment."""
    left, right = children[1], children[-1]
    name = w.text(left)
    symbol = w.b.declare(name, "constant", left.start_byte, left.end_byte)
    value = ex.named(w, right, name, symbol)
    place = w.b.symbol_place(symbol)
    w.b.bind(place, value, "enter", node.start_byte, node.end_byte)
    w.b.open_region("with", node.end_byte)
    w.entered += 1
    return place, value
