"""Chooses a grammar for a file, parses it, and reports what did not parse. It lowers nothing."""

from __future__ import annotations

import re
from functools import cache, partial

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Tree

from leaklint.ir.builder import Builder
from leaklint.source import SourceFile

ERROR_KIND = 65535  # kind_id of ERROR nodes in every grammar
_NEAR = 30  # characters of source that a problem quotes

_DIALECTS = {".jsx": "jsx", ".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx"}


@cache
def language(name: str) -> Language:
    """The grammar called `js`, `ts` or `tsx`."""
    if name == "js":
        return Language(tree_sitter_javascript.language())
    if name == "ts":
        return Language(tree_sitter_typescript.language_typescript())
    return Language(tree_sitter_typescript.language_tsx())


# valid TypeScript that the grammar does not know: patterns, and what to write there, of the same length
_UNKNOWN: tuple[tuple[re.Pattern[bytes], bytes], ...] = (
    (re.compile(rb"""\btypeof\s+import\((['"])[^'"\n]*\1\)"""), b"x"),
    (re.compile(rb"""\bimport\((['"])[^'"\n]*\1\)(?=(?:\.\w+)*(?:\[|\.[A-Z_]))"""), b"x"),
    (re.compile(rb"(?<=\bexport)\s+type(?=\s*\*)"), b" "),
    (re.compile(rb"(?<=[<,])\s*(?:in\s+out|in|out|const)\s+(?=[A-Z]\w*\s*(?:[,>=]|extends\b))"), b" "),
    (re.compile(rb"(?<=\babstract)\s+override(?=\s)"), b" "),
    (re.compile(rb"\babstract(?=\??\s*:)"), b"x"),
    (re.compile(rb"\\[`n]"), b"x"),
    (re.compile(rb"(?<=[\w\])>])\?(?=\s*[\],])"), b" "),
)


# of translations and tile sets, whose files have the same suffixes
_OTHER_FORMATS = (b"<?xml", b"<!DOCTYPE TS", b"\xef\xbb\xbf<?xml")


def dialect_of(path: str) -> str:
    dot = path.rfind(".")
    return _DIALECTS.get(path[dot:].lower(), "") if dot >= 0 else ""


def parse(source: SourceFile) -> tuple[Tree, str]:
    """The tree of a file, and the name of the grammar that read it best.

    Files named .js may hold Flow annotations, which the TypeScript grammar mostly understands.
    """
    name = dialect_of(source.path)
    if name in ("ts", "tsx") and source.data.startswith(_OTHER_FORMATS):
        return Parser(language(name)).parse(b""), name
    if name in ("ts", "tsx"):
        return _typed(source.data, name), name
    tree = Parser(language("js")).parse(source.data)
    if not tree.root_node.has_error:
        return tree, "js"
    other = Parser(language("tsx")).parse(source.data)
    if _damage(other) < _damage(tree):
        return other, "tsx"
    return tree, "js"


def _typed(data: bytes, name: str) -> Tree:
    """The tree of a TypeScript file; where it has errors, of one without what the grammar can't read."""
    tree = Parser(language(name)).parse(data)
    if not tree.root_node.has_error:
        return tree
    known = data
    for pattern, letter in _UNKNOWN:
        known = pattern.sub(partial(_blank, letter), known)
    for node in broken(tree):
        if data[node.start_byte : node.start_byte + 1] == b"&":  # within a text or attribute of an element
            known = known[: node.start_byte] + b"+" + known[node.start_byte + 1 :]
    if known == data:
        return tree
    other = Parser(language(name)).parse(known)
    return other if _damage(other) < _damage(tree) else tree


def _blank(letter: bytes, found: re.Match[bytes]) -> bytes:
    return letter * len(found[0])


def broken(tree: Tree) -> list[Node]:
    """Outermost ERROR nodes and MISSING nodes, in source order; iterative, for any depth.

    What the grammars don't know of raw templates (``String.raw`\\u${x}` ``) is no error.
    """
    found: list[Node] = []
    stack = [tree.root_node]
    while stack:
        node = stack.pop()
        if node.kind_id == ERROR_KIND or node.is_missing:
            if not (node.parent is not None and node.parent.type == "template_string"):
                found.append(node)
        elif node.has_error:
            stack.extend(reversed(node.children))
    return found


def _damage(tree: Tree) -> int:
    """How much of a file was not understood: bytes inside ERROR nodes, and one for each node."""
    return sum(1 + node.end_byte - node.start_byte for node in broken(tree))


def report(builder: Builder, tree: Tree, data: bytes) -> None:
    """Add a problem for every outermost error of a tree."""
    if not tree.root_node.has_error:
        return
    for node in broken(tree):
        at, end = node.start_byte, node.end_byte
        if node.is_missing:
            builder.problem(at, end, f"syntax error: {node.type} expected")
            continue
        near = data[at : min(end, at + _NEAR)].split(b"\n", 1)[0].decode("utf-8", "ignore")
        near = "".join(letter for letter in near if letter.isprintable()).strip()
        builder.problem(at, end, f'syntax error near "{near}"')
