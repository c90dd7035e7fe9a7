"""Finds the containers that outlive the calls that fill them, and how long they live."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Place, Unit
from leaklint.models import Container
from leaklint.solve.holding.holder import Holder, Lifetime
from leaklint.solve.holding.ledger import Ledger
from leaklint.solve.holding.making import Making
from leaklint.solve.interface import Links, foreign_name, offered_name
from leaklint.solve.repeats import Repeats

_MAKES = frozenset({"container", "call", "conditional", "operation"})  # values that may be containers


class Declared:
    """Looks at what one unit binds and declares."""

    def __init__(self, ledger: Ledger, making: Making, repeats: Repeats) -> None:
        self.ledger = ledger
        self.making = making
        self.repeats = repeats
        self.index = ledger.index
        self.unit: Unit = ledger.unit
        self.by_place = ledger.by_place
        self._known = ledger.known

    def find(self, links: Links) -> None:
        """Enter the holders of the unit into the ledger, with what the project says of them."""
        self._find()
        self._linked(links)

    def _find(self) -> None:
        unit = self.unit
        effects, values = unit.effects, unit.values
        for place, indices in self.index.binds.items():
            for index in indices:
                bind = effects[index]
                assert isinstance(bind, Bind)
                if bind.value == NONE or values[bind.value].kind not in _MAKES:
                    continue
                if bind.how in ("iterate", "catch", "augment", "enter"):
                    continue
                if place.path and self.ledger.is_field_elsewhere(place):
                    continue  # `state.rows = []` of an object whose class is here
                if bind.how != "default" and self._is_parameter(place):
                    continue  # rebound in the call: the caller's object, or a fresh one
                found = self.making.container_of(bind.value)
                lifetime = self._lifetime(place) if found is not None else None
                if found is not None and lifetime is not None:
                    self._add(place, found, lifetime, index, bind)
                    if found.kind == "object" and indices == [index] and not (bind.scope or place.path):
                        self._add_members(place, index, bind)
        for number, symbol in enumerate(unit.symbols):
            if symbol.type and symbol.kind in ("static", "field", "variable", "constant"):
                row = self._known.by_name.get(symbol.type)
                declared = self.ledger.declared_place(number)
                if row is None or declared is None or declared in self.by_place:
                    continue
                lifetime = self._lifetime(declared)
                # a bind of something else than a container says more than the declared type
                if lifetime is not None and not self._bound_to_unknown(declared):
                    self.by_place[declared] = Holder(declared, row.kind, lifetime, NONE, row)

    def _linked(self, links: Links) -> None:
        """Take in what the project says: holders declared elsewhere, and own ones emptied elsewhere."""
        for place, holder in self.by_place.items() if links.emptied else ():
            holder.emptied_elsewhere = offered_name(self.unit, place) in links.emptied
        for place, holder in self.by_place.items() if links.freed else ():
            if holder.lifetime == "instance" and len(place.path) == 1 and place.path[0][1:] in links.freed:
                holder.emptied_elsewhere = True
        for place in self.unit.places if links.declared else ():
            target = foreign_name(self.unit, place)
            found = links.declared.get(":".join(target)) if target else None
            if found is not None:
                kind = found.offered.kind
                self.by_place.setdefault(place, Holder(place, kind, "process", NONE, Container(kind=kind)))

    def _is_parameter(self, place: Place) -> bool:
        return not place.path and self.unit.symbols[place.symbol].kind == "parameter"

    def _bound_to_unknown(self, place: Place) -> bool:
        for index in self.index.binds.get(place, ()):
            value = self.unit.effects[index].value  # type: ignore[union-attr]
            if value != NONE and self.unit.values[value].kind not in ("null", "place"):
                return True
        return False

    def _add(self, place: Place, row: Container, lifetime: Lifetime, index: int, bind: Bind) -> None:
        known = self.by_place.get(place)
        if known is None:
            default = bind.scope if bind.how == "default" else NONE
            made = self.by_place[place] = Holder(place, row.kind, lifetime, index, row, default)
            made.small_elements = self.making.makes_small(bind.value)
        elif known.container is not None and (row.bounded or row.weak) and not known.container.weak:
            known.container = row

    def _add_members(self, place: Place, index: int, bind: Bind) -> None:
        """JavaScript: `const state = { rooms: new Map(), queue: [] }` of a module holds two containers."""
        row = self.unit.values[bind.value]
        for name, part in zip(row.keys, row.parts, strict=False):
            found = self.making.container_of(part) if name else None
            if found is not None:
                member = Place(place.symbol, ("." + name,))
                self.by_place.setdefault(member, Holder(member, found.kind, "process", index, found))

    def _is_made_once(self, scope: int) -> bool:
        """Whether a class that is declared in a scope is a class of the module, or nested in such a one."""
        while scope > 0 and self.unit.scopes[scope].kind == "class":
            scope = self.unit.scopes[scope].parent
        return scope == 0

    def _lifetime(self, place: Place) -> Lifetime | None:
        """How long a place lives, or None when it is a local or unknown."""
        if place.symbol == NONE or "[]" in place.path:
            return None
        symbol = self.unit.symbols[place.symbol]
        match symbol.kind:
            case "variable" | "constant":
                return self._variable_lifetime(symbol.scope, place)
            case "class" | "function":
                return "process" if len(place.path) == 1 and self._is_made_once(symbol.scope) else None
            case "this":
                if len(place.path) != 1:
                    return None
                return "process" if self.repeats.is_singleton(symbol.target) else "instance"
            case "global":
                return "process" if place.path else None
            case "parameter":
                return self._default_lifetime(symbol.scope) if not place.path else None
            case "static":
                return "process"
        return None

    def _default_lifetime(self, scope: int) -> Lifetime | None:
        """Python: a default lives with its function: for good when that is made at import."""
        if self.unit.language != "python":
            return None  # JavaScript makes a default anew for each call
        parent = self.unit.scopes[scope].parent
        return "process" if self.repeats.runs(parent) == "import" else None

    def _variable_lifetime(self, scope: int, place: Place) -> Lifetime | None:
        if scope == NONE or len(place.path) > 1:
            return None
        if scope == 0:
            return "process"
        row = self.unit.scopes[scope]
        made = row.kind == "constructor" and self.unit.language == "javascript"  # `function Timers() {…}`
        if made or row.kind in ("function", "lambda", "method", "static-block"):
            if self.repeats.runs(scope) == "import" and (
                row.kind == "static-block" or "immediate" in row.flags
            ):
                return "process"
            if self._is_module(scope):
                return "process"
            return "closure" if not place.path else None
        return None

    def _is_module(self, scope: int) -> bool:
        """JavaScript: `define(["a"], function (a) { … })`: the function of a module, or of a page."""
        given = self.index.argument_of.get(scope) if self.unit.language == "javascript" else None
        return given is not None and self.repeats.runs_once(given[0])
