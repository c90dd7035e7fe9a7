"""Java: objects with a thread that waits for work in an endless loop, which nothing interrupts."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.lifecycle import first_word
from leaklint.solve.thread.pythreads import Unended

_WAITS = ("take", "takeFirst", "takeLast", "sleep", "await", "wait", "park", "acquire", "poll", "transfer")
# methods that start the program or one of its parts, for good
_BEGINS = frozenset(
    {"main", "start", "init", "initialize", "setup", "configure", "install", "boot", "launch", "get"}
)


class Waiters:
    """Such objects of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.repeats = growths.repeats
        self.lifecycle = growths.lifecycle

    def unended(self) -> Iterator[Unended]:
        """Each class once, where its objects come and go: they are closed, or made for each of something."""
        waits = self.unit.language == "java" and not self.index.calls.keys().isdisjoint(_WAITS)
        if not waits or self._interrupts():
            return
        for owner, row in enumerate(self.unit.owners):
            if row.kind != "class" or self.repeats.is_singleton(owner):
                continue
            thread, run = self._thread(owner)
            loop = self._wait(run) if thread != NONE else NONE
            if loop == NONE:
                continue
            made = self._made(owner)
            if made == NONE and self._is_closed(owner):
                made = thread
            if made != NONE:
                yield Unended(owner, thread, made, loop)

    def _interrupts(self) -> bool:
        """Whether anything but the current thread itself is interrupted or stopped."""
        for number in (*self.index.calls.get("interrupt", ()), *self.index.calls.get("shutdownNow", ())):
            call = self.unit.effects[number]
            place = (
                self.unit.places[call.receiver] if isinstance(call, Call) and call.receiver != NONE else None
            )
            asked = self.unit.effects[place.call] if place is not None and place.call != NONE else None
            if not (isinstance(asked, Call) and asked.name == "currentThread"):
                return True
        return False

    # -- the thread and what it runs

    def _thread(self, owner: int) -> tuple[int, int]:
        """The call by which an object makes its thread, and the function that runs there; or NONE."""
        for number in self.index.calls.get("Thread", ()):
            call = self.unit.effects[number]
            if not isinstance(call, Call) or not call.new or not call.args:
                continue
            scope = self.unit.scopes[self.index.function(call.scope)]
            made = scope.kind in ("constructor", "class") and scope.owner == owner
            if made and "start" in self.index.calls:
                run = self._run(call, owner)
                if run != NONE:
                    return number, run
        return NONE, NONE

    def _run(self, call: Call, owner: int) -> int:
        for value in call.args[:2]:  # a group of threads may come first
            row = self.unit.values[value]
            if row.kind == "closure":
                return row.scope
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is not None and place.symbol == self.unit.owners[owner].this and len(place.path) <= 1:
                scope = self.index.method(owner, place.path[0][1:] if place.path else "run")
                if scope != NONE:
                    return scope
        return NONE

    # -- the wait

    def _wait(self, run: int) -> int:
        """The call that waits in an endless loop of a function, or of one that it calls; or NONE."""
        called = [
            self.index.callee_scope(number)
            for number in self.index.of_function.get(run, ())
            if isinstance(self.unit.effects[number], Call)
        ]
        for scope in (run, *(each for each in called if each != NONE)):
            for region in self.unit.regions:
                if (
                    region.kind != "loop"
                    or region.iterates != NONE
                    or self.index.function(region.scope) != scope
                ):
                    continue
                test = self.unit.values[region.test] if region.test != NONE else None
                if test is not None and not (test.kind == "boolean" and test.text == "true"):
                    continue
                inside = range(region.first, region.last)
                if any(self._leaves(number) for number in inside):
                    continue
                for number in inside:
                    effect = self.unit.effects[number]
                    if isinstance(effect, Call) and effect.name in _WAITS:
                        return number
        return NONE

    def _leaves(self, number: int) -> bool:
        """Whether an effect leaves a loop otherwise than because its thread was interrupted."""
        leave = self.unit.effects[number]
        if not isinstance(leave, Leave) or leave.how == "continue":
            return False
        for index in self.index.regions(leave.region):
            region = self.unit.regions[index]
            bind = self.unit.effects[region.first] if region.kind == "except" else None
            if isinstance(bind, Bind) and bind.how == "catch":
                symbol = self.index.symbol(self.unit.places[bind.target])
                return symbol is None or symbol.type != "InterruptedException"
        return True

    # -- objects that come and go

    def _is_closed(self, owner: int) -> bool:
        names = {self.unit.scopes[scope].name for scope in self.lifecycle.teardown_of(owner)}
        return not names.isdisjoint(("close", "stop", "shutdown", "dispose", "destroy", "disconnect"))

    def _made(self, owner: int) -> int:
        """Where an object is made for each of something, and kept in a table that lets it go again."""
        symbol = self.unit.owners[owner].symbol
        for number in self.index.calls.get(self.unit.owners[owner].name, ()):
            call = self.unit.effects[number]
            if not isinstance(call, Call) or not call.new or call.callee == NONE:
                continue
            if self.unit.places[call.callee] != Place(symbol) or not self.repeats.repeats(number):
                continue
            scope = self.unit.scopes[self.index.function(call.scope)]
            if scope.owner == owner or not scope.params or first_word(scope.name) in _BEGINS:
                continue
            if not self.growths.guards.init_guarded(number) and self._is_let_go(number):
                return number
        return NONE

    def _is_let_go(self, made: int) -> bool:
        """Whether the function that makes an object puts it into a table from which others take it by key."""
        function = self.index.function_at(made)
        return any(
            any(self.index.function_at(item.effect) == function for item in holder.growths)
            and any(
                item.selector in ("key", "value") and self.index.function_at(item.effect) != function
                for item in holder.releases
            )
            for holder in self.growths.holders.by_place.values()
        )
