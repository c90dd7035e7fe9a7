"""What Python threads and tasks leave behind: entries for each thread, loops that nobody ends."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name

_THREADS = frozenset({"get_ident", "current_thread", "currentThread", "get_native_id", "getcurrent"})
# what runs until it is told: an event loop, a server
_FOR_EVER = {
    ".run_forever": ("stop",),
    ".serve_forever": ("shutdown",),
    ".start_consuming": ("stop_consuming",),
    ".loop_forever": ("disconnect", "loop_stop"),
    ".start_polling": ("stop", "stop_polling"),
}
_STOPS = regex(r"(?i)_?(stop\w*|close\w*|shutdown|quit|exit|terminate|cancel|done|join|finish|end)_?")


class PerThread(msgspec.Struct):
    """`growth` stores an entry of `holder` under the thread that runs. idle: a removal nobody calls."""

    holder: Holder
    growth: Growth
    idle: int = NONE


class Unended(msgspec.Struct):
    """The thread that `effect` makes in the constructor of `owner` waits for work for ever.

    made: where objects of the class are made again and again; loop: the wait; end: a method that ends the
    object, and not the thread.
    """

    owner: int
    effect: int
    made: int
    loop: int
    end: int = NONE


class PyThreads:
    """Threads and tasks of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.repeats = growths.repeats

    # -- entries for each thread

    def per_thread(self) -> Iterator[PerThread]:
        if _THREADS.isdisjoint(self.index.calls):
            return
        for holder in self.growths.holders.by_place.values():
            row = holder.container
            if holder.lifetime not in ("process", "instance") or holder.bounded:
                continue
            if row is not None and (row.weak or row.bounded):
                continue
            for growth in holder.growths:
                if growth.depth or growth.key == NONE or not self._is_thread(growth.key):
                    continue
                idle = self._removed(holder, growth)
                if idle is not None:
                    yield PerThread(holder, growth, idle)
                break

    def _is_thread(self, value: int, depth: int = 0) -> bool:
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return isinstance(call, Call) and call.name in _THREADS
        if row.kind == "container":
            return any(self._is_thread(part, depth + 1) for part in row.parts)
        if row.kind != "place" or depth > 3:
            return False
        place = self.unit.places[row.place]
        if place.symbol == NONE:
            made = self.unit.effects[place.call] if place.call != NONE else None
            return isinstance(made, Call) and made.name in _THREADS
        binds = self.index.binds.get(Place(place.symbol), ())
        return any(
            bind.value != NONE and self._is_thread(bind.value, depth + 1)
            for bind in map(self.index.bind, binds)
            if bind.how in ("declare", "assign")
        )

    def _removed(self, holder: Holder, growth: Growth) -> int | None:
        """NONE without a removal, the removal that nobody calls; None where entries go."""
        scope = self.index.function(self.unit.effects[growth.effect].scope)
        idle = NONE
        for row in holder.releases:
            if row.depth:
                continue
            removing = self.index.function(self.unit.effects[row.effect].scope)
            if removing == scope:
                return None
            if row.selector in ("all", "rebind") and self.growths.lifecycle.in_teardown(removing):
                continue  # threads end earlier than that
            name = self.unit.scopes[removing].name
            if row.selector != "key" or self.index.calls.get(name) or not self._used_here(scope):
                return None
            idle = row.effect
        return idle

    def _used_here(self, scope: int) -> bool:
        """Whether the file itself uses what stores: then it shows how entries are meant to go."""
        owner = self.growths.lifecycle.owner_of(scope)
        if owner == NONE:
            return False
        inside = {self.unit.scopes[method].name for method in self.unit.owners[owner].methods}
        return any(
            self.growths.lifecycle.owner_of(self.unit.effects[number].scope) not in (owner, NONE)
            for name in inside - {"__init__"}
            for number in self.index.calls.get(name, ())
        )

    # -- threads that nobody ends

    def unended(self) -> Iterator[Unended]:
        """Classes that start a worker thread for each object and never tell it to stop."""
        for number in self.index.calls.get("Thread", ()):
            if callee_name(self.unit, number) not in ("threading.Thread", "Thread"):
                continue
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            scope = self.index.function(call.scope)
            row = self.unit.scopes[scope]
            if row.kind != "constructor" or row.owner == NONE or self.repeats.is_singleton(row.owner):
                continue
            target = next((value for name, value in call.keywords if name == "target"), NONE)
            worker = self._method(target, row.owner) if target != NONE else NONE
            made = self._made_again(row.owner)
            if target != NONE and self._is_unstopped_loop(target):
                ends = self.growths.lifecycle.teardown_of(row.owner)  # it ends, all but the thread
                if made != NONE or ends:
                    yield Unended(row.owner, number, made if made != NONE else number, number)
                continue
            if worker == NONE or made == NONE:
                continue
            loop = self._waits(worker)
            if loop != NONE and not self._told(row.owner, loop):
                yield Unended(row.owner, number, made, loop)

    def _method(self, value: int, owner: int) -> int:
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol != self.unit.owners[owner].this or len(place.path) != 1:
            return NONE
        return self.index.method(owner, place.path[0][1:])

    def _made_again(self, owner: int) -> int:
        """A construction in a function that runs again and again, whose object stays local."""
        row = self.unit.owners[owner]
        for number in self.index.calls.get(row.name, ()):
            scope = self.unit.scopes[self.index.function(self.unit.effects[number].scope)]
            if scope.kind in ("function", "method") and self.repeats.repeats(number):
                after = self.unit.effects[number + 1] if number + 1 < len(self.unit.effects) else None
                if isinstance(after, Bind) and not self.unit.places[after.target].path:
                    return number
        return NONE

    def _is_unstopped_loop(self, target: int) -> bool:
        """`target=self.loop.run_forever`, in a file that stops no loop or server."""
        row = self.unit.values[target]
        path = self.unit.places[row.place].path if row.kind == "place" else ()
        ends = _FOR_EVER.get(path[-1]) if path else None
        if ends is None or not all(name not in self.index.calls for name in ends):
            return False
        return not any(place.path and place.path[-1][1:] in ends for place in self.unit.places)

    def _waits(self, scope: int) -> int:
        """The blocking `get` of an endless loop, or NONE."""
        for name in ("get", "recv", "accept", "wait"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if self.index.function(call.scope) != scope or call.receiver == NONE or call.keywords:
                    continue
                place = self.unit.places[call.receiver]
                if place.symbol == NONE or self.unit.symbols[place.symbol].kind != "this":
                    continue
                if self.index.in_endless_loop(call.region):
                    return number
        return NONE

    def is_woken(self, loop: int) -> bool:
        """Whether a sentinel is put into the queue that a loop waits for."""
        queue = self.unit.places[self.unit.effects[loop].receiver]  # type: ignore[union-attr]
        for name in ("put", "put_nowait", "set", "close", "shutdown", "send"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver == NONE or self.unit.places[call.receiver].path[-1:] != queue.path[-1:]:
                    continue
                if not call.args or self.unit.values[call.args[0]].kind == "null":
                    return True
                if self._is_sentinel(call.args[0]):
                    return True
        return False

    def _told(self, owner: int, loop: int) -> bool:
        """Whether anything tells the loop to stop: a sentinel into its queue, or a method that stops."""
        if self.is_woken(loop):
            return True
        stops = {
            self.unit.scopes[scope].name
            for scope in self.unit.owners[owner].methods
            if _STOPS.fullmatch(self.unit.scopes[scope].name)
        }
        return any(self.index.calls.get(name) for name in stops)

    def _is_sentinel(self, value: int) -> bool:
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        return (symbol.scope == 0 and symbol.kind != "import") or symbol.kind == "class"
