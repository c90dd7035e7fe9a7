"""The parser of the standard library as an oracle: both see the same code at the same places.

Compared are functions, lambdas, comprehensions, classes, calls and imports (each a kind with line and byte
column) and the names that a module declares. The facts of the front end are read from the Unit. Positions
inside an f-string count as those of the f-string, because `ast` places them well only since Python 3.12.
"""

from __future__ import annotations

import ast
import sysconfig
import warnings
from bisect import bisect_right
from collections import Counter
from pathlib import Path

import pytest

from leaklint.errors import UnreadableFile
from leaklint.frontends.python import lower
from leaklint.ir import Call, Unit
from leaklint.source import SourceFile

Position = tuple[int, int]
Facts = Counter[tuple[str, Position]]

KNOWN_GAPS = {
    "test/test_compile.py": "the grammar rejects a chain in parentheses that goes on less indented",
    "test/test_future_stmt/badsyntax_future8.py": "no Python: the compiler rejects what its parser accepts",
}
"""Files of the standard library that may differ, with the reason."""

_STDLIB = Path(sysconfig.get_path("stdlib"))
_PARTS = 16
_FUNCTIONS = {"function": "function", "method": "function", "constructor": "function"}
_KINDS: dict[type[ast.AST], str] = {
    ast.FunctionDef: "function",
    ast.AsyncFunctionDef: "function",
    ast.Lambda: "lambda",
    ast.ListComp: "comprehension",
    ast.SetComp: "comprehension",
    ast.DictComp: "comprehension",
    ast.GeneratorExp: "comprehension",
    ast.ClassDef: "class",
    ast.Call: "call",
    ast.alias: "import",
}
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _files() -> list[Path]:
    skipped = {"site-packages", "lib2to3"}
    return sorted(
        file for file in _STDLIB.rglob("*.py") if not skipped & set(file.relative_to(_STDLIB).parts)
    )


# -- what the front end sees


def unit_facts(unit: Unit, source: SourceFile) -> Facts:
    outer: list[tuple[int, int]] = []  # f-strings that stand in no other
    for at, end in sorted((row.at, -row.end) for row in unit.values if row.kind == "template"):
        if not outer or at >= outer[-1][1]:
            outer.append((at, -end))

    def place(at: int) -> Position:
        index = bisect_right(outer, (at, len(source.data))) - 1
        return _position(source, outer[index][0] if index >= 0 and at < outer[index][1] else at)

    facts: Facts = Counter()
    for scope in unit.scopes:
        kind = _FUNCTIONS.get(scope.kind)
        if scope.kind == "lambda" or "arrow" in scope.flags:
            kind = "comprehension" if scope.kind == "lambda" and scope.name else "lambda"
        if kind is not None:
            facts[kind, place(scope.at)] += 1
    facts.update(("class", place(owner.at)) for owner in unit.owners)
    facts.update(("call", place(effect.at)) for effect in unit.effects if isinstance(effect, Call))
    facts.update(("import", place(row.at)) for row in unit.symbols if row.kind == "import")
    return facts


def unit_names(unit: Unit, source: SourceFile) -> dict[str, Position]:
    rows = [row for row in unit.symbols if row.scope == 0 and row.kind != "this"]
    return {row.name: _position(source, row.at) for row in reversed(rows)}


def _position(source: SourceFile, at: int) -> Position:
    line = source.line_of(at)
    return line, at - source.starts[line - 1]


# -- what the oracle sees


def oracle_facts(tree: ast.Module) -> Facts:
    facts: Facts = Counter()
    stack: list[tuple[ast.AST, Position | None]] = [(tree, None)]
    while stack:
        node, inside = stack.pop()
        if inside is None and isinstance(node, ast.JoinedStr):
            inside = node.lineno, node.col_offset
        kind = _KINDS.get(type(node))
        if kind is not None:
            facts[kind, inside or (node.lineno, node.col_offset)] += 1  # type: ignore[attr-defined]
        stack += [(child, inside) for child in ast.iter_child_nodes(node)]
    return facts


def oracle_names(tree: ast.Module) -> dict[str, set[Position]]:
    """Names of the module and where they are bound; no position if `ast` does not know one of them."""
    found: dict[str, list[tuple[Position, bool]]] = {}
    for node in _module_level(tree):
        at = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                found.setdefault(node.id, []).append((at, True))
        elif isinstance(node, ast.alias):
            name = node.asname or node.name.partition(".")[0]
            found.setdefault(name, []).append((at, True))
        else:
            for name in _named(node):
                found.setdefault(name, []).append((at, False))
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            for name in node.names:
                found.setdefault(name, [((1 << 30, 0), False)])
    return {
        name: {at for at, _ in rows} if all(known for _, known in rows) else set()
        for name, rows in found.items()
    }


def _named(node: ast.AST) -> list[str]:
    """Names bound by nodes that do not say where the name stands."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return [node.name] if node.name else []
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest else []
    return []


def _module_level(tree: ast.Module) -> list[ast.AST]:
    """Nodes whose names belong to the module: not those inside functions and classes."""
    found: list[ast.AST] = []
    stack: list[tuple[ast.AST, bool]] = [(child, False) for child in tree.body]
    while stack:
        node, comprehended = stack.pop()
        if not comprehended:
            found.append(node)
        elif isinstance(node, ast.NamedExpr):
            found.append(node.target)
        if isinstance(node, _SCOPES):
            stack += [(child, comprehended) for child in _evaluated_outside(node)]
        else:
            comprehended = comprehended or isinstance(node, _COMPREHENSIONS)
            stack += [(child, comprehended) for child in ast.iter_child_nodes(node)]
    return found


def _evaluated_outside(node: ast.AST) -> list[ast.AST]:
    """Decorators, bases and defaults of a definition."""
    outside: list[ast.AST] = list(getattr(node, "decorator_list", ()))
    if isinstance(node, ast.ClassDef):
        return [*outside, *node.bases, *(keyword.value for keyword in node.keywords)]
    arguments: ast.arguments = node.args  # type: ignore[attr-defined]
    return [*outside, *arguments.defaults, *(row for row in arguments.kw_defaults if row is not None)]


# -- the comparison


def differences(source: SourceFile) -> list[str] | None:
    """What one side sees and the other does not; None when the oracle rejects the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.data.decode())
    except (SyntaxError, ValueError, RecursionError):
        return None
    unit = lower(source)
    ours, theirs = unit_facts(unit, source), oracle_facts(tree)
    out = [f"only the front end: {fact}" for fact in (ours - theirs)]
    out += [f"only ast: {fact}" for fact in (theirs - ours)]
    names, expected = unit_names(unit, source), oracle_names(tree)
    out += [f"name {name!r} differs" for name in names.keys() ^ expected.keys()]
    out += [
        f"name {name!r} at {names[name]}, not at {places}"
        for name, places in expected.items()
        if places and name in names and names[name] not in places
    ]
    return sorted(out)


@pytest.mark.parametrize("part", range(_PARTS))
def test_standard_library(part: int) -> None:
    compared = 0
    wrong: dict[str, list[str]] = {}
    for file in _files()[part::_PARTS]:
        name = file.relative_to(_STDLIB).as_posix()
        try:
            source = SourceFile.read(file, name)
        except UnreadableFile:
            continue
        found = differences(source)
        compared += found is not None
        if found and name not in KNOWN_GAPS:
            wrong[name] = found[:5]
    assert compared > 20
    assert not wrong, "\n".join(f"{name}: {rows}" for name, rows in wrong.items())
