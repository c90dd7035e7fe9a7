"""Functions, lambdas and classes: their scopes, parameters, decorators and owners."""

from __future__ import annotations

import re

import msgspec
from tree_sitter import Node

from leaklint.frontends.python.annotations import UNKNOWN, Declared, declared
from leaklint.frontends.python.chains import arguments
from leaklint.frontends.python.grammar import (
    ARGUMENTS,
    BLOCKS,
    CLASS,
    DECORATOR,
    DEFAULT_PARAMETER,
    DICTIONARY_SPLAT_PATTERN,
    FUNCTION,
    IDENTIFIER,
    LIST_SPLAT_PATTERN,
    PARAMETERS,
    TOKENS,
    TYPE,
    TYPE_PARAMETER,
    TYPED_DEFAULT_PARAMETER,
    TYPED_PARAMETER,
    kinds,
)
from leaklint.frontends.python.walk import Selves, Walk, block, expression, nested, statements, value
from leaklint.ir import NONE
from leaklint.ir.records import ScopeKind

_NO_FLAGS: frozenset[str] = frozenset()
_REST = frozenset({"rest"})
_SEPARATORS = kinds("positional_separator", "keyword_separator")
_TYPE_NAME = re.compile(rb"\**\s*([\w\x80-\xff]+)")
_DECORATOR_FLAGS = {
    "staticmethod": "static",
    "classmethod": "classmethod",
    "property": "property",
    "cached_property": "property",
    "abstractmethod": "abstract",
    "setter": "setter",
    "getter": "getter",
    "override": "override",
}
_CLASS_METHODS = frozenset({b"__new__", b"__init_subclass__", b"__class_getitem__"})


class _Parameter(msgspec.Struct, gc=False):
    """A parameter whose default and annotation are already lowered, in the scope around the function."""

    name: bytes
    at: int
    end: int
    declared: Declared = UNKNOWN
    default: int = NONE
    flags: frozenset[str] = _NO_FLAGS
    where: tuple[int, int] = (0, 0)


# -- parameters


def _parameters(walk: Walk, node: Node) -> list[_Parameter]:
    found = []
    for child in node.named_children:
        kind = child.kind_id
        if kind == IDENTIFIER:
            at, end = child.start_byte, child.end_byte
            found.append(_Parameter(walk.data[at:end], at, end))
        elif kind not in TOKENS:
            found += _parameter(walk, child)
    return found


def _parameter(walk: Walk, node: Node) -> list[_Parameter]:
    kind = node.kind_id
    if kind == LIST_SPLAT_PATTERN or kind == DICTIONARY_SPLAT_PATTERN:
        return [_named(walk, node, flags=_REST)]
    if kind == DEFAULT_PARAMETER:
        parts = walk.parts(node)
        return [_named(walk, parts[0], whole=node, default=value(walk, parts[-1]))]
    if kind == TYPED_PARAMETER or kind == TYPED_DEFAULT_PARAMETER:
        return [_typed(walk, node)]
    if node.is_named and kind not in _SEPARATORS:
        walk.builder.problem(node.start_byte, node.end_byte, "parameter is no name (Python 2)")
        return [_named(walk, child) for child in _names(node)]
    return []


def _typed(walk: Walk, node: Node) -> _Parameter:
    name, *rest = walk.parts(node)
    type_, default = UNKNOWN, NONE
    for part in rest:
        if part.kind_id == TYPE:
            type_ = annotation(walk, part)
        elif part.kind_id not in TOKENS:
            default = value(walk, part)
    if name.kind_id == LIST_SPLAT_PATTERN:
        return _named(walk, name, ("tuple", (type_[0],)), flags=_REST)
    if name.kind_id == DICTIONARY_SPLAT_PATTERN:
        return _named(walk, name, ("dict", ("str", type_[0])), flags=_REST)
    return _named(walk, name, type_, whole=node, default=default)


def _named(
    walk: Walk,
    node: Node,
    type_: Declared = UNKNOWN,
    *,
    whole: Node | None = None,
    default: int = NONE,
    flags: frozenset[str] = _NO_FLAGS,
) -> _Parameter:
    if node.kind_id != IDENTIFIER:
        node = next(iter(_names(node)), node)
    at, end = node.start_byte, node.end_byte
    where = (at, end) if whole is None else (whole.start_byte, whole.end_byte)
    return _Parameter(walk.data[at:end], at, end, type_, default, flags, where)


def _names(node: Node) -> list[Node]:
    found, stack = [], [node]
    while stack:
        node = stack.pop()
        if node.kind_id == IDENTIFIER:
            found.append(node)
        stack += reversed(node.children)
    return found


def _declare_parameters(walk: Walk, parameters: list[_Parameter]) -> None:
    builder = walk.builder
    symbols = []
    for row in parameters:
        symbol, first = walk.declare(
            row.name,
            "parameter",
            row.at,
            row.end,
            type=row.declared[0],
            type_args=row.declared[1],
            flags=row.flags,
        )
        if first:
            symbols.append(symbol)
        if row.default != NONE:
            builder.bind(walk.places[row.name], row.default, "default", *row.where)
    builder.scopes[builder.scope].params = tuple(symbols)


# -- annotations


def annotation(walk: Walk, node: Node) -> Declared:
    """The declared type; what the annotation calls is lowered."""
    raw = walk.source(node)
    if b"(" in raw or b"lambda" in raw:
        value(walk, node)
    return declared(raw.decode("utf-8", "replace"))


@expression("type")
def _type(walk: Walk, node: Node) -> int:
    children = walk.parts(node)
    return value(walk, children[0]) if len(children) == 1 else nested(walk, node)


@expression("generic_type", "union_type", "constrained_type", "member_type", "splat_type", "type_parameter")
def _type_expression(walk: Walk, node: Node) -> int:
    return nested(walk, node)


def type_parameters(walk: Walk, node: Node) -> None:
    """Open the block scope that holds the names of `[T, *Ts, **P]`, and declare them."""
    walk.open_scope("block", "", node)
    for child in node.named_children:
        if child.kind_id in TOKENS:
            continue
        raw = walk.source(child)
        found = _TYPE_NAME.match(raw)
        if found:
            at = child.start_byte
            walk.declare(found.group(1), "variable", at + found.start(1), at + found.end(1))
        if b"(" in raw or b"lambda" in raw:
            value(walk, child)


# -- functions


@statements("function_definition")
def _function_statement(walk: Walk, node: Node) -> str:
    _function(walk, node, ())
    return ""


def _function(walk: Walk, node: Node, decorators: tuple[int, ...]) -> None:
    builder = walk.builder
    method = walk.static
    home = builder.scope
    name = b""
    flags = _flags(walk, decorators) if decorators else _NO_FLAGS
    if walk.data.startswith(b"async", node.start_byte):
        flags |= {"async"}
    parameters: list[_Parameter] = []
    symbol = NONE
    typed = opened = False
    for child in node.named_children:
        kind = child.kind_id
        if kind == IDENTIFIER:
            name = walk.source(child)
            at, end = child.start_byte, child.end_byte
            symbol, _ = walk.declare(name, "function", at, end)
        elif kind == PARAMETERS:
            parameters = _parameters(walk, child)
        elif kind == TYPE:
            annotation(walk, child)
        elif kind == TYPE_PARAMETER:
            type_parameters(walk, child)
            typed = True
        elif kind in BLOCKS:
            opened = True
            _body(walk, node, child, name, symbol, parameters, flags, decorators, home if method else NONE)
        elif kind not in TOKENS:
            value(walk, child)
    if not opened:
        _body(walk, node, None, name, symbol, parameters, flags, decorators, home if method else NONE)
    if typed:
        walk.close_scope()


def _body(
    walk: Walk,
    node: Node,
    body: Node | None,
    name: bytes,
    symbol: int,
    parameters: list[_Parameter],
    flags: frozenset[str],
    decorators: tuple[int, ...],
    class_scope: int,
) -> None:
    """Open the scope of a function, declare its parameters and lower its body."""
    builder = walk.builder
    kind: ScopeKind = "function"
    owner: int | None = None
    if class_scope != NONE:
        kind = "constructor" if name == b"__init__" else "method"
        if name in _CLASS_METHODS:
            flags |= {"classmethod"}
        if "static" in flags or "classmethod" in flags:
            owner = NONE
    scope = walk.open_scope(
        kind, walk.texts[name], node, owner=owner, symbol=symbol, flags=flags, decorators=decorators
    )
    if symbol != NONE and builder.symbols[symbol].target == NONE:
        builder.symbols[symbol].target = scope
    selves = walk.selves
    if parameters:
        walk.selves = _without(selves, parameters)
    if class_scope != NONE:
        builder.add_method(builder.scopes[class_scope].owner, scope)
        if "static" not in flags:
            parameters = _alias_self(walk, parameters, class_scope, "classmethod" in flags)
    _declare_parameters(walk, parameters)
    if body is not None:
        block(walk, body)
    walk.selves = selves
    walk.close_scope()


def _without(selves: Selves, parameters: list[_Parameter]) -> Selves:
    """A parameter of the same name hides the `self` of an enclosing method."""
    if not any(row.name in selves for row in parameters):
        return selves
    names = {row.name for row in parameters}
    return {name: where for name, where in selves.items() if name not in names}


def _alias_self(
    walk: Walk, parameters: list[_Parameter], class_scope: int, of_class: bool
) -> list[_Parameter]:
    """Make the first parameter of a method mean the instance or the class: the other parameters."""
    if not parameters or "rest" in parameters[0].flags:
        return parameters
    walk.alias_self(parameters[0].name, class_scope, of_class)
    return parameters[1:]


def _flags(walk: Walk, decorators: tuple[int, ...]) -> frozenset[str]:
    """Flags that decorators give by the last part of their name."""
    builder = walk.builder
    found = set()
    for decorator in decorators:
        row = builder.values[decorator]
        raw = walk.data[row.at : row.end].rpartition(b".")[2]
        flag = _DECORATOR_FLAGS.get(walk.texts[raw])
        if flag is not None:
            found.add(flag)
    return frozenset(found)


@expression("lambda")
def _lambda(walk: Walk, node: Node) -> int:
    return lower_lambda(walk, node, "")


def lower_lambda(walk: Walk, node: Node, name: str) -> int:
    """Lower a lambda to a closure; one that has a name is a method of the class in which it stands."""
    children = walk.parts(node)
    parameters = _parameters(walk, children[1]) if children[1].is_named and len(children) == 4 else []
    builder = walk.builder
    class_scope = builder.scope
    flags = frozenset({"arrow"}) if name else _NO_FLAGS
    scope = walk.open_scope("method" if name else "lambda", name, node, flags=flags)
    selves = walk.selves
    if parameters:
        walk.selves = _without(selves, parameters)
    if name:
        builder.add_method(builder.scopes[class_scope].owner, scope)
        parameters = _alias_self(walk, parameters, class_scope, False)
    _declare_parameters(walk, parameters)
    body = children[-1]
    result = value(walk, body)
    builder.leave("return", body.start_byte, body.end_byte, result)
    walk.selves = selves
    walk.close_scope()
    return builder.value("closure", node.start_byte, node.end_byte, scope=scope)


# -- classes


@statements("class_definition")
def _class_statement(walk: Walk, node: Node) -> str:
    _class(walk, node, ())
    return ""


def _class(walk: Walk, node: Node, decorators: tuple[int, ...]) -> None:
    builder = walk.builder
    at, end = node.start_byte, node.end_byte
    name = b""
    bases: list[int] = []
    flags: frozenset[str] = _NO_FLAGS
    body = None
    typed = False
    symbol = NONE
    for child in node.named_children:
        kind = child.kind_id
        if kind == IDENTIFIER:
            name = walk.source(child)
            symbol, _ = walk.declare(name, "class", child.start_byte, child.end_byte)
        elif kind == TYPE_PARAMETER:
            type_parameters(walk, child)
            typed = True
        elif kind == ARGUMENTS:
            bases, flags = _bases(walk, child)
        elif kind in BLOCKS:
            body = child
        elif kind not in TOKENS:
            value(walk, child)
    owner = builder.open_owner(
        walk.texts[name],
        "class",
        at,
        end,
        symbol=symbol,
        bases=bases,
        decorators=decorators,
        flags=flags,
    )
    if symbol != NONE and builder.symbols[symbol].target == NONE:
        builder.symbols[symbol].target = owner
    walk.open_scope("class", walk.texts[name], node, owner=owner, symbol=symbol)
    if body is not None:
        block(walk, body)
    walk.close_scope()
    if typed:
        walk.close_scope()


def _bases(walk: Walk, node: Node) -> tuple[list[int], frozenset[str]]:
    """The bases, and the metaclass as a flag. Other keywords only matter for what they call."""
    bases: list[int] = []
    keywords: list[tuple[str, int]] = []
    arguments(walk, node, bases, keywords)
    for name, given in keywords:
        if name == "metaclass":
            row = walk.builder.values[given]
            found = re.match(rb"[\w.\x80-\xff]*", walk.data[row.at : row.end])
            text = found.group().rpartition(b".")[2] if found else b""
            return bases, frozenset({f"metaclass:{walk.texts[text]}"})
    return bases, _NO_FLAGS


@statements("decorated_definition")
def _decorated(walk: Walk, node: Node) -> str:
    """Decorators are evaluated before the defaults of what they decorate."""
    decorators: list[int] = []
    for child in node.named_children:
        kind = child.kind_id
        if kind == DECORATOR:
            decorators += [value(walk, part) for part in walk.parts(child) if part.kind_id not in TOKENS]
        elif kind == FUNCTION:
            _function(walk, child, tuple(decorators))
        elif kind == CLASS:
            _class(walk, child, tuple(decorators))
        elif kind not in TOKENS:
            value(walk, child)
    return ""
