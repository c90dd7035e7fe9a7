"""Tells which container a value constructs, and whether it has a limit."""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Unit
from leaklint.models import Container
from leaklint.solve.containers import Containers
from leaklint.solve.index import Index
from leaklint.solve.names import callee_name


def _bounded(row: Container) -> Container:
    return Container(kind=row.kind, names=row.names, bounded=True)


class Making:
    """Reads the values of one unit."""

    def __init__(self, index: Index, known: Containers) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self._known = known

    def container_of(self, value: int) -> Container | None:
        """The model of the container that a value constructs, if it constructs one."""
        row = self.unit.values[value]
        if row.kind == "container":
            return self._known.by_literal.get(row.text)
        if row.kind == "call":
            return self._constructed(row.call)
        if row.kind in ("conditional", "operation") and row.text in ("", "or", "??", "and"):
            for part in row.parts:
                found = self.container_of(part)
                if found is not None:
                    return found
        return None

    def _constructed(self, call: int) -> Container | None:
        effect = self.unit.effects[call]
        assert isinstance(effect, Call)
        row = None
        if effect.receiver == NONE or effect.name in self._known.last_names:  # else the whole name costs more
            name = callee_name(self.unit, call)
            row = self._known.by_name.get(name) if name else None
        if row is None:
            return self._built(effect) if self._known.builders and effect.name.startswith("build") else None
        if self.unit.language == "java" and effect.args:
            last = self.unit.values[effect.args[-1]]
            if last.kind == "class":
                methods = self.index.method_names.get(last.owner, {})
                if "removeEldestEntry" in methods:
                    return _bounded(row)
            if name.startswith("Collections.") and effect.args:
                if self._evicts(effect.args[0]):
                    return _bounded(row)
                return self.container_of(effect.args[0]) or row
        if row.bound_keyword or row.bound_position >= 0:
            for keyword, argument in effect.keywords:
                if keyword == row.bound_keyword and self.unit.values[argument].kind != "null":
                    return _bounded(row)
            if 0 <= row.bound_position < len(effect.args):
                argument = effect.args[row.bound_position]
                if self.unit.values[argument].kind not in ("null", "container"):
                    return _bounded(row)
        return row

    def _evicts(self, value: int) -> bool:
        """Java: `new Recent<>(100)` of a class of the file that says when its eldest entry goes."""
        row = self.unit.values[value]
        owner = self.index.class_made(self.unit.effects[row.call]) if row.kind == "call" else NONE  # type: ignore[arg-type]
        return owner != NONE and "removeEldestEntry" in self.index.method_names.get(owner, {})

    def _built(self, effect: Call) -> Container | None:
        """`Caffeine.newBuilder().maximumSize(100).build()`: the model of what a chain of calls builds."""
        names: set[str] = set()
        for _ in range(20):
            place = self.unit.places[effect.receiver] if effect.receiver != NONE else None
            if place is None or place.call == NONE or place.path:
                return None
            row = self._known.builders.get(callee_name(self.unit, place.call))
            if row is not None:
                return _bounded(row) if names & set(row.limits) else row
            inner = self.unit.effects[place.call]
            assert isinstance(inner, Call)
            names.add(inner.name)
            effect = inner
        return None

    def makes_small(self, value: int) -> bool:
        """`defaultdict(lambda: LRUCache(100))`: whether the factory of its elements makes bounded ones."""
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call):
            return False
        for argument in call.args:
            if self.unit.language == "python" and self.holds_nothing(argument):
                return True
            if self.unit.values[argument].kind == "closure":
                for index in self.index.returns.get(self.unit.values[argument].scope, ()):
                    made = self.container_of(self.unit.effects[index].value)  # type: ignore[union-attr]
                    if made is not None and (made.bounded or made.weak):
                        return True
        return False

    def holds_nothing(self, value: int) -> bool:
        """Whether a value is a class of the unit, or a new object of one, without any container in it."""
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        named = call.callee if isinstance(call, Call) and call.receiver == NONE else row.place
        symbol = self.index.symbol(self.unit.places[named]) if named != NONE else None
        if symbol is None or symbol.kind != "class" or symbol.target == NONE:
            return False
        owner = self.unit.owners[symbol.target]
        if (
            owner.bases
            or not owner.methods
            or any(
                row.type in self._known.by_name
                for row in self.unit.symbols
                if row.kind in ("field", "static")
                and row.scope != NONE
                and self.unit.scopes[row.scope].owner == symbol.target
            )
        ):
            return False
        roots = (owner.this, owner.symbol)
        return not any(
            place.symbol in roots and self.container_of(bind.value) is not None
            for place, numbers in self.index.binds.items()
            for number in numbers
            if isinstance(bind := self.unit.effects[number], Bind) and bind.value != NONE
        )
