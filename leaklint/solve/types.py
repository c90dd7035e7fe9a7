"""Declared types of expressions, as far as one file shows them; "" where it does not."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Leave, Place, Unit
from leaklint.solve.index import Index

# types whose values equal only values of the very same type
FINAL = frozenset(
    {
        *("String", "Integer", "Long", "Short", "Byte", "Character", "Boolean", "Double", "Float", "UUID"),
        *("Class", "File", "URI", "URL", "Locale", "Instant", "LocalDate", "LocalDateTime", "Duration"),
        *("BigInteger", "BigDecimal"),
    }
)
_BOXED = {
    "int": "Integer",
    "long": "Long",
    "short": "Short",
    "byte": "Byte",
    "char": "Character",
    "boolean": "Boolean",
    "double": "Double",
    "float": "Float",
}
# methods that give a string whatever they are called on
_STRINGS = frozenset({"toString", "getAbsolutePath", "getCanonicalPath", "getSimpleName", "getCanonicalName"})


class Types:
    """Types of the values of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self._fields: dict[tuple[int, str], str] | None = None
        self._owners: dict[str, int] | None = None

    def of(self, value: int, depth: int = 0) -> str:
        """The outer raw name of a value's type, boxed; "" when it is unknown."""
        if value == NONE or depth > 4:
            return ""
        row = self.unit.values[value]
        match row.kind:
            case "string" | "template":
                return "String" if self.unit.language == "java" else ""
            case "number" if self.unit.language == "java":
                return "Long" if row.text[-1:] in "lL" else "Integer" if row.text.isdigit() else ""
            case "place":
                return self.of_place(self.unit.places[row.place], depth)
            case "call":
                return self._of_call(row.call, depth)
        return ""

    def of_place(self, place: Place, depth: int = 0) -> str:
        if place.symbol == NONE or len(place.path) > 3:
            return ""
        symbol = self.unit.symbols[place.symbol]
        if not place.path:
            if symbol.kind == "this":
                return self.unit.owners[symbol.target].name
            return _BOXED.get(symbol.type, symbol.type)
        own = symbol.kind in ("this", "class")
        owner = symbol.target if own else self.owner(symbol.type)
        found = ""
        for step in place.path:
            found = self._field(owner, step) if owner != NONE else ""
            owner = self.owner(found)
        return _BOXED.get(found, found)

    def owner(self, name: str) -> int:
        """The class of the unit that a type name means, if there is just one."""
        if self._owners is None:
            self._owners = {}
            for number, row in enumerate(self.unit.owners):
                if row.name and row.kind in ("class", "interface", "record", "enum"):
                    self._owners[row.name] = NONE if row.name in self._owners else number
        return self._owners.get(name, NONE)

    def _field(self, owner: int, step: str) -> str:
        if self._fields is None:
            self._fields = {}
            for symbol in self.unit.symbols:
                if symbol.kind in ("field", "static") and symbol.scope != NONE:
                    self._fields[self.unit.scopes[symbol.scope].owner, "." + symbol.name] = symbol.type
        return self._fields.get((owner, step), "")

    def _of_call(self, number: int, depth: int) -> str:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.new:
            return call.name
        if self.unit.language != "java":
            return ""
        if call.name in _STRINGS and not call.args:
            return "String"
        scope = self.index.callee_scope(number)
        if scope == NONE and call.receiver != NONE:
            owner = self.owner(self.of_place(self.unit.places[call.receiver], depth + 1))
            scope = self.index.method(owner, call.name) if owner != NONE else NONE
        found = set()
        for index in self.index.returns.get(scope, ()) if scope != NONE else ():
            leave = self.unit.effects[index]
            assert isinstance(leave, Leave)
            found.add(self.of(leave.value, depth + 1))
        return found.pop() if len(found) == 1 else ""

    def never_equal(self, a: str, b: str) -> bool:
        """Whether values of two types can never be equal: one is final, or the unit shows both classes."""
        if not a or not b or a == b:
            return False
        if a in FINAL and b in FINAL:
            return True
        one, other = (a, b) if a in FINAL else (b, a)
        owner = self.owner(other)
        return one in FINAL and owner != NONE and self.unit.owners[owner].kind != "interface"
