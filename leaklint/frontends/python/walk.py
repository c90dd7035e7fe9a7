"""The state of one walk over a Python tree, its names and places, and the dispatch on node kinds.

What a construct means is in the modules that register themselves in the two tables. The paths that most
nodes take append rows themselves instead of calling the builder; they decide what lowering costs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from tree_sitter import Node

from leaklint.frontends.python.grammar import (
    BLOCKS,
    ERROR,
    EXTRAS,
    LANGUAGE,
    NAMES,
    STARRED,
    TOKENS,
    kinds,
)
from leaklint.ir import NONE, Value
from leaklint.ir.builder import Builder
from leaklint.ir.records import BindHow, ScopeKind, SymbolKind

DEPTH = 90
"""Nesting that is followed: at most five Python frames each, so that the default limit of 1000 holds."""

STEPS = 40
"""Steps of a place that are followed, e.g. in `a[0][0][0]…`."""

_STAR = ord("*")
_DOTTED = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*+(?:\.[A-Za-z_\x80-\xff][\w\x80-\xff]*+)*+")

Selves = dict[bytes, tuple[int, SymbolKind]]
"""Spellings of `self` and `cls` -> the class scope and the kind of symbol that an attribute is there."""

Expression = Callable[["Walk", Node], int]
Statement = Callable[["Walk", Node], str]


class _Texts(dict[bytes, str]):
    """Identifiers as Python sees them (NFKC), decoded once."""

    def __missing__(self, raw: bytes) -> str:
        text = raw.decode("utf-8", "replace")
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text)
        self[raw] = text
        return text


class _Places(dict[bytes, int]):
    """The place of `a.b.c` in one scope; NONE for a text that is more than names and dots."""

    __slots__ = ("builder", "texts")

    def __init__(self, builder: Builder, texts: _Texts) -> None:
        self.builder = builder
        self.texts = texts

    def __missing__(self, raw: bytes) -> int:
        if _DOTTED.fullmatch(raw) is None:
            return NONE
        head, dot, name = raw.rpartition(b".")
        if not dot:
            place = self.builder.name(self.texts[raw])
        elif raw.count(b".") > STEPS:
            place = self.builder.nowhere()
        else:
            place = self.builder.member(self[head], self.texts[name])
        self[raw] = place
        return place


class Walk:
    """One file's walk. `places` and `bound` belong to the current scope, the rest to the file."""

    __slots__ = (
        "bound",
        "builder",
        "comprehensions",
        "data",
        "depth",
        "effects",
        "outer",
        "places",
        "provisional",
        "selves",
        "star",
        "texts",
        "type_call",
        "type_only",
        "values",
    )

    def __init__(self, builder: Builder, data: bytes) -> None:
        self.builder = builder
        self.data = data + b"\n"  # so that every offset of a node can be read
        self.values = builder.values
        self.effects = builder.effects
        self.depth = 0
        self.texts = _Texts()
        self.places = _Places(builder, self.texts)
        self.bound: set[bytes] = set()  # names known to be declared in the current scope
        self.outer: list[tuple[_Places, set[bytes]]] = []
        self.provisional: set[int] = set()  # symbols known only from `global` and `nonlocal`
        self.selves: Selves = {}
        self.comprehensions: set[int] = set()  # scopes
        self.type_only = False
        self.star = NONE  # offset of a `*` that stands too deep in the tree: see `_starred`
        self.type_call = NONE  # offset of the parenthesis of a `type(…)` that the tree takes for an alias

    # -- text

    def source(self, node: Node) -> bytes:
        return self.data[node.start_byte : node.end_byte]

    def parts(self, node: Node) -> list[Node]:
        """The children of a node without comments; those of an ERROR among them are lowered here."""
        out = []
        for child in node.children:
            kind = child.kind_id
            if kind == ERROR:
                STATEMENTS[ERROR](self, child)
            elif kind not in EXTRAS:
                out.append(child)
        return out

    def operands(self, node: Node) -> list[Node]:
        """The children of a node that are neither punctuation nor comments."""
        return [child for child in self.parts(node) if child.kind_id not in TOKENS]

    # -- scopes

    def open_scope(
        self,
        kind: ScopeKind,
        name: str,
        node: Node,
        *,
        owner: int | None = None,
        symbol: int = NONE,
        flags: frozenset[str] = frozenset(),
        decorators: tuple[int, ...] = (),
    ) -> int:
        self.outer.append((self.places, self.bound))
        self.places, self.bound = _Places(self.builder, self.texts), set()
        return self.builder.open_scope(
            kind,
            name,
            node.start_byte,
            node.end_byte,
            owner=owner,
            symbol=symbol,
            flags=flags,
            decorators=decorators,
        )

    def close_scope(self) -> None:
        self.builder.close_scope()
        self.places, self.bound = self.outer.pop()

    def in_class(self) -> bool:
        """Whether names are bound in a class body."""
        return self.builder.scopes[self.builder.scope].kind == "class"

    # -- names

    def declare(
        self,
        raw: bytes,
        kind: SymbolKind,
        at: int,
        end: int,
        *,
        type: str = "",
        type_args: tuple[str, ...] = (),
        flags: frozenset[str] = frozenset(),
    ) -> tuple[int, bool]:
        """Declare a name in the current scope: its symbol, and whether this is its first binding."""
        builder = self.builder
        count = len(builder.symbols)
        symbol = builder.declare(self.texts[raw], kind, at, end, type=type, type_args=type_args, flags=flags)
        if symbol == count:
            return symbol, True
        row = builder.symbols[symbol]
        if symbol in self.provisional and row.scope == builder.scope:
            self.provisional.discard(symbol)
            row.kind, row.at, row.end, row.region = kind, at, end, builder.region
            return symbol, True
        if row.kind == "field" and kind != "field":
            row.kind, row.at, row.end = kind, at, end
            return symbol, True
        return symbol, False

    def touch(self, raw: bytes, at: int, end: int) -> bool:
        """Declare a name that is bound here; whether this is its first binding."""
        if raw in self.bound:
            return False
        self.bound.add(raw)
        return self.declare(raw, "static" if self.in_class() else "variable", at, end)[1]

    def bind_name(self, raw: bytes, value: int, how: BindHow, at: int, name_end: int, end: int) -> None:
        """Bind a name where Python does: in the current function, class body or module."""
        if raw not in self.bound and self.touch(raw, at, name_end) and how == "assign":
            how = "declare"
        self.builder.bind(self.places[raw], value, how, at, end)

    def bind_outside_comprehension(self, raw: bytes, value: int, at: int, name_end: int, end: int) -> None:
        """Bind the name of `:=`, which belongs to the scope around all comprehensions."""
        builder = self.builder
        scope = builder.scope
        if scope not in self.comprehensions:
            self.bind_name(raw, value, "assign", at, name_end, end)
            return
        while scope in self.comprehensions:
            scope = builder.scopes[scope].parent
        text = self.texts[raw]
        first = not builder.is_declared(text, scope)
        builder.declare(text, "variable", at, name_end, scope=scope)
        builder.bind(self.places[raw], value, "declare" if first else "assign", at, end)

    # -- values

    def place_value(self, place: int, at: int, end: int) -> int:
        self.values.append(Value("place", at, end, "", place))
        return len(self.values) - 1

    def opaque_value(self, node: Node) -> int:
        return self.builder.value("opaque", node.start_byte, node.end_byte)

    def too_deep(self, node: Node) -> int:
        self.builder.opaque("too deeply nested", node.start_byte, node.end_byte)
        return self.opaque_value(node)


# -- dispatch


def value(walk: Walk, node: Node) -> int:
    """Lower an expression to a value."""
    kind = node.kind_id
    at = node.start_byte
    if kind in NAMES:
        end = node.end_byte
        place = walk.places[walk.data[at:end]]
        if place >= 0:
            values = walk.values
            values.append(Value("place", at, end, "", place))
            return len(values) - 1
    elif kind in LITERALS:
        return LITERALS[kind](walk, node)
    if walk.depth > DEPTH:
        return walk.too_deep(node)
    walk.depth += 1
    if walk.data[at] == _STAR and kind not in STARRED:
        result = _starred(walk, node)
    else:
        result = EXPRESSIONS[kind](walk, node)
    walk.depth -= 1
    return result


def _starred(walk: Walk, node: Node) -> int:
    """`*a.b()` in a display may come as `(*a).b()`: lower it without the star, then spread it."""
    before, walk.star = walk.star, node.start_byte
    result = EXPRESSIONS[node.kind_id](walk, node)
    walk.star = before
    return walk.builder.value("spread", node.start_byte, node.end_byte, "", (result,))


def block(walk: Walk, node: Node) -> str:
    """Lower the statements of a block; how its last one leaves it."""
    if walk.depth > DEPTH:
        walk.too_deep(node)
        return ""
    walk.depth += 1
    leaves = ""
    for child in node.children:
        kind = child.kind_id
        if kind not in TOKENS:
            leaves = STATEMENTS[kind](walk, child)
    walk.depth -= 1
    return leaves


def region(walk: Walk, node: Node) -> str:
    """Lower a block into the region that was just opened, and close it."""
    leaves = block(walk, node)
    walk.builder.close_region(node.end_byte, leaves)
    return leaves


def nested(walk: Walk, node: Node) -> int:
    """Lower what stands inside a node that has no value of its own."""
    for child in node.children:
        if child.kind_id not in TOKENS:
            value(walk, child)
    return walk.opaque_value(node)


def _unknown(walk: Walk, node: Node) -> int:
    if not node.is_missing:
        walk.builder.opaque(node.type, node.start_byte, node.end_byte)
    return nested(walk, node)


def _error(walk: Walk, node: Node) -> int:
    """The pieces of a syntax error may be statements or expressions."""
    block(walk, node)
    return walk.opaque_value(node)


def _token(walk: Walk, node: Node) -> int:
    return walk.opaque_value(node)


def _expression(walk: Walk, node: Node) -> str:
    value(walk, node)
    return ""


_KINDS = (*range(LANGUAGE.node_kind_count), ERROR)
LITERALS: dict[int, Expression] = {}
EXPRESSIONS: dict[int, Expression] = dict.fromkeys(_KINDS, _unknown)
STATEMENTS: dict[int, Statement] = dict.fromkeys(_KINDS, _expression)
EXPRESSIONS |= dict.fromkeys((ERROR, *BLOCKS), _error) | dict.fromkeys(TOKENS, _token)


def expression(*names: str) -> Callable[[Expression], Expression]:
    """Register the function that lowers expressions of some kinds."""

    def register(lower: Expression) -> Expression:
        EXPRESSIONS.update(dict.fromkeys(kinds(*names), lower))
        return lower

    return register


def literal(*names: str) -> Callable[[Expression], Expression]:
    """Register the function that lowers literals; they do not nest, so no depth is counted."""

    def register(lower: Expression) -> Expression:
        LITERALS.update(dict.fromkeys(kinds(*names), lower))
        return lower

    return register


def statements(*names: str) -> Callable[[Statement], Statement]:
    """Register the function that lowers statements of some kinds."""

    def register(lower: Statement) -> Statement:
        def piece(walk: Walk, node: Node) -> int:
            """Only in the pieces of a syntax error does a statement stand inside an expression."""
            lower(walk, node)
            return walk.opaque_value(node)

        for kind in kinds(*names):
            STATEMENTS[kind] = lower
            EXPRESSIONS[kind] = piece
        return lower

    return register
