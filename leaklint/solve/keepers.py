"""Java: how the methods of a class that take listeners keep them, for the files that hand theirs over.

Who registers sees a call of another class only; whether that class holds its listeners weakly stands there.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place, Scope, Unit
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Holder
from leaklint.solve.lazy import regex
from leaklint.solve.pairs import Pairs

WEAK, STRONG = "weak", "strong"
_TAKES = regex(r"(add|register|attach|install)\w*(Listener|Observer|Handler|Callback|Watcher|Client)")


class Keepers:
    """Looks at one unit."""

    def __init__(self, holders: Holders, pairs: Pairs) -> None:
        self.holders = holders
        self.pairs = pairs
        self.index = holders.index
        self.unit: Unit = holders.unit

    def keeps(self) -> Iterator[tuple[str, str]]:
        """(`Class.addListener`, how it keeps what it is handed: WEAK, STRONG, or the method that it asks)."""
        for number, row in enumerate(self.unit.scopes):
            if row.kind == "method" and row.owner != NONE and row.params and _TAKES.fullmatch(row.name):
                owner = self.unit.owners[row.owner].name
                if owner and self.index.references.get(row.params[0]):  # an interface only declares it
                    yield f"{owner}.{row.name}", self._how(number, row)

    def asks(self) -> set[str]:
        """The methods of other classes that are handed a listener here, which nothing takes back."""
        return {
            name
            for item in self.pairs.acquisitions
            if item.pair.kind == "listener"
            and not item.released_by
            and (name := called(self.unit, item.effect))
        }

    def _how(self, number: int, row: Scope) -> str:
        param = Place(row.params[0])
        stored = [
            self._is_weak(holder, value)
            for holder in self.holders.by_place.values()
            for item in holder.growths
            if self.index.function_at(item.effect) == number
            for value in (item.key, *item.values)
            if value != NONE and self._mentions(value, param)
        ]
        if stored:
            return WEAK if all(stored) else STRONG
        asked = {self._asked(effect, param) for effect in self.index.of_function.get(number, ())} - {""}
        return asked.pop() if len(asked) == 1 else STRONG

    def _is_weak(self, holder: Holder, stored: int) -> bool:
        """Whether a table holds its keys weakly, or is given a weak reference to the listener."""
        call = self.unit.values[stored].call
        made = self.unit.effects[call] if call != NONE else None
        wrapped = isinstance(made, Call) and (
            made.name.startswith("Weak") or made.name in self.holders.models.weak_wrappers
        )
        return wrapped or (holder.container is not None and holder.container.weak)

    def _mentions(self, value: int, param: Place) -> bool:
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return self._is(value, param) or (
            isinstance(call, Call) and any(self._is(argument, param) for argument in call.args)
        )

    def _asked(self, number: int, param: Place) -> str:
        """`Settings.addListener` of `settings.addListener(listener)`, where `settings` is declared so."""
        call = self.unit.effects[number]
        if not isinstance(call, Call) or not any(self._is(value, param) for value in call.args):
            return ""
        place = self.unit.places[call.receiver] if call.receiver != NONE else None
        if place is None or place.symbol == NONE or not _TAKES.fullmatch(call.name) or len(place.path) > 1:
            return STRONG
        symbol = self.unit.symbols[place.symbol]
        kind = self._field_type(symbol.target, place.path[0]) if place.path else symbol.type
        return f"{kind}.{call.name}" if kind else STRONG

    def _field_type(self, owner: int, step: str) -> str:
        for symbol in self.unit.symbols:
            known = symbol.kind in ("field", "static") and "." + symbol.name == step
            if known and self.unit.scopes[symbol.scope].owner == owner:
                return symbol.type
        return ""

    def _is(self, value: int, place: Place) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self.unit.places[row.place] == place


def called(unit: Unit, number: int) -> str:
    """`Class.method` of a call on a class; "" for other calls."""
    call = unit.effects[number]
    place = unit.places[call.receiver] if isinstance(call, Call) and call.receiver != NONE else None
    if unit.language != "java" or place is None or place.symbol == NONE or place.path:
        return ""
    name = unit.symbols[place.symbol].name
    return f"{name}.{call.name}" if name[:1].isupper() else ""  # type: ignore[union-attr]


def weak_of(keeps: dict[str, set[str]]) -> set[str]:
    """The methods that keep what they are handed weakly, also by way of others; of all of that name."""

    def is_weak(name: str, seen: frozenset[str]) -> bool:
        return (
            name in keeps
            and name not in seen
            and all(how == WEAK or (how != STRONG and is_weak(how, seen | {name})) for how in keeps[name])
        )

    return {name for name in keeps if is_weak(name, frozenset())}
