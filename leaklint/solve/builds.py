"""JavaScript: code that only builds for development or tests contain; the others leave it out.

`if (__DEV__) warned.add(text)`: whoever ships the program ships no such line.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Region, Unit
from leaklint.solve.lazy import regex
from leaklint.solve.names import resolved_name
from leaklint.solve.once import solved

_DEVELOPMENT = regex(
    r"__(DEV|TEST|DEBUG)__|ngDevMode|isDevMode|import\.meta\.(env\.(DEV|TEST)|hot|vitest)|module\.hot|"
    r"(IS_|is)?(DEV|TEST|DEVELOPMENT)"
)
_PRODUCTION = regex(r"__PROD__|import\.meta\.env\.PROD|(IS_)?(PROD|PRODUCTION)")
_MODE = regex(r"process\.env\.NODE_ENV|import\.meta\.env\.MODE")
_COMPARES = {"==": False, "!=": True}


class Builds:
    """Answers for one unit."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit

    def leaves_out(self, at: int) -> bool:
        """Whether what stands at an offset is in no build that is shipped."""
        return any(start <= at < end for start, end in self._spans)

    @solved
    def _spans(self) -> list[tuple[int, int]]:
        return list(self._found()) if self.unit.language == "javascript" else []

    def _found(self) -> Iterator[tuple[int, int]]:
        for row in self.unit.regions:
            if row.kind != "branch" or row.test == NONE:
                continue
            shipped = self._is_shipped(row.test, row.negated)
            if shipped is False:
                yield row.at, row.end
            elif shipped and row.leaves in ("return", "raise") and self._is_of_function(row):
                yield row.end, self.unit.scopes[row.scope].end  # `if (!__DEV__) return;`

    def _is_of_function(self, row: Region) -> bool:
        return row.parent == NONE and self.unit.scopes[row.scope].kind not in ("module", "block")

    def _is_shipped(self, test: int, negated: bool) -> bool | None:
        """Whether a test holds in what is shipped only (True), in other builds only (False), or neither."""
        row = self.unit.values[test]
        if row.kind == "operation" and row.text == "not":
            return self._is_shipped(row.parts[0], not negated)
        if row.kind == "operation" and row.text == "and" and not negated:
            known = {self._is_shipped(part, False) for part in row.parts}
            return False if False in known else None
        found = self._compared(test) if row.kind == "operation" else self._named(test)
        return found if found is None else found ^ negated

    def _compared(self, test: int) -> bool | None:
        """`process.env.NODE_ENV !== "production"`."""
        row = self.unit.values[test]
        if row.text not in _COMPARES or len(row.parts) != 2:
            return None
        mode = next((part for part in row.parts if _MODE.fullmatch(self._name(part))), NONE)
        said = {self.unit.values[part].text for part in row.parts if part != mode}
        if mode == NONE or said.isdisjoint({"production", "development", "test"}):
            return None
        if said != {"production"} and _COMPARES[row.text]:
            return None  # not a test: neither of the others is left out
        return ("production" in said) ^ _COMPARES[row.text]

    def _named(self, test: int) -> bool | None:
        name = self._name(test)
        if _DEVELOPMENT.fullmatch(name):
            return False
        return True if _PRODUCTION.fullmatch(name) else None

    def _name(self, value: int) -> str:
        """The full name of a flag, or of the function that is asked for it."""
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if isinstance(call, Call):
            return call.name if not call.args else ""
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE:
            return ""
        symbol = self.unit.symbols[place.symbol]  # `declare const __TEST__: boolean;`
        own = symbol.kind in ("constant", "variable", "import") and not place.path
        return symbol.name if own else resolved_name(self.unit, place)
