"""One pass over a unit that makes its effects findable: by target, by name, by function called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Delete, Leave, Place, Unit
from leaklint.solve.destinations import Destinations
from leaklint.solve.names import renamed_calls
from leaklint.solve.once import solved
from leaklint.solve.rows import Rows
from leaklint.solve.uses import Uses

_CALLED = frozenset({"function", "class", "constant", "variable"})  # symbols that may name a function
# AngularJS: `app.controller("Prices", ["$scope", function ($scope) {…}])`
_ANNOTATED = frozenset(
    {"controller", "directive", "component", "service", "factory", "provider", "run", "config"}
)


class Index(Rows):
    """Look-ups over a unit. Everything is an index into the unit's lists unless said otherwise.

    binds: place -> binds of exactly that place (element binds are under `elements`).
    calls: last name of the callee -> calls.
    callers: function scope -> calls that reach it by name inside the unit.
    argument_of: closure scope -> (call, position; -1 for a keyword) that it is handed to.
    bound_to: closure scope -> the bind that stores it.
    returns: function scope -> its `return` effects.
    """

    def __init__(self, unit: Unit) -> None:
        super().__init__(unit)
        self.binds: dict[Place, list[int]] = defaultdict(list)
        self.elements: list[int] = []
        self.augments: list[int] = []
        self.deletes: list[int] = []
        self.catches: list[int] = []
        self.calls: dict[str, list[int]] = defaultdict(list)
        self.callers: dict[int, list[int]] = defaultdict(list)
        self.argument_of: dict[int, tuple[int, int]] = {}
        self.bound_to: dict[int, int] = {}
        self.returns: dict[int, list[int]] = defaultdict(list)
        self.method_names: dict[int, dict[str, int]] = {}
        self._collect()
        self._link_calls()

    def _collect(self) -> None:
        unit = self.unit
        places, values = unit.places, unit.values
        binds, calls = self.binds, self.calls
        for index, effect in enumerate(unit.effects):
            kind = type(effect)
            if kind is Call:
                calls[effect.name].append(index)  # type: ignore[union-attr]
                for position, arg in enumerate(effect.args):  # type: ignore[union-attr]
                    value = values[arg]
                    if value.kind == "closure":
                        self.argument_of[value.scope] = (index, position)
                    elif value.kind == "container" and effect.name in _ANNOTATED:  # type: ignore[union-attr]
                        last = values[value.parts[-1]] if value.parts else value
                        if last.kind == "closure":
                            self.argument_of[last.scope] = (index, position)
                for _, arg in effect.keywords:  # type: ignore[union-attr]
                    value = values[arg]
                    if value.kind == "closure":
                        self.argument_of[value.scope] = (index, -1)
            elif kind is Bind:
                how = effect.how  # type: ignore[union-attr]
                if how == "element":
                    self.elements.append(index)
                else:
                    if how == "augment":
                        self.augments.append(index)
                    elif how == "catch":
                        self.catches.append(index)
                    binds[places[effect.target]].append(index)  # type: ignore[union-attr]
                value_index = effect.value  # type: ignore[union-attr]
                if value_index != NONE and values[value_index].kind == "closure":
                    self.bound_to[values[value_index].scope] = index
            elif kind is Leave:
                if effect.how == "return" and effect.value != NONE:  # type: ignore[union-attr]
                    self.returns[effect.scope].append(index)
            elif kind is Delete:
                self.deletes.append(index)
        for number, owner in enumerate(unit.owners):
            names = self.method_names[number] = {}
            for scope in owner.methods:
                names.setdefault(unit.scopes[scope].name, scope)

    def _link_calls(self) -> None:
        own = {symbol.name for symbol in self.unit.symbols if symbol.kind in _CALLED}
        own.update(*self.method_names.values())
        for name, indices in self.calls.items():
            for index in indices if name in own else ():
                scope = self.callee_scope(index)
                if scope != NONE:
                    self.callers[scope].append(index)

    def subscript(self, call: int, first: bool = False) -> int:
        """The value between the last or first brackets of a call's receiver: `a[key].append(x)`."""
        effect = self.unit.effects[call]
        if not isinstance(effect, Call) or effect.receiver == NONE:
            return NONE
        if self.unit.places[effect.receiver].path[-1:] != ("[]",):
            return self._read_under(effect.receiver, first)
        return self._within(effect.at, effect.at_name, first)

    def _read_under(self, receiver: int, first: bool) -> int:
        """Python: `hits = table[key]`, then `hits.append(x)`: the value between the brackets."""
        place = self.unit.places[receiver]
        binds = self.binds.get(place, ()) if place.symbol != NONE and not place.path else ()
        bind = self.bind(binds[0]) if len(binds) == 1 and self.unit.language == "python" else None
        if bind is None or bind.how not in ("declare", "assign") or bind.value == NONE:
            return NONE
        row = self.unit.values[bind.value]
        if row.kind != "place" or self.unit.places[row.place].path[-1:] != ("[]",):
            return NONE
        return self._within(row.at, row.end, first)

    def _within(self, start: int, stop: int, first: bool) -> int:
        """The first or last of the values between two offsets, the outermost of those that share it."""
        inside = [
            (row.end, -row.at, number)
            for number, row in enumerate(self.unit.values)
            if start < row.at and row.end < stop
        ]
        if first and inside:
            return min(inside, key=lambda row: (-row[1], -row[0]))[2]
        return max(inside)[2] if inside else NONE

    def callee_scope(self, call: int) -> int:
        """The function scope in this unit that a call reaches by name, or NONE."""
        unit = self.unit
        effect = unit.effects[call]
        assert isinstance(effect, Call)
        if effect.receiver == NONE:
            if effect.callee == NONE:
                return NONE
            place = unit.places[effect.callee]
            if place.symbol == NONE or place.path:
                return NONE
            return self.function_of(place.symbol)
        place = unit.places[effect.receiver]
        if place.symbol == NONE or place.path:
            return NONE
        symbol = unit.symbols[place.symbol]
        if symbol.kind in ("this", "class", "super") and symbol.target != NONE:
            return self._overload(self.method(symbol.target, effect.name), len(effect.args))
        return NONE

    def _overload(self, method: int, count: int) -> int:
        """Java: of the methods of a class with the name of a method, the one that takes `count` arguments."""
        if self.unit.language != "java" or method == NONE:
            return method
        row = self.unit.scopes[method]
        if row.owner == NONE or len(row.params) == count:
            return method
        others = (other for other in self.unit.owners[row.owner].methods if other != method)
        same = [
            other
            for other in others
            if self.unit.scopes[other].name == row.name and len(self.unit.scopes[other].params) == count
        ]
        return same[0] if len(same) == 1 else method

    def function_of(self, symbol: int) -> int:
        """The scope of the function that a symbol names; of the constructor, for a class."""
        row = self.unit.symbols[symbol]
        if row.kind == "function":
            return row.target
        if row.kind == "class" and row.target != NONE:
            names = self.method_names.get(row.target, {})
            return names.get("__init__", names.get("constructor", names.get("<init>", NONE)))
        if row.kind in ("constant", "variable"):
            binds = self.binds.get(Place(symbol), ())
            if len(binds) == 1:
                bind = self.unit.effects[binds[0]]
                value = self.unit.values[bind.value] if bind.value != NONE else None  # type: ignore[union-attr]
                if value is not None and value.kind == "closure":
                    return value.scope
        return NONE

    def method(self, owner: int, name: str) -> int:
        """The scope of a method of an owner or of its bases in this unit, or NONE."""
        for number in self.lineage(owner):
            found = self.method_names.get(number, {}).get(name)
            if found is not None:
                return found
        return NONE

    def lineage(self, owner: int) -> Iterator[int]:
        """An owner and those that it extends in this unit, the nearest first."""
        seen = set()
        queue = [owner]
        while queue:
            number = queue.pop(0)
            if number not in seen:
                seen.add(number)
                yield number
                queue += self.base_owners(number)

    def class_made(self, call: Call) -> int:
        """The class of this unit that a call makes an object of, or NONE."""
        place = self.unit.places[call.callee] if call.callee != NONE else None
        symbol = self.symbol(place) if place is not None and not place.path else None
        return symbol.target if symbol is not None and symbol.kind == "class" else NONE

    def base_owners(self, owner: int) -> list[int]:
        """Owners in this unit that an owner extends."""
        unit = self.unit
        found = []
        for base in unit.owners[owner].bases:
            value = unit.values[base]
            if value.kind == "place" and value.place != NONE:
                place = unit.places[value.place]
                if place.symbol != NONE and not place.path:
                    symbol = unit.symbols[place.symbol]
                    if symbol.kind == "class" and symbol.target not in (NONE, owner):
                        found.append(symbol.target)
        return found

    def is_metaclass(self, owner: int) -> bool:
        """Python: whether the objects of a class are classes. `class Songs(MixinMeta)` may be a plain one."""
        row = self.unit.owners[owner]
        if self.unit.language != "python" or any(flag.startswith("metaclass:") for flag in row.flags):
            return False
        names = [self.name_of(base) for base in row.bases]
        alike = "Meta" in row.name and any(name.endswith("Meta") for name in names)
        return alike or any(name in ("type", "ABCMeta", "EnumMeta", "EnumType") for name in names)

    @solved
    def import_modules(self) -> frozenset[str]:
        """The modules or packages that the unit imports from."""
        return frozenset(symbol.module for symbol in self.unit.symbols if symbol.kind == "import")

    @solved
    def references(self) -> dict[int, list[int]]:
        """Symbol -> values that read it or something inside it."""
        found: dict[int, list[int]] = defaultdict(list)
        places = self.unit.places
        for index, value in enumerate(self.unit.values):
            if value.kind == "place":
                symbol = places[value.place].symbol
                if symbol != NONE:
                    found[symbol].append(index)
        return found

    @solved
    def named(self) -> dict[str, list[int]]:
        """`calls`, and under the last name that packages give it what is imported under another one."""
        if self.unit.language != "javascript":
            return self.calls
        renamed = renamed_calls(self.unit, self.calls)
        if not renamed:
            return self.calls
        own = {name: sorted({*self.calls.get(name, ()), *found}) for name, found in renamed.items()}
        return {**self.calls, **own}

    @solved
    def of_function(self) -> dict[int, list[int]]:
        """Function, class body or module -> its own effects, those of nested functions left out."""
        found: dict[int, list[int]] = defaultdict(list)
        around: dict[int, int] = {}
        for number, effect in enumerate(self.unit.effects):
            scope = around.get(effect.scope)
            if scope is None:
                scope = around[effect.scope] = self.function(effect.scope)
            found[scope].append(number)
        return found

    @solved
    def destinations(self) -> Destinations:
        return Destinations(self.unit)

    @solved
    def uses(self) -> Uses:
        return Uses(self.unit)

    @solved
    def captured(self) -> frozenset[int]:
        """Symbols that a function other than their own reads or writes."""
        return frozenset(symbol for scope in self.unit.scopes for symbol in scope.captures)
