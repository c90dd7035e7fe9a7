"""Tables with two ways in, of which one arranges that its entry leaves again.

`add(user)` stores and says `user.once("gone", () => this.users.delete(user.id))`; `get(id)` makes a user,
stores it, and says nothing: those that come in this way stay.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Symbol
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex

# functions that fill a table with what was there before, or with what a test needs
_AT_START = regex(r"(?i)_*(init|setup|configure|main|bootstrap|seed|mock|create_?default)\w*")
# functions and, in Python, classes that make what they return
_MAKES = regex(r"([A-Z]\w*|from|of|(create|make|build|open|connect|spawn|start|new)([A-Z_]\w*)?)")


class Arranged(Leaving):
    """Stores of one unit that leave out what their siblings arrange."""

    def found(self) -> Iterator[Left]:
        """One for each holder, at the first store without a removal."""
        for holder in self.lasting():
            if len(holder.growths) < 2 or not holder.releases or self.holders.hands_out(holder):
                continue
            releases = self.entrywise(holder, ("key", "value", "one"))
            if releases and holder.kind != "list":
                yield from self._judge(holder, releases)

    def _judge(self, holder: Holder, releases: list[Release]) -> Iterator[Left]:
        each = [self._arrangers(release, holder) for release in releases]
        if not all(each):
            return  # a method of its own takes entries out, whoever stored them
        arranging = {scope for scopes in each for scope in scopes}
        filling = [item for item in holder.growths if not item.depth and item.via == NONE]
        arranged = [item for item in filling if self._home(item) in arranging]
        removing = {self.index.function_at(release.effect) for release in releases}
        for item in filling if arranged else ():
            scope = self._home(item)
            if not (arranging | removing).isdisjoint(self._around(item)) or not self._is_new(
                item, holder, scope
            ):
                continue
            if self._calls(scope, arranging) or not self.growths.counting.counts(item, holder):
                continue
            yield Left(holder, item, "arranged", releases[0].effect, arranged[0].effect)
            return

    def _home(self, item: Growth) -> int:
        return self.index.function_at(item.effect)

    def _arrangers(self, release: Release, holder: Holder) -> list[int]:
        """The functions around the closure in which a removal stands, and to which what it names belongs."""
        around = list(self.index.enclosing(self.unit.effects[release.effect].scope))
        symbol = self._named(release.key)
        if not around or around[0] not in self.index.argument_of or symbol is None or symbol.scope == NONE:
            return []
        outer = [scope for scope in around[1:] if scope == self.index.function(symbol.scope)]
        own = self.index.function(symbol.scope) == around[0] and symbol.kind == "parameter"
        return around[1:] if outer or (own and self._tells_of_itself(around[0], holder)) else []

    def _tells_of_itself(self, closure: int, holder: Holder) -> bool:
        """`task.add_done_callback(lambda done: tasks.discard(done))`: called with what was stored."""
        call = self.unit.effects[self.index.argument_of[closure][0]]
        told = self.unit.places[call.receiver] if isinstance(call, Call) and call.receiver != NONE else None
        stored = [self.unit.values[value] for item in holder.growths for value in item.values]
        return any(row.kind == "place" and self.unit.places[row.place] == told for row in stored)

    def _named(self, key: int) -> Symbol | None:
        """The variable by which a removal names what it takes out: `user` of `user.id` and `user.id()`."""
        row = self.unit.values[key] if key != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        place = call.receiver if isinstance(call, Call) else row.place if row is not None else NONE
        return self.index.symbol(self.unit.places[place]) if place != NONE else None

    def _around(self, item: Growth) -> set[int]:
        return set(self.index.enclosing(self.unit.effects[item.effect].scope))

    def _is_new(self, item: Growth, holder: Holder, scope: int) -> bool:
        """Whether a store puts in what its function has made, under a key that was not there.

        One in a loop does so for a whole list, which is most often the configuration.
        """
        if self.unit.scopes[scope].kind == "constructor" or _AT_START.fullmatch(self.unit.scopes[scope].name):
            return False
        if any(self.unit.regions[each].kind == "loop" for each in self._regions(item)):
            return False
        if not item.values or self._takes_its_place(item, holder, scope):
            return False
        return self._is_made(item.values[-1], scope)

    def _takes_its_place(self, item: Growth, holder: Holder, scope: int) -> bool:
        """Whether a function has asked for the entry before, and stores also where there is one."""
        asks = any(
            number < item.effect
            and isinstance(call := self.unit.effects[number], Call)
            and call.receiver != NONE
            and holder.place in self.holders.aliases.of(call.receiver)
            for number in self.index.of_function.get(scope, ())
        )
        return asks and not any(
            row.kind == "branch" and row.test != NONE and (row.negated or self._is_denied(row.test))
            for row in map(self.unit.regions.__getitem__, self._regions(item))
        )

    def _regions(self, item: Growth) -> list[int]:
        return list(self.index.regions(self.unit.effects[item.effect].region))

    def _is_denied(self, test: int) -> bool:
        """`!rooms.has(id)`, `room == null`, `id not in rooms`."""
        row = self.unit.values[test]
        return row.kind == "operation" and row.text in ("not", "==", "is", "not in")

    def _is_made(self, value: int, scope: int) -> bool:
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return isinstance(call, Call) and (call.new or _MAKES.fullmatch(call.name) is not None)
        if row.kind != "place":
            return False
        place = self.unit.places[row.place]
        binds = [self.unit.effects[number] for number in self.index.binds.get(place, ())]
        if place.path or len(binds) != 1 or not isinstance(binds[0], Bind) or binds[0].value == NONE:
            return False
        if binds[0].how not in ("declare", "assign"):
            return False
        bound = self.unit.values[binds[0].value]
        return (
            bound.kind == "call"
            and self.index.function(binds[0].scope) == scope
            and self._is_made(binds[0].value, scope)
        )

    def _calls(self, scope: int, arranging: set[int]) -> bool:
        """Whether a function goes on to one that arranges a removal, or is called by one."""
        callers = {
            self.index.function_at(n) for other in arranging for n in self.index.callers.get(other, ())
        }
        called = {self.index.function_at(n) for n in self.index.callers.get(scope, ())}
        return scope in callers or not called.isdisjoint(arranging)
