"""Python: races of tasks or threads whose loser goes on waiting."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit, Value
from leaklint.solve.index import Index
from leaklint.solve.names import callee_name
from leaklint.solve.repeats import Repeats

# methods that run for as long as their object does
_LASTING = frozenset({"run", "main", "serve", "start", "stop", "close", "loop", "shutdown", "aenter"})


class Raced(msgspec.Struct):
    """`effect` lets new tasks race; `lasting` waits for what outlives the call (NONE: a loop makes more)."""

    effect: int
    lasting: int = NONE


class PyRaces:
    """Races of one unit."""

    def __init__(self, index: Index, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.repeats = repeats

    def raced(self) -> Iterator[Raced]:
        """Races that leave the loser waiting: in a loop, or for what outlives each call."""
        for name in ("wait", "as_completed"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if not call.args or not self._is_race(number, call):
                    continue
                row = self._listed(call.args[0], call)
                runners = row.parts if row is not None else ()
                threads = callee_name(self.unit, number).startswith("concurrent.futures")
                tasks = [
                    part
                    for part in runners
                    if self._is_made_here(part, call)
                    or (name == "as_completed" and self.unit.values[part].kind == "call")
                ]
                if threads:
                    tasks = [part for part in runners if self._is_submitted(part, call)]
                if not tasks or len(runners) < 2:
                    continue
                if len(tasks) > 1 and self.index.in_loop(call.region) and not threads:
                    if not self._pending_used(number, call):
                        yield Raced(number)
                    continue
                lasting = next((part for part in tasks if self._waits_for_lasting(part, call)), NONE)
                if lasting == NONE or not self.repeats.repeats(number) or self._runs_once(call.scope):
                    continue
                if threads or not self._pending_used(number, call):
                    yield Raced(number, self._made_at(lasting, call))

    def _is_race(self, number: int, call: Call) -> bool:
        """Whether a call returns with the first result; of `as_completed`, whether its loop is left then."""
        name = callee_name(self.unit, number)
        if name in ("asyncio.wait", "concurrent.futures.wait"):
            return any(key == "return_when" and self._is_first(value) for key, value in call.keywords)
        if name != "asyncio.as_completed":
            return False
        return any(
            row.kind == "loop"
            and row.iterates != NONE
            and self.unit.values[row.iterates].kind == "call"
            and self.unit.values[row.iterates].call == number
            and row.leaves in ("break", "return")
            for row in self.unit.regions
        )

    def _made_at(self, value: int, call: Call) -> int:
        """The effect that makes a task: the call, or the bind of the local that a race reads."""
        row = self.unit.values[value]
        if row.kind == "call":
            return row.call
        return self.index.binds[self.unit.places[row.place]][0]

    def _waits_for_lasting(self, value: int, call: Call) -> bool:
        """`self._closed.wait()`, `create_task(self._closed.wait())`, `submit(self._closed.wait)`."""
        row = self.unit.values[value]
        if row.kind == "place":
            bind = self._bound_here(self.unit.places[row.place], call, anywhere=True)
            row = self.unit.values[bind.value] if bind is not None else row
        inner = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(inner, Call):
            return False
        if inner.name in ("create_task", "ensure_future", "submit"):
            if not inner.args:
                return False
            given = self.unit.values[inner.args[0]]
            if given.kind == "place" and inner.name == "submit" and len(inner.args) == 1:
                place = self.unit.places[given.place]
                return len(place.path) > 1 and place.path[-1] == ".wait" and self._is_lasting(place)
            inner = self.unit.effects[given.call] if given.kind == "call" else None
        if not isinstance(inner, Call) or inner.receiver == NONE or inner.args:
            return False
        place = self.unit.places[inner.receiver]
        return inner.name in ("wait", "get", "join", "receive", "wait_closed") and self._is_lasting(place)

    def _is_lasting(self, place: Place) -> bool:
        if place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        return (symbol.kind == "this" and bool(place.path)) or (
            symbol.kind in ("variable", "constant", "import") and symbol.scope == 0
        )

    def _runs_once(self, scope: int) -> bool:
        """Whether a function is the one that works for as long as its object lives."""
        name = self.unit.scopes[self.index.function(scope)].name.strip("_")
        return name.split("_")[0] in _LASTING

    def _is_submitted(self, value: int, call: Call) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            bind = self._bound_here(self.unit.places[row.place], call, anywhere=True)
            row = self.unit.values[bind.value] if bind is not None else row
        made = self.unit.effects[row.call] if row.kind == "call" else None
        return isinstance(made, Call) and made.name == "submit"

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

    def _bound_here(self, place: Place, call: Call, anywhere: bool = False) -> Bind | None:
        """The only bind of a local, in the region of a call that reads it or anywhere in its function."""
        if place.symbol == NONE or place.path or self.unit.symbols[place.symbol].kind != "variable":
            return None
        binds = [self.unit.effects[number] for number in self.index.binds.get(place, ())]
        if len(binds) != 1 or not isinstance(binds[0], Bind) or binds[0].value == NONE:
            return None
        near = anywhere or binds[0].region == call.region
        return binds[0] if near and binds[0].how in ("declare", "assign") else None

    def _is_first(self, value: int) -> bool:
        row = self.unit.values[value]
        if row.kind == "string":
            return row.text == "FIRST_COMPLETED"
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None:
            return False
        last = self.index.last_name(place)
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
