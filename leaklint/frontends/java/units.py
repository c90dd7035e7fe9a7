"""The compilation unit: package, imports, and the implicit class of methods that stand in none."""

from __future__ import annotations

from pathlib import PurePosixPath

from tree_sitter import Node

from leaklint.frontends.java.calls import NAMES, dotted
from leaklint.frontends.java.grammar import kind, kinds
from leaklint.frontends.java.statements import sequence
from leaklint.frontends.java.walk import MEMBERS, STATEMENTS, Walk, is_path, statement

_METHOD = kind("method_declaration")
_ASTERISK = kind("asterisk")
_STATIC = kind("static", named=False)
_HEADINGS = kinds("package_declaration", "import_declaration", "module_declaration")
_STATIC_FLAG = frozenset({"static"})


def program(walk: Walk, root: Node) -> None:
    """Package, imports and types; methods outside any type make the implicit class of the file."""
    others = []
    for child in root.named_children:
        if child.kind_id in _HEADINGS:
            STATEMENTS[child.kind_id](walk, child)
        else:
            others.append(child)
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
