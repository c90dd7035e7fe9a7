"""Lowers object literals, and what gives a constructor function its methods: `X.prototype`."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript import functions as fn
from leaklint.frontends.javascript.walk import Flags, Walk
from leaklint.ir.records import NONE

_MODIFIERS = {"static": "static", "get": "getter", "set": "setter", "override_modifier": "override"}
_PROTOTYPE = b".prototype"


def object_(w: Walk, node: Node, name: str = "", symbol: int = NONE, owner: int = NONE) -> int:
    """An object literal. One with function members is an Owner; `owner` is given for prototypes."""
    children = node.children
    if owner == NONE and _has_methods(children):
        owner = w.b.open_owner(name, "object", node.start_byte, node.end_byte, symbol=symbol)
    keys: list[str] = []
    parts: list[int] = []
    computed: dict[int, int] = {}
    for child in children:
        kind = child.type
        if kind == "pair":
            at = _pair(w, child, owner, keys, parts)
            if at != NONE:
                computed[len(parts) - 1] = at
        elif kind == "shorthand_property_identifier":
            keys.append(w.text(child))
            parts.append(ex.identifier(w, child))
        elif kind == "method_definition":
            key, scope = method(w, child, owner)
            keys.append(key)
            parts.append(w.b.value("closure", child.start_byte, child.end_byte, scope=scope))
        elif (child.is_named and not child.is_extra) or child.is_error:
            keys.append("")
            parts.append(ex.expression(w, child))
    made = w.b.value(
        "container", node.start_byte, node.end_byte, "object", tuple(parts), tuple(keys), owner=owner
    )
    if computed:
        w.values[made].computed = tuple(computed.get(number, NONE) for number in range(len(parts)))
    return made


def _has_methods(children: list[Node]) -> bool:
    for child in children:
        kind = child.type
        if kind == "method_definition":
            return True
        if kind == "pair" and child.children[-1].type in fn.FUNCTION_VALUES:
            return True
    return False


def _pair(w: Walk, node: Node, owner: int, keys: list[str], parts: list[int]) -> int:
    """Add the name and the value of a pair; the value of a computed name, else NONE."""
    children = node.children
    if len(children) != 3:
        children = ex.significant(w, node)
        if len(children) != 3:
            keys.append("")
            parts.append(ex.broken(w, node))
            return NONE
    name, value = children[0], children[2]
    is_computed = name.type == "computed_property_name"
    at = ex.inner(w, name) if is_computed else NONE
    key = w.text(name) if is_computed else property_name(w, name)
    if owner != NONE and value.type in fn.FUNCTION_VALUES:
        part = fn.method_closure(w, value, key, owner, arrow="lambda")
    else:
        part = ex.named(w, value, key, NONE)
    keys.append("" if is_computed else key)
    parts.append(part)
    return at


def property_name(w: Walk, node: Node) -> str:
    """The name of a member: content of a string, source text of everything else; `[k]` is lowered too."""
    kind = node.type
    if kind == "string":
        return w.decode(w.data[node.start_byte + 1 : node.end_byte - 1])
    if kind == "computed_property_name":
        ex.inner(w, node)
    return w.text(node)


def method(
    w: Walk, node: Node, owner: int, decorators: tuple[int, ...] = (), static: int = NONE
) -> tuple[str, int]:
    """A method, accessor or constructor of an Owner: its name and scope."""
    flags: set[str] = set()
    name_node = node
    for child in node.children:
        kind = child.type
        if kind == "formal_parameters":
            break
        if kind == "decorator":
            decorators += (w.tables.decorator(w, child),)
        elif kind == "accessibility_modifier":
            if w.text(child) == "private":
                flags.add("private")
        elif kind in _MODIFIERS and not (kind != "override_modifier" and child.is_named):
            flags.add(_MODIFIERS[kind])
        elif child.is_named and not child.is_extra and kind != "type_parameters":
            name_node = child
    name = property_name(w, name_node) if name_node is not node else ""
    if name.startswith("#"):
        flags.add("private")
    constructor = name == "constructor" and "static" not in flags and w.b.scopes[w.b.scope].kind == "class"
    scope = fn.function(
        w,
        node,
        "constructor" if constructor else "method",
        name,
        owner=owner,
        flags=frozenset(flags),
        decorators=decorators,
        static=static if "static" in flags else NONE,
    )
    w.b.add_method(owner, scope)
    return name, scope


def member_flags(w: Walk, node: Node) -> Flags:
    """Flags of a field that its modifiers say."""
    flags: set[str] = set()
    for child in node.children:
        kind = child.type
        if kind == "accessibility_modifier":
            if w.text(child) == "private":
                flags.add("private")
        elif kind == "private_property_identifier":
            flags.add("private")
        elif kind == "readonly":
            flags.add("final")
        elif kind == "?":
            flags.add("optional")
        elif kind in ("=", "type_annotation"):
            break
    return frozenset(flags)


def assigned_prototype(w: Walk, text: bytes, right: Node) -> int:
    """`X.prototype.m = function`, `X.prototype = {…}`, `proto.m = function`; NONE for other targets."""
    head, _, last = text.rpartition(b".")
    kind = right.type
    if last == b"prototype":
        if kind == "object":
            return object_(w, right, owner=fn.prototype_owner(w, w.decode(head)))
        return NONE
    if kind not in fn.FUNCTION_VALUES:
        return NONE
    if head.endswith(_PROTOTYPE):
        owner = fn.prototype_owner(w, w.decode(head[: -len(_PROTOTYPE)]))
    elif w.decode(head) in w.prototype_aliases:
        owner = fn.prototype_owner(w, w.decode(head))
    else:
        return NONE
    return fn.method_closure(w, right, w.decode(last), owner)


def prototype_of(w: Walk, node: Node) -> str:
    """The `X` of `X.prototype`, "" for any other expression."""
    end = node.end_byte
    if not w.data.startswith(_PROTOTYPE, end - len(_PROTOTYPE)) or node.type != "member_expression":
        return ""
    if w.simple_place(node.start_byte, end) == NONE:
        return ""
    return w.text_at(node.start_byte, end - len(_PROTOTYPE))


def prototype_arguments(w: Walk, children: list[Node]) -> tuple[int, ...] | None:
    """Arguments of `Object.assign(X.prototype, {…})` and the like: the literals become methods of X."""
    name = prototype_of(w, children[1])
    named = [child for child in children if w.expressions[child.kind_id] is not None]
    if not name or all(child.type != "object" for child in named):
        return None
    owner = fn.prototype_owner(w, name)
    return tuple(
        object_(w, child, owner=owner) if child.type == "object" else ex.expression(w, child)
        for child in named
    )
