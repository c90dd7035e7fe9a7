"""JavaScript: what a pool hands to a callback, and the callback leaves without giving it back.

`pool.getConnection((error, connection) => …)`: the functions that may run are the callback and those within
it. One that gives the connection back on its plain way, and returns before that, keeps it.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Leave, Place, Unit
from leaklint.models import Native
from leaklint.solve.index import Index
from leaklint.solve.native.leak import NativeLeak
from leaklint.solve.roles import Roles

_LENDS = ("getConnection", "connect", "acquire", "getClient")
_ENDS = frozenset({"release", "destroy", "releaseConnection", "end", "close", "done"})
_ROW = Native(name="pooled connection", make=[], end=sorted(_ENDS))


class Borrowed:
    """Such callbacks of one unit."""

    def __init__(self, index: Index, roles: Roles) -> None:
        self.index = index
        self.roles = roles
        self.unit: Unit = index.unit

    def found(self) -> Iterator[NativeLeak]:
        """Each call whose callback may keep what it was lent, in source order."""
        if self.unit.language != "javascript":
            return
        for number in sorted(number for name in _LENDS for number in self.index.calls.get(name, ())):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            row = self.unit.values[call.args[-1]] if call.args else None
            if row is None or row.kind != "closure" or not self._is_pool(call):
                continue
            params = self.unit.scopes[row.scope].params
            if len(params) < 2:
                continue
            lent, done = Place(params[1]), Place(params[2]) if len(params) > 2 else None
            gives = self._gives_back(lent, done)
            if not gives:
                if not self._is_handed_on(lent) and done is None:
                    yield NativeLeak(number, _ROW, "local", lent)
                continue
            early = self._left_early(gives, row.scope, params[0])
            if early != NONE:
                yield NativeLeak(number, _ROW, "early", lent, early)

    def _is_pool(self, call: Call) -> bool:
        place = self.unit.places[call.receiver] if call.receiver != NONE else None
        symbol = self.index.symbol(place) if place is not None else None
        name = place.path[-1] if place is not None and place.path else symbol.name if symbol else ""
        return name.lower().endswith("pool")

    def _gives_back(self, lent: Place, done: Place | None) -> list[int]:
        """Calls that end what was lent: `connection.release()`, `done()`."""
        found = [
            number
            for number in self.roles.received.get(lent, ())
            if self.unit.effects[number].name in _ENDS  # type: ignore[union-attr]
        ]
        if done is not None:
            found += self.roles.called.get(done, ())
        for name in _ENDS & self.index.calls.keys():
            for number in self.index.calls[name]:
                rows = [self.unit.values[value] for value in self.unit.effects[number].args]  # type: ignore[union-attr]
                if any(row.kind == "place" and self.unit.places[row.place] == lent for row in rows):
                    found.append(number)
        return sorted(found)

    def _is_handed_on(self, lent: Place) -> bool:
        """Whether anybody else gets hold of it: as an argument, in a field or an object."""
        return any(role != "read" for role, _ in self.roles.of(lent))

    def _left_early(self, gives: list[int], callback: int, error: int) -> int:
        """A way out before the only end on the plain way of a function, that ends nothing itself; or NONE."""
        ending = {self.index.function_at(number) for number in gives}
        if len(ending) != 1:
            return NONE  # others may run as well
        function = ending.pop()
        plain = [number for number in gives if self.unit.effects[number].region == NONE]
        if not plain:
            return NONE
        for number in self.index.of_function.get(function, ()):
            leave = self.unit.effects[number]
            if number > plain[0]:
                break
            if not isinstance(leave, Leave) or leave.how not in ("return", "raise") or leave.region == NONE:
                continue
            region = self.unit.regions[leave.region]
            if region.kind != "branch" or any(region.first <= give < region.last for give in gives):
                continue
            if function == callback and self._asks(region.test, error):
                continue  # nothing was lent
            return number
        return NONE

    def _asks(self, test: int, symbol: int, depth: int = 0) -> bool:
        row = self.unit.values[test]
        if row.kind == "place":
            return self.unit.places[row.place].symbol == symbol
        return depth < 4 and any(self._asks(part, symbol, depth + 1) for part in row.parts)
