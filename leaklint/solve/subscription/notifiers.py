"""What `takeUntil(…)` waits for: a subject of a class that nothing fires ends no subscription."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.roles import Roles

# calls that hand out a view of a subject, or end it without a value: `takeUntil` waits for a value
_SILENT = frozenset({"asObservable", "complete", "pipe", "unsubscribe"})
# interfaces of Angular: they bring no code along
_HOOK = regex(r"(On|After)[A-Z]|DoCheck|ControlValueAccessor|Validator|PipeTransform")
_SUBJECTS = frozenset({"Subject", "ReplaySubject"})


class Notifiers:
    """Answers about the notifiers of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.roles = Roles(index)

    def never_fires(self, call: Call) -> bool:
        """Whether an operator waits for a subject of its own object which is never given a value."""
        if len(call.args) != 1 or self.unit.values[call.args[0]].kind != "place":
            return False
        place = self.unit.places[self.unit.values[call.args[0]].place]
        if place.symbol == NONE or len(place.path) != 1 or self.unit.symbols[place.symbol].kind != "this":
            return False
        if not self._is_subject(place) or not self._is_closed(place):
            return False
        for number in self.roles.received.get(place, ()):
            if self.unit.effects[number].name not in _SILENT:  # type: ignore[union-attr]
                return False
        return all(self._is_waited_for(role, number) for role, number in self.roles.of(place))

    def is_completed(self, call: Call) -> bool:
        """Whether what never fires is completed, or unsubscribed from: meant to end what waits for it."""
        if not self.never_fires(call):
            return False
        place = self.unit.places[self.unit.values[call.args[0]].place]
        names = {self.unit.effects[number].name for number in self.roles.received.get(place, ())}  # type: ignore[union-attr]
        return not names.isdisjoint(("complete", "unsubscribe"))

    def _is_subject(self, place: Place) -> bool:
        values = []
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            values.append(bind.value)
        return bool(values) and all(value != NONE and self._makes_subject(value) for value in values)

    def _makes_subject(self, value: int) -> bool:
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return isinstance(call, Call) and call.new and call.name in _SUBJECTS

    def _is_closed(self, place: Place) -> bool:
        """Whether nobody but its class fires it: a base or a derived class elsewhere may."""
        owner = self.unit.owners[self.unit.symbols[place.symbol].target]
        for symbol in self.unit.symbols:
            if (
                symbol.kind == "field"
                and "." + symbol.name == place.path[0]
                and "private" in symbol.flags
                and self.unit.scopes[symbol.scope].owner == self.unit.symbols[place.symbol].target
            ):
                return True
        if place.path[0].startswith(".#"):
            return True
        if "abstract" in owner.flags or owner.name.startswith(("Base", "Abstract")):
            return False
        if not all(_HOOK.match(self._name(base)) for base in owner.bases):
            return False
        return not any(self._name(base) == owner.name for each in self.unit.owners for base in each.bases)

    def _name(self, base: int) -> str:
        row = self.unit.values[base]
        place = self.unit.places[row.place] if row.kind == "place" else None
        return self.unit.symbols[place.symbol].name if place is not None and place.symbol != NONE else ""

    def _is_waited_for(self, role: str, number: int) -> bool:
        if role == "read":
            return True
        effect = self.unit.effects[number] if number != NONE else None
        return role == "argument" and isinstance(effect, Call) and effect.name == "takeUntil"
