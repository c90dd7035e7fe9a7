"""Python classes whose objects serve for as long as the program does, by what they own and do.

A name says it often enough (see `Lifecycle.lives_long`); this module looks at the code: who works off
a queue for ever, guards itself against other threads, or answers one request after the other.
"""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name
from leaklint.solve.repeats import Repeats

# what only an object has that others use from several threads or tasks, or that works on its own
_OWNS = frozenset(
    {
        *("threading.Lock", "threading.RLock", "threading.Condition", "threading.Thread", "threading.Event"),
        *("asyncio.Lock", "asyncio.Condition", "asyncio.create_task", "asyncio.ensure_future"),
        *("asyncio.Semaphore", "multiprocessing.Process", "multiprocessing.Lock", "socket.socket"),
        *("concurrent.futures.ThreadPoolExecutor", "concurrent.futures.ProcessPoolExecutor"),
        *("anyio.Lock", "trio.Lock", "gevent.spawn", "gevent.lock.RLock", "eventlet.spawn"),
        *("sched.scheduler", "selectors.DefaultSelector", "asyncio.start_server", "boto3.client"),
    }
)
_SERVES = regex(
    r"_?(run|serve|loop|work|worker|main|poll|consume|listen|dispatch|process|recv|receive|read|pump)"
    r"(_?(forever|loop|queue|events?|messages?|requests?|once|all))?_?"
)
# methods that a framework calls with one request, message or event after the other
_HANDLES = regex(
    r"process_(request|response|exception|view|item|spider_\w+|event|message)|"
    r"(_?on|_?handle)_(message|request|response|event|packet|frame|update|connect|disconnect|data)|"
    r"buildProtocol|handle_accept(ed)?|on_accept|client_connected(_cb)?|"
    r"dispatch|(data|message|datagram|line|frame|packet)_?[Rr]eceived|"
    r"(request|response|http_connect|tcp_start|dns_request|websocket_start|responseheaders)"
)
_LATER = frozenset(
    {
        "after",
        "call_later",
        "call_at",
        "callLater",
        "Timer",
        "singleShot",
        "timeout_add",
        "timeout_add_seconds",
    }
    | {"add_timeout", "schedule_once", "CallLater", "spawn_later", "enter", "run_later"}
)
_BASES = regex(
    r"(Thread|Process|Server|Service|Middleware|Factory|Daemon|Application|Extension|Plugin|Addon|Actor|"
    r"Mixin|Consumer|Producer|Worker|Manager|QObject|QMainWindow)$"
)
_PER_CONNECTION = regex(r"(?i)protocol|connection|session|stream|channel$|handler$|task$|job$|span")


class Services:
    """Long-lived classes of one unit."""

    def __init__(self, index: Index, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.repeats = repeats
        self._known: dict[int, bool] = {}
        self._made_by: dict[int, int] | None = None

    def serves(self, owner: int) -> bool:
        """Whether the code of a class shows that its objects serve long."""
        known = self._known.get(owner)
        if known is None:
            self._known[owner] = False
            known = self._known[owner] = self._find(owner)
        return known

    def is_per_connection(self, owner: int) -> bool:
        """Whether a class is named as one of which there are as many objects as callers."""
        return _PER_CONNECTION.search(self.unit.owners[owner].name) is not None

    def _find(self, owner: int) -> bool:
        if self.is_per_connection(owner):
            return False  # as many as there are callers, and gone with them
        methods = self.index.method_names.get(owner, {})
        if "__call__" in methods and self._is_middleware(owner, methods):
            return True
        if any(_HANDLES.fullmatch(name) for name in methods):
            return True
        works = self._works_for_ever(methods) or self._comes_again(owner)
        return works or self._owns(owner) or self._is_part(owner)

    def _is_middleware(self, owner: int, methods: dict[str, int]) -> bool:
        names = [self.unit.symbols[param].name for param in self.unit.scopes[methods["__call__"]].params]
        return names[:1] == ["request"] or names[:2] in (["environ", "start_response"], ["scope", "receive"])

    def _comes_again(self, owner: int) -> bool:
        """Whether a method has itself called later: `self.after(2000, self.show_next)` in `show_next()`."""
        this = self.unit.owners[owner].this
        for name in _LATER & self.index.calls.keys():
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                row = self.unit.scopes[self.index.function(call.scope)]
                if row.owner != owner or row.kind != "method":
                    continue
                for value in (*call.args, *(given for _, given in call.keywords)):
                    given = self.unit.values[value]
                    place = self.unit.places[given.place] if given.kind == "place" else None
                    if place is not None and place.symbol == this and place.path == ("." + row.name,):
                        return True
        return False

    def _works_for_ever(self, methods: dict[str, int]) -> bool:
        """Whether a method named like work has a loop that only a stop ends."""
        scopes = {scope for name, scope in methods.items() if _SERVES.fullmatch(name)}
        if not scopes:
            return False
        return any(
            region.kind == "loop"
            and region.scope in scopes
            and region.iterates == NONE
            and (self.index.in_endless_loop(number) or self._until_stopped(region.test))
            for number, region in enumerate(self.unit.regions)
        )

    def _until_stopped(self, test: int) -> bool:
        """`while self.running`, `while not self._stop.is_set()`; `while self.todo` ends with the work."""
        row = self.unit.values[test]
        if row.kind == "operation" and row.text == "not":
            row = self.unit.values[row.parts[0]]
        place = NONE
        if row.kind == "place":
            place = row.place
        elif row.kind == "call":
            call = self.unit.effects[row.call]
            place = call.receiver if isinstance(call, Call) and call.name in ("is_set", "isSet") else NONE
        if place == NONE or self.unit.places[place].symbol == NONE or self._is_worked_off(place):
            return False
        return self.unit.symbols[self.unit.places[place].symbol].kind == "this"

    def _is_worked_off(self, place: int) -> bool:
        return any(
            getattr(self.unit.effects[number], "receiver", NONE) != NONE
            and self.unit.places[self.unit.effects[number].receiver] == self.unit.places[place]  # type: ignore[union-attr]
            for name in ("pop", "popleft", "popitem")
            for number in self.index.calls.get(name, ())
        )

    def _owns(self, owner: int) -> bool:
        """Whether the constructor keeps a lock, thread, task, executor or socket."""
        methods = self.index.method_names.get(owner, {})
        made = methods.get("__init__", NONE)
        if made == NONE:
            return False
        this = self.unit.owners[owner].this
        for name in {each.rpartition(".")[2] for each in _OWNS} & self.index.calls.keys():
            for number in self.index.calls[name]:
                if self.unit.effects[number].scope != made or callee_name(self.unit, number) not in _OWNS:
                    continue
                after = self.unit.effects[number + 1] if number + 1 < len(self.unit.effects) else None
                if isinstance(after, Bind) and self.unit.places[after.target].symbol == this:
                    return True
        return False

    def _is_part(self, owner: int) -> bool:
        """Whether the only objects are parts of one that serves: `self.dedup = Deduplicator()`."""
        made = self._makers().get(owner, NONE)
        return made not in (NONE, owner) and (self.repeats.is_singleton(made) or self.serves(made))

    def _makers(self) -> dict[int, int]:
        """Owner -> the one owner whose constructor puts an object of it into a field."""
        if self._made_by is None:
            self._made_by = {}
            for number, row in enumerate(self.unit.owners):
                calls = self.index.calls.get(row.name, ())
                if len(calls) == 1 and row.symbol != NONE:
                    call = self.unit.effects[calls[0]]
                    scope = self.unit.scopes[call.scope]
                    after = self.unit.effects[calls[0] + 1] if calls[0] + 1 < len(self.unit.effects) else None
                    if scope.kind == "constructor" and isinstance(after, Bind):
                        target = self.unit.places[after.target]
                        if target.symbol == self.unit.owners[scope.owner].this and len(target.path) == 1:
                            self._made_by[number] = scope.owner
        return self._made_by
