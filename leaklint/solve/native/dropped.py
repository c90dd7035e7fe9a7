"""Java: values that are given back, and that whoever takes them back keeps on some ways only."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Native
from leaklint.solve.index import Index
from leaklint.solve.native.leak import NativeLeak
from leaklint.solve.native.making import Making

_GIVES_BACK = ("recycle", "release", "free", "giveBack", "putBack", "reclaim")


class Dropped:
    """Functions of one unit that take back what must be ended."""

    def __init__(self, index: Index, making: Making) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.making = making

    def found(self) -> Iterator[NativeLeak]:
        """Each value that is forgotten where it is not kept, row by row."""
        for row in self.making.given_back() if self._gives_back() else ():
            yield from self._of(row)

    def _gives_back(self) -> bool:
        return any(
            name.startswith(_GIVES_BACK) for names in self.index.method_names.values() for name in names
        )

    def _of(self, row: Native) -> Iterator[NativeLeak]:
        """`recycle(value)` that keeps it when a slot is free, and otherwise forgets it."""
        named = self.making.named(row)
        if not named:
            return
        for scope in self.unit.scopes:
            if scope.kind not in ("method", "function") or not scope.name.startswith(_GIVES_BACK):
                continue
            for param in scope.params:
                symbol = self.unit.symbols[param]
                if symbol.type in row.types and {symbol.type, "*"} & named:
                    leak = self._conditionally_kept(param, row)
                    if leak is not None:
                        yield leak

    def _conditionally_kept(self, param: int, row: Native) -> NativeLeak | None:
        if self.index.uses.ended(Place(param), row.end):
            return None
        kept = [number for number in self.index.uses.of_symbol.get(param, ()) if self._stores(number)]
        if not kept or not all(self._under_condition(number, param) for number in kept):
            return None
        return NativeLeak(kept[0], row, "dropped", Place(param), kept[0])

    def _stores(self, number: int) -> bool:
        effect = self.unit.effects[number]
        return isinstance(effect, Call) or (
            isinstance(effect, Bind) and bool(self.unit.places[effect.target].path)
        )

    def _under_condition(self, number: int, param: int) -> bool:
        """Whether a branch decides that asks for something else than the value itself."""
        for index in self.index.regions(self.unit.effects[number].region):
            region = self.unit.regions[index]
            if region.kind == "branch" and region.test != NONE and not region.negated:
                return param not in self.index.uses.symbols_in(region.test)
        return False
