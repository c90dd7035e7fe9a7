"""Types that have few values: enums, literal types, and records of such."""

from __future__ import annotations

from collections.abc import Iterable

from leaklint.ir import NONE, Call, Owner, Place, Unit
from leaklint.models import Models
from leaklint.solve.index import Index
from leaklint.solve.once import solved


class Enums:
    """Such types of one unit. classes: the symbols of its enums; elsewhere: names of those of other files."""

    def __init__(self, index: Index, models: Models, elsewhere: Iterable[str] = ()) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self._types = models.bounded_key_types
        self._elsewhere = frozenset(elsewhere)
        self.classes = {
            owner.symbol
            for owner in self.unit.owners
            if owner.kind == "enum" or _extends_enum(self.unit, owner)
        }

    def is_few(self, name: str) -> bool:
        """Whether a type of a library or of the unit has few values."""
        return name in self._types or self.names_enum(name)

    @solved
    def _names(self) -> set[str]:
        enums = {self.unit.symbols[symbol].name for symbol in self.classes if symbol != NONE}
        return enums | self._literal_aliases() | self._elsewhere

    def names_enum(self, name: str) -> bool:
        """Whether a type is an enum of the unit or of another file, or an alias of a Literal type."""
        return bool(name) and name in self._names

    def _literal_aliases(self) -> set[str]:
        found = set()
        for place, binds in self.index.binds.items():
            if place.symbol == NONE or place.path or self.unit.symbols[place.symbol].scope != 0:
                continue
            for index in binds:
                value = self.unit.effects[index].value  # type: ignore[union-attr]
                if value != NONE and self.unit.values[value].kind == "place":
                    source = self.unit.places[self.unit.values[value].place]
                    root = self.unit.symbols[source.symbol].name if source.symbol != NONE else ""
                    if source.path[-1:] == ("[]",) and "Literal" in (root, *(s[1:] for s in source.path)):
                        found.add(self.unit.symbols[place.symbol].name)
        return found

    def is_constant(self, place: Place) -> bool:
        """Java: `Color.values()[i]`."""
        call = self.unit.effects[place.call] if place.call != NONE and place.path == ("[]",) else None
        if not isinstance(call, Call) or call.name != "values" or call.args or call.receiver == NONE:
            return False
        named = self.index.last_name(self.unit.places[call.receiver])
        return self.unit.language == "java" and named[:1].isupper()

    def makes_record(self, call: Call) -> bool:
        """Java: `new Key(method, status)` of a record of the file, which is equal where its parts are."""
        made = self.index.class_made(call)
        return made != NONE and self.unit.owners[made].kind == "record"

    def is_component(self, call: Call) -> bool:
        """Java: `key.method()`, a component of a record of the file that is an enum."""
        if call.args or call.receiver == NONE or len(self.unit.owners) < 2:
            return False
        return any(
            symbol.name == call.name
            and symbol.kind == "field"
            and self.unit.owners[self.unit.scopes[symbol.scope].owner].kind == "record"
            and self.is_few(symbol.type)
            for symbol in self.unit.symbols
        )


def _extends_enum(unit: Unit, owner: Owner) -> bool:
    for base in owner.bases:
        value = unit.values[base]
        if value.kind == "place":
            place = unit.places[value.place]
            if place.symbol != NONE:
                name = place.path[-1][1:] if place.path else unit.symbols[place.symbol].name
                if name.endswith(("Enum", "Flag")):
                    return True
    return False
