"""Collections of an object that its methods fill and nothing ever asks: what they keep, serves nobody.

Only fields that other files cannot see (`private`, `#rows`, `__rows`): friends do read `_rows`.
"""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.holding.holder import Holder
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle

# names of what is kept only in order to be kept, or to be looked at by a debugger or a base class
_MEANT = regex(
    r"(?i)\.?[_#]*\w*(keep|refs?$|references?|alive|hold|retain|pin(ned)?$|anchor|gc|strong|debug|trace|prevent)\w*"
)
_FEW = ("set_", "configure", "test")
# what is read by whoever reads the fields of an object, whatever their names
_FIELDS = ("keys", "values", "entries", "assign", "stringify", "structuredClone", "vars", "getattr", "asdict")


class Unread:
    """Answers about the fields of one unit."""

    def __init__(self, index: Index, lifecycle: Lifecycle) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.lifecycle = lifecycle

    def is_unread(self, holder: Holder) -> bool:
        """Whether a field of an object that lasts is written to, and read by nothing."""
        place = holder.place
        if len(place.path) != 1 or not self._is_private(place) or _MEANT.fullmatch(place.path[0]):
            return False
        owner = self.unit.symbols[place.symbol].target
        if owner == NONE or self.lifecycle.is_short_lived(owner) or self.unit.owners[owner].decorators:
            return False
        if not self._is_own(place) or self._is_work(owner) or self._is_set(holder):
            return False
        if self.lifecycle.is_local_work(owner) or self._is_message(holder) or self._is_read_whole(place):
            return False
        made = self._made(place)
        for number, row in enumerate(self.unit.values):
            if row.kind == "place" and number not in made and self._same(self.unit.places[row.place], place):
                return False
        grows = {item.effect for item in holder.growths}
        return all(
            number in grows and not self._is_used(number) and not self._is_called_on(number, grows)
            for number, effect in enumerate(self.unit.effects)
            if isinstance(effect, Call)
            and effect.receiver != NONE
            and self._same(self.unit.places[effect.receiver], place)
        )

    def _is_own(self, place: Place) -> bool:
        """Whether the object makes the collection itself: one that it was given is read by the giver."""
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            if row is not None and row.kind == "place":
                return False
        return True

    def _is_set(self, holder: Holder) -> bool:
        """Whether a property is set with it: configuration and registrations, of which there are few."""
        scopes = [self.unit.scopes[self.index.function_at(item.effect)] for item in holder.growths]
        if any(self.lifecycle.is_registrar(self.unit.effects[item.effect].scope) for item in holder.growths):
            return True
        return any("setter" in row.flags or row.name.startswith(_FEW) for row in scopes)

    def _is_message(self, holder: Holder) -> bool:
        """Whether methods only store what they are given: a mapper reads the fields of a message."""
        if self.unit.language == "python":
            return False
        return not any(self._does_more(item.effect, holder.place) for item in holder.growths)

    def _does_more(self, growth: int, place: Place) -> bool:
        stores = self.unit.effects[growth]
        for number in self.index.of_function.get(self.index.function_at(growth), ()):
            effect = self.unit.effects[number]
            if stores.at <= effect.at and effect.end <= stores.end:
                continue
            if isinstance(effect, Call) and not effect.new:
                return True
            if isinstance(effect, Bind) and self.unit.places[effect.target].path:
                target = self.unit.places[effect.target]
                if target.path[:1] != place.path:
                    return True
        return False

    def _is_read_whole(self, place: Place) -> bool:
        """`{...this}`, `Object.assign(copy, this)`, `this[name]`, `vars(self)`, `self.__dict__`."""
        this = Place(place.symbol)
        for value in self.index.references.get(place.symbol, ()):
            if self.unit.places[self.unit.values[value].place].path[:1] in (("[]",), (".__dict__",)):
                return True
        if any(
            row.kind == "spread" and any(self._is_place(part, this) for part in row.parts)
            for row in self.unit.values
        ):
            return True
        return any(
            any(self._is_place(value, this) for value in self.unit.effects[number].args)  # type: ignore[union-attr]
            for name in _FIELDS
            for number in self.index.calls.get(name, ())
        )

    def _is_place(self, value: int, place: Place) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self.unit.places[row.place] == place

    def _is_work(self, owner: int) -> bool:
        """Java: whether an object is one piece of work for a thread."""
        names = {self.unit.scopes[scope].name for scope in self.unit.owners[owner].methods}
        return self.unit.language == "java" and not names.isdisjoint(("run", "call"))

    def _made(self, place: Place) -> set[int]:
        """Values that ask only whether the field is there: `if (!this.rows) this.rows = []`."""
        found: set[int] = set()
        for row in self.unit.regions:
            inside = [self.unit.effects[number] for number in range(row.first, row.last)]
            if row.test != NONE and inside and all(self._makes(effect, place) for effect in inside):
                found |= self._parts(row.test)
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            if isinstance(bind, Bind) and bind.value != NONE:
                found |= self._parts(bind.value)
        return found

    def _makes(self, effect: object, place: Place) -> bool:
        return isinstance(effect, Bind) and self.unit.places[effect.target] == place

    def _parts(self, value: int) -> set[int]:
        found, pending = set(), [value]
        while pending:
            number = pending.pop()
            found.add(number)
            pending += self.unit.values[number].parts
        return found

    def _same(self, other: Place, place: Place) -> bool:
        """Whether a place is the field or a part of it, also of another object of unknown class."""
        if place.path[0] not in other.path:
            return False
        symbol = self.index.symbol(other)
        mine = self.unit.symbols[place.symbol].target
        if symbol is None or symbol.kind != "this" or other.path[0] != place.path[0] or symbol.target == mine:
            return True
        return symbol.target in self.index.base_owners(mine) or mine in self.index.base_owners(symbol.target)

    def _is_used(self, call: int) -> bool:
        """Whether anybody looks at what a call gives back: `if (seen.add(x))`."""
        return any(row.kind == "call" and row.call == call for row in self.unit.values)

    def _is_called_on(self, call: int, grows: set[int]) -> bool:
        """`counters.computeIfAbsent(port, Counter::new).increment()`; filling an entry asks nothing of it."""
        return any(
            isinstance(effect, Call)
            and effect.receiver != NONE
            and self.unit.places[effect.receiver].call == call
            and number not in grows
            for number, effect in enumerate(self.unit.effects)
        )

    def _is_private(self, place: Place) -> bool:
        name = place.path[0][1:]
        if name.startswith(("__", "#")):
            return not name.endswith("__")
        owner = self.unit.symbols[place.symbol].target
        for row in self.unit.symbols:
            mine = row.kind == "field" and row.name == name and row.scope != NONE
            if mine and self.unit.scopes[row.scope].owner == owner:
                return "private" in row.flags and not row.decorators
        return False
