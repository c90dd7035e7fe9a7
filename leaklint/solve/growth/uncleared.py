"""Python: the one object of a class, private to its module, which calls nothing that would empty it.

`_cache = FrameCache()` is for the functions of this file; a `clear()` that none of them calls is for objects
that others may make. A name that is returned or handed on says nothing: somebody else may call it.
"""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit, Value
from leaklint.solve.holding.holder import Holder, Release
from leaklint.solve.repeats import Repeats

_BINDS = ("declare", "assign", "default")


class Uncleared:
    """Looks at the methods of such classes of one unit."""

    def __init__(self, repeats: Repeats) -> None:
        self.repeats = repeats
        self.index = repeats.index
        self.unit: Unit = repeats.unit

    def is_never(self, release: Release, holder: Holder) -> bool:
        """Whether a removal stands in a method that nothing calls on the one object there is."""
        if self.unit.language != "python" or holder.lifetime != "process" or release.via != NONE:
            return False
        row = self.unit.scopes[self.index.function_at(release.effect)]
        if row.kind != "method" or row.owner == NONE or row.decorators or row.name.startswith("__"):
            return False
        if holder.place.symbol != self.unit.owners[row.owner].this or not self.repeats.is_singleton(
            row.owner
        ):
            return False
        names = self._names(row.owner)
        filled = {self.unit.scopes[self.index.function_at(item.effect)].name for item in holder.growths}
        if not names or not any(self._is_called(name, names) for name in filled):
            return False
        return not self._may_be_called(row.name, names)

    def _names(self, owner: int) -> set[Place]:
        """The private variable that holds the object, and locals that stand for it; none if it goes on."""
        symbol = self.unit.owners[owner].symbol
        made = [
            number
            for number in self.index.calls.get(self.unit.owners[owner].name, ())
            if (call := self.unit.effects[number]).callee != NONE  # type: ignore[union-attr]
            and self.unit.places[call.callee] == Place(symbol)  # type: ignore[union-attr]
        ]
        found = {place for place, bind in self._binds() if self._makes(bind, made)}
        if len(found) != 1:
            return set()
        variable = next(iter(found))
        row = self.unit.symbols[variable.symbol]
        private = row.name.startswith("_") and row.scope == 0 and "exported" not in row.flags
        return self._stand_ins(variable) if private and not variable.path else set()

    def _binds(self) -> list[tuple[Place, Bind]]:
        rows = [
            (place, self.unit.effects[number]) for place, all_ in self.index.binds.items() for number in all_
        ]
        return [(place, bind) for place, bind in rows if isinstance(bind, Bind) and bind.value != NONE]

    def _makes(self, bind: Bind, made: list[int]) -> bool:
        row = self.unit.values[bind.value]
        return row.kind == "call" and row.call in made

    def _stand_ins(self, variable: Place) -> set[Place]:
        """The variable and what it is bound to; nothing where it is used in any other way."""
        values = {
            value
            for value in self.index.references.get(variable.symbol, ())
            if not self.unit.places[self.unit.values[value].place].path
        }
        found = {variable}
        for place, bind in self._binds():
            if bind.value in values and bind.how in _BINDS:
                if place.path or self.unit.symbols[place.symbol].scope == 0:
                    return set()
                values.discard(bind.value)
                found.add(place)
        tested = {region.test for region in self.unit.regions}
        return found if not (values - tested) else set()

    def _is_called(self, name: str, names: set[Place]) -> bool:
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and call.receiver != NONE
            and self.unit.places[call.receiver] in names
            for number in self.index.calls.get(name, ())
        )

    def _may_be_called(self, name: str, names: set[Place]) -> bool:
        """Whether a call, or a mention, of a method of that name may mean the object."""
        if self._is_called(name, names) or any(self._mentions(row, name) for row in self.unit.values):
            return True
        for number in self.index.calls.get(name, ()):
            receiver = getattr(self.unit.effects[number], "receiver", NONE)
            symbol = self.index.symbol(self.unit.places[receiver]) if receiver != NONE else None
            if (
                symbol is not None
                and symbol.kind in ("this", "super")
                and not self.unit.places[receiver].path
            ):
                return True  # one of its own methods
        return False

    def _mentions(self, row: Value, name: str) -> bool:
        """`loop.call_soon(self.clear)`, `getattr(cache, "clear")`."""
        if row.kind == "place":
            return self.unit.places[row.place].path[-1:] == ("." + name,)
        return row.kind == "string" and row.text == name
