"""Builds a `Unit` while a front end walks a syntax tree; owns scopes, name resolution and interning.

Names resolve when the unit is finished, not while it is walked, so a function may use a variable
declared below it. It knows no syntax and no API.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from leaklint.ir.records import (
    NONE,
    Bind,
    BindHow,
    Call,
    Comment,
    Delete,
    Effect,
    Leave,
    LeaveHow,
    Opaque,
    Owner,
    Place,
    Problem,
    Region,
    RegionKind,
    Scope,
    ScopeKind,
    Symbol,
    SymbolKind,
    Unit,
    Value,
    ValueKind,
)

_FUNCTIONS = frozenset({"function", "method", "constructor", "lambda", "static-block"})
_LOCALS = frozenset({"variable", "constant", "parameter"})
_METHODS = frozenset({"method", "constructor", "static-block"})
_NO_FLAGS: frozenset[str] = frozenset()


class Builder:
    """Mutable state of one walk. Every method returns the index of the row that it made.

    `class_names` says who sees the names of a class body as plain names: everything inside it
    (Java), only what stands directly in it (Python), nobody (JavaScript).
    """

    def __init__(self, unit: Unit, *, class_names: Literal["inside", "direct", "never"], end: int) -> None:
        self.unit = unit
        self.scopes = unit.scopes = []
        self.symbols = unit.symbols = []
        self.owners = unit.owners = []
        self.values = unit.values = []
        self.regions = unit.regions = []
        self.effects: list[Effect] = []
        unit.effects = self.effects
        self._class_names = class_names
        # a local variable is declared before it is used and never hidden, so that its name needs no resolving
        self._inside = class_names == "inside"
        # of each scope: its names, its parent, the nearest function or module at or around it
        self._declared: list[dict[str, int]] = []
        self._parents: list[int] = []
        self._functions: list[int] = []
        self._fields: list[int] = []
        # places while walking: a root is the place of a name (>= 0), a symbol (-2 - id) or a call
        self._names: list[dict[str, int]] = []  # of each scope: what the names used in it are, as places
        self._unresolved: list[tuple[int, str, int]] = []  # scope, name and place of what waits for the end
        self._place_ids: dict[tuple[int, tuple[str, ...]], int] = {}
        self._places: list[tuple[int, tuple[str, ...]]] = []
        self._calls: dict[int, int] = {}  # root key of a call result -> effect
        self._this_uses: set[tuple[int, int]] = set()  # (scope, owner)
        self.scope = NONE
        self.region = NONE
        self.open_scope("module", "", 0, end)

    # -- scopes and names

    def open_scope(
        self,
        kind: ScopeKind,
        name: str,
        at: int,
        end: int,
        *,
        owner: int | None = None,
        symbol: int = NONE,
        flags: frozenset[str] = _NO_FLAGS,
        decorators: tuple[int, ...] = (),
    ) -> int:
        """Open a scope inside the current one. `owner` None inherits the `this` of the parent."""
        scopes = self.scopes
        index = len(scopes)
        parent = self.scope
        if owner is None:
            owner = scopes[parent].owner if parent >= 0 else NONE
        scopes.append(
            Scope(
                kind,
                name,
                parent,
                at,
                end,
                owner,
                symbol,
                self.region,
                (),
                decorators,
                flags,
            )
        )
        self._declared.append({})
        self._parents.append(parent)
        self.scope = index
        if kind == "block" or kind == "class":
            self._functions.append(self._functions[parent])
            self._names.append(self._names[parent].copy() if kind == "block" and self._inside else {})
        else:
            self._functions.append(index)
            self._names.append({})
            self.region = NONE
        return index

    def close_scope(self) -> None:
        """Return to the parent scope and to the region in which this one was opened."""
        closed = self.scopes[self.scope]
        self.scope = closed.parent
        self.region = closed.region

    def function_scope(self, scope: int | None = None) -> int:
        """The nearest enclosing function-like or module scope of `scope`: where `var` declares."""
        return self._functions[self.scope if scope is None else scope]

    def declare(
        self,
        name: str,
        kind: SymbolKind,
        at: int,
        end: int,
        *,
        scope: int | None = None,
        type: str = "",
        type_args: tuple[str, ...] = (),
        target: int = NONE,
        flags: frozenset[str] = _NO_FLAGS,
        decorators: tuple[int, ...] = (),
    ) -> int:
        """Declare a name in a scope (default: the current one); the first declaration wins."""
        where = self.scope if scope is None else scope
        names = self._declared[where]
        known = names.get(name)
        if known is not None:
            symbol = self.symbols[known]
            if target != NONE and symbol.target == NONE:
                symbol.target = target
            if type and not symbol.type:
                symbol.type, symbol.type_args = type, type_args
            if flags:
                symbol.flags |= flags
            return known
        index = len(self.symbols)
        self.symbols.append(
            Symbol(
                name,
                kind,
                where,
                at,
                end,
                self.region,
                type,
                type_args,
                target,
                "",
                "",
                flags,
                decorators,
            )
        )
        names[name] = index
        if kind in _LOCALS:
            if self._inside:
                place = (-2 - index, ())
                self._names[where][name] = self._place_ids[place] = len(self._places)
                self._places.append(place)
        elif kind == "field" or kind == "static":
            self._fields.append(index)
        return index

    def declare_import(self, name: str, module: str, imported: str, at: int, end: int) -> int:
        """Declare a name bound by an import: `imported` of `module` ("*" for the module itself)."""
        symbol = self.declare(name, "import", at, end)
        row = self.symbols[symbol]
        row.module, row.imported = module, imported
        return symbol

    def alias_name(self, name: str, symbol: int, scope: int | None = None) -> None:
        """Make `name` mean an existing symbol in a scope: `global x`, `self`, `cls`."""
        self._declared[self.scope if scope is None else scope][name] = symbol

    def is_declared(self, name: str, scope: int | None = None) -> bool:
        return name in self._declared[self.scope if scope is None else scope]

    def open_owner(
        self,
        name: str,
        kind: str,
        at: int,
        end: int,
        *,
        symbol: int = NONE,
        bases: Iterable[int] = (),
        decorators: tuple[int, ...] = (),
        flags: frozenset[str] = _NO_FLAGS,
    ) -> int:
        """Add an Owner with its `this` symbol. Open its class scope next, with `owner=` this index."""
        index = len(self.owners)
        this = len(self.symbols)
        self.symbols.append(Symbol("this", "this", self.scope, at, at, self.region, target=index))
        self.owners.append(
            Owner(
                name,
                kind,  # type: ignore[arg-type]
                self.scope,
                this,
                symbol,
                tuple(bases),
                self.scopes[self.scope].owner,
                decorators,
                flags,
                (),
                at,
                end,
            )
        )
        return index

    def add_method(self, owner: int, scope: int) -> None:
        self.owners[owner].methods += (scope,)

    # -- places

    def name(self, name: str) -> int:
        """The place of a plain name used in the current scope."""
        names = self._names[self.scope]
        place = names.get(name)
        if place is None:
            place = names[name] = len(self._places)
            self._places.append((place, ()))
            self._unresolved.append((self.scope, name, place))
        return place

    def symbol_place(self, symbol: int) -> int:
        known = self._place_ids.get((-2 - symbol, ()))
        row = self.symbols[symbol]
        if row.kind == "this" or row.kind == "super":
            self._this_uses.add((self.scope, row.target))
        return self._intern(-2 - symbol, ()) if known is None else known

    def this(self) -> int:
        """The place of `this` in the current scope; an opaque place where there is none."""
        owner = self.scopes[self.scope].owner
        return self.symbol_place(self.owners[owner].this) if owner != NONE else self.name("this")

    def result(self, call: int) -> int:
        """The place of the result of a call effect."""
        root = (1 << 40) + call
        self._calls[root] = call
        return self._intern(root, ())

    def nowhere(self) -> int:
        """A place that is never the same as another: the receiver of `"".join()` or `(a + b).c()`."""
        return self._intern((1 << 41) + len(self._places), ())

    def member(self, place: int, attribute: str) -> int:
        root, path = self._places[place]
        return self._intern(root, (*path, "." + attribute))

    def element(self, place: int) -> int:
        root, path = self._places[place]
        return self._intern(root, (*path, "[]"))

    def inside(self, place: int, path: tuple[str, ...]) -> int:
        """The place some steps inside another; a step is `.name` or `[]`."""
        root, before = self._places[place]
        return self._intern(root, before + path if before else path)

    def _intern(self, root: int, path: tuple[str, ...]) -> int:
        key = (root, path)
        index = self._place_ids.get(key)
        if index is None:
            index = self._place_ids[key] = len(self._places)
            self._places.append(key)
        return index

    # -- values

    def value(
        self,
        kind: ValueKind,
        at: int,
        end: int,
        text: str = "",
        parts: tuple[int, ...] = (),
        keys: tuple[str, ...] = (),
        *,
        scope: int = NONE,
        owner: int = NONE,
    ) -> int:
        values = self.values
        index = len(values)
        values.append(Value(kind, at, end, text, NONE, NONE, scope, owner, parts, keys))
        return index

    def place_value(self, place: int, at: int, end: int) -> int:
        values = self.values
        index = len(values)
        values.append(Value("place", at, end, "", place))
        return index

    def name_value(self, name: str, at: int, end: int) -> int:
        """The value of a plain name: `place_value` of `name` in one step, as names are what is most."""
        place = self._names[self.scope].get(name)
        if place is None:
            place = self.name(name)
        values = self.values
        index = len(values)
        values.append(Value("place", at, end, "", place))
        return index

    def call_value(self, call: int, at: int, end: int) -> int:
        values = self.values
        index = len(values)
        values.append(Value("call", at, end, "", NONE, call))
        return index

    def place_of(self, value: int) -> int:
        """The place that a value reads: its own, a call's result, else a place that equals no other."""
        row = self.values[value]
        if row.kind == "place":
            return row.place
        if row.kind == "call":
            return self.result(row.call)
        return self.nowhere()

    # -- regions

    def open_region(
        self,
        kind: RegionKind,
        at: int,
        *,
        test: int = NONE,
        negated: bool = False,
        iterates: int = NONE,
    ) -> int:
        index = len(self.regions)
        first = len(self.effects)
        self.regions.append(
            Region(kind, self.region, self.scope, at, at, test, negated, iterates, first, first)
        )
        self.region = index
        return index

    def close_region(self, end: int, leaves: str = "") -> None:
        row = self.regions[self.region]
        row.end = end
        row.last = len(self.effects)
        row.leaves = leaves
        self.region = row.parent

    # -- effects

    def bind(
        self,
        target: int,
        value: int,
        how: BindHow,
        at: int,
        end: int,
        *,
        key: int = NONE,
        op: str = "",
    ) -> int:
        index = len(self.effects)
        self.effects.append(Bind(self.scope, self.region, at, end, target, value, how, key, op))
        return index

    def delete(self, target: int, at: int, end: int, key: int = NONE) -> int:
        index = len(self.effects)
        self.effects.append(Delete(self.scope, self.region, at, end, target, key))
        return index

    def call(
        self,
        name: str,
        at: int,
        end: int,
        *,
        receiver: int = NONE,
        callee: int = NONE,
        args: tuple[int, ...] = (),
        keywords: tuple[tuple[str, int], ...] = (),
        new: bool = False,
        at_name: int = 0,
    ) -> int:
        index = len(self.effects)
        self.effects.append(
            Call(
                self.scope,
                self.region,
                at,
                end,
                name,
                receiver,
                callee,
                args,
                keywords,
                new,
                at_name,
            )
        )
        return index

    def leave(self, how: LeaveHow, at: int, end: int, value: int = NONE) -> int:
        index = len(self.effects)
        self.effects.append(Leave(self.scope, self.region, at, end, how, value))
        return index

    def opaque(self, what: str, at: int, end: int) -> int:
        index = len(self.effects)
        self.effects.append(Opaque(self.scope, self.region, at, end, what))
        return index

    def problem(self, at: int, end: int, message: str) -> None:
        self.unit.problems.append(Problem(at, end, message))

    def comment(self, at: int, end: int, text: str, own_line: bool, until: int = 0) -> None:
        self.unit.comments.append(Comment(at, end, text, own_line, until))

    # -- finish

    def finish(self) -> Unit:
        """Resolve every name, make the places, and return the unit."""
        scopes = self.scopes
        scopes[0].end = max(scopes[0].end, 0)
        globals_: dict[str, int] = {}
        captures: dict[int, set[int]] = {}
        resolved: dict[int, int] = {}
        for scope, name, place in self._unresolved:
            resolved[place] = self._resolve(scope, name, globals_, captures)
        for scope, owner in self._this_uses:
            self._capture_this(scope, owner, captures)
        for scope, symbols in captures.items():
            scopes[scope].captures = tuple(sorted(symbols))
        rooted = {field: root for field in self._fields if (root := self._root(field)) != NONE}
        places: list[Place] = []
        for root, path in self._places:
            if root >= 1 << 40:
                places.append(Place(NONE, path, self._calls.get(root, NONE)))
                continue
            symbol = resolved[root] if root >= 0 else -2 - root
            if symbol in rooted:
                places.append(Place(rooted[symbol], ("." + self.symbols[symbol].name, *path)))
            else:
                places.append(Place(symbol, path))
        self.unit.places = places
        return self.unit

    def _root(self, field: int) -> int:
        """The symbol in which the places of a field are rooted; NONE where it has no other name."""
        row = self.symbols[field]
        owner = self.owners[self.scopes[row.scope].owner]
        return owner.this if row.kind == "field" else owner.symbol

    def _resolve(self, scope: int, name: str, globals_: dict[str, int], captures: dict[int, set[int]]) -> int:
        declared, parents, functions = self._declared, self._parents, self._functions
        inside = self._inside
        index = scope
        while index != NONE:
            symbol = declared[index].get(name)
            if symbol is not None and (inside or self._is_visible(index, scope)):
                break
            index = parents[index]
        else:
            known = globals_.get(name)
            if known is None:
                known = globals_[name] = len(self.symbols)
                self.symbols.append(Symbol(name, "global", NONE))
            return known
        assert symbol is not None
        if index:  # nobody captures what the module declares
            row = self.symbols[symbol]
            if row.scope != index and row.kind in _LOCALS:  # `nonlocal`
                index = row.scope
            function, outer = functions[scope], functions[index]
            if function != outer:
                self._capture(symbol, scope, function, outer, captures)
        return symbol

    def _is_visible(self, index: int, scope: int) -> bool:
        """Whether code of `scope` sees the names of scope `index` around it as plain names."""
        if self.scopes[index].kind != "class":
            return True
        return self._class_names == "direct" and self._functions[index] == self._functions[scope]

    def _capture(
        self, symbol: int, scope: int, function: int, outer: int, captures: dict[int, set[int]]
    ) -> None:
        """The functions from `function` out to `outer`, where the symbol was found, capture it."""
        row = self.symbols[symbol]
        if row.kind == "field":
            self._capture_this(scope, self.scopes[row.scope].owner, captures)
        elif row.kind == "this":
            self._capture_this(scope, row.target, captures)
        elif row.scope != NONE and self.scopes[row.scope].kind not in ("module", "class"):
            while function != outer:
                captures.setdefault(function, set()).add(symbol)
                function = self._functions[self._parents[function]]

    def _capture_this(self, scope: int, owner: int, captures: dict[int, set[int]]) -> None:
        """Every function between a use of `this` and the method that it belongs to captures it."""
        scopes = self.scopes
        index = scope if owner != NONE else NONE
        while index != NONE:
            row = scopes[index]
            if row.kind in _FUNCTIONS:
                if row.owner == owner and (row.kind in _METHODS or scopes[row.parent].owner != owner):
                    return
                captures.setdefault(index, set()).add(self.owners[owner].this)
            elif row.kind == "class" and row.owner == owner:
                return
            index = row.parent
