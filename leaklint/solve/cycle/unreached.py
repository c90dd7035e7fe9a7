"""Python: `__del__` that should end what runs, while what runs holds the object: it is never called."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.repeats import Repeats

# what keeps a function for as long as it runs: threads, greenlets, tasks
_RUNS = ("Thread", "start_new_thread", "Greenlet", "spawn", "spawn_later", "spawn_n", "spawn_raw", "submit")
_TASKS = ("create_task", "ensure_future", "run_coroutine_threadsafe", "start_soon", "add_task")
_TIMERS = ("Timer", "call_later", "call_at", "callLater", "add_timeout", "timeout_add", "timeout_add_seconds")
_UNBOUND = frozenset({"static", "classmethod"})
_DEPTH = 3


class Unreached(msgspec.Struct):
    """`__del__` of `owner` (a scope) should end what `started` starts, which runs the method `worker`.

    started: NONE for a class that is itself a thread.
    """

    owner: int
    finalizer: int
    worker: int
    started: int


class UnreachedFinalizers:
    """Classes of one unit whose finalizer waits for its own work."""

    def __init__(self, index: Index, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.repeats = repeats

    def found(self) -> Iterator[Unreached]:
        """Each class once, in source order."""
        if self.unit.language != "python":
            return
        for owner, names in self.index.method_names.items():
            if "__del__" not in names or self.repeats.is_singleton(owner):
                continue
            ended = self._touched(owner, names["__del__"])
            for worker, started in self._workers(owner, names):
                field = self._field(owner, started)
                tested = self._tested(owner, worker)
                if (tested | field) & ended and not tested & self._touched(owner, worker, 0):
                    yield Unreached(owner, names["__del__"], worker, started)
                    break

    def _workers(self, owner: int, names: dict[str, int]) -> Iterator[tuple[int, int]]:
        """The methods that run for as long as nobody stops them, and what starts them."""
        this = self.unit.owners[owner].this
        for name in (*_RUNS, *_TASKS, *_TIMERS):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                for value in (*call.args, *(given for _, given in call.keywords)):
                    worker = self._method(value, this, name in _TASKS)
                    if worker == NONE or not self.unit.scopes[worker].flags.isdisjoint(_UNBOUND):
                        continue
                    if self._loops(worker, this) or self._starts_itself(number, worker, name):
                        yield worker, number
        run = names.get("run", NONE)
        bases = (self.unit.values[value] for value in self.unit.owners[owner].bases)
        is_thread = any(
            self.index.last_name(self.unit.places[base.place]) == "Thread"
            for base in bases
            if base.kind == "place"
        )
        if run != NONE and is_thread and self._loops(run, this):
            yield run, NONE

    def _method(self, value: int, this: int, called: bool) -> int:
        """`self.work`, or of a task `self.work()`."""
        row = self.unit.values[value]
        if called and row.kind == "call":
            scope = self.index.callee_scope(row.call)
            call = self.unit.effects[row.call]
            on = call.receiver if isinstance(call, Call) else NONE
            return scope if on != NONE and self.unit.places[on] == Place(this) else NONE
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol != this or len(place.path) != 1:
            return NONE
        return self.index.method(self.unit.symbols[this].target, place.path[0][1:])

    def _loops(self, worker: int, this: int) -> bool:
        """`while True:`, `while self.running:`."""
        return any(
            row.kind == "loop"
            and row.iterates == NONE
            and self.index.function(row.scope) == worker
            and (self.index.in_endless_loop(number) or bool(self._fields(row.test, this)))
            for number, row in enumerate(self.unit.regions)
        )

    def _starts_itself(self, number: int, worker: int, name: str) -> bool:
        """A timer whose callback starts the next one, whatever happens."""
        effect = self.unit.effects[number]
        inside = self.index.function(effect.scope) == worker
        if name not in _TIMERS or not inside or effect.region != NONE:
            return False
        before = (row for row in self.unit.regions if row.leaves and row.last <= number)
        return all(self.index.function(row.scope) != worker for row in before)

    def _tested(self, owner: int, worker: int) -> set[str]:
        """The fields that the loops of a method ask whether to go on."""
        this = self.unit.owners[owner].this
        loops = (row for row in self.unit.regions if row.kind == "loop" and row.test != NONE)
        return {
            step
            for row in loops
            if self.index.function(row.scope) == worker
            for step in self._fields(row.test, this)
        }

    def _fields(self, value: int, this: int) -> set[str]:
        """The fields in a test: `not self._stop.is_set()`, `self.running and …`."""
        row = self.unit.values[value]
        place = NONE
        if row.kind == "place":
            place = row.place
        elif row.kind == "call":
            call = self.unit.effects[row.call]
            place = call.receiver if isinstance(call, Call) else NONE
        found = {step for part in row.parts for step in self._fields(part, this)}
        if place != NONE and self.unit.places[place].symbol == this:
            found.update(self.unit.places[place].path[:1])
        return found

    def _field(self, owner: int, started: int) -> set[str]:
        """The field that keeps the handle of what was started."""
        this = self.unit.owners[owner].this
        for place, binds in self.index.binds.items() if started != NONE else ():
            if place.symbol != this or len(place.path) != 1:
                continue
            for number in binds:
                bind = self.unit.effects[number]
                row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
                if row is not None and row.kind == "call" and row.call == started:
                    return {place.path[0]}
        return set()

    def _touched(self, owner: int, scope: int, depth: int = _DEPTH) -> set[str]:
        """The fields that a method sets or calls, itself or through others of its class."""
        this = self.unit.owners[owner].this
        found: set[str] = set()
        for number in self.index.of_function.get(scope, ()):
            effect = self.unit.effects[number]
            place = NONE
            if isinstance(effect, Bind):
                place = effect.target
            elif isinstance(effect, Call) and effect.receiver != NONE:
                asks = effect.name in ("is_set", "isSet", "is_alive", "done", "empty", "wait", "get")
                place = NONE if asks else effect.receiver
            if place == NONE or self.unit.places[place].symbol != this:
                continue
            path = self.unit.places[place].path
            found.update(path[:1])
            called = isinstance(effect, Call) and not path and depth
            callee = self.index.callee_scope(number) if called else NONE
            if callee != NONE and callee != scope:
                found |= self._touched(owner, callee, depth - 1)
        return found
