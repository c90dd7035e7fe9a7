"""Simple statements: assignment, deletion, the ways out of a block, leftovers of Python 2."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.python.annotations import UNKNOWN, Declared
from leaklint.frontends.python.chains import lower_call, lower_place
from leaklint.frontends.python.dispatch import expression, nested, statements, value
from leaklint.frontends.python.fields import factory_of, made_by
from leaklint.frontends.python.functions import lower_lambda
from leaklint.frontends.python.grammar import (
    ASSIGNMENT,
    ATTRIBUTE,
    AUGMENTED,
    CALL,
    IDENTIFIER,
    LAMBDAS,
    STRING,
    SUBSCRIPT,
    TOKENS,
    TYPE,
    TYPES,
)
from leaklint.frontends.python.parameters import annotation
from leaklint.frontends.python.targets import bind, delete, element
from leaklint.frontends.python.walk import Walk
from leaklint.ir import NONE
from leaklint.ir.records import LeaveHow, SymbolKind

_PARENTHESIS = ord("(")
_QUOTES = b"\"'"


@statements("expression_statement")
def _expression_statement(walk: Walk, node: Node) -> str:
    if node.child_count == 1:
        child = node.child(0)
        kind = child.kind_id
        if kind == CALL:
            lower_call(walk, child)
        elif kind == ASSIGNMENT:
            _assignment(walk, child)
        elif kind == AUGMENTED:
            _augmented(walk, child)
        elif kind != STRING or walk.data[child.start_byte] not in _QUOTES:  # no docstring
            value(walk, child)
        return ""
    for child in node.named_children:  # `a, b` as a statement
        if child.kind_id not in TOKENS:
            value(walk, child)
    return ""


# -- assignment


@statements("assignment")
def _stray_assignment(walk: Walk, node: Node) -> str:
    _assignment(walk, node)
    return ""


def _assignment(walk: Walk, node: Node) -> None:
    """`a = b = v` evaluates v, then binds a, then b."""
    targets: list[Node] = []
    end = node.end_byte
    while True:
        left, right = node.child(0), node.child(node.child_count - 1)
        if walk.data[left.end_byte : right.start_byte].strip() != b"=":
            parts = walk.operands(node)
            if len(parts) != 2 or parts[1].kind_id == TYPE:
                _annotated(walk, parts, end)
                return
            left, right = parts
        targets.append(left)
        node = right
        if node.kind_id != ASSIGNMENT:
            break
    given = _assigned(walk, targets[0], node)
    if walk.static and len(targets) == 1 and factory_of(walk, given) != NONE:
        _declare_annotated(walk, targets[0], UNKNOWN, b"", given, end)
        return
    for target in targets:
        bind(walk, target, given, "assign", end)


def _assigned(walk: Walk, target: Node, node: Node) -> int:
    """A lambda that a class body binds to a name is a method."""
    kind = node.kind_id
    if kind == AUGMENTED:
        _augmented(walk, node)
        return walk.opaque_value(node)
    if kind in LAMBDAS and target.kind_id == IDENTIFIER and walk.static:
        return lower_lambda(walk, node, walk.texts[walk.source(target)])
    return value(walk, node)


def _annotated(walk: Walk, parts: list[Node], end: int) -> None:
    """`x: T` and `x: T = v`."""
    target = parts[0]
    type_: Declared = UNKNOWN
    text = b""
    given = NONE
    for part in parts[1:]:
        if part.kind_id == TYPE:
            text = walk.source(part)
            type_ = annotation(walk, part)
        else:
            given = _assigned(walk, target, part)
    kind = target.kind_id
    if kind == IDENTIFIER:
        _declare_annotated(walk, target, type_, text, given, end)
        return
    if kind == ATTRIBUTE:
        walk.declare_field(walk.source(target), target.end_byte, type_)
    if given != NONE:
        bind(walk, target, given, "assign", end)
    elif kind == ATTRIBUTE or kind == SUBSCRIPT:
        lower_place(walk, target)


def _declare_annotated(walk: Walk, target: Node, type_: Declared, text: bytes, given: int, end: int) -> None:
    """In a class body a name that only has a type is an instance field, unless it is a ClassVar."""
    at, name_end = target.start_byte, target.end_byte
    raw = walk.data[at:name_end]
    factory = factory_of(walk, given) if walk.static and given != NONE else NONE
    if factory != NONE:
        made, given = made_by(walk, factory)
        type_ = type_ if type_[0] else made
    final = b"Final" in text
    kind: SymbolKind = "constant" if final else "variable"
    if walk.static:
        is_field = factory != NONE or given == NONE
        kind = "field" if is_field and b"ClassVar" not in text else "static"
    flags = frozenset({"final"}) if final else frozenset()
    if walk.static and b"ClassVar" in text:
        flags |= {"shared"}
    symbol, first = walk.declare(raw, kind, at, name_end, type=type_[0], type_args=type_[1], flags=flags)
    if type_ != UNKNOWN and not first:
        row = walk.builder.symbols[symbol]
        row.type, row.type_args = row.type or type_[0], row.type_args or type_[1]
    if given != NONE:
        walk.builder.bind(walk.place(raw), given, "declare" if first else "assign", at, end)


@statements("augmented_assignment")
def _stray_augmented(walk: Walk, node: Node) -> str:
    _augmented(walk, node)
    return ""


def _augmented(walk: Walk, node: Node) -> None:
    """`target op= value`: the target is read first."""
    builder = walk.builder
    parts = walk.parts(node)
    target, operator, right = parts[0], parts[1], parts[-1]
    at, end = node.start_byte, node.end_byte
    key = NONE
    kind = target.kind_id
    if kind == IDENTIFIER:
        raw = walk.source(target)
        walk.touch(raw, at, target.end_byte)
        place = walk.place(raw)
    elif kind == SUBSCRIPT:
        container, key = element(walk, target)
        place = builder.element(container)
    else:
        place = lower_place(walk, target)
    given = value(walk, right)
    builder.bind(place, given, "augment", at, end, key=key, op=operator.type.removesuffix("="))


@statements("delete_statement")
def _delete(walk: Walk, node: Node) -> str:
    for child in walk.parts(node):
        if child.kind_id not in TOKENS:
            delete(walk, child, node.end_byte)
    return ""


@statements("type_alias_statement")
def _type_alias(walk: Walk, node: Node) -> str:
    """`type X = T`; `type(x).attribute = v` has the same form in the tree."""
    types = [child for child in walk.parts(node) if child.kind_id == TYPE]
    if len(types) == 2 and walk.data[types[0].start_byte] == _PARENTHESIS:
        target = types[0]
        while target.kind_id in TYPES and target.children:
            target = target.children[0]
        given = value(walk, types[1])
        walk.type_call = target.start_byte
        bind(walk, target, given, "assign", node.end_byte)
        walk.effects[-1].at = node.start_byte
        walk.type_call = NONE
        return ""
    for part in types[1:]:
        annotation(walk, part)
    if types:
        at = types[0].start_byte
        raw = walk.source(types[0]).partition(b"[")[0].rstrip()
        walk.bind_name(raw, walk.opaque_value(types[-1]), "assign", at, at + len(raw), node.end_byte)
    return ""


# -- names of other scopes


@statements("global_statement")
def _global(walk: Walk, node: Node) -> str:
    if walk.builder.scope != 0:
        _alias(walk, node, 0)
    return ""


@statements("nonlocal_statement")
def _nonlocal(walk: Walk, node: Node) -> str:
    _alias(walk, node, NONE)
    return ""


def _alias(walk: Walk, node: Node, home: int) -> None:
    """Let names mean a symbol of another scope, which may be declared further down."""
    builder = walk.builder
    for child in node.named_children:
        if child.kind_id != IDENTIFIER:
            continue
        raw = walk.source(child)
        text = walk.texts[raw]
        scope = home if home != NONE else _enclosing(walk, text)
        count = len(builder.symbols)
        symbol = builder.declare(text, "variable", child.start_byte, child.end_byte, scope=scope)
        if symbol == count:
            builder.symbols[symbol].region = NONE
            walk.provisional.add(symbol)
        builder.alias_name(text, symbol)
        walk.bound[raw] = symbol if scope == 0 else NONE  # what is captured shows when it is resolved


def _enclosing(walk: Walk, name: str) -> int:
    """The enclosing function that declares a name; if none does so far, the nearest one."""
    scopes = walk.builder.scopes
    nearest = NONE
    scope = scopes[walk.builder.scope].parent
    while scope != NONE:
        kind = scopes[scope].kind
        if kind != "class" and kind != "block" and kind != "module":
            if walk.builder.is_declared(name, scope):
                return scope
            nearest = scope if nearest == NONE else nearest
        scope = scopes[scope].parent
    return nearest if nearest != NONE else 0


# -- ways out


@statements("return_statement")
def _return(walk: Walk, node: Node) -> str:
    return _leave(walk, node, "return")


@statements("raise_statement")
def _raise(walk: Walk, node: Node) -> str:
    return _leave(walk, node, "raise")


@statements("break_statement")
def _break(walk: Walk, node: Node) -> str:
    return _leave(walk, node, "break")


@statements("continue_statement")
def _continue(walk: Walk, node: Node) -> str:
    return _leave(walk, node, "continue")


def _leave(walk: Walk, node: Node, how: LeaveHow) -> str:
    given = [value(walk, child) for child in node.named_children if child.kind_id not in TOKENS]
    walk.builder.leave(how, node.start_byte, node.end_byte, given[0] if given else NONE)
    return how


@statements("assert_statement")
def _assert(walk: Walk, node: Node) -> str:
    nested(walk, node)
    return ""


@statements("pass_statement")
def _pass(walk: Walk, node: Node) -> str:
    return ""


# -- Python 2


@expression("chevron")
def _chevron(walk: Walk, node: Node) -> int:
    return nested(walk, node)


@statements("print_statement", "exec_statement")
def _python2(walk: Walk, node: Node) -> str:
    walk.builder.problem(
        node.start_byte, node.end_byte, f"{node.type.partition('_')[0]} statement (Python 2)"
    )
    nested(walk, node)
    return ""
