"""Everything that can be called: methods, constructors, initialisers, lambdas, method references."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.expressions import (
    arguments,
    type_place,
)
from leaklint.frontends.java.grammar import (
    ARGUMENTS,
    ARRAY_TYPE,
    BLOCK,
    DECLARATOR,
    ERROR,
    IDENTIFIER,
    MODIFIERS,
    PARAMETERS,
    SUPER,
    THIS,
    TYPES,
    kind,
)
from leaklint.frontends.java.statements import declared, header, sequence
from leaklint.frontends.java.walk import (
    DEEPEST,
    EXPRESSIONS,
    NO_MODIFIERS,
    Modifiers,
    Walk,
    expression,
    fragments,
    member,
    modifiers_of,
    place_of,
    statement,
)
from leaklint.ir import NONE
from leaklint.ir.records import ScopeKind, SymbolKind

_CONSTRUCTOR_BODY = kind("constructor_body")
_BODIES = frozenset({BLOCK, _CONSTRUCTOR_BODY})
_PARAMETER = kind("formal_parameter")
_REST = kind("spread_parameter")
_INFERRED = kind("inferred_parameters")
_SEMICOLON = kind(";", named=False)
_NEW = kind("new", named=False)
_SCOPE_WORDS = frozenset({"static", "abstract", "synchronized", "private", "protected", "public"})
_NO_FLAGS: frozenset[str] = frozenset()
_PARAMETER_WORDS = frozenset({"final"})
_REST_FLAG = frozenset({"rest"})
_INITIALIZER = frozenset({"initializer"})
_OVERRIDE = frozenset({"override"})


def flags_of(walk: Walk, modifiers: Modifiers) -> frozenset[str]:
    words, decorators = modifiers
    flags = words & _SCOPE_WORDS
    b = walk.b
    for decorator in decorators:
        row = b.values[decorator]
        if walk.data[row.at : row.end] == b"@Override":
            return flags | _OVERRIDE
    return flags


def scope_of(walk: Walk, kind_: ScopeKind, name: str, node: Node, modifiers: Modifiers, *implied: str) -> int:
    """Open the scope of a method or constructor and add it to the methods of its owner."""
    b = walk.b
    flags = flags_of(walk, modifiers)
    if implied:
        flags |= frozenset(implied)
    scope = b.open_scope(kind_, name, node.start_byte, node.end_byte, flags=flags, decorators=modifiers[1])
    owner = b.scopes[scope].owner
    if owner != NONE:
        b.add_method(owner, scope)
    return scope


def body_of(walk: Walk, scope: int, nodes: list[Node], end: int) -> None:
    """Lower the statements of a function and close its scope."""
    negations, walk.negations = walk.negations, 0
    sequence(walk, nodes)
    walk.negations = negations
    walk.close_to(scope, end)
    walk.b.close_scope()


@member("method_declaration", "constructor_declaration", "annotation_type_element_declaration")
def method(walk: Walk, node: Node) -> None:
    modifiers = NO_MODIFIERS
    name = parameters_ = body = None
    kind_: ScopeKind = "method"
    for child in node.named_children:
        number = child.kind_id
        if number == IDENTIFIER and name is None:
            name = child
        elif number == PARAMETERS:
            parameters_ = child
        elif number == BLOCK:
            body = child
        elif number == MODIFIERS:
            modifiers = modifiers_of(walk, child)
        elif number == _CONSTRUCTOR_BODY:
            kind_, body = "constructor", child
        elif number == ERROR:
            fragments(walk, child)
    if walk.depth > DEEPEST:
        walk.too_deep(node)
        return
    walk.depth += 1
    implied = _implied(walk, modifiers[0], body)
    scope = scope_of(walk, kind_, walk.text(name) if name is not None else "", node, modifiers, *implied)
    if parameters_ is not None:
        walk.b.scopes[scope].params = parameters(walk, parameters_)
    body_of(walk, scope, body.named_children if body is not None else [], node.end_byte)
    walk.depth -= 1


def _implied(walk: Walk, words: frozenset[str], body: Node | None) -> tuple[str, ...]:
    """What the methods of an interface are without saying so."""
    b = walk.b
    owner = b.scopes[b.scope].owner
    if owner == NONE or b.owners[owner].kind != "interface" or "private" in words:
        return ()
    return ("public",) if body is not None else ("public", "abstract")


@statement("method_declaration", "constructor_declaration")
def stray_method(walk: Walk, node: Node) -> str:
    method(walk, node)
    return ""


@member("static_initializer")
def static_initializer(walk: Walk, node: Node) -> None:
    scope = walk.b.open_scope("static-block", "", node.start_byte, node.end_byte)
    blocks = [child for child in node.named_children if child.kind_id == BLOCK]
    body_of(walk, scope, blocks[0].named_children if blocks else [], node.end_byte)


@member("block")
def instance_initializer(walk: Walk, node: Node) -> None:
    scope = scope_of(walk, "constructor", "", node, NO_MODIFIERS, "initializer")
    body_of(walk, scope, node.named_children, node.end_byte)


# Parameters


def parameters(walk: Walk, node: Node) -> tuple[int, ...]:
    """Declare parameters; `T... x` is an array with the flag `rest`."""
    symbols: list[int] = []
    for child in node.named_children:
        symbol = NONE
        if child.kind_id == _PARAMETER:
            symbol = parameter(walk, child, "parameter")
        elif child.kind_id == _REST:
            symbol = rest_parameter(walk, child, "parameter")
        if symbol != NONE:
            symbols.append(symbol)
    return tuple(symbols)


def parameter(walk: Walk, node: Node, kind_: SymbolKind, flags: frozenset[str] = _NO_FLAGS) -> int:
    children = node.named_children
    (words, decorators), written = header(walk, children)
    for index, child in enumerate(children):
        if child.kind_id == IDENTIFIER:
            flags |= words & _PARAMETER_WORDS
            return declared(walk, children[index:], kind_, written, flags, decorators)
    return NONE


def rest_parameter(walk: Walk, node: Node, kind_: SymbolKind, flags: frozenset[str] = _REST_FLAG) -> int:
    children = node.named_children
    (words, decorators), (type_, type_args) = header(walk, children)
    flags |= words & _PARAMETER_WORDS
    for child in children:
        if child.kind_id == DECLARATOR:
            return declared(walk, child.children, kind_, (type_ + "[]", type_args), flags, decorators)
    return NONE


# Closures


@expression("lambda_expression", nests=True)
def lambda_(walk: Walk, node: Node) -> int:
    b = walk.b
    at, end = node.start_byte, node.end_byte
    scope = b.open_scope("lambda", "", at, end)
    children = walk.without_extras(node.named_children)
    first, body = children[0], children[-1]
    if first.kind_id == PARAMETERS:
        b.scopes[scope].params = parameters(walk, first)
    else:
        names = [first] if first.kind_id == IDENTIFIER else first.named_children
        symbols = [declared(walk, [name], "parameter", ("", ())) for name in names]
        b.scopes[scope].params = tuple(symbol for symbol in symbols if symbol != NONE)
    if body.kind_id == BLOCK:
        body_of(walk, scope, body.named_children, end)
    else:
        value = EXPRESSIONS[body.kind_id](walk, body)
        walk.close_to(scope, end)
        b.leave("return", body.start_byte, body.end_byte, value)
        b.close_scope()
    return b.value("closure", at, end, scope=scope)


@expression("method_reference", nests=True)
def method_reference(walk: Walk, node: Node) -> int:
    """`a::m` is the place a.m and `T::new` the place T.new; constructors of arrays are opaque."""
    b = walk.b
    at, end = node.start_byte, node.end_byte
    children = walk.without_extras(node.children)
    first, last = children[0], children[-1]
    if first.kind_id == ARRAY_TYPE:
        return b.value("opaque", at, end)
    place = type_place(walk, first) if first.kind_id in TYPES else place_of(walk, first)
    return b.place_value(b.member(place, walk.text(last)), at, end)


@statement("explicit_constructor_invocation", nests=True)
def explicit_constructor(walk: Walk, node: Node) -> str:
    """`this(…)` and `super(…)`; the receiver of `outer.super(…)` is `outer`."""
    b = walk.b
    children = walk.without_extras(node.children)
    called = receiver = NONE
    values: tuple[int, ...] = ()
    for index, child in enumerate(children):
        number = child.kind_id
        if number == ARGUMENTS:
            values = arguments(walk, child)
        elif number in (THIS, SUPER) and children[index + 1].kind_id == ARGUMENTS:
            called = index
        elif index == 0:
            receiver = place_of(walk, child)
    name = children[called]
    b.call(
        walk.text(name),
        node.start_byte,
        node.end_byte,
        receiver=receiver,
        callee=place_of(walk, name) if receiver == NONE else NONE,
        args=values,
        at_name=name.start_byte,
    )
    return ""
