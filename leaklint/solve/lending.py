"""Whether methods of the same file only use what they are handed, and leave ending it to their callers."""

from __future__ import annotations

from collections.abc import Callable

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.index import Index

_DEEPEST = 4


class Lending:
    """Java: what the methods of one unit do with the values of their parameters.

    Methods of one name and number of parameters are taken together: all of them must only use the value.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def lends(self, number: int, local: Place, ends: list[str], borrows: Callable[[Call], bool]) -> bool:
        """Whether a call hands a local to methods of this file that neither end, keep nor hand it on.

        borrows: whether a call of something else leaves ending its arguments to the caller.
        """
        return self._lends(number, local.symbol, ends, borrows, 0)

    def _lends(
        self, number: int, symbol: int, ends: list[str], borrows: Callable[[Call], bool], depth: int
    ) -> bool:
        call = self.unit.effects[number]
        if not isinstance(call, Call) or call.new or depth > _DEEPEST:
            return False
        callees = self._callees(number, call)
        positions = [p for p, value in enumerate(call.args) if symbol in self.index.uses.symbols_in(value)]
        if not callees or not positions or not all(self._is_plain(call.args[p]) for p in positions):
            return False
        return all(
            self._only_uses(self.unit.scopes[scope].params[position], ends, borrows, depth)
            for scope in callees
            for position in positions
        )

    def _is_plain(self, value: int) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and not self.unit.places[row.place].path

    def _callees(self, number: int, call: Call) -> list[int]:
        """The methods that a call may mean: of one class, name and number of parameters."""
        found = self.index.callee_scope(number)
        if found == NONE or self.unit.scopes[found].kind not in ("method", "function"):
            return []
        owner = self.unit.scopes[found].owner
        same = [
            scope
            for scope in (self.unit.owners[owner].methods if owner != NONE else (found,))
            if self.unit.scopes[scope].name == call.name
            and len(self.unit.scopes[scope].params) == len(call.args)
        ]
        return same if all(self.index.of_function.get(scope) for scope in same) else []  # abstract, native

    def _only_uses(self, param: int, ends: list[str], borrows: Callable[[Call], bool], depth: int) -> bool:
        if param in self.index.captured or self.index.uses.ended(Place(param), ends):
            return False
        for consumer in self.index.uses.of_symbol.get(param, ()):
            call = self.unit.effects[consumer]
            if not isinstance(call, Call) or call.name in ends:
                return False
            if not borrows(call) and not self._lends(consumer, param, ends, borrows, depth + 1):
                return False
        return True
