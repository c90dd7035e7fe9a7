"""Java: what an object has worked out, kept by others as an object of its inner class, with the whole.

`recent.addFirst(new Summary(file, count))`: the summary is small, and refers to the import that read
the file.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave
from leaklint.solve.capture.inners import Inners
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder


class KeptPart(msgspec.Struct):
    """`growth` stores an object of the class `inner` in `holder`; `filled`: one of what is around."""

    holder: Holder
    growth: Growth
    inner: int
    filled: Growth


class Parts:
    """Such objects of one unit."""

    def __init__(self, growths: Growths, inners: Inners) -> None:
        self.growths = growths
        self.inners = inners
        self.index = growths.index
        self.unit = growths.unit

    def found(self) -> Iterator[KeptPart]:
        """The first such object of each container that is not one of the object around it."""
        large = self._large() if self.unit.language == "java" else {}
        for holder in self.growths.holders.by_place.values() if large else ():
            if holder.lifetime not in ("process", "instance") or holder.place.symbol == NONE:
                continue
            for growth in holder.growths:
                inner = self._stored(growth)
                outer = self.unit.owners[inner].outer if inner != NONE else NONE
                if outer in large and (holder.lifetime == "process" or self._is_made_there(outer, growth)):
                    yield KeptPart(holder, growth, inner, large[outer])
                    break

    def _is_made_there(self, outer: int, growth: Growth) -> bool:
        """Whether the function that stores the part has made the whole, and so is done with it."""
        function = self.index.function_at(growth.effect)
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and call.new
            and self.index.function_at(number) == function
            for number in self.index.calls.get(self.unit.owners[outer].name, ())
        )

    def _large(self) -> dict[int, Growth]:
        """The classes with an inner class, no services, that have a container which their methods fill."""
        around = {row.outer for row in self.unit.owners if row.kind == "class" and "static" not in row.flags}
        found: dict[int, Growth] = {}
        for holder in self.growths.holders.by_place.values():
            if holder.lifetime != "instance" or holder.limited or not holder.growths or not holder.place.path:
                continue
            owner = self.unit.symbols[holder.place.symbol].target
            if owner in around and not self.growths.lifecycle.lives_long(owner):
                filled = [
                    item
                    for item in holder.growths
                    if not item.depth and self.growths.counting.counts(item, holder)
                ]
                if filled and not holder.releases:
                    found.setdefault(owner, filled[0])
        return found

    def _stored(self, growth: Growth) -> int:
        found = (self._made(value) for value in growth.values if not growth.depth)
        return next((inner for inner in found if inner != NONE), NONE)

    def _made(self, value: int, depth: int = 0) -> int:
        """The inner class of what is made, directly, by way of a local, or by a method of that name."""
        row = self.unit.values[value]
        if row.kind == "place" and depth < 3:
            place = self.unit.places[row.place]
            binds = self.index.binds.get(place, ()) if not place.path else ()
            bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
            made = isinstance(bind, Bind) and bind.value != NONE
            return self._made(bind.value, depth + 1) if made else NONE  # type: ignore[union-attr]
        if row.kind != "call":
            return NONE
        call = self.unit.effects[row.call]
        assert isinstance(call, Call)
        if call.new:
            inner = self.inners.inner_of(row)
            named = inner != NONE and self.unit.owners[inner].kind == "class"
            return inner if named and self._is_of_this(call, inner) else NONE
        scope = self._method(row.call, call.name) if depth < 2 else NONE
        leaves = (self.unit.effects[number] for number in self.index.returns.get(scope, ()))
        found = [self._made(leave.value, depth + 1) for leave in leaves if isinstance(leave, Leave)]
        return found[0] if found and len(set(found)) == 1 else NONE

    def _is_of_this(self, call: Call, inner: int) -> bool:
        """Whether an object is made by code of the object around it."""
        owners = {self.unit.scopes[scope].owner for scope in self.index.enclosing(call.scope)}
        return self.unit.owners[inner].outer in owners

    def _method(self, number: int, name: str) -> int:
        scope = self.index.callee_scope(number)
        if scope != NONE:
            return scope
        named = [names[name] for names in self.index.method_names.values() if name in names]
        return named[0] if len(named) == 1 else NONE
