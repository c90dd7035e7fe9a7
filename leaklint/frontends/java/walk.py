"""What every part of the Java walk shares: the tables of handlers and the state of one file.

A handler is registered for the kinds of node that it lowers; a kind without one becomes Opaque and
its children are still lowered. The modules beside this one hold the handlers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from leaklint.frontends.java.grammar import (
    COMMENTS,
    ERROR,
    IDENTIFIER,
    LANGUAGE,
    LEFT_OUT,
    SKIPPED,
    TYPES,
    kind,
)
from leaklint.frontends.java.types import Type, read_type
from leaklint.ir import NONE, Unit
from leaklint.ir.builder import Builder
from leaklint.source import SourceFile

if TYPE_CHECKING:
    from leaklint.frontends.java.modifiers import Modifiers

DEEPEST = 120  # nested constructs; each costs at most five frames of the interpreter


class _Texts(dict[bytes, str]):
    """Decoded names: `texts[raw]` decodes each only once."""

    def __missing__(self, raw: bytes) -> str:
        text = self[raw] = raw.decode("utf-8", "replace")
        return text


_LONGEST_PATH = 400  # bytes; each part of a path is a place of its own


def is_path(raw: bytes) -> bool:
    """Whether this, which the grammar takes for a qualified name, is nothing but ASCII names and dots."""
    return raw.replace(b".", b"").replace(b"_", b"").isalnum()


class _Paths(dict[bytes, tuple[str, ...]]):
    """`a.b.c` as its names; the empty tuple for whatever is more than names and dots."""

    def __missing__(self, raw: bytes) -> tuple[str, ...]:
        names: tuple[str, ...] = ()
        if len(raw) <= _LONGEST_PATH and is_path(raw):
            names = tuple(raw.decode("ascii").split("."))
            if "super" in names or "this" in names[1:]:
                names = ()
        self[raw] = names
        return names


class Walk:
    """The state of lowering one file."""

    __slots__ = (
        "b",
        "base_names",
        "components",
        "data",
        "depth",
        "modifiers",
        "negations",
        "path",
        "paths",
        "pattern_scopes",
        "static_imports",
        "texts",
        "types",
        "unqualified",
        "yields",
    )

    def __init__(self, source: SourceFile) -> None:
        self.path = source.path
        self.data = source.data
        self.b = Builder(Unit(source.path, "java"), class_names="inside", end=len(source.data))
        self.base_names: dict[int, list[str]] = {}  # owner -> simple names of what it extends
        self.components: dict[int, tuple[int, ...]] = {}  # class scope of a record -> its fields
        self.depth = 0
        self.negations = 0  # how many `!` stand around the expression being lowered
        self.pattern_scopes: set[int] = set()  # blocks opened for a pattern variable
        self.yields: list[list[int]] = []  # values yielded by the switch expressions being lowered
        self.unqualified: list[int] = []  # calls whose receiver `link` finds
        self.static_imports: dict[str, int] = {}
        self.texts = _Texts()
        self.paths = _Paths()
        self.types: dict[bytes, Type] = {}
        self.modifiers: dict[bytes, Modifiers] = {}

    def text(self, node: Node) -> str:
        return self.texts[self.data[node.start_byte : node.end_byte]]

    def name(self, node: Node) -> int:
        """The place of an identifier used as a variable or a type."""
        return self.b.name(self.texts[self.data[node.start_byte : node.end_byte]])

    def type(self, node: Node) -> Type:
        raw = self.data[node.start_byte : node.end_byte]
        known = self.types.get(raw)
        if known is None:
            known = self.types[raw] = read_type(self.data, node)
        return known

    def close_to(self, scope: int, end: int) -> None:
        """Close the blocks that pattern variables opened inside `scope`; the region stays."""
        b = self.b
        region = b.region
        while b.scope != scope:
            b.scopes[b.scope].end = end
            b.close_scope()
        b.region = region

    def opaque(self, node: Node, what: str) -> int:
        """An Opaque effect for a node, and the value that stands for it."""
        self.b.opaque(what, node.start_byte, node.end_byte)
        return self.b.value("opaque", node.start_byte, node.end_byte)

    def too_deep(self, node: Node) -> int:
        return self.opaque(node, "too deeply nested")

    def without_extras(self, children: list[Node]) -> list[Node]:
        """Children without the comments between them and the errors, whose content is lowered first."""
        for child in children:
            if child.kind_id == ERROR:
                fragments(self, child)
        return [child for child in children if child.kind_id not in LEFT_OUT]


Expression = Callable[[Walk, Node], int]
Statement = Callable[[Walk, Node], str]
Member = Callable[[Walk, Node], None]

_KINDS = (*range(LANGUAGE.node_kind_count), ERROR)


def fragments(walk: Walk, node: Node) -> None:
    """Lower what is understood inside a syntax error or an unknown construct."""
    if walk.depth > DEEPEST:
        walk.too_deep(node)
        return
    walk.depth += 1
    for child in node.named_children:
        number = child.kind_id
        if number in _SILENT:
            continue
        if number in _KNOWN_MEMBERS and number not in _KNOWN_STATEMENTS:
            MEMBERS[number](walk, child)
        elif number in _KNOWN_STATEMENTS:
            STATEMENTS[number](walk, child)
        elif number in _KNOWN_EXPRESSIONS:
            EXPRESSIONS[number](walk, child)
        else:
            fragments(walk, child)
    walk.depth -= 1


def _unknown_expression(walk: Walk, node: Node) -> int:
    if node.kind_id in COMMENTS:
        return NONE
    fragments(walk, node)
    return walk.opaque(node, node.type)


def _unknown_statement(walk: Walk, node: Node) -> str:
    number = node.kind_id
    if number in _KNOWN_EXPRESSIONS:
        EXPRESSIONS[number](walk, node)
    elif number == ERROR:
        fragments(walk, node)
    elif number not in SKIPPED:
        fragments(walk, node)
        walk.opaque(node, node.type)
    return ""


def _unknown_member(walk: Walk, node: Node) -> None:
    STATEMENTS[node.kind_id](walk, node)


EXPRESSIONS: dict[int, Expression] = dict.fromkeys(_KINDS, _unknown_expression)
STATEMENTS: dict[int, Statement] = dict.fromkeys(_KINDS, _unknown_statement)
MEMBERS: dict[int, Member] = dict.fromkeys(_KINDS, _unknown_member)
PLACES: dict[int, Expression] = {}  # expressions with a shorter way to their place

_KNOWN_EXPRESSIONS: set[int] = set()
_KNOWN_STATEMENTS: set[int] = set()
_KNOWN_MEMBERS: set[int] = set()
_SILENT = COMMENTS | TYPES | {IDENTIFIER}


def expression(*names: str, nests: bool = False) -> Callable[[Expression], Expression]:
    """Register a handler of expressions; `nests` guards it against nesting without a limit."""

    def register(handler: Expression) -> Expression:
        entry = _guarded(handler) if nests else handler
        for name in names:
            EXPRESSIONS[kind(name)] = entry
            _KNOWN_EXPRESSIONS.add(kind(name))
        return handler

    return register


def _guarded(handler: Expression) -> Expression:
    def guarded(walk: Walk, node: Node) -> int:
        if walk.depth > DEEPEST:
            return walk.too_deep(node)
        walk.depth += 1
        value = handler(walk, node)
        walk.depth -= 1
        return value

    return guarded


def statement(*names: str, nests: bool = False) -> Callable[[Statement], Statement]:
    """Register a handler of statements. It returns how its statement leaves, or the empty string."""

    def register(handler: Statement) -> Statement:
        entry = _guarded_statement(handler) if nests else handler
        for name in names:
            STATEMENTS[kind(name)] = entry
            _KNOWN_STATEMENTS.add(kind(name))
        return handler

    return register


def _guarded_statement(handler: Statement) -> Statement:
    def guarded(walk: Walk, node: Node) -> str:
        if walk.depth > DEEPEST:
            walk.too_deep(node)
            return ""
        walk.depth += 1
        leaves = handler(walk, node)
        walk.depth -= 1
        return leaves

    return guarded


def member(*names: str) -> Callable[[Member], Member]:
    """Register a handler of what stands directly in a class body."""

    def register(handler: Member) -> Member:
        for name in names:
            MEMBERS[kind(name)] = handler
            _KNOWN_MEMBERS.add(kind(name))
        return handler

    return register


def place_of(walk: Walk, node: Node) -> int:
    """The place that an expression reads, without a Value where there is a shorter way."""
    handler = PLACES.get(node.kind_id)
    if handler is not None:
        return handler(walk, node)
    return walk.b.place_of(EXPRESSIONS[node.kind_id](walk, node))
