"""The state of one walk over a Python tree: scopes, the names that they declare, and places.

What a construct means is in the modules that register themselves in the tables of `dispatch`. Code that runs
for most nodes appends rows itself instead of calling the builder; it decides what lowering costs.
"""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from leaklint.frontends.python.annotations import UNKNOWN, Declared
from leaklint.frontends.python.grammar import ERROR, EXTRAS
from leaklint.frontends.python.names import Places, Shapes, Texts
from leaklint.ir import NONE, Bind, Value
from leaklint.ir.builder import Builder
from leaklint.ir.records import BindHow, ScopeKind, SymbolKind

_STRAY = EXTRAS | {ERROR}

Selves = dict[bytes, tuple[int, SymbolKind]]
"""Spellings of `self` and `cls` -> the class scope and the kind of symbol that an attribute is there."""

Expression = Callable[["Walk", Node], int]
Statement = Callable[["Walk", Node], str]

STATEMENTS: dict[int, Statement] = {}
"""Node kind -> what lowers such a statement and says how it leaves its block. `dispatch` fills it."""


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
        self.texts = Texts()
        self.shapes = Shapes()
        self.shapes.texts = self.texts
        self.bound: dict[bytes, int] = {}  # names known to be declared in the current scope
        self.places = self._no_places()
        self.self_places: dict[tuple[int, bytes], dict[bytes, int]] = {}  # of a class scope and a spelling
        self.static = False  # whether names are bound in a class body
        self.outer: list[tuple[Places, bool]] = []
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

    def _no_places(self) -> Places:
        places = Places()
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
        self.effects.append(Bind(builder.scope, builder.region, at, end, self.place(raw), value, how))

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
        builder.bind(self.place(raw), value, "declare" if first else "assign", at, end)

    def place(self, raw: bytes) -> int:
        """The place of a name; after a syntax error it may be none, and then the place is nowhere."""
        place = self.places[raw]
        return place if place >= 0 else self.builder.nowhere()

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
