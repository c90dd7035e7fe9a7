"""Lowers functions of every shape: parameters, bodies, and whose `this` they see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript.patterns import Binding, bind_target
from leaklint.frontends.javascript.texts import NO_TYPE, Type, plain_parameters
from leaklint.frontends.javascript.types import declared_type
from leaklint.frontends.javascript.walk import NO_FLAGS, Flags, Walk
from leaklint.ir.records import NONE, ScopeKind

_PARAMETER_FLAGS = {"private": "private", "readonly": "final", "override_modifier": ""}
_OPTIONAL: Flags = frozenset({"optional"})
_PATTERNS = frozenset({"object_pattern", "array_pattern"})
FUNCTION_VALUES = frozenset({"arrow_function", "function_expression", "generator_function"})


def closure(w: Walk, node: Node, name: str = "", symbol: int = NONE) -> int:
    """A function value. `name` and `symbol` are of the variable or property that it is bound to at once."""
    if node.type == "arrow_function":
        scope = function(w, node, "lambda", name, symbol=symbol)
        return w.b.value("closure", node.start_byte, w.b.scopes[scope].end, scope=scope)
    own = node.child_by_field_name("name")
    named = w.text(own) if own is not None else ""
    owner = constructor_owner(w, node, named or name, symbol)
    kind: ScopeKind = "function" if owner == NONE else "constructor"
    scope = function(w, node, kind, named or name, owner=owner, symbol=symbol, own=own)
    if owner != NONE:
        w.b.add_method(owner, scope)
    return w.b.value("closure", node.start_byte, w.b.scopes[scope].end, scope=scope)


def method_closure(
    w: Walk, node: Node, name: str, owner: int, flags: Flags = NO_FLAGS, arrow: ScopeKind = "method"
) -> int:
    """A function value that becomes a method: a field, a property, `X.prototype.m =`.

    An arrow function of an object literal is a `lambda`: its `this` is not the object.
    """
    if node.type == "arrow_function":
        scope = function(w, node, arrow, name, flags=flags | {"arrow"})
    else:
        own = node.child_by_field_name("name")
        scope = function(w, node, "method", name, owner=owner, flags=flags, own=own)
    w.b.add_method(owner, scope)
    return w.b.value("closure", node.start_byte, w.b.scopes[scope].end, scope=scope)


def declaration(w: Walk, node: Node) -> str:
    """`function f() {}`, declared in the block or function in which it stands."""
    own = node.child_by_field_name("name")
    if own is None:
        ex.broken(w, node)
        return ""
    name = w.text(own)
    symbol = w.b.declare(name, "function", own.start_byte, own.end_byte)
    owner = constructor_owner(w, node, name, symbol)
    kind: ScopeKind = "function" if owner == NONE else "constructor"
    scope = function(w, node, kind, name, owner=owner, symbol=symbol)
    row = w.b.symbols[symbol]
    if row.kind == "function" and row.target == NONE:
        row.target = scope
    if owner != NONE:
        w.b.add_method(owner, scope)
    return ""


def constructor_owner(w: Walk, node: Node, name: str, symbol: int) -> int:
    """The prototype Owner of a constructor function; NONE for every other function."""
    if not w.constructs(name, node.start_byte, node.end_byte):
        return NONE
    owner = prototype_owner(w, name)
    row = w.b.owners[owner]
    if row.end <= row.at:
        row.at, row.end = node.start_byte, node.end_byte
    if row.symbol == NONE:
        row.symbol = symbol
    return owner


def prototype_owner(w: Walk, name: str) -> int:
    """The Owner of kind prototype of everything called `name`, made at its first mention."""
    name = w.prototype_aliases.get(name, name)
    owner = w.prototypes.get(name)
    if owner is None:
        symbol = w.lookup(name, w.b.scope)
        if symbol != NONE and w.b.symbols[symbol].kind == "class":
            target = w.b.symbols[symbol].target
            if target != NONE:
                w.prototypes[name] = target
                return target
        last = name.rpartition(".")[2]
        owner = w.prototypes.get(last) if last != name else None
        if owner is None:
            owner = w.b.open_owner(last, "prototype", 0, 0, symbol=symbol)
        w.prototypes[name] = owner
    return owner


def function(
    w: Walk,
    node: Node,
    kind: ScopeKind,
    name: str,
    *,
    owner: int = NONE,
    symbol: int = NONE,
    flags: Flags = NO_FLAGS,
    decorators: tuple[int, ...] = (),
    static: int = NONE,
    own: Node | None = None,
) -> int:
    """Lower parameters and body in a new scope; arrow functions keep the `this` around them."""
    children = node.children
    arrow = node.type == "arrow_function"
    parameters: Node | None = None
    for child in children:
        what = child.type
        if what == "formal_parameters":
            parameters = child
        elif what == "async" or what == "*":
            flags = flags | {"async" if what == "async" else "generator"}
        elif what == "=>" or what == "statement_block":
            break
        elif arrow and what == "identifier":
            parameters = child
    saved = w.function, w.static
    scope = w.open(
        kind,
        name,
        node.start_byte,
        node.end_byte,
        owner=None if arrow else owner,
        symbol=symbol,
        flags=flags,
        decorators=decorators,
    )
    w.function = scope
    if not arrow:
        w.static = static
    if parameters is not None:
        _parameters(w, parameters, scope)
    if own is not None:
        inside = w.b.declare(w.text(own), "function", own.start_byte, own.end_byte, target=scope)
        if symbol == NONE:
            w.b.scopes[scope].symbol = inside
    body = children[-1]
    if body.is_extra:
        body = next((child for child in reversed(children) if not child.is_extra), body)
    _body(w, body, arrow)
    w.close()
    w.function, w.static = saved
    return scope


def _body(w: Walk, node: Node, arrow: bool) -> None:
    if node.type == "statement_block":
        children = node.children
        last = children[-1] if children else node
        if last.type == "comment":  # the grammars count a comment behind the function as part of it
            last = next((child for child in reversed(children) if child.type == "}"), last)
            w.b.scopes[w.b.scope].end = last.end_byte
        w.tables.run(w, children)
    elif arrow:
        value = ex.expression(w, node)
        w.b.leave("return", node.start_byte, node.end_byte, value)


def _parameters(w: Walk, node: Node, scope: int) -> None:
    at, end = node.start_byte, node.end_byte
    plain = plain_parameters(w.data, at, end)
    if plain is not None:
        symbols = _plain(w, plain)
    elif node.type == "identifier":
        symbols = [_named(w, node, NO_TYPE, NO_FLAGS, ())]
    else:
        symbols = []
        for child in node.children:
            if not child.is_named or child.is_extra or child.type == "decorator":
                continue
            symbol = _parameter(w, child, len(symbols))
            if symbol != NONE:
                symbols.append(symbol)
    w.b.scopes[scope].params = tuple(symbols)


def _plain(w: Walk, parameters: Iterator[re.Match[bytes]]) -> list[int]:
    """Symbols of parameters that are names with at most a simple type."""
    symbols: list[int] = []
    declare, decode = w.b.declare, w.decode
    for match in parameters:
        raw, optional, type_ = match.groups()
        if raw == b"this":
            continue
        at = match.start()
        symbol = declare(
            decode(raw),
            "parameter",
            at,
            at + len(raw),
            type=decode(type_) if type_ else "",
            flags=_OPTIONAL if optional else NO_FLAGS,
        )
        symbols.append(symbol)
        w.names[raw] = w.b.symbol_place(symbol)
    return symbols


def _named(w: Walk, node: Node, type_: Type, flags: Flags, decorators: tuple[int, ...]) -> int:
    return w.b.declare(
        w.text(node),
        "parameter",
        node.start_byte,
        node.end_byte,
        type=type_[0],
        type_args=type_[1],
        flags=flags,
        decorators=decorators,
    )


def _parameter(w: Walk, node: Node, position: int) -> int:
    """One parameter in any spelling; its symbol, or NONE for the pseudo-parameter `this`."""
    kind = node.type
    if kind == "identifier":
        return _named(w, node, NO_TYPE, NO_FLAGS, ())
    pattern, default, type_node = node, None, None
    flags: set[str] = set()
    decorators: tuple[int, ...] = ()
    injected = False
    if kind in ("required_parameter", "optional_parameter"):
        for child in node.children:
            what = child.type
            if what == "decorator":
                decorators += (w.tables.decorator(w, child),)
            elif what in ("accessibility_modifier", "readonly", "override_modifier"):
                injected = True
                flag = _PARAMETER_FLAGS.get(w.text(child), "")
                if flag:
                    flags.add(flag)
            elif what == "?":
                flags.add("optional")
        found = node.child_by_field_name("pattern")
        pattern = found if found is not None else node
        default = node.child_by_field_name("value")
        type_node = node.child_by_field_name("type")
    if pattern.type == "assignment_pattern":
        parts = ex.significant(w, pattern)
        pattern, default = parts[0], parts[-1]
    rest = pattern.type == "rest_pattern"
    if rest:
        flags.add("rest")
        pattern = pattern.children[-1]
    if pattern.type == "this":
        return NONE
    type_ = declared_type(w, type_node) if type_node is not None else NO_TYPE
    symbol = _symbol(w, pattern, position, type_, frozenset(flags), decorators)
    if default is not None:
        value = ex.named(w, default, w.b.symbols[symbol].name, symbol)
        w.b.bind(w.b.symbol_place(symbol), value, "default", node.start_byte, node.end_byte)
    if pattern.type in _PATTERNS:
        place = w.b.symbol_place(symbol)
        bind_target(w, pattern, place, Binding("declare", "variable", w.b.scope))
    if injected:
        _inject(w, node, symbol)
    return symbol


def _symbol(
    w: Walk,
    pattern: Node,
    position: int,
    type_: Type,
    flags: Flags,
    decorators: tuple[int, ...],
) -> int:
    if pattern.type not in _PATTERNS:
        return _named(w, pattern, type_, flags, decorators)
    # a parameter that is taken apart has no name; its position serves as one
    return w.b.declare(
        f"#{position}",
        "parameter",
        pattern.start_byte,
        pattern.end_byte,
        type=type_[0],
        type_args=type_[1],
        flags=flags,
        decorators=decorators,
    )


def _inject(w: Walk, node: Node, symbol: int) -> None:
    """A TypeScript parameter property: a field that the constructor fills before anything else."""
    builder = w.b
    row = builder.symbols[symbol]
    class_scope = builder.scopes[builder.scope].parent
    at, end = node.start_byte, node.end_byte
    builder.declare(
        row.name,
        "field",
        row.at,
        row.end,
        scope=class_scope,
        type=row.type,
        type_args=row.type_args,
        flags=row.flags | {"injected"},
        decorators=row.decorators,
    )
    value = w.value_place(builder.symbol_place(symbol), at, end)
    builder.bind(builder.member(builder.this(), row.name), value, "assign", at, end)
