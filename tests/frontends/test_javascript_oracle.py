"""esprima as an oracle: both see the same functions, classes, calls and top-level names in real packages.

The facts of the front end are read from the Unit, those of the oracle from esprima's tree; a fact is a
kind and a position, so that a fact at the wrong place differs on both sides. esprima reads ES2017; files
that are newer are left to the other tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import esprima
import pytest

from leaklint.frontends.javascript import lower
from leaklint.ir import Call, Unit
from leaklint.source import SourceFile

Fact = tuple[str, int, int]

KNOWN_GAPS: dict[str, str] = {}
"""Files below node_modules that may differ, with the reason."""

_CORPUS = Path(__file__).parent / "javascript_corpus"
_PACKAGES = {
    "async": 12,
    "backbone": 1,
    "express": 6,
    "jquery": 8,
    "leaflet": 40,
    "lodash": 80,
    "moment": 30,
    "react": 4,
    "react-dom": 3,
    "underscore": 60,
    "ws": 3,
}
"""Packages, and how many files esprima has to be able to read of each."""

_LARGEST = 400_000
_BUDGET = 650_000  # bytes read of each package: esprima manages a few hundred kilobytes a second
_FUNCTIONS = {
    "FunctionDeclaration",
    "FunctionExpression",
    "ArrowFunctionExpression",
    "AsyncFunctionDeclaration",
    "AsyncFunctionExpression",
    "AsyncArrowFunctionExpression",
}


@pytest.fixture(scope="session")
def node_modules(
    need: Callable[[str], None], request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The packages, installed once into pytest's cache and kept until package.json changes."""
    need("node")
    wanted = (_CORPUS / "package.json").read_bytes()
    cache = getattr(request.config, "cache", None)
    home = cache.mkdir("javascript-corpus") if cache else tmp_path_factory.mktemp("javascript-corpus")
    installed = home / "node_modules"
    marker = home / "package.json"
    if not installed.is_dir() or not marker.is_file() or marker.read_bytes() != wanted:
        _install(home, wanted)
    return installed


def _install(home: Path, package: bytes) -> None:
    """Install beside the final place and move: several workers may do it at the same time."""
    with tempfile.TemporaryDirectory(dir=home) as folder:
        Path(folder, "package.json").write_bytes(package)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
        command = [shutil.which("npm") or "npm", "install", *options]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode:
            text = f"npm install: {done.stderr.strip()[-200:]}"
            (pytest.fail if "node" in os.environ.get("LEAKLINT_REQUIRE", "") else pytest.skip)(text)
        old = Path(folder, "old")
        final = home / "node_modules"
        if final.exists():
            final.rename(old)
        Path(folder, "node_modules").rename(final)
        (home / "package.json").write_bytes(package)


def _files(package: Path) -> list[Path]:
    """Every n-th file, so that a large package stays within the budget."""
    found = sorted(
        file
        for file in package.rglob("*")
        if file.suffix in (".js", ".mjs", ".cjs")
        and file.stat().st_size <= _LARGEST
        and "node_modules" not in file.relative_to(package).parts
    )
    total = sum(file.stat().st_size for file in found)
    return found[:: max(1, -(-total // _BUDGET))]


def unit_facts(unit: Unit, source: SourceFile) -> Counter[Fact]:
    """What the Unit knows, in the oracle's terms; positions are bytes."""
    facts: Counter[Fact] = Counter()
    for effect in unit.effects:
        if isinstance(effect, Call):
            facts["new" if effect.new else "call", effect.at, effect.end] += 1
    for scope in unit.scopes:
        if scope.kind in ("function", "method", "constructor", "lambda"):
            facts["function", scope.at, scope.end] += 1
    for owner in unit.owners:
        if owner.kind == "class":
            facts["class", owner.at, owner.end] += 1
    for symbol in unit.symbols:
        # what an export alone names has no name of its own in the source
        if symbol.scope == 0 and source.text(symbol.at, symbol.end) == symbol.name:
            facts[f"name {symbol.name}", symbol.at, symbol.end] += 1
    return facts


def oracle_facts(tree: esprima.nodes.Node, text: str) -> Counter[Fact]:
    """The same facts from esprima's tree, whose positions are code points."""
    offsets = _byte_offsets(text)
    facts: Counter[Fact] = Counter()

    def fact(kind: str, node: esprima.nodes.Node) -> None:
        at, end = node.range
        facts[kind, offsets[at], offsets[end]] += 1

    methods: set[int] = set()
    for node in _walk(tree):
        kind = node.type
        if kind == "MethodDefinition" or (
            kind == "Property" and (node.method or node.kind in ("get", "set"))
        ):
            methods.add(id(node.value))
            fact("function", node)
        elif kind in _FUNCTIONS and id(node) not in methods:
            fact("function", node)
        elif kind in ("ClassDeclaration", "ClassExpression"):
            fact("class", node)
        elif kind in ("CallExpression", "TaggedTemplateExpression"):
            fact("call", node)
        elif kind == "NewExpression":
            fact("new", node)
    for name in _reexported(tree.body):
        fact(f"name {name.name}", name)
    seen: set[str] = set()
    for name in _top_level(tree.body):
        if name.name not in seen:
            seen.add(name.name)
            fact(f"name {name.name}", name)
    return facts


def _byte_offsets(text: str) -> list[int]:
    if text.isascii():
        return list(range(len(text) + 1))
    offsets = [0]
    for letter in text:
        offsets.append(offsets[-1] + len(letter.encode("utf-8", "surrogatepass")))
    return offsets


def _walk(node: object) -> Iterator[esprima.nodes.Node]:
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, esprima.nodes.Node):
            yield item
            stack.extend(
                value
                for value in reversed(vars(item).values())
                if isinstance(value, list | esprima.nodes.Node)
            )


def _top_level(body: list[esprima.nodes.Node]) -> Iterator[esprima.nodes.Node]:
    """Identifiers that the module scope declares: `var` anywhere outside functions, the others directly."""
    for statement in body:
        if statement.type.startswith("Export") and getattr(statement, "declaration", None) is not None:
            statement = statement.declaration
        if statement.type == "ImportDeclaration":
            yield from (specifier.local for specifier in statement.specifiers)
        elif statement.type in ("FunctionDeclaration", "AsyncFunctionDeclaration", "ClassDeclaration"):
            if statement.id is not None:
                yield statement.id
        elif statement.type == "VariableDeclaration":
            yield from _declared(statement)
        else:
            yield from _hoisted(statement)


def _reexported(body: list[esprima.nodes.Node]) -> Iterator[esprima.nodes.Node]:
    """Names of `export { x } from "m"`: symbols of the Unit that nothing in the file means."""
    for statement in body:
        if statement.type == "ExportNamedDeclaration" and statement.source is not None:
            for specifier in statement.specifiers:
                if specifier.local.name == specifier.exported.name:
                    yield specifier.exported


def _hoisted(statement: object) -> Iterator[esprima.nodes.Node]:
    stack = [statement]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, esprima.nodes.Node):
            if item.type in _FUNCTIONS or item.type.startswith("Class"):
                continue
            if item.type == "VariableDeclaration" and item.kind == "var":
                yield from _declared(item)
            stack.extend(
                value
                for value in reversed(vars(item).values())
                if isinstance(value, list | esprima.nodes.Node)
            )


def _declared(statement: esprima.nodes.Node) -> Iterator[esprima.nodes.Node]:
    for declarator in statement.declarations:
        yield from _names(declarator.id)


def _names(pattern: esprima.nodes.Node) -> Iterator[esprima.nodes.Node]:
    if pattern is None:
        return
    if pattern.type == "Identifier":
        yield pattern
    elif pattern.type == "ObjectPattern":
        for entry in pattern.properties:
            yield from _names(entry.value if entry.type == "Property" else entry.argument)
    elif pattern.type == "ArrayPattern":
        for entry in pattern.elements:
            yield from _names(entry)
    elif pattern.type == "AssignmentPattern":
        yield from _names(pattern.left)
    elif pattern.type == "RestElement":
        yield from _names(pattern.argument)


def _parse(text: str) -> esprima.nodes.Node | None:
    for parse in (esprima.parseScript, esprima.parseModule):
        try:
            return parse(text, {"range": True})
        except (esprima.Error, RecursionError):
            continue
    return None


@pytest.mark.parametrize("package", _PACKAGES)
def test_both_see_the_same(package: str, node_modules: Path) -> None:
    differences: list[str] = []
    read = 0
    for file in _files(node_modules / package):
        path = file.relative_to(node_modules).as_posix()
        source = SourceFile.read(file, path)
        text = source.data.decode()
        tree = _parse(text)
        if tree is None:
            continue
        read += 1
        unit = lower(source)
        ours, theirs = unit_facts(unit, source), oracle_facts(tree, text)
        lines = [f"{path} problem {problem.message}" for problem in unit.problems]
        lines += _listed(path, source, ours - theirs, "only in the Unit")
        lines += _listed(path, source, theirs - ours, "only in esprima")
        if path not in KNOWN_GAPS:
            differences += lines
        else:
            assert lines, f"{path} is no gap any more"
    assert not differences, "\n".join(differences[:40])
    assert read >= _PACKAGES[package], f"esprima read {read} files"


def _listed(path: str, source: SourceFile, facts: Counter[Fact], where: str) -> Iterator[str]:
    for kind, at, end in sorted(facts):
        line, column = source.position(at)
        start = source.text(at, min(end, at + 30)).split("\n")[0]
        yield f"{path}:{line}:{column} {kind} {where}: {start}"
