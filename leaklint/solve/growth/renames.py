"""Things that get another name and are stored under that, while the table keeps them under the old one.

`user.nick = nick; users[nick] = user`: whoever removes `users[user.nick]` later takes out the last name only.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Region, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word

# first words of functions that store something for the first time
_FIRST = frozenset(
    {"add", "register", "create", "open", "new", "insert", "join", "connect", "login", "start"}
)
# functions that give back what was there before
_LOOKS_UP = regex(r"_*(get|find|look_?up|fetch|load|pop|remove|take|by|of|select|resolve|current|at|user)")
# calls that give what has no name its first one
_MAKES = regex(r"(next|new|generate|make|create|allocate|random|insert|fresh|assign|unique)\w*")
_PARTS = 20  # of a test that are looked at


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
            if self._is_made(owner) or self._is_first(number, owner, new, self._plain(name)):
                continue
            if self._same(growth.key, new) or self._name(growth.key) == self._plain(name):
                return number, self._plain(name)
        return None

    def _is_made(self, thing: Place) -> bool:
        """Whether a thing is what a call has made or copied: it never stood under another name."""
        binds = self.index.binds.get(thing, ()) if not thing.path else ()
        bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
        row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        return isinstance(call, Call) and (call.new or _LOOKS_UP.match(call.name) is None)

    def _is_first(self, number: int, thing: Place, new: int, name: str) -> bool:
        """Whether what comes in gets its name: `id = id || next()`, `id.strip()`, `if id is None:`."""
        if self.growths.keys.domain(new) == "fresh" or _MAKES.match(self._name(new)):
            return True
        around = map(self.unit.regions.__getitem__, self.index.regions(self.unit.effects[number].region))
        asked = [row.test for row in around if row.test != NONE and self._denies(row)]
        chosen = [new] if self.unit.values[new].kind in ("conditional", "operation", "call") else []
        return any(self._mentions(value, thing, name) for value in (*asked, *chosen))

    def _denies(self, row: Region) -> bool:
        """`if not item.id`, `if item.id is None`; not `if user.nick != nick`."""
        test = self.unit.values[row.test]
        if test.kind == "operation" and test.text in ("not", "is", "=="):
            return not row.negated
        return test.kind in ("place", "call") and row.negated

    def _mentions(self, value: int, thing: Place, name: str) -> bool:
        pending = [value]
        for _ in range(_PARTS):
            if not pending:
                break
            each = pending.pop()
            row = self.unit.values[each]
            pending += row.parts
            call = self.unit.effects[row.call] if row.kind == "call" else None
            number = call.receiver if isinstance(call, Call) else row.place if row.kind == "place" else NONE
            place = self.unit.places[number] if number != NONE else None
            if place is None or place.symbol != thing.symbol:
                continue
            if self._name(each) == name or self._plain(place.path[-1][1:] if place.path else "") == name:
                return True
        return False

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
