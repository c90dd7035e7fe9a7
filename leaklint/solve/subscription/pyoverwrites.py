"""Python: handles of what still runs that a method overwrites, where other methods end the old one first.

A handle counts when some code of the file ends what the field holds (`self._timer.cancel()`,
`destroy(self._handle)`). Files and sockets are left alone: CPython closes them with their last reference.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.names import callee_name
from leaklint.solve.repeats import Repeats

_ENDS = frozenset(
    {
        *(
            "cancel",
            "stop",
            "terminate",
            "shutdown",
            "kill",
            "unsubscribe",
            "disconnect",
            "destroy",
            "dispose",
        ),
        *(
            "unlink",
            "quit",
            "loop_stop",
            "deleteLater",
            "unschedule",
            "release_handle",
            "shutdown_gracefully",
        ),
    }
)
_CLOSES = frozenset({"close", "aclose"})
# what does not end with its last reference
_CLOSED = frozenset(
    {
        *("multiprocessing.Pool", "multiprocessing.pool.Pool", "multiprocessing.pool.ThreadPool"),
        *("multiprocessing.shared_memory.SharedMemory", "shared_memory.SharedMemory", "docker.APIClient"),
        *(
            "docker.Client",
            "docker.from_env",
            "docker.DockerClient",
            "aiohttp.ClientSession",
            "grpc.insecure_channel",
        ),
        *("grpc.secure_channel", "grpc.aio.insecure_channel", "grpc.aio.secure_channel", "zmq.Context"),
    }
)
# functions that end what they are given: `ddwaf_destroy(handle)`, `GLib.source_remove(source)`
_FREES = regex(
    r"(?i)(\w*_)?(destroy|free|dispose|after_cancel|source_remove|remove_timeout|cancel_timeout|clear_interval|"
    r"unschedule|release_handle|del_handle|cancel_timer|kill_timer|destroy_\w+|free_\w+)"
)
_AGAIN = regex(
    r"_*(on|handle|update|set|refresh|change|switch|replace|swap|restart|reload|reconnect|reset|renew|"
    r"resubscribe|rearm|reschedule|schedule|touch|rebuild|reconfigure|resize|retry|rotate|notify)(_|[A-Z]|$)"
)
_AT_START = regex(
    r"_*(on|handle|set)_?(async_?)?"
    r"((re)?start(up)?|mount|load|init(iali[sz]e)?|open|enter|ready|create|setup|up)(ed)?$"
)
_STOPS = regex(
    r"(?i)_*(stop|clear|dispose|cancel|end|un|remove|reset|destroy|clean|close|disconnect|kill|tear|free|release|shut|quit|del)"
)
# of GLib: go on for as long as their function returns True
_SOURCES = frozenset({"timeout_add", "timeout_add_seconds", "idle_add"})
_TASKS = frozenset({"create_task", "ensure_future", "start_soon", "spawn"})
# results that only tell, and hold nothing that runs
_PLAIN = frozenset(
    {"get", "pop", "getattr", "deepcopy", "copy", "next", "cast", "len", "str", "int", "dict", "list"}
)


class Replaced(msgspec.Struct):
    """`bind` puts what `made` returns into `place`, while what stood there is not ended as by `end`."""

    place: Place
    bind: int
    made: int
    end: int


class PyOverwrites:
    """Overwritten handles of one Python unit."""

    def __init__(self, index: Index, lifecycle: Lifecycle, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.lifecycle = lifecycle
        self.repeats = repeats

    def found(self) -> Iterator[Replaced]:
        """The first overwriting bind of each field."""
        for place, ends in self._ended().items():
            ending = self._reaches({self.index.function_at(number) for number in ends})
            for number in self.index.binds.get(place, ()):
                made = self._made(number, place, ends)
                if made != NONE and self._loses(number, made, place, ending):
                    yield Replaced(place, number, made, ends[0])
                    break
            else:
                yield from self._from_outside(place, ends, ending)

    def _from_outside(self, field: Place, ends: list[int], ending: set[int]) -> Iterator[Replaced]:
        """`def reset(): delayed.handle = loop.call_at(…)` of a closure, where `delayed.cancel()` ends it."""
        for place, numbers in self.index.binds.items():
            if place.path != field.path or place.symbol in (NONE, field.symbol):
                continue
            symbol = self.unit.symbols[place.symbol]
            if symbol.kind != "variable" or symbol.scope == 0:
                continue
            for number in numbers:
                scope = self.index.function_at(number)
                made = self._made(number, place, ends)
                inner = place.symbol in self.unit.scopes[scope].captures
                if made == NONE or not inner or not self._runs_again(scope):
                    continue
                if not self._is_seen_to(scope, number, made, place, ending):
                    yield Replaced(field, number, made, ends[0])
                    return

    def misnamed(self) -> Iterator[Replaced]:
        """`task._timer = start(…)`, where all that ends it looks at `task.timer`, which nobody sets."""
        ended: dict[str, int] = {}
        for name in sorted(_ENDS & self.index.calls.keys()):
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                place = self.unit.places[call.receiver] if call.receiver != NONE else None
                if place is not None and place.symbol != NONE and place.path:
                    ended.setdefault(place.path[-1], number)
        if not ended:
            return
        paths = {place.path for place in self._read()}
        read = {path[:1] for path in paths} | {path[-1:] for path in paths}
        for place, numbers in self.index.binds.items():
            step = place.path[-1] if place.symbol != NONE and len(place.path) == 1 else ""
            other = "." + step[1:].lstrip("_") if step.startswith("._") else "._" + step[1:]
            if not step or other not in ended or (step,) in read:
                continue
            if any(self._sets(bind, other) for bind in self.index.binds):
                continue
            for number in numbers:
                bind = self.unit.effects[number]
                row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
                if row is not None and row.kind == "call" and self.repeats.repeats(number):
                    yield Replaced(place, number, row.call, ended[other])
                    break

    def _read(self) -> Iterator[Place]:
        for row in self.unit.values:
            if row.kind == "place":
                yield self.unit.places[row.place]
        for effect in self.unit.effects:
            if isinstance(effect, Call) and effect.receiver != NONE:
                yield self.unit.places[effect.receiver]

    def _sets(self, place: Place, step: str) -> bool:
        """Whether anything but None is stored under a name."""
        return place.path[-1:] == (step,) and any(
            isinstance(bind := self.unit.effects[number], Bind)
            and bind.value != NONE
            and self.unit.values[bind.value].kind != "null"
            for number in self.index.binds[place]
        )

    # -- which fields hold what wants an end

    def _ended(self) -> dict[Place, list[int]]:
        """Fields of objects -> calls that end what they hold."""
        found: dict[Place, list[int]] = {}
        for name in (_ENDS | _CLOSES) & self.index.calls.keys():
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver != NONE and self._is_field(self.unit.places[call.receiver]):
                    found.setdefault(self.unit.places[call.receiver], []).append(number)
        for name, numbers in self.index.calls.items():
            if not _FREES.fullmatch(name):
                continue
            for number in numbers:
                for value in self.unit.effects[number].args[:2]:  # type: ignore[union-attr]
                    row = self.unit.values[value]
                    if row.kind == "place" and self._is_field(self.unit.places[row.place]):
                        found.setdefault(self.unit.places[row.place], []).append(number)
        return {place: sorted(found[place]) for place in sorted(found, key=lambda one: found[one][0])}

    def _is_field(self, place: Place) -> bool:
        return (
            place.symbol != NONE
            and len(place.path) == 1
            and place.path[0] != "[]"
            and self.unit.symbols[place.symbol].kind == "this"
        )

    def _made(self, number: int, place: Place, ends: list[int]) -> int:
        """The call whose result a bind stores, if it starts something that wants an end, or NONE."""
        bind = self.unit.effects[number]
        if not isinstance(bind, Bind) or bind.how != "assign" or bind.value == NONE:
            return NONE
        row = self.unit.values[bind.value]
        if row.kind == "place":  # `made = start(…)` first
            local = self.unit.places[row.place]
            if local.symbol == NONE or local.path or self.unit.symbols[local.symbol].kind != "variable":
                return NONE
            binds = [self.unit.effects[other] for other in self.index.binds.get(local, ())]
            own = [
                other
                for other in binds
                if isinstance(other, Bind)
                and self.index.function(other.scope) == self.index.function(bind.scope)
            ]
            if len(own) != 1 or own[0].value == NONE:
                return NONE
            row = self.unit.values[own[0].value]
        if row.kind != "call":
            return NONE
        call = self.unit.effects[row.call]
        assert isinstance(call, Call)
        if call.name in _PLAIN or call.name.startswith(("get_", "find_", "load_", "_get", "read_")):
            return NONE
        names = {self.unit.effects[end].name for end in ends}  # type: ignore[union-attr]
        if names <= _CLOSES and callee_name(self.unit, row.call) not in _CLOSED:
            return NONE
        if call.name in _TASKS and not self._is_endless(call):
            return NONE  # most tasks come to an end of their own
        if call.name in _SOURCES and self._ends_itself(call):
            return NONE
        return row.call

    def _ends_itself(self, call: Call) -> bool:
        """GLib: whether the function of a timeout may return anything but True, which takes it off."""
        for value in call.args:
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            scope = row.scope if row.kind == "closure" else NONE
            if place is not None and self._is_field(place):
                scope = self.index.method(self.unit.symbols[place.symbol].target, place.path[0][1:])
            elif place is not None and place.symbol != NONE and not place.path:
                scope = self.index.function_of(place.symbol)
            if scope != NONE:
                given = [self.unit.effects[number].value for number in self.index.returns.get(scope, ())]  # type: ignore[union-attr]
                return not given or any(
                    value == NONE or self.unit.values[value].text not in ("True", "true") for value in given
                )
        return False

    def _is_endless(self, call: Call) -> bool:
        """Whether the coroutine of a task is one of the file that loops for ever."""
        for value in call.args:
            row = self.unit.values[value]
            if row.kind != "call":
                continue
            scope = self.index.callee_scope(row.call)
            if scope != NONE and any(
                region.kind == "loop" and region.scope == scope and self.index.in_endless_loop(number)
                for number, region in enumerate(self.unit.regions)
            ):
                return True
        return False

    # -- whether the old one is lost

    def _loses(self, number: int, made: int, place: Place, ending: set[int]) -> bool:
        bind = self.unit.effects[number]
        function = self.index.function(bind.scope)
        row = self.unit.scopes[function]
        if row.kind != "method" or function in ending or row.name in self.lifecycle.teardown_names:
            return False
        if self._is_seen_to(function, number, made, place, ending) or self._rearms(made, function):
            return False
        callers = [call for call in self.index.callers.get(function, ()) if self._around(call) != function]
        callers += self._of_fields(function)
        remade = [call for call in callers if self._is_remade(call, place)]
        if remade:
            return True
        if callers and all(
            self._at_start(self._around(call))
            or self._is_seen_to(self._around(call), call, NONE, place, ending)
            for call in callers
        ):
            return False
        return self._runs_again(function)

    def _rearms(self, made: int, function: int) -> bool:
        """Whether what was started starts the next one when it has fired: the old one is no more."""
        reaches = self._reaches({function})
        call = self.unit.effects[made]
        assert isinstance(call, Call)
        for value in (*call.args, *(given for _, given in call.keywords)):
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if row.kind == "closure" and row.scope in reaches:
                return True
            if place is not None and self._is_field(place):
                owner = self.unit.symbols[place.symbol].target
                if self.index.method(owner, place.path[0][1:]) in reaches:
                    return True
        return False

    def _around(self, effect: int) -> int:
        return self.index.function_at(effect)

    def _of_fields(self, function: int) -> list[int]:
        """Calls of a method on a field of another class that holds an object of its own class."""
        row = self.unit.scopes[function]
        owner = self.unit.owners[row.owner] if row.owner != NONE else None
        if owner is None or row.name not in self.index.calls or owner.name not in self.index.calls:
            return []
        found = []
        for number in self.index.calls[row.name]:
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            place = self.unit.places[call.receiver] if call.receiver != NONE else None
            if place is None or not self._is_field(place) or place.symbol == owner.this:
                continue
            for bind in map(self.unit.effects.__getitem__, self.index.binds.get(place, ())):
                value = (
                    self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
                )
                made = self.unit.effects[value.call] if value is not None and value.kind == "call" else None
                if isinstance(made, Call) and made.name == owner.name:
                    found.append(number)
                    break
        return found

    def _at_start(self, function: int) -> bool:
        row = self.unit.scopes[function]
        return row.kind in ("constructor", "class", "module") or row.name in self.lifecycle.setup_names

    def _is_seen_to(self, function: int, until: int, made: int, place: Place, ending: set[int]) -> bool:
        """Whether a function ends the old one, or at least looks at the field, before an effect."""
        call = self.unit.effects[made] if made != NONE else None
        start, end = self.unit.scopes[function].at, self.unit.effects[until].at
        for value in self.index.references.get(place.symbol, ()):
            row = self.unit.values[value]
            if self.unit.places[row.place].path[:1] != place.path or not start <= row.at < end:
                continue
            if call is None or not call.at <= row.at < call.end:
                return True
        for number in self.index.of_function.get(function, ()):
            if number >= until:
                break
            effect = self.unit.effects[number]
            if not isinstance(effect, Call):
                continue
            if effect.receiver != NONE and self.unit.places[effect.receiver].path[:1] == place.path:
                return True
            if self.index.callee_scope(number) in ending or _STOPS.match(effect.name):
                return True
        return False

    def _is_remade(self, call: int, place: Place) -> bool:
        """`if self._shm is None or shape != self._shape: self._allocate()`: there may be one already."""
        for index in self.index.regions(self.unit.effects[call].region):
            row = self.unit.regions[index]
            test = self.unit.values[row.test] if row.kind == "branch" and row.test != NONE else None
            if test is None or test.kind != "operation" or test.text != "or" or row.negated:
                continue
            if any(self._asks(part, place) for part in test.parts):
                return True
        return False

    def _asks(self, value: int, place: Place) -> bool:
        """`self._x is None`, `not self._x`."""
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place] == place
        return row.kind == "operation" and row.text in ("is", "not", "==") and self._asks(row.parts[0], place)

    def _runs_again(self, function: int, depth: int = 0) -> bool:
        """Whether a method is called again and again: by its name, in a loop, or by one that is."""
        row = self.unit.scopes[function]
        if _AGAIN.match(row.name):
            return not _AT_START.match(row.name)
        for call in (*self.index.callers.get(function, ()), *self._of_fields(function)):
            around = self._around(call)
            if around == function:
                continue
            if any(
                self.unit.regions[index].kind == "loop" and self.unit.regions[index].iterates == NONE
                for index in self.index.regions(self.unit.effects[call].region)
            ):
                return True
            if (
                depth < 2
                and self.unit.scopes[around].kind == "method"
                and self._runs_again(around, depth + 1)
            ):
                return True
        return False

    def _reaches(self, scopes: set[int]) -> set[int]:
        """Functions, and those that call them."""
        found, pending = set(scopes), list(scopes)
        while pending:
            for call in self.index.callers.get(pending.pop(), ()):
                around = self._around(call)
                if around not in found:
                    found.add(around)
                    pending.append(around)
        return found
