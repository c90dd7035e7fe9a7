"""The state of one walk over a Python tree, its names and places, and the dispatch on node kinds.

What a construct means is in the modules that register themselves in the two tables. The paths that most
nodes take append rows themselves instead of calling the builder; they decide what lowering costs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from tree_sitter import Node

from leaklint.frontends.python.annotations import UNKNOWN, Declared
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
from leaklint.ir import NONE, Bind, Value
from leaklint.ir.builder import Builder
from leaklint.ir.records import BindHow, ScopeKind, SymbolKind

DEPTH = 90
"""Nesting that is followed: at most five Python frames each, so that the default limit of 1000 holds."""

STEPS = 40
"""Steps of a place that are followed, e.g. in `a[0][0][0]…`."""

_STRAY = EXTRAS | {ERROR}
_STAR = ord("*")
_SHORT = 100
"""Longer texts are not kept."""

_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*+"
_DOTTED = re.compile(rb"%s(?:\.%s){0,%d}+" % (_NAME, _NAME, STEPS))

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


class _Shapes(dict[bytes, tuple[bytes, str] | None]):
    """`a.b.c` as `a.b` and `c`; None for a text that is more than names and a few dots."""

    __slots__ = ("texts",)
    texts: _Texts

    def __missing__(self, raw: bytes) -> tuple[bytes, str] | None:
        shape = None
        if _DOTTED.fullmatch(raw) is not None:
            head, _, name = raw.rpartition(b".")
            shape = head, self.texts[name]
        if len(raw) < _SHORT:
            self[raw] = shape
        return shape


class _Places(dict[bytes, int]):
    """The place of `a.b.c` in one scope; NONE for a text that is more than names and dots."""

    __slots__ = ("bound", "builder", "selves", "shapes")
    builder: Builder
    bound: dict[bytes, int]  # symbols that are known to be declared in this scope
    shapes: _Shapes
    selves: dict[bytes, int]  # places of `self` and `self.x`, which are the same in all methods of a class

    def __missing__(self, raw: bytes) -> int:
        place = self.selves.get(raw)
        if place is None:
            shape = self.shapes[raw]
            if shape is None:
                return NONE
            head, name = shape
            if not head:
                symbol = self.bound.get(raw, NONE)
                place = self.builder.symbol_place(symbol) if symbol >= 0 else self.builder.name(name)
            else:
                place = self.builder.member(self[head], name)
                if head in self.selves:
                    self.selves[raw] = place
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
        "self_places",
        "selves",
        "shapes",
        "star",
        "static",
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
        self.shapes = _Shapes()
        self.shapes.texts = self.texts
        self.bound: dict[bytes, int] = {}  # names known to be declared in the current scope
        self.places = self._no_places()
        self.self_places: dict[tuple[int, bytes], dict[bytes, int]] = {}  # of a class scope and a spelling
        self.static = False  # whether names are bound in a class body
        self.outer: list[tuple[_Places, bool]] = []
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
        children = node.children
        for child in children:
            if child.kind_id in _STRAY:
                return [child for child in children if not self._is_stray(child)]
        return children

    def _is_stray(self, node: Node) -> bool:
        kind = node.kind_id
        if kind == ERROR:
            STATEMENTS[ERROR](self, node)
        return kind in _STRAY

    def operands(self, node: Node) -> list[Node]:
        """The children of a node that are neither punctuation nor comments."""
        children = node.named_children
        for child in children:
            if child.kind_id in _STRAY:
                return [child for child in children if not self._is_stray(child)]
        return children

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
        self.outer.append((self.places, self.static))
        self.bound = {}
        self.places, self.static = self._no_places(), kind == "class"
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
        self.places, self.static = self.outer.pop()
        self.bound = self.places.bound

    def _no_places(self) -> _Places:
        places = _Places()
        places.builder, places.shapes = self.builder, self.shapes
        places.bound, places.selves = self.bound, {}
        return places

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
        symbols = self.builder.symbols
        count = len(symbols)
        symbol = self.builder.declare(
            self.texts[raw], kind, at, end, type=type, type_args=type_args, flags=flags
        )
        if kind != "field":
            self.bound[raw] = symbol
        return symbol, symbol == count or self._is_first(symbol, kind, at, end)

    def _is_first(self, symbol: int, kind: SymbolKind, at: int, end: int) -> bool:
        """Whether a known symbol is bound for the first time; it gets the place and kind of this binding."""
        builder = self.builder
        row = builder.symbols[symbol]
        if symbol in self.provisional and row.scope == builder.scope:
            self.provisional.discard(symbol)
            row.kind, row.at, row.end, row.region = kind, at, end, builder.region
            return True
        if row.kind == "field" and kind != "field":
            row.kind, row.at, row.end = kind, at, end
            return True
        return False

    def touch(self, raw: bytes, at: int, end: int) -> bool:
        """Declare a name that is bound here; whether this is its first binding."""
        if raw in self.bound:
            return False
        kind: SymbolKind = "static" if self.static else "variable"
        symbols = self.builder.symbols
        count = len(symbols)
        symbol = self.bound[raw] = self.builder.declare(self.texts[raw], kind, at, end)
        return symbol == count or self._is_first(symbol, kind, at, end)

    def bind_name(self, raw: bytes, value: int, how: BindHow, at: int, name_end: int, end: int) -> None:
        """Bind a name where Python does: in the current function, class body or module."""
        if raw not in self.bound and self.touch(raw, at, name_end) and how == "assign":
            how = "declare"
        builder = self.builder
        self.effects.append(Bind(builder.scope, builder.region, at, end, self.places[raw], value, how))

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

    def alias_self(self, raw: bytes, class_scope: int, of_class: bool) -> None:
        """Make the first parameter of a method mean the instance or the class."""
        builder = self.builder
        owner = builder.owners[builder.scopes[class_scope].owner]
        symbol = owner.symbol if of_class else owner.this
        builder.alias_name(self.texts[raw], symbol)
        self.bound[raw] = symbol
        self.selves = {**self.selves, raw: (class_scope, "static" if of_class else "field")}
        if not of_class:
            known = self.self_places.get((class_scope, raw))
            if known is None:
                known = self.self_places[class_scope, raw] = {raw: builder.symbol_place(owner.this)}
            self.places.selves = known

    def declare_field(self, raw: bytes, end: int, declared: Declared = UNKNOWN) -> None:
        """`self.x` as a target declares the field x, `cls.x` the static x, in the class scope."""
        first, _, name = raw.rpartition(b".")
        where = self.selves.get(first)
        if where is None:
            return
        scope, kind = where
        text = self.texts[name]
        builder = self.builder
        if declared != UNKNOWN or not builder.is_declared(text, scope):
            builder.declare(
                text, kind, end - len(name), end, scope=scope, type=declared[0], type_args=declared[1]
            )

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
    for child in node.named_children:
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
