"""What is attached: a function, a bound method, an object; whether each call makes one of its own."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.growths import Growths


class Attachables:
    """Reads the arguments of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit

    def callback(self, call: Call) -> int:
        """The argument that is a function, a bound method or the object itself, or NONE."""
        for value in (*call.args[::-1], *(value for _, value in call.keywords)):
            row = self.unit.values[value]
            if row.kind == "closure":
                return value
            if row.kind == "call" and self._is_partial(row.call):
                return value
            if row.kind != "place":
                continue
            place = self.unit.places[row.place]
            if place.symbol == NONE:
                continue
            symbol = self.unit.symbols[place.symbol]
            if symbol.kind == "this":
                if not place.path:
                    return value
                if len(place.path) == 1 and self.index.method(symbol.target, place.path[0][1:]) != NONE:
                    return value
            if symbol.kind == "function" and not place.path and symbol.scope != 0:
                return value
            if len(place.path) > 0 and self._is_method_of_made(place, call.scope):
                return value
        return NONE

    def _is_method_of_made(self, place: Place, scope: int) -> bool:
        """`audit.before`, `rows.append`, where this very function has made `audit` or `rows`."""
        root = Place(place.symbol, place.path[:-1], place.call)
        for number in self.binds_of(root):
            bind = self.index.bind(number)
            row = self.unit.values[bind.value] if bind.value != NONE else None
            if row is not None and row.kind == "container" and bind.scope == scope:
                return place.path[-1] in (".append", ".add", ".extend", ".appendleft")
            made = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if not isinstance(made, Call) or made.callee == NONE or bind.scope != scope:
                continue
            symbol = self.index.symbol(self.unit.places[made.callee])
            if symbol is not None and symbol.kind == "class" and symbol.target != NONE:
                return self.index.method(symbol.target, place.path[-1][1:]) != NONE
        return False

    def _is_partial(self, number: int) -> bool:
        call = self.unit.effects[number]
        return isinstance(call, Call) and call.name in ("partial", "partialmethod")

    def is_fresh(self, value: int) -> bool:
        """A function made in the call that keeps something of it."""
        row = self.unit.values[value]
        if row.kind == "call":
            return True
        scope = row.scope if row.kind == "closure" else NONE
        if row.kind == "place":
            place = self.unit.places[row.place]
            symbol = self.unit.symbols[place.symbol]
            if symbol.kind != "this" and place.path:
                return True  # a method of what the function has made
            if symbol.kind != "function" or symbol.scope == 0:
                return False
            scope = symbol.target
        return scope != NONE

    def made_object(self, call: Call) -> int:
        """The argument that is a fresh object of a class of this file, or NONE."""
        for value in call.args:
            row = self.unit.values[value]
            if row.kind == "place":
                place = self.unit.places[row.place]
                binds = self.index.binds.get(place, ()) if place.symbol != NONE and not place.path else ()
                bind = self.index.bind(binds[0]) if len(binds) == 1 else None
                if bind is None or bind.value == NONE or self.unit.symbols[place.symbol].scope == 0:
                    continue
                row = self.unit.values[bind.value]
            made = self.unit.effects[row.call] if row.kind == "call" else None
            if isinstance(made, Call) and made.receiver == NONE and made.callee != NONE:
                symbol = self.index.symbol(self.unit.places[made.callee])
                if symbol is not None and symbol.kind == "class" and (made.args or made.keywords):
                    return value
        return NONE

    def keeps_weakly(self, call: Call) -> bool:
        """Whether the method that is called, of a class of the file, makes a weak reference."""
        place = self.unit.places[call.receiver]
        for number in self.binds_of(place):
            bind = self.index.bind(number)
            row = self.unit.values[bind.value] if bind.value != NONE else None
            made = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            symbol = (
                self.index.symbol(self.unit.places[made.callee])
                if isinstance(made, Call) and made.callee != NONE
                else None
            )
            if symbol is None or symbol.kind != "class" or symbol.target == NONE:
                continue
            method = self.index.method(symbol.target, call.name)
            return any(
                isinstance(effect, Call) and effect.name in ("WeakMethod", "ref", "proxy")
                for effect in map(self.unit.effects.__getitem__, self.index.of_function.get(method, ()))
            )
        return False

    def binds_of(self, place: Place) -> list[int]:
        return self.index.binds.get(place, [])
