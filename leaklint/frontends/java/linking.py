"""What can only be said when the whole file was read: who receives an unqualified call, what is inherited.

Only classes of the same file are looked into.
"""

from __future__ import annotations

from leaklint.frontends.java.qualified import import_qualified
from leaklint.frontends.java.walk import Walk
from leaklint.ir import NONE, Call, Place, Unit
from leaklint.ir.builder import Builder


def link(walk: Walk) -> Unit:
    """Resolve what waited for the end of the file, and finish the unit."""
    classes = _Classes(walk.b, walk.base_names)
    for effect in walk.unqualified:
        row = walk.b.effects[effect]
        if isinstance(row, Call):
            classes.receive(row, walk.static_imports)
    classes.inherit()
    unit = walk.b.finish()
    classes.canonicalise(unit)
    import_qualified(unit)
    return unit


class _Classes:
    """The owners of a file with their methods, their members and the classes of the file they extend."""

    def __init__(self, b: Builder, base_names: dict[int, list[str]]) -> None:
        self.b = b
        self.scopes = {s.owner: index for index, s in enumerate(b.scopes) if s.kind == "class"}
        self.methods = [self._methods(owner) for owner in range(len(b.owners))]
        self.bases = self._bases(base_names)
        self.members: dict[int, dict[str, int]] = {}  # owner -> fields, statics and classes
        for index, symbol in enumerate(b.symbols):
            if symbol.kind in ("field", "static", "class") and symbol.scope != NONE:
                scope = b.scopes[symbol.scope]
                if scope.kind == "class":
                    self.members.setdefault(scope.owner, {})[symbol.name] = index

    def _methods(self, owner: int) -> dict[str, bool]:
        """Name -> whether all methods of that name are static."""
        names: dict[str, bool] = {}
        for index in self.b.owners[owner].methods:
            scope = self.b.scopes[index]
            names[scope.name] = names.get(scope.name, True) and "static" in scope.flags
        return names

    def _bases(self, base_names: dict[int, list[str]]) -> list[list[int]]:
        """All classes of the file that each owner extends or implements, nearest first."""
        owners = self.b.owners
        known = {row.name: index for index, row in enumerate(owners) if row.kind != "anonymous"}
        direct = [
            [known[name] for name in base_names.get(owner, ()) if name in known]
            for owner in range(len(owners))
        ]
        return [_closure(owner, direct) if bases else bases for owner, bases in enumerate(direct)]

    def receive(self, call: Call, static_imports: dict[str, int]) -> None:
        """Give `m()` the receiver that it has unsaid: the innermost class that has such a method."""
        b = self.b
        b.scope = call.scope  # who is asked for `this` matters for what a closure captures
        innermost = owner = b.scopes[call.scope].owner
        while owner != NONE:
            for candidate in (owner, *self.bases[owner]):
                static = self.methods[candidate].get(call.name)
                if static is not None:
                    call.receiver = self._receiver(owner, static)
                    return
            owner = b.owners[owner].outer
        imported = static_imports.get(call.name)
        if imported is not None:
            call.callee = b.symbol_place(imported)
        elif innermost != NONE:
            call.receiver = self._receiver(innermost, self._is_static(call.scope))
        else:
            call.callee = b.name(call.name)

    def _receiver(self, owner: int, static: bool) -> int:
        row = self.b.owners[owner]
        return self.b.symbol_place(row.symbol if static and row.symbol != NONE else row.this)

    def _is_static(self, scope: int) -> bool:
        """Whether code of this scope has no `this`, so that what it calls must be static."""
        row = self.b.scopes[scope]
        while row.kind in ("block", "lambda"):
            row = self.b.scopes[row.parent]
        return row.kind == "static-block" or "static" in row.flags

    def inherit(self) -> None:
        """Let the names of inherited fields mean them."""
        for owner, bases in enumerate(self.bases):
            members = self.members.setdefault(owner, {}) if bases else {}
            for base in bases:
                for name, symbol in self.members.get(base, {}).items():
                    if name not in members:
                        members[name] = symbol
                        self.b.alias_name(name, symbol, self.scopes[owner])

    def canonicalise(self, unit: Unit) -> None:
        """Root `this.CONSTANT`, `Outer.Inner.x` and `Derived.INHERITED` where their last part is declared."""
        movable = self._movable()
        for index, place in enumerate(unit.places):
            path = place.path
            if not path or path[0] not in movable or place.symbol == NONE:
                continue
            if unit.symbols[place.symbol].kind in ("this", "class"):
                found = self._rooted(unit, place)
                if found is not place:
                    unit.places[index] = found

    def _movable(self) -> set[str]:
        """Steps that may lead to a member declared elsewhere than where they start."""
        steps: set[str] = set()
        for owner, members in self.members.items():
            inherited = bool(self.bases[owner])
            for name, symbol in members.items():
                if inherited or self.b.symbols[symbol].kind != "field":
                    steps.add("." + name)
        return steps

    def _rooted(self, unit: Unit, place: Place) -> Place:
        while place.path:
            owner = unit.symbols[place.symbol].target
            symbol = self.members.get(owner, {}).get(place.path[0][1:])
            if symbol is None:
                break
            row = unit.symbols[symbol]
            if row.kind == "class":
                place = Place(symbol, place.path[1:])
                continue
            declaring = unit.owners[unit.scopes[row.scope].owner]
            if row.kind == "static":
                root = declaring.symbol
            elif unit.symbols[place.symbol].kind == "this":
                root = declaring.this
            else:
                break  # `Foo.field` of an instance field means no object
            if root != NONE and root != place.symbol:
                place = Place(root, place.path)
            break
        return place


def _closure(owner: int, direct: list[list[int]]) -> list[int]:
    """What can be reached through bases, without the owner itself."""
    found: list[int] = []
    queue = list(direct[owner])
    while queue:
        base = queue.pop(0)
        if base != owner and base not in found:
            found.append(base)
            queue.extend(direct[base])
    return found
