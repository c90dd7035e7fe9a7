"""What Python threads and tasks leave behind: entries for each thread, loops that nobody ends."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit, Value
from leaklint.solve.growth import Growths
from leaklint.solve.holders import Growth, Holder
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name

_THREADS = frozenset({"get_ident", "current_thread", "currentThread", "get_native_id", "getcurrent"})
_STOPS = regex(r"(?i)_?(stop\w*|close\w*|shutdown|quit|exit|terminate|cancel|done|join|finish|end)_?")


class PerThread(msgspec.Struct):
    """`growth` stores an entry of `holder` under the thread that runs. idle: a removal nobody calls."""

    holder: Holder
    growth: Growth
    idle: int = NONE


class Unended(msgspec.Struct):
    """The thread that `effect` makes in the constructor of `owner` waits for work for ever.

    made: where objects of the class are made again and again; loop: the wait.
    """

    owner: int
    effect: int
    made: int
    loop: int


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
            for bind in map(self.growths.bind, binds)
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
            if worker == NONE or made == NONE:
                continue
            loop = self._waits(worker)
            if loop != NONE and not self._told(row.owner, loop, made):
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
                if self.repeats.in_endless_loop(call.region):
                    return number
        return NONE

    def _told(self, owner: int, loop: int, made: int) -> bool:
        """Whether anything tells the loop to stop: a sentinel into its queue, or a method that stops."""
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

    # -- tasks that a race leaves behind

    def raced(self) -> Iterator[int]:
        """`asyncio.wait((create_task(…), create_task(…)), return_when=FIRST_COMPLETED)` in a loop."""
        for number in self.index.calls.get("wait", ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if callee_name(self.unit, number) != "asyncio.wait" or not call.args:
                continue
            if not any(name == "return_when" and self._is_first(value) for name, value in call.keywords):
                continue
            row = self._listed(call.args[0], call)
            tasks = [part for part in row.parts if self._is_made_here(part, call)] if row is not None else []
            if len(tasks) > 1 and self.repeats.in_loop(call.region) and not self._pending_used(number, call):
                yield number

    def _listed(self, value: int, call: Call) -> Value | None:
        """The list or tuple of tasks that is waited for, written in place or bound just before."""
        row = self.unit.values[value]
        if row.kind == "place":
            bind = self._bound_here(self.unit.places[row.place], call)
            row = self.unit.values[bind.value] if bind is not None else row
        return row if row.kind == "container" else None

    def _is_made_here(self, value: int, call: Call) -> bool:
        """Whether a task is made by the turn of the loop that waits for it, and cancelled by nobody."""
        if self._is_task(value):
            return True
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        bind = self._bound_here(place, call) if place is not None else None
        if place is None or bind is None or not self._is_task(bind.value):
            return False
        if any(
            effect.receiver != NONE and self.unit.places[effect.receiver] == place
            for effect in (self.unit.effects[number] for number in self.index.calls.get("cancel", ()))
            if isinstance(effect, Call)
        ):
            return False
        return not self._awaited(place)

    def _awaited(self, place: Place) -> bool:
        """`await task`, by itself."""
        spans = [(self.unit.values[number].at, self.unit.values[number].end) for number in self._reads(place)]
        return any(
            isinstance(effect, Leave)
            and effect.how == "await"
            and any(end == effect.end and at - effect.at <= len("await  ") for at, end in spans)
            for effect in self.unit.effects
        )

    def _reads(self, place: Place) -> list[int]:
        references = self.index.references.get(place.symbol, ())
        return [number for number in references if self.unit.places[self.unit.values[number].place] == place]

    def _bound_here(self, place: Place, call: Call) -> Bind | None:
        """The only bind of a local, in the region of a call that reads it."""
        if place.symbol == NONE or place.path or self.unit.symbols[place.symbol].kind != "variable":
            return None
        binds = [self.unit.effects[number] for number in self.index.binds.get(place, ())]
        if len(binds) != 1 or not isinstance(binds[0], Bind) or binds[0].value == NONE:
            return None
        return binds[0] if binds[0].region == call.region and binds[0].how in ("declare", "assign") else None

    def _is_first(self, value: int) -> bool:
        row = self.unit.values[value]
        if row.kind == "string":
            return row.text == "FIRST_COMPLETED"
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None:
            return False
        last = place.path[-1][1:] if place.path else self.unit.symbols[place.symbol].name
        return last in ("FIRST_COMPLETED", "FIRST_EXCEPTION")

    def _is_task(self, value: int) -> bool:
        row = self.unit.values[value]
        if row.kind != "call":
            return False
        call = self.unit.effects[row.call]
        return isinstance(call, Call) and call.name in ("create_task", "ensure_future")

    def _pending_used(self, number: int, call: Call) -> bool:
        """Whether the second part of the result goes anywhere."""
        function = self.index.of_function[self.index.function(call.scope)]
        for other in function:
            effect = self.unit.effects[other]
            if other <= number:
                continue
            if isinstance(effect, Bind) and effect.at <= call.at and call.end <= effect.end:
                place = self.unit.places[effect.target]
                if place.symbol == NONE:
                    continue
                name = self.unit.symbols[place.symbol].name
                reads = self.index.references.get(place.symbol, ())
                kept = name.lstrip("_").startswith(
                    ("pend", "todo", "rest", "unfinished", "not_done", "remain")
                )
                if reads and kept:
                    return True
        return False
