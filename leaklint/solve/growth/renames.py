"""Things that get another name and are stored under that, while the table keeps them under the old one.

`user.nick = nick; users[nick] = user`: whoever removes `users[user.nick]` later takes out the last name only.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lifecycle import first_word

# first words of functions that store something for the first time
_FIRST = frozenset(
    {"add", "register", "create", "open", "new", "insert", "join", "connect", "login", "start"}
)


class Rename(msgspec.Struct):
    """`effect` changes the `name` under which `release` looks; `growth` stores under the new one."""

    holder: Holder
    growth: Growth
    release: Release
    effect: int
    name: str


class Renames:
    """Such functions of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[Rename]:
        """The first such function of each table."""
        for holder in self.growths.holders.by_place.values():
            keyed = [item for item in holder.releases if item.selector == "key" and not item.depth]
            named = {name: item for item in keyed if (name := self._name(item.key))}
            if not named or holder.limited or holder.lifetime not in ("instance", "process"):
                continue
            removing = {self.index.function_at(item.effect) for item in holder.releases}
            for growth in holder.growths:
                item = self._renamed(growth, named) if growth.key != NONE and not growth.depth else None
                function = self.index.function_at(growth.effect)
                if item is None or self._removes(function, removing):
                    continue
                if self._is_stored_before(holder, function, item[1]):
                    yield Rename(holder, growth, named[item[1]], *item)
                    break

    def _is_stored_before(self, holder: Holder, function: int, name: str) -> bool:
        """Whether another function stores under the name, and this one does not begin with it."""
        if first_word(self.unit.scopes[function].name.lstrip("_")) in _FIRST:
            return False
        return any(
            self._name(item.key) == name and self.index.function_at(item.effect) != function
            for item in holder.growths
        )

    def _renamed(self, growth: Growth, named: dict[str, Release]) -> tuple[int, str] | None:
        """The effect of the same function that changes the name of what is stored, and that name."""
        things = {place for value in growth.values if (place := self._place(value)) is not None}
        for number in self.index.of_function.get(self.index.function_at(growth.effect), ()):
            effect = self.unit.effects[number]
            if isinstance(effect, Bind) and effect.how == "assign":
                target = self.unit.places[effect.target]
                owner, name = (
                    Place(target.symbol, target.path[:-1]),
                    target.path[-1][1:] if target.path else "",
                )
                new = effect.value
            elif isinstance(effect, Call) and effect.name.startswith("set") and len(effect.args) == 1:
                owner = self.unit.places[effect.receiver] if effect.receiver != NONE else Place(NONE)
                name, new = self._plain(effect.name), effect.args[0]
            else:
                continue
            if owner.symbol == NONE or owner not in things or self._plain(name) not in named:
                continue
            if self._same(growth.key, new) or self._name(growth.key) == self._plain(name):
                return number, self._plain(name)
        return None

    def _place(self, value: int) -> Place | None:
        row = self.unit.values[value]
        return self.unit.places[row.place] if row.kind == "place" else None

    def _same(self, one: int, other: int) -> bool:
        place = self._place(one)
        return place is not None and other != NONE and place == self._place(other)

    def _name(self, key: int) -> str:
        """`nick` of `user.nick`, `user.getNick()` and `user.nick()`; "" for anything else."""
        row = self.unit.values[key] if key != NONE else None
        if row is None:
            return ""
        if row.kind == "place":
            path = self.unit.places[row.place].path
            return self._plain(path[-1][1:]) if path and path[-1] != "[]" else ""
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or call.args or call.receiver == NONE:
            return ""
        return self._plain(call.name)

    def _plain(self, name: str) -> str:
        rest = name.removeprefix("get").removeprefix("set")
        return rest.lstrip("_").lower()

    def _removes(self, function: int, removing: set[int]) -> bool:
        """Whether the function takes entries out, itself or by way of one that it calls."""
        if any(function in self.index.enclosing(scope) for scope in removing):
            return True
        return any(
            self.index.callee_scope(number) in removing
            for number in self.index.of_function.get(function, ())
            if isinstance(self.unit.effects[number], Call)
        )
