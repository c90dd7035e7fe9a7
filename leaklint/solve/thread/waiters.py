"""Java: objects with a thread that waits for work in an endless loop, which nothing interrupts."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word
from leaklint.solve.once import solved
from leaklint.solve.thread.pythreads import Unended

_WAITS = ("take", "takeFirst", "takeLast", "sleep", "await", "wait", "park", "acquire", "poll", "transfer")
_ENDS = ("interrupt", "shutdownNow")
# waits that only what is put there ends
_TAKES = frozenset({"take", "takeFirst", "takeLast"})
# what empties or looks at a queue, and wakes nobody
_QUIET = frozenset({"clear", "remove", "removeAll", "removeIf", "drainTo", "size", "isEmpty", "poll"})
# what runs a function on a thread
_RUNS = ("Thread", "startVirtualThread", "execute", "submit")
# methods in which a connection or a part of the screen begins, and in which it ends
_OPENS = regex(
    r"on(Web[sS]ocket)?(Open|Connect|Connected|Start|Create|Attach\w*|Resume)|channelActive|handlerAdded|"
    r"afterConnectionEstablished|(connection|session)(Opened|Created|Started)|addNotify"
)
_CLOSES = regex(
    r"on(Web[sS]ocket)?(Close|Closed|Disconnect(ed)?|Stop|Destroy\w*|Detach\w*|Pause)|channelInactive|"
    r"handlerRemoved|afterConnectionClosed|(connection|session)(Closed|Lost|Ended|Destroyed)|removeNotify|"
    r"close|stop|shutdown|dispose|destroy|disconnect"
)
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
            for thread, run in self._threads(owner):
                loop = self._wait(run, owner)
                made = self._again(owner, thread) if loop != NONE else NONE
                if made != NONE:
                    yield Unended(owner, thread, made, loop)
                    break

    def _again(self, owner: int, thread: int) -> int:
        """What makes one such thread after the other, of objects or connections that end; or NONE."""
        scope = self.unit.scopes[self.index.function_at(thread)]
        if scope.kind == "method":
            return thread if _OPENS.fullmatch(scope.name) and self._closing(owner) else NONE
        made = self._made(owner)
        return thread if made == NONE and self._closing(owner) else made

    def _interrupts(self) -> bool:
        """Whether anything but the current thread itself is interrupted or stopped."""
        for number in (row for name in _ENDS for row in self.index.calls.get(name, ())):
            call = self.unit.effects[number]
            place = (
                self.unit.places[call.receiver] if isinstance(call, Call) and call.receiver != NONE else None
            )
            asked = self.unit.effects[place.call] if place is not None and place.call != NONE else None
            if not (isinstance(asked, Call) and asked.name == "currentThread"):
                return True
        return False

    # -- the thread and what it runs

    def _threads(self, owner: int) -> Iterator[tuple[int, int]]:
        """The calls by which an object makes a thread, or is given one, and the functions that run there."""
        for number in (row for name in (*_RUNS, *self._kinds) for row in self.index.calls.get(name, ())):
            call = self.unit.effects[number]
            if not isinstance(call, Call) or call.new != (call.name == "Thread" or call.name in self._kinds):
                continue
            scope = self.unit.scopes[self.index.function(call.scope)]
            if scope.owner != owner or scope.kind not in ("constructor", "class", "method"):
                continue
            if "start" not in self.index.calls if call.new else "cancel" in self.index.calls:
                continue  # it is not started here, or its future may be cancelled
            run = self._run(call, owner)
            if run != NONE:
                yield number, run

    @solved
    def _kinds(self) -> dict[str, int]:
        """The classes of the unit that are threads themselves, by their names."""
        found = {}
        for number, row in enumerate(self.unit.owners):
            bases = [self.unit.values[base] for base in row.bases]
            places = [self.unit.places[base.place] for base in bases if base.kind == "place"]
            if any(self.index.last_name(place) == "Thread" for place in places) and row.name != "Thread":
                found[row.name] = number
        return found

    def _run(self, call: Call, owner: int) -> int:
        if call.name in self._kinds:
            return self.index.method(self._kinds[call.name], "run")
        for value in call.args[:2]:  # a group of threads may come first
            row = self.unit.values[value]
            if row.kind == "closure":
                return row.scope
            made = self.unit.effects[row.call] if row.kind == "call" else None
            if row.kind == "class":
                return self.index.method(row.owner, "run")
            if isinstance(made, Call) and made.new and made.callee != NONE:
                named = self.index.symbol(self.unit.places[made.callee])
                if named is not None and named.kind == "class" and named.target != NONE:
                    return self.index.method(named.target, "run")
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is not None and place.symbol == self.unit.owners[owner].this and len(place.path) <= 1:
                scope = self.index.method(owner, place.path[0][1:] if place.path else "run")
                if scope != NONE:
                    return scope
        return NONE

    # -- the wait

    def _wait(self, run: int, owner: int) -> int:
        """The call that waits in an endless loop of a function, or of one that it calls; or NONE.

        A flag ends no wait for what nobody puts there any more: `while (open) { jobs.take(); }`.
        """
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
                endless = self._is_endless(region.test)
                inside = range(region.first, region.last)
                if any(self._leaves(number) for number in inside):
                    continue
                for number in inside:
                    effect = self.unit.effects[number]
                    if not isinstance(effect, Call) or effect.name not in _WAITS:
                        continue
                    if endless or (effect.name in _TAKES and self._is_left(effect, owner)):
                        return number
        return NONE

    def _is_endless(self, test: int) -> bool:
        """`true`, or what only an interruption changes: `!Thread.currentThread().isInterrupted()`."""
        row = self.unit.values[test] if test != NONE else None
        if row is not None and row.kind == "operation" and row.text == "not":
            row = self.unit.values[row.parts[0]]
            asked = self.unit.effects[row.call] if row.kind == "call" else None
            return isinstance(asked, Call) and asked.name in ("isInterrupted", "interrupted")
        return row is None or (row.kind == "boolean" and row.text == "true")

    def _is_left(self, wait: Call, owner: int) -> bool:
        """Whether the end of an object does nothing with the queue, or the thread, that waits there."""
        this, closing = self.unit.owners[owner].this, self._closing(owner)
        queue = self.unit.places[wait.receiver] if wait.receiver != NONE else None
        if queue is None or queue.symbol != this or wait.args or self.lifecycle.lives_long(owner):
            return False
        for number in (row for scope in closing for row in self.index.of_function.get(scope, ())):
            effect = self.unit.effects[number]
            if not isinstance(effect, Call) or effect.name in _QUIET:
                continue
            place = self.unit.places[effect.receiver] if effect.receiver != NONE else Place(NONE)
            given = [self.unit.values[value] for value in effect.args]
            if place == queue or self.index.callee_scope(number) != NONE:
                return False
            if any(row.kind == "place" and self.unit.places[row.place] == queue for row in given):
                return False
        return bool(closing)

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

    def _closing(self, owner: int) -> list[int]:
        """The methods by which an object ends."""
        return [
            scope
            for scope in self.unit.owners[owner].methods
            if _CLOSES.fullmatch(self.unit.scopes[scope].name)
        ]

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
