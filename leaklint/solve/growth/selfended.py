"""Java: objects that their users close, and that stay in the collection of what made them.

`client.open()` makes a stream, notes it in a set and gives it out. The user closes the stream; the set is
emptied when the client itself is closed, and keeps all streams until then.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Leave, Place, Unit
from leaklint.solve.growth.leftovers import Leftover
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.lazy import regex

_ENDS = ("close", "dispose", "cancel", "disconnect", "unsubscribe", "destroy", "release", "shutdown")
# types of fields by which an object tells of its end
_TOLD = regex(r"(Runnable|Consumer|Listener|Callback|Handler|Supplier|Function|Observer|Hook|Future)$")
_DEEPEST = 3


class SelfEnded:
    """Collections of one unit whose entries have an end of their own that takes nothing out."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.holders = growths.holders
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[Leftover]:
        """Each collection once; `end` is the first effect of the method that ends an entry, no more."""
        if self.unit.language != "java" or len(self.unit.owners) < 2:
            return
        for holder in self.holders.by_place.values():
            if holder.lifetime not in ("instance", "process") or not holder.growths or holder.limited:
                continue
            if not self._is_emptied_at_the_end_only(holder):
                continue
            for growth in holder.growths:
                end = self._end(holder, growth) if not growth.depth and growth.via == NONE else NONE
                if end != NONE and self.growths.counting.counts(growth, holder):
                    yield Leftover(holder, growth, end)
                    break

    def _is_emptied_at_the_end_only(self, holder: Holder) -> bool:
        """Whether something takes care of all entries when their maker ends, and nothing does before."""
        if holder.emptied_elsewhere or holder.place.symbol == NONE:
            return False
        return all(
            item.selector in ("all", "rebind")
            and self.growths.lifecycle.in_teardown(self.index.function_at(item.effect))
            for item in holder.releases
        )

    def _end(self, holder: Holder, growth: Growth) -> int:
        """The first effect of the method that ends an entry that was given out, no more; or NONE."""
        function = self.index.function_at(growth.effect)
        for value in growth.values:
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is None or place.symbol == NONE or place.path or not self._is_given_out(function, place):
                continue
            owner = self._class_of(place)
            if owner == NONE or owner == self.unit.symbols[holder.place.symbol].target:
                continue
            for name in _ENDS:
                scope = self.index.method_names.get(owner, {}).get(name)
                if scope is None or self.unit.scopes[scope].params:
                    continue
                body = self.index.of_function.get(scope, ())
                return body[0] if body and not self._tells(scope, owner, 0) else NONE
        return NONE

    def _is_given_out(self, function: int, place: Place) -> bool:
        for number in self.index.returns.get(function, ()):
            leave = self.unit.effects[number]
            row = self.unit.values[leave.value] if isinstance(leave, Leave) and leave.value != NONE else None
            if row is not None and row.kind == "place" and self.unit.places[row.place] == place:
                return True
        return False

    def _class_of(self, place: Place) -> int:
        """The class of the file of which a local is a new object."""
        binds = self.index.binds.get(place, ())
        value = self.unit.effects[binds[0]].value if len(binds) == 1 else NONE  # type: ignore[union-attr]
        row = self.unit.values[value] if value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        if not isinstance(call, Call) or not call.new or call.callee == NONE:
            return NONE
        if any(self.unit.values[argument].kind == "class" for argument in call.args):
            return NONE  # an anonymous subclass may end otherwise
        symbol = self.index.symbol(self.unit.places[call.callee])
        return symbol.target if symbol is not None and symbol.kind == "class" else NONE

    def _tells(self, scope: int, owner: int, depth: int) -> bool:
        """Whether an end tells somebody of it: a callback, its maker, or anything that is handed `this`."""
        this = self.unit.owners[owner].this
        for number in self.index.of_function.get(scope, ()):
            call = self.unit.effects[number]
            if not isinstance(call, Call):
                continue
            for value in call.args:
                row = self.unit.values[value]
                if row.kind == "closure" or (
                    row.kind == "place" and self.unit.places[row.place] == Place(this)
                ):
                    return True
            callee = self.index.callee_scope(number)
            if callee != NONE and callee != scope:
                if self.unit.scopes[callee].owner != owner:
                    return True
                if depth < _DEEPEST and self._tells(callee, owner, depth + 1):
                    return True
            if call.receiver != NONE and self._is_told(self.unit.places[call.receiver], owner):
                return True
        return False

    def _is_told(self, place: Place, owner: int) -> bool:
        """Whether a method is called on a callback, or on a field of another object: the maker's table."""
        symbol = self.index.symbol(place)
        if symbol is None or symbol.kind != "this":
            return symbol is not None and bool(_TOLD.search(symbol.type))
        if symbol.target != owner:
            return bool(place.path)
        field = place.path[0][1:] if place.path else ""
        return any(
            row.kind == "field"
            and row.name == field
            and self.unit.scopes[row.scope].owner == owner
            and (_TOLD.search(row.type) is not None or row.type == self._maker(owner))
            for row in self.unit.symbols
        )

    def _maker(self, owner: int) -> str:
        outer = self.unit.owners[owner].outer
        return self.unit.owners[outer].name if outer != NONE else ""
