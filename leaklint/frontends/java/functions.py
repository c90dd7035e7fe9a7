"""Everything that can be called: methods, constructors, initialisers, lambdas, method references."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.java.calls import arguments
from leaklint.frontends.java.grammar import (
    ARGUMENTS,
    ARRAY_TYPE,
    BLOCK,
    CALL,
    DECLARATOR,
    ERROR,
    IDENTIFIER,
    MODIFIERS,
    NAMED,
    PARAMETERS,
    SUPER,
    THIS,
    TYPE_ARGUMENTS,
    TYPES,
    kind,
)
from leaklint.frontends.java.modifiers import NO_MODIFIERS, Modifiers, modifiers_of
from leaklint.frontends.java.places import type_place
from leaklint.frontends.java.statements import sequence
from leaklint.frontends.java.variables import declared, header
from leaklint.frontends.java.walk import (
    DEEPEST,
    EXPRESSIONS,
    Walk,
    expression,
    fragments,
    member,
    place_of,
    statement,
)
from leaklint.ir import NONE
from leaklint.ir.records import ScopeKind, SymbolKind

_CONSTRUCTOR_BODY = kind("constructor_body")
_PARAMETER = kind("formal_parameter")
_REST = kind("spread_parameter")
_INFERRED = kind("inferred_parameters")
_SEMICOLON = kind(";", named=False)
_NEW = kind("new", named=False)
# methods that call the only thing that they are handed, before they return
_AT_ONCE = frozenset({"forEach", "forEachOrdered", "forEachRemaining", "ifPresent"})
_NO_FLAGS: frozenset[str] = frozenset()
_REST_FLAG = frozenset({"rest"})
_INITIALIZER = frozenset({"initializer"})
_DEFAULT = frozenset({"public"})
_ABSTRACT = frozenset({"public", "abstract"})


def body_of(walk: Walk, nodes: list[Node]) -> None:
    """Lower the statements of a function and close its scope."""
    negations, walk.negations = walk.negations, 0
    sequence(walk, nodes)
    walk.negations = negations
    walk.b.close_scope()


@member("method_declaration", "constructor_declaration", "annotation_type_element_declaration")
def method(walk: Walk, node: Node) -> None:
    if walk.depth > DEEPEST:
        walk.too_deep(node)
        return
    walk.depth += 1
    b = walk.b
    modifiers = NO_MODIFIERS
    name = ""
    parameters_ = body = None
    kind_: ScopeKind = "method"
    for child in node.children:
        number = child.kind_id
        if number == MODIFIERS:
            modifiers = modifiers_of(walk, child)
        elif number == IDENTIFIER:
            name = name or walk.text(child)
        elif number == PARAMETERS:
            parameters_ = child
        elif number == BLOCK:
            body = child
        elif number == _CONSTRUCTOR_BODY:
            kind_, body = "constructor", child
        elif number == ERROR:
            fragments(walk, child)
    flags = modifiers.method
    owner = b.scopes[b.scope].owner
    if owner != NONE and b.owners[owner].kind == "interface":
        flags |= _implied(modifiers, body is not None)
    scope = b.open_scope(
        kind_, name, node.start_byte, node.end_byte, flags=flags, decorators=modifiers.decorators
    )
    if owner != NONE:
        b.add_method(owner, scope)
    if parameters_ is not None and parameters_.end_byte - parameters_.start_byte > 2:
        b.scopes[scope].params = parameters(walk, parameters_)
    body_of(walk, body.children if body is not None else [])
    walk.depth -= 1


def _implied(modifiers: Modifiers, with_body: bool) -> frozenset[str]:
    """What the methods of an interface are without saying so."""
    if "private" in modifiers.words:
        return _NO_FLAGS
    return _DEFAULT if with_body else _ABSTRACT


@statement("method_declaration", "constructor_declaration")
def stray_method(walk: Walk, node: Node) -> str:
    method(walk, node)
    return ""


@member("static_initializer")
def static_initializer(walk: Walk, node: Node) -> None:
    walk.b.open_scope("static-block", "", node.start_byte, node.end_byte)
    blocks = [child for child in node.named_children if child.kind_id == BLOCK]
    body_of(walk, blocks[0].children if blocks else [])


@member("block")
def instance_initializer(walk: Walk, node: Node) -> None:
    b = walk.b
    owner = b.scopes[b.scope].owner
    scope = b.open_scope("constructor", "", node.start_byte, node.end_byte, flags=_INITIALIZER)
    if owner != NONE:
        b.add_method(owner, scope)
    body_of(walk, node.children)


def parameters(walk: Walk, node: Node) -> tuple[int, ...]:
    """Declare parameters; `T... x` is an array with the flag `rest`."""
    symbols: list[int] = []
    for child in node.children:
        number = child.kind_id
        if number == _PARAMETER:
            parts = child.children
            if len(parts) == 2 and parts[1].kind_id == IDENTIFIER:  # only a type and a name
                symbol = declared(walk, parts[1:], "parameter", walk.type(parts[0]))
            else:
                symbol = parameter(walk, child, "parameter")
        elif number == _REST:
            symbol = rest_parameter(walk, child, "parameter")
        else:
            continue
        if symbol != NONE:
            symbols.append(symbol)
    return tuple(symbols)


def parameter(walk: Walk, node: Node, kind_: SymbolKind, flags: frozenset[str] = _NO_FLAGS) -> int:
    children = node.children
    modifiers, written = header(walk, children)
    if modifiers.local:
        flags |= modifiers.local
    for index, child in enumerate(children):
        if child.kind_id in NAMED:
            return declared(walk, children[index:], kind_, written, flags, modifiers.decorators)
    return NONE


def rest_parameter(walk: Walk, node: Node, kind_: SymbolKind, flags: frozenset[str] = _REST_FLAG) -> int:
    children = node.children
    modifiers, (type_, type_args) = header(walk, children)
    flags |= modifiers.local
    for child in children:
        if child.kind_id == DECLARATOR:
            written = (type_ + "[]", type_args)
            return declared(walk, child.children, kind_, written, flags, modifiers.decorators)
    return NONE


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
        body_of(walk, body.children)
    else:
        value = EXPRESSIONS[body.kind_id](walk, body)
        walk.close_to(scope, end)
        b.leave("return", body.start_byte, body.end_byte, value)
        b.close_scope()
    return b.value("closure", at, end, scope=scope)


@expression("method_reference", nests=True)
def method_reference(walk: Walk, node: Node) -> int:
    """`a::m` is the place a.m and `T::new` the place T.new; constructors of arrays are opaque.

    `all.forEach(bus::register)` calls it at once: there it is the lambda `each -> bus.register(each)`.
    """
    b = walk.b
    at, end = node.start_byte, node.end_byte
    children = walk.without_extras(node.children)
    first, last = children[0], children[-1]
    if first.kind_id == ARRAY_TYPE:
        return b.value("opaque", at, end)
    if last.kind_id == IDENTIFIER and first.kind_id not in TYPES and _is_called_at_once(walk, node, first):
        return _as_lambda(walk, node, first, last)
    place = type_place(walk, first) if first.kind_id in TYPES else place_of(walk, first)
    return b.place_value(b.member(place, walk.text(last)), at, end)


def _is_called_at_once(walk: Walk, node: Node, first: Node) -> bool:
    """Whether a method of an object, no class, is handed to `forEach` and the like, and nothing else is."""
    given = node.parent
    call = given.parent if given is not None and given.kind_id == ARGUMENTS else None
    if given is None or call is None or call.kind_id != CALL or given.named_child_count != 1:
        return False
    called = call.child_by_field_name("name")
    name = walk.text(first).rpartition(".")[2]
    is_class = name[:1].isupper() and "_" not in name
    return called is not None and walk.text(called) in _AT_ONCE and not is_class


def _as_lambda(walk: Walk, node: Node, first: Node, last: Node) -> int:
    b = walk.b
    at, end = node.start_byte, node.end_byte
    scope = b.open_scope("lambda", "", at, end)
    each = b.declare("item" if walk.text(first).startswith("each") else "each", "parameter", at, at)
    b.scopes[scope].params = (each,)
    receiver = place_of(walk, first)
    given = b.place_value(b.symbol_place(each), at, at)
    effect = b.call(walk.text(last), at, end, receiver=receiver, args=(given,), at_name=last.start_byte)
    walk.close_to(scope, end)
    b.leave("return", at, end, b.call_value(effect, at, end))
    b.close_scope()
    return b.value("closure", at, end, scope=scope)


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
        elif index == 0 and number != TYPE_ARGUMENTS:
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
