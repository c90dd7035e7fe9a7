"""The state of one walk over a JavaScript or TypeScript tree: the builder, the source, and caches of names.

Lowering is spread over the other modules of this package as functions `(walk, node)`; they reach
each other through the dispatch tables that this object carries. It makes no effects itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from leaklint.frontends.javascript.texts import LONGEST_CHAIN, Callee, shared
from leaklint.ir.builder import Builder
from leaklint.ir.records import NONE, Effect, ScopeKind, Symbol, Unit, Value

if TYPE_CHECKING:
    from tree_sitter import Node

    from leaklint.frontends.javascript.tables import Tables

Flags = frozenset[str]
NO_FLAGS: Flags = frozenset()
_EXPORTED: Flags = frozenset({"exported"})

_PROTOTYPE_OF = re.compile(rb"[\w$.\x80-\xff]+\Z")
_NEW = re.compile(rb"\bnew\s+([\w$.\x80-\xff]+)")


class Walk:
    """Everything that lowering one file shares."""

    def __init__(self, unit: Unit, data: bytes, tables: Tables) -> None:
        self.b = Builder(unit, class_names="never", end=len(data))
        self.unit = unit
        self.data = data
        self.tables = tables
        self.expressions = tables.expressions
        self.operands = tables.operands
        self.statements = tables.statements
        self.named = tables.named
        self.plain = tables.plain
        self.values: list[Value] = self.b.values
        self.effects: list[Effect] = self.b.effects
        self.function = 0  # scope in which `var` declares
        self.static = NONE  # class symbol that `this` means in static code
        self.namespace: int | None = None  # place of the namespace around, NONE in ambient modules
        self.entered = 0  # `with` regions that the statement list around has to close
        self.depth = 0
        self.deepest = 0  # only guarded tables count
        self.names: dict[bytes, int] = {}  # source text -> place, in the current scope
        self._tables: list[dict[bytes, int]] = [self.names]
        self.texts = shared()
        self.decode = self.texts.decode
        self.callees = self.texts.callees
        self._chains = self.texts.chains
        self._supers: dict[int, int] = {}
        self.prototypes: dict[str, int] = {}  # text before `.prototype` -> Owner
        self.prototype_aliases: dict[str, str] = {}  # `proto` -> `X` after `proto = X.prototype`
        self.has_prototypes = b".prototype" in data
        self._constructed: set[str] | None = None
        self.exported: list[tuple[str, str, int]] = []  # exported name, local name, scope

    def text(self, node: Node) -> str:
        return self.decode(self.data[node.start_byte : node.end_byte])

    def text_at(self, at: int, end: int) -> str:
        return self.decode(self.data[at:end])

    def open(
        self,
        kind: ScopeKind,
        name: str,
        at: int,
        end: int,
        *,
        owner: int | None = None,
        symbol: int = NONE,
        flags: Flags = NO_FLAGS,
        decorators: tuple[int, ...] = (),
    ) -> int:
        """Open a scope; the caches of names are per scope because names resolve by scope."""
        scope = self.b.open_scope(
            kind, name, at, end, owner=owner, symbol=symbol, flags=flags, decorators=decorators
        )
        self.names = {}
        self._tables.append(self.names)
        return scope

    def close(self) -> None:
        self.b.close_scope()
        self.names = self._tables[self.b.scope]

    def lookup(self, name: str, scope: int) -> int:
        """The symbol that a name means in a scope, so far; NONE for names not declared (yet)."""
        builder = self.b
        while scope != NONE:
            row = builder.scopes[scope]
            if row.kind != "class" and builder.is_declared(name, scope):
                return builder.declare(name, "variable", 0, 0, scope=scope)
            scope = row.parent
        return NONE

    def export(self, name: str, symbol: int) -> None:
        self.unit.exports[name] = symbol
        row = self.b.symbols[symbol]
        row.flags |= _EXPORTED
        if row.kind == "class" and row.target != NONE:
            self.b.owners[row.target].flags |= _EXPORTED

    def loose_symbol(self, symbol: Symbol) -> int:
        """Add a symbol that no name in the file means: what a re-export or `exports.x =` offers."""
        self.b.symbols.append(symbol)
        return len(self.b.symbols) - 1

    def chain(self, text: bytes) -> int:
        """The place of `a`, `a.b.c`, `this.x`, `super.m`; NONE if the text is not a plain dotted name."""
        root, path = self._chains.get(text) or self.texts.chain(text)
        if not root:
            return NONE
        place = self.names.get(root)
        if place is None:
            place = self.root(root)
        if path:
            place = self.b.inside(place, path)
            self.names[text] = place
        return place

    def root(self, text: bytes) -> int:
        """The place of a name that this scope has not used yet."""
        if text == b"this":
            place = self.this()
        elif text == b"super":
            place = self.super_place()
        else:
            place = self.b.name(self.decode(text))
        self.names[text] = place
        return place

    def this(self) -> int:
        return self.b.this() if self.static == NONE else self.b.symbol_place(self.static)

    def super_place(self) -> int:
        builder = self.b
        owner = builder.scopes[builder.scope].owner
        if owner == NONE:
            return builder.name("super")
        symbol = self._supers.get(owner)
        if symbol is None:
            row = builder.owners[owner]
            symbol = self._supers[owner] = self.loose_symbol(
                Symbol("super", "super", row.scope, row.at, row.at, target=owner)
            )
        return builder.symbol_place(symbol)

    def simple_place(self, at: int, end: int) -> int:
        """The place of a dotted name at a span, NONE for anything else."""
        if end - at > LONGEST_CHAIN:
            return NONE
        text = self.data[at:end]
        place = self.names.get(text)
        return self.chain(text) if place is None else place

    def called(self, callee: Callee, text: bytes) -> tuple[int, int]:
        """Places of the receiver and of the whole callee of a call; one of them is NONE."""
        receiver = callee[0]
        if not receiver:
            place = self.names.get(text)
            return NONE, self.root(text) if place is None else place
        place = self.names.get(receiver)
        return self.chain(receiver) if place is None else place, NONE

    def value_place(self, place: int, at: int, end: int) -> int:
        values = self.values
        values.append(Value("place", at, end, "", place))
        return len(values) - 1

    def opaque_value(self, node: Node) -> int:
        return self.b.value("opaque", node.start_byte, node.end_byte)

    def too_deep(self, node: Node) -> int:
        self.b.opaque("too deeply nested", node.start_byte, node.end_byte)
        return self.opaque_value(node)

    def calls_name(self, name: str, at: int, end: int) -> bool:
        """Whether a stretch of source calls a name."""
        call = rb"(?<![\w$.])" + re.escape(name.encode()) + rb"\s*(?:\.\s*(?:call|apply)\s*)?\("
        return re.compile(call).search(self.data, at, end) is not None

    def constructs(self, name: str, at: int, end: int) -> bool:
        """Whether a plain function makes instances: its prototype is used, or `new` constructs it."""
        if not name:
            return False
        if self._constructed is None:
            self._constructed = _constructed(self.data)
        if self.data.find(b"this", at, end) < 0:
            return name in self._constructed and self.data.find(name.encode() + b".prototype") >= 0
        if name in self._constructed:
            return True
        return name[0].isupper() and _assigns_this(self.data, at, end)


_ASSIGNS_THIS = re.compile(rb"\bthis\s*\.\s*[\w$]+\s*=[^=]")


def _assigns_this(data: bytes, at: int, end: int) -> bool:
    return _ASSIGNS_THIS.search(data, at, end) is not None


def _constructed(data: bytes) -> set[str]:
    """Last names of everything whose `.prototype` is mentioned or that `new` constructs."""
    found: set[bytes] = set()
    at = data.find(b".prototype")
    while at >= 0:
        before = _PROTOTYPE_OF.search(data, max(0, at - 80), at)
        if before:
            found.add(before.group().rpartition(b".")[2])
        at = data.find(b".prototype", at + 1)
    found.update(match.group(1).rpartition(b".")[2] for match in _NEW.finditer(data))
    return {name.decode("utf-8", "replace") for name in found}


Lower = Callable[[Walk, "Node"], int]
Execute = Callable[[Walk, "Node"], "str | None"]
Named = Callable[[Walk, "Node", str, int], int]
