"""What single rows of a unit say: names of places and values, the scopes and regions around an effect."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Scope, Symbol, Unit

_CALLABLE = frozenset({"function", "method", "constructor", "lambda", "static-block"})
_MAIN = frozenset({"main", "__main__"})


class Rows:
    """Questions about single rows of one unit."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit

    def bind(self, effect: int) -> Bind:
        """The effect of a number that is known to be a bind."""
        row = self.unit.effects[effect]
        assert isinstance(row, Bind)
        return row

    def function(self, scope: int) -> int:
        """The nearest callable or module scope around `scope`, itself included."""
        scopes = self.unit.scopes
        while scope != NONE and scopes[scope].kind in ("block", "class"):
            if scopes[scope].kind == "class":
                return scope
            scope = scopes[scope].parent
        return scope

    def function_at(self, effect: int) -> int:
        """The nearest callable or module scope around an effect."""
        return self.function(self.unit.effects[effect].scope)

    def enclosing(self, scope: int) -> Iterator[int]:
        """Function-like scopes around `scope`, innermost first, without the module."""
        scopes = self.unit.scopes
        while scope != NONE:
            if scopes[scope].kind in _CALLABLE:
                yield scope
            scope = scopes[scope].parent

    def regions(self, region: int) -> Iterator[int]:
        """A region and those around it in the same function, innermost first."""
        regions = self.unit.regions
        while region != NONE:
            yield region
            region = regions[region].parent

    def in_handler(self, effect: int) -> bool:
        """Whether an effect stands in a `finally` or `except` block."""
        around = self.regions(self.unit.effects[effect].region)
        return any(self.unit.regions[region].kind in ("finally", "except") for region in around)

    def in_loop(self, region: int) -> bool:
        """Whether a region lies in a loop that does not just walk a literal."""
        for index in self.regions(region):
            row = self.unit.regions[index]
            if row.kind == "loop":
                if row.iterates == NONE:
                    return True
                source = self.unit.values[row.iterates]
                if source.kind != "container":
                    return True
        return False

    def in_endless_loop(self, region: int) -> bool:
        """Whether a region lies in `while True`, or a `while` without a plain counter."""
        for index in self.regions(region):
            row = self.unit.regions[index]
            if row.kind == "loop" and row.iterates == NONE:
                if row.test == NONE:
                    return True
                test = self.unit.values[row.test]
                if (test.kind == "boolean" and test.text == "true") or test.text == "1":
                    return True
        return False

    def in_main_guard(self, region: int) -> bool:
        """Python: `if __name__ == "__main__":`."""
        for index in self.regions(region):
            test = self.unit.regions[index].test
            if test != NONE and self.unit.values[test].kind == "operation":
                for part in self.unit.values[test].parts:
                    value = self.unit.values[part]
                    if value.kind == "string" and value.text in _MAIN:
                        return True
        return False

    def is_this(self, place: int) -> bool:
        """Whether a place is `this` or `self` itself."""
        row = self.unit.places[place]
        return not row.path and row.symbol != NONE and self.unit.symbols[row.symbol].kind == "this"

    def symbol(self, place: Place) -> Symbol | None:
        return self.unit.symbols[place.symbol] if place.symbol != NONE else None

    def last_name(self, place: Place) -> str:
        """`rows` of `this.rows` and of `rows`; "" for what a call gives back."""
        symbol = self.symbol(place)
        return place.path[-1][1:] if place.path else symbol.name if symbol is not None else ""

    def scope(self, index: int) -> Scope:
        return self.unit.scopes[index]

    def name_of(self, value: int) -> str:
        """The last name of what a value reads or calls; "" for anything else."""
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return call.name if isinstance(call, Call) else ""
        return self.last_name(self.unit.places[row.place]) if row.kind == "place" else ""

    def is_nothing(self, value: int) -> bool:
        """`null`, `None`, `undefined`."""
        row = self.unit.values[value]
        if row.kind != "place":
            return row.kind == "null"
        symbol = self.symbol(self.unit.places[row.place])
        return symbol is not None and symbol.name == "undefined"
