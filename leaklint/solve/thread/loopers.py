"""Python: threads and tasks of an object that loop for ever, where its end tells them nothing.

Two kinds: a loop that sleeps between its turns and that nothing leaves, and one that waits for the next entry
of a queue of its own. What the end closes may raise in the loop, which then ends by that.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.names import callee_name
from leaklint.solve.thread.pythreads import PyThreads, Unended

_TASKS = frozenset({"create_task", "ensure_future"})
_STARTS = frozenset({"Thread", "start_new_thread", *_TASKS})
_SLEEPS = frozenset({"sleep", "wait"})
_QUEUES = frozenset({"queue", "deque"})
_ENDS = frozenset(
    {"close", "aclose", "stop", "disconnect", "disconnected", "shutdown", "dispose", "destroy", "terminate"}
    | {
        "on_close",
        "connection_lost",
        "connectionLost",
        "on_disconnect",
        "teardown",
        "detach",
        "closed",
        "quit",
    }
    | {"__exit__", "__aexit__", "async_will_remove_from_hass", "on_unmount", "unload", "cleanup", "logout"}
)
_NOTHING = frozenset({"start", "setDaemon", "setName", "add_done_callback", "is_alive", "set_name"})
_DEPTH = 3


class Loopers:
    """Such threads and tasks of one unit."""

    def __init__(self, growths: Growths, threads: PyThreads) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.repeats = growths.repeats
        self.lifecycle = growths.lifecycle
        self.threads = threads

    def found(self) -> Iterator[Unended]:
        """One for each class, in source order."""
        seen: set[int] = set()
        for number, owner in self._starts():
            if owner == NONE or owner in seen or self.repeats.is_singleton(owner) or not self._ends(owner):
                continue
            run = self._run(number, owner)
            loop = self._loop(run, owner) if run != NONE else NONE
            if loop != NONE and not self._is_told(number):
                seen.add(owner)
                yield Unended(owner, number, number, loop, self._ends(owner)[0])

    def _starts(self) -> Iterator[tuple[int, int]]:
        """(call that makes a thread or task, class whose object it belongs to)."""
        for number in sorted(n for name in _STARTS & self.index.calls.keys() for n in self.index.calls[name]):
            yield number, self.lifecycle.owner_of(self.unit.effects[number].scope)
        for owner, names in self.index.method_names.items():
            made = names.get("__init__", NONE)
            if made != NONE and "run" in names and self._is_thread(owner):
                calls = [n for n in self.index.of_function[made] if isinstance(self.unit.effects[n], Call)]
                yield from ((number, owner) for number in calls[:1])

    def _is_thread(self, owner: int) -> bool:
        bases = [self.unit.values[base] for base in self.unit.owners[owner].bases]
        places = [self.unit.places[row.place] for row in bases if row.kind == "place"]
        return any(self.index.last_name(place) == "Thread" for place in places)

    def _ends(self, owner: int) -> list[int]:
        names = self.index.method_names.get(owner, {})
        ends = sorted((name for name in names if name in _ENDS), key=lambda name: name.startswith("__"))
        return [names[name] for name in ends]

    # -- what runs

    def _run(self, number: int, owner: int) -> int:
        """The method or nested function that a thread or task runs."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.name not in _STARTS:
            return self.index.method(owner, "run")
        if call.name in _TASKS:
            row = self.unit.values[call.args[0]] if call.args else None
            return self.index.callee_scope(row.call) if row is not None and row.kind == "call" else NONE
        if call.name == "Thread" and callee_name(self.unit, number) not in ("threading.Thread", "Thread"):
            return NONE
        given = [value for name, value in call.keywords if name == "target"]
        given += call.args[:1] if call.name == "start_new_thread" else call.args[1:2]
        row = self.unit.values[given[0]] if given else None
        if row is None or row.kind != "place":
            return NONE
        place = self.unit.places[row.place]
        if place.symbol == self.unit.owners[owner].this and len(place.path) == 1:
            return self.index.method(owner, place.path[0][1:])
        symbol = self.index.symbol(place)
        return symbol.target if symbol is not None and symbol.kind == "function" and not place.path else NONE

    def _loop(self, run: int, owner: int) -> int:
        """The wait of an endless loop that nothing ends, or NONE."""
        for number in self.index.of_function.get(run, ()):
            call = self.unit.effects[number]
            if not isinstance(call, Call) or call.name not in (*_SLEEPS, "get"):
                continue
            loop = next((each for each in self.index.regions(call.region) if self._is_endless(each)), NONE)
            if loop == NONE:
                continue
            ends = (
                not self._waits_for_queue(number, call, owner)
                if call.name == "get"
                else self._is_left(loop, owner)
            )
            if not ends:
                return number
        return NONE

    def _is_endless(self, region: int) -> bool:
        row = self.unit.regions[region]
        return row.kind == "loop" and self.index.in_endless_loop(region) and row.iterates == NONE

    # -- a queue of its own

    def _waits_for_queue(self, number: int, call: Call, owner: int) -> bool:
        """Whether `self.jobs.get()` waits for good: nobody puts anything there at the end."""
        place = self.unit.places[call.receiver] if call.receiver != NONE else None
        if (
            place is None
            or call.keywords
            or len(call.args) > 1
            or place.symbol != self.unit.owners[owner].this
        ):
            return False
        holder = self.growths.holders.by_place.get(place)
        if holder is None or holder.kind not in _QUEUES or self.threads.is_woken(number):
            return False
        return not any(
            isinstance(effect := self.unit.effects[each], Call)
            and effect.receiver != NONE
            and self.unit.places[effect.receiver] == place
            and effect.name not in ("get_nowait", "empty", "qsize", "clear")
            for scope in self._ends(owner)
            for each in self.index.of_function.get(scope, ())
        )

    # -- sleeping

    def _is_left(self, loop: int, owner: int) -> bool:
        """Whether anything may leave a loop: a statement, or a failure of what the object's end closes."""
        row = self.unit.regions[loop]
        ended = self._ended(owner)
        for number in range(row.first, row.last):
            effect = self.unit.effects[number]
            if isinstance(effect, Leave):
                if effect.how in ("break", "return", "raise") and not self._is_cancelled(effect.region):
                    return True
            elif (
                isinstance(effect, Call)
                and not self._is_caught(effect.region, loop)
                and self._may_fail(effect, number, ended, _DEPTH)
            ):
                return True
        return False

    def _is_cancelled(self, region: int) -> bool:
        """`except asyncio.CancelledError: break`, of a task that nobody cancels."""
        for number in self.index.regions(region):
            row = self.unit.regions[number]
            if row.kind == "except" and row.catches != NONE:
                caught = self.unit.values[row.catches]
                place = self.unit.places[caught.place] if caught.kind == "place" else None
                return place is not None and self.index.last_name(place) == "CancelledError"
        return False

    def _is_caught(self, region: int, loop: int) -> bool:
        """Whether a `try` inside of the loop catches what fails."""
        for number in self.index.regions(region):
            if number == loop:
                return False
            row = self.unit.regions[number]
            if row.kind == "try" and any(
                other.kind == "except"
                and other.parent == row.parent
                and other.at >= row.end
                and not other.leaves
                for other in self.unit.regions
            ):
                return True
        return False

    def _ended(self, owner: int) -> set[str]:
        """The fields that the end of an object calls or sets: `self.socket.close()`, `self.socket = None`."""
        this = self.unit.owners[owner].this
        found: set[str] = set()
        for scope in self._ends(owner):
            for number in self.index.of_function.get(scope, ()):
                effect = self.unit.effects[number]
                if isinstance(effect, Call) and effect.receiver != NONE:
                    place = self.unit.places[effect.receiver]
                elif isinstance(effect, Bind):
                    place = self.unit.places[effect.target]
                else:
                    continue
                if place.symbol == this and place.path:
                    found.add(place.path[0])
                elif place.symbol != this:
                    found.add("*")  # `with suppress(Exception): channel.close()` of something else
        return found

    def _may_fail(self, call: Call, number: int, ended: set[str], depth: int) -> bool:
        place = self.unit.places[call.receiver] if call.receiver != NONE else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is not None and symbol is not None and symbol.kind == "this" and place.path:
            return place.path[0] in ended
        inner = self.index.callee_scope(number)
        if inner == NONE or depth == 0:
            return symbol is not None and symbol.kind in ("variable", "parameter") and symbol.scope != 0
        return any(
            isinstance(effect := self.unit.effects[each], Call)
            and self._may_fail(effect, each, ended, depth - 1)
            for each in self.index.of_function.get(inner, ())
        )

    # -- who has the thread

    def _is_told(self, number: int) -> bool:
        """Whether the handle of a thread or task goes anywhere from where it may be cancelled."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.name not in _TASKS:
            return False  # a thread can't be ended from outside
        if "all_tasks" in self.index.calls:
            return True
        after = self.unit.effects[number + 1] if number + 1 < len(self.unit.effects) else None
        if not isinstance(after, Bind) or after.value == NONE or self.unit.values[after.value].call != number:
            return not self._is_dropped(number)
        place = self.unit.places[after.target]
        if after.how == "element":
            return True
        if any(
            isinstance(other, Call)
            and other.receiver != NONE
            and other.name not in _NOTHING
            and self._is_same(self.unit.places[other.receiver], place)
            for other in self.unit.effects
        ):
            return True
        return any(
            self._is_same(self.unit.places[self.unit.values[value].place], place)
            for value in self.index.references.get(place.symbol, ())
        )

    def _is_dropped(self, number: int) -> bool:
        return not any(value.kind == "call" and value.call == number for value in self.unit.values)

    def _is_same(self, place: Place, kept: Place) -> bool:
        return place.path[-1:] == kept.path[-1:] if kept.path else place == kept
