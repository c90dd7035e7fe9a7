"""Type declarations, their members, and the compilation unit around them."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Literal

from tree_sitter import Node

from leaklint.frontends.java.expressions import (
    NAMES,
    arguments,
    dotted,
    members_of,
    split_type,
    type_value,
)
from leaklint.frontends.java.functions import parameter, rest_parameter
from leaklint.frontends.java.grammar import (
    ARGUMENTS,
    BLOCK,
    CLASS_BODY,
    ERROR,
    IDENTIFIER,
    MODIFIERS,
    PARAMETERS,
    SKIPPED,
    TYPE_IDENTIFIER,
    TYPES,
    kind,
    kinds,
)
from leaklint.frontends.java.statements import header, sequence, variables
from leaklint.frontends.java.walk import (
    DEEPEST,
    MEMBERS,
    NO_MODIFIERS,
    STATEMENTS,
    Walk,
    expression,
    fragments,
    is_path,
    member,
    modifiers_of,
    place_of,
    statement,
)
from leaklint.ir import NONE
from leaklint.ir.records import SymbolKind

_BODIES = kinds("class_body", "interface_body", "enum_body", "annotation_type_body")
_BASES = kinds("superclass", "super_interfaces", "extends_interfaces")
_TYPE_LIST = kind("type_list")
_PARAMETER = kind("formal_parameter")
_REST = kind("spread_parameter")
_METHOD = kind("method_declaration")
_ASTERISK = kind("asterisk")
_STATIC = kind("static", named=False)
_NEW = kind("new", named=False)
_HEADINGS = kinds("package_declaration", "import_declaration", "module_declaration")
_OWNER_KINDS: dict[int, Literal["class", "interface", "enum", "record"]] = {
    kind("class_declaration"): "class",
    kind("interface_declaration"): "interface",
    kind("annotation_type_declaration"): "interface",
    kind("enum_declaration"): "enum",
    kind("record_declaration"): "record",
}
_CONSTANT = frozenset({"final", "public"})
_COMPONENT = frozenset({"final", "private"})
_STATIC_FLAG = frozenset({"static"})
_NO_FLAGS: frozenset[str] = frozenset()


@member(
    "class_declaration",
    "interface_declaration",
    "annotation_type_declaration",
    "enum_declaration",
    "record_declaration",
)
def type_declaration(walk: Walk, node: Node) -> None:
    b = walk.b
    modifiers = NO_MODIFIERS
    bases: list[Node] = []
    name = components = body = None
    for child in node.named_children:
        number = child.kind_id
        if number == IDENTIFIER:
            name = child
        elif number in _BODIES:
            body = child
        elif number == MODIFIERS:
            modifiers = modifiers_of(walk, child)
        elif number in _BASES:
            bases.extend(_bases(child))
        elif number == PARAMETERS:
            components = child
        elif number == ERROR:
            fragments(walk, child)
    if name is None or walk.depth > DEEPEST:
        walk.too_deep(node)
        return
    walk.depth += 1
    at, end = node.start_byte, node.end_byte
    text = walk.text(name)
    symbol = b.declare(text, "class", name.start_byte, name.end_byte)
    kind_ = _OWNER_KINDS[node.kind_id]
    flags = _owner_flags(walk, kind_, modifiers.owner)
    values = [type_value(walk, base) for base in bases]
    owner = b.open_owner(
        text, kind_, at, end, symbol=symbol, bases=values, decorators=modifiers.decorators, flags=flags
    )
    walk.base_names[owner] = [walk.text(split_type(base)[-1]) for base in bases]
    row = b.symbols[symbol]
    if row.kind == "class" and row.target == NONE:
        row.target = owner
    b.open_scope("class", text, at, end, owner=owner, symbol=symbol)
    if components is not None:
        walk.components[b.scope] = _components(walk, components)
    if body is not None:
        members(walk, body)
    b.close_scope()
    walk.depth -= 1


@statement(
    "class_declaration",
    "interface_declaration",
    "annotation_type_declaration",
    "enum_declaration",
    "record_declaration",
)
def local_type(walk: Walk, node: Node) -> str:
    type_declaration(walk, node)
    return ""


def _bases(node: Node) -> list[Node]:
    """The types after `extends` or `implements`."""
    children = [
        inner
        for child in node.named_children
        for inner in (child.named_children if child.kind_id == _TYPE_LIST else [child])
    ]
    return [child for child in children if child.kind_id in TYPES]


def _owner_flags(walk: Walk, kind_: str, flags: frozenset[str]) -> frozenset[str]:
    """Interfaces, enums and records inside others, and all types inside interfaces, are static."""
    b = walk.b
    if kind_ == "record":
        flags |= {"final"}
    scope = b.scopes[b.scope]
    if scope.kind == "module":
        return flags
    inside_interface = scope.kind == "class" and b.owners[scope.owner].kind == "interface"
    return flags | _STATIC_FLAG if kind_ != "class" or inside_interface else flags


def members(walk: Walk, node: Node) -> None:
    scope = walk.b.scope
    for child in node.children:
        number = child.kind_id
        if number in SKIPPED:
            continue
        MEMBERS[number](walk, child)
        if walk.b.scope != scope:
            walk.close_to(scope, child.end_byte)


@member("enum_body_declarations")
def enum_members(walk: Walk, node: Node) -> None:
    members(walk, node)


def anonymous(walk: Walk, name: str, base: int, body: Node) -> int:
    """The value of the class of `new T() {…}`, named after T."""
    b = walk.b
    at, end = body.start_byte, body.end_byte
    owner = b.open_owner(name, "anonymous", at, end, bases=(base,))
    walk.base_names[owner] = [name]
    b.open_scope("class", name, at, end, owner=owner)
    members(walk, body)
    b.close_scope()
    return b.value("class", at, end, owner=owner)


@expression("object_creation_expression", nests=True)
def creation(walk: Walk, node: Node) -> int:
    """`new T(…)`; the receiver of `outer.new T(…)` is `outer`, that of `new a.T(…)` is `a`."""
    b = walk.b
    at, end = node.start_byte, node.end_byte
    created = given = body = None
    receiver = NONE
    for index, child in enumerate(node.children):
        number = child.kind_id
        if number in TYPES:
            created = child
        elif number == ARGUMENTS:
            given = child
        elif number == CLASS_BODY:
            body = child
        elif number == ERROR:
            fragments(walk, child)
        elif index == 0 and number != _NEW:
            receiver = place_of(walk, child)
    if created is None:
        return walk.opaque(node, node.type)
    names = [created] if created.kind_id == TYPE_IDENTIFIER else split_type(created)
    callee = NONE
    if len(names) == 1 and receiver == NONE:
        callee = walk.name(names[0])
    elif receiver == NONE:
        receiver = members_of(walk, walk.name(names[0]), names[1:-1])
    name = walk.text(names[-1])
    values = arguments(walk, given) if given is not None else ()
    if body is not None:
        values = (*values, anonymous(walk, name, type_value(walk, created), body))
    effect = b.call(
        name,
        at,
        end,
        receiver=receiver,
        callee=callee,
        args=values,
        new=True,
        at_name=names[-1].start_byte,
    )
    return b.call_value(effect, at, end)


@member("field_declaration", "constant_declaration", "local_variable_declaration")
def field(walk: Walk, node: Node) -> None:
    """Fields; what an error displaced into a function is a local variable."""
    b = walk.b
    children = node.children
    modifiers, written = header(walk, children)
    scope = b.scopes[b.scope]
    flags = modifiers.field
    kind_: SymbolKind = "static" if "static" in modifiers.words else "field"
    if scope.kind != "class":
        kind_ = "variable"
    elif b.owners[scope.owner].kind == "interface":
        kind_, flags = "static", flags | _CONSTANT
    variables(walk, children, kind_, written, flags, modifiers.decorators)


@member("enum_constant")
def enum_constant(walk: Walk, node: Node) -> None:
    """A static field bound to `new E(…)`, with the class of its body as last argument."""
    b = walk.b
    scope = b.scopes[b.scope]
    decorators: tuple[int, ...] = ()
    values: tuple[int, ...] = ()
    name = body = None
    for child in node.named_children:
        number = child.kind_id
        if number == IDENTIFIER:
            name = child
        elif number == ARGUMENTS:
            values = arguments(walk, child)
        elif number == CLASS_BODY:
            body = child
        elif number == MODIFIERS:
            decorators = modifiers_of(walk, child).decorators
    if name is None or scope.kind != "class":
        return
    at, end = name.start_byte, node.end_byte
    enum = b.owners[scope.owner]
    callee = b.symbol_place(enum.symbol) if enum.symbol != NONE else b.name(enum.name)
    symbol = b.declare(
        walk.text(name),
        "static",
        at,
        name.end_byte,
        type=enum.name,
        flags=_CONSTANT,
        decorators=decorators,
    )
    if body is not None:
        base = b.place_value(callee, at, name.end_byte)
        values = (*values, anonymous(walk, enum.name, base, body))
    effect = b.call(enum.name, at, end, callee=callee, args=values, new=True, at_name=at)
    b.bind(b.symbol_place(symbol), b.call_value(effect, at, end), "declare", at, end)


def _components(walk: Walk, node: Node) -> tuple[int, ...]:
    """Declare the fields of a record."""
    fields: list[int] = []
    for child in node.named_children:
        if child.kind_id == _PARAMETER:
            fields.append(parameter(walk, child, "field", _COMPONENT))
        elif child.kind_id == _REST:
            fields.append(rest_parameter(walk, child, "field", _COMPONENT))
    return tuple(field for field in fields if field != NONE)


@member("compact_constructor_declaration")
def compact_constructor(walk: Walk, node: Node) -> None:
    """Its parameters are the components, which are assigned after its body."""
    b = walk.b
    fields = walk.components.get(b.scope, ())
    modifiers = NO_MODIFIERS
    body = None
    name = ""
    for child in node.named_children:
        if child.kind_id == MODIFIERS:
            modifiers = modifiers_of(walk, child)
        elif child.kind_id == IDENTIFIER:
            name = walk.text(child)
        elif child.kind_id == BLOCK:
            body = child
    scope = b.open_scope(
        "constructor",
        name,
        node.start_byte,
        node.end_byte,
        flags=modifiers.method,
        decorators=modifiers.decorators,
    )
    owner = b.scopes[scope].owner
    if owner != NONE:
        b.add_method(owner, scope)
    symbols: list[int] = []
    for index in fields:
        row = b.symbols[index]
        symbols.append(
            b.declare(row.name, "parameter", row.at, row.end, type=row.type, type_args=row.type_args)
        )
    b.scopes[scope].params = tuple(symbols)
    sequence(walk, body.named_children if body is not None else [])
    end = node.end_byte
    for index, symbol in zip(fields, symbols, strict=True):
        value = b.place_value(b.symbol_place(symbol), end - 1, end)
        b.bind(b.symbol_place(index), value, "assign", end - 1, end)
    b.close_scope()


def program(walk: Walk, root: Node) -> None:
    """Package, imports and types; methods outside any type make the implicit class of the file."""
    headings = [child for child in root.named_children if child.kind_id in _HEADINGS]
    others = [child for child in root.named_children if child.kind_id not in _HEADINGS]
    for child in headings:
        STATEMENTS[child.kind_id](walk, child)
    if not any(child.kind_id == _METHOD for child in others):
        sequence(walk, others)
        return
    b = walk.b
    name = PurePosixPath(walk.path).stem
    end = len(walk.data)
    symbol = b.declare(name, "class", 0, 0, target=len(b.owners))
    owner = b.open_owner(name, "class", 0, end, symbol=symbol)
    scope = b.open_scope("class", name, 0, end, owner=owner, symbol=symbol)
    for child in others:
        MEMBERS[child.kind_id](walk, child)
        walk.close_to(scope, child.end_byte)
    b.close_scope()


@statement("package_declaration")
def package(walk: Walk, node: Node) -> str:
    names = [child for child in node.named_children if child.kind_id in NAMES]
    if names and not walk.b.unit.package:
        walk.b.unit.package = ".".join(walk.text(name) for name in dotted(names[-1]))
    return ""


@statement("import_declaration")
def import_(walk: Walk, node: Node) -> str:
    """`import a.b.C` declares C; `import a.b.*` a symbol named `a.b.*` that no name can mean."""
    if node.has_error:
        return ""
    b = walk.b
    at, end = node.start_byte, node.end_byte
    path = walk.data[at + 7 : end - 1]
    static = path.startswith(b"static ")
    path = path[7:] if static else path
    star = path.endswith(b".*")
    path = path[:-2] if star else path
    if is_path(path):  # the usual import, read without looking at its tree
        module, _, name = path.decode("ascii").rpartition(".")
        last = end - 1
    else:
        static, star, names = _import_parts(walk, node)
        module, name = ".".join(map(walk.text, names[:-1])), walk.text(names[-1])
        last = names[-1].end_byte
    if star:
        module = f"{module}.{name}" if module else name
        name, imported = module + ".*", "*"
    else:
        imported = name
        at, end = last - len(name.encode()), last
    if b.is_declared(name):
        return ""
    symbol = b.declare_import(name, module, imported, at, end)
    if static:
        b.symbols[symbol].flags |= _STATIC_FLAG
        walk.static_imports[name] = symbol
    return ""


def _import_parts(walk: Walk, node: Node) -> tuple[bool, bool, list[Node]]:
    """Whether an import is static and on demand, and its names; for those with comments inside."""
    children = walk.without_extras(node.children)
    names = [name for child in children if child.kind_id in NAMES for name in dotted(child)]
    found = {child.kind_id for child in children}
    return _STATIC in found, _ASTERISK in found, names or [node]


@statement("module_declaration")
def module(walk: Walk, node: Node) -> str:
    """A module descriptor holds nothing and calls nothing."""
    return ""
