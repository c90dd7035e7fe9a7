"""Java: the types of keys that stand in another file, which may have few values.

Who fills a table sees the name of a type only; whether that is an enum stands where it is declared.
"""

from __future__ import annotations

from leaklint.ir import NONE, Place, Unit
from leaklint.solve.holders import Holders
from leaklint.solve.interface import offered_name
from leaklint.solve.keying.enums import Enums


class KeyTypes:
    """Looks at one unit. enums: what it knows of such types itself."""

    def __init__(self, holders: Holders, enums: Enums) -> None:
        self.holders = holders
        self.known = enums
        self.unit: Unit = holders.unit

    def enums(self) -> set[str]:
        """The enums that a file offers to others."""
        return {offered_name(self.unit, Place(symbol)) for symbol in self.known.classes} - {""}

    def keyed(self) -> set[str]:
        """The full names of what the keys of growing tables may be declared as."""
        named = {
            name
            for holder in self.holders.by_place.values()
            if not holder.limited
            for item in holder.growths
            for name in (self.holders.ledger.key_type(holder), self._type(item.key))
        }
        return {full for name in named if len(name) > 1 and (full := self._full(name))}

    def _type(self, value: int) -> str:
        row = self.unit.values[value] if value != NONE else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        symbol = self.holders.index.symbol(place) if place is not None and not place.path else None
        return symbol.type if symbol is not None else ""

    def _full(self, name: str) -> str:
        """The name with its package, of an import or of the file's own; "" for what the file knows."""
        for symbol in self.unit.symbols:
            if symbol.name == name and symbol.kind == "import":
                return f"{symbol.module}.{name}"
            if symbol.name == name and symbol.kind == "class":
                return ""
        return "" if self.known.is_few(name) else f"{self.unit.package}.{name}"
