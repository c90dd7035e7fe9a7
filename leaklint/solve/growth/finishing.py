"""Entries that come to an end by themselves, or long before what keeps them: tasks, threads, sockets."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.growth.owners import OPENING, STARTS, Owners
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle, first_word

# Java: what comes to an end without being told
_ENDING = frozenset(
    {"Thread", "Process", "Future", "CompletableFuture", "ListenableFuture", "ScheduledFuture", "FutureTask"}
    | {"Socket", "SocketChannel", "TimerTask", "AsyncTask", "Subprocess", "ForkJoinTask", "SettableFuture"}
)
# Python: calls that make what comes to an end without being told
_MAKES_ENDING = frozenset(
    {"create_task", "ensure_future", "Thread", "Timer", "Process", "Popen", "create_subprocess_exec"}
    | {"run_coroutine_threadsafe", "submit", "apply_async", "spawn", "spawn_later", "Greenlet"}
    | {"create_subprocess_shell", "run_in_executor", "deferToThread", "callLater", "call_later"}
)
# JavaScript: names of what comes and goes while something serves it
_PASSING = regex(
    r"(?i)\w*(socket|client|connection|conn|session|peer|request|req|response|res|ws|player|viewer|subscriber|"
    r"participant|visitor|job|upload|download)(_?id)?"
)
# Python: names of keys of which there is always one more
_IDS = regex(r"(?i)(^|_)(u?u?id|token|request|job|session|message|msg|uuid|ticket|order)(_id)?$")


class Finishing:
    """Looks at what the holders of one unit are given."""

    def __init__(self, holders: Holders, lifecycle: Lifecycle, owners: Owners) -> None:
        self.holders = holders
        self.lifecycle = lifecycle
        self.owners = owners
        self.index = holders.index
        self.unit: Unit = holders.unit

    def keeps_ended(self, item: Growth, holder: Holder) -> bool:
        """Java: threads, futures and the like come to an end; who keeps them takes them out, or keeps all."""
        scope = self.unit.effects[item.effect].scope
        if item.depth or not any(self._type_of(value) in _ENDING for value in item.values):
            return False
        if self.owners.opens_object(scope) or self.holders.hands_out(holder):
            return False
        name = self.unit.scopes[self.index.function(scope)].name
        if self.unit.scopes[self.index.function(scope)].kind == "constructor" or name in STARTS:
            return False
        if holder.lifetime == "instance":
            owner = self.unit.symbols[holder.place.symbol].target
            if not (self.lifecycle.is_service(owner) or self.lifecycle.teardown_of(owner)):
                return False  # may be the work of one task
            if self.owners.is_local_work(holder):
                return False
        return True

    def keeps_finished(self, item: Growth, holder: Holder) -> bool:
        """Python: `self.tasks.append(create_task(…))`: tasks, threads and processes that end one by one."""
        if item.depth or holder.lifetime != "instance" or holder.kind not in ("list", "set", "dict"):
            return False
        if holder.kind == "dict" and (holder.releases or not self._is_of_caller(item.key)):
            return False  # as many as there are names
        if not any(self._ends_by_itself(value) for value in item.values):
            return False
        effect = self.unit.effects[item.effect]
        row = self.unit.scopes[self.index.function(effect.scope)]
        starts = first_word(row.name.lstrip("_")) in STARTS | OPENING and not row.params
        if starts or row.kind == "constructor" or self.holders.hands_out(holder):
            return False
        owner = self.unit.symbols[holder.place.symbol].target
        methods = self.index.method_names.get(owner, {})
        if "__exit__" in methods or "__aexit__" in methods or self.lifecycle.is_short_lived(owner):
            return False
        # as many as the loop has turns: the workers of a pool
        return not any(self.unit.regions[row].kind == "loop" for row in self.index.regions(effect.region))

    def _is_of_caller(self, key: int) -> bool:
        """Whether an entry is stored under an id or what has one: `self.timers[job.id]`."""
        row = self.unit.values[key] if key != NONE else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        name = self.index.last_name(place) if place is not None else ""
        return bool(_IDS.search(name))

    def _ends_by_itself(self, value: int, depth: int = 0) -> bool:
        """Whether a value is such a task, made here: by itself, in a local, in a tuple or a record."""
        row = self.unit.values[value]
        if row.kind == "container" and row.text in ("tuple", "list", "dict"):
            return depth < 2 and any(self._ends_by_itself(part, depth + 1) for part in row.parts)
        if row.kind == "place":
            place = self.unit.places[row.place]
            binds = self.index.binds.get(place, ()) if place.symbol != NONE and not place.path else ()
            bound = self.index.bind(binds[0]) if len(binds) == 1 else None
            if bound is None or bound.value == NONE or self.unit.values[bound.value].kind != "call":
                return False
            row = self.unit.values[bound.value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call):
            return False
        if call.name in _MAKES_ENDING:
            return True
        record = call.name[:1].isupper() and call.receiver == NONE and depth < 1
        given = (*call.args, *(each for _, each in call.keywords)) if record else ()
        return any(self._ends_by_itself(each, depth + 2) for each in given)

    def ends_first(self, item: Growth) -> bool:
        """JavaScript: a socket, session or request that is stored ends long before who serves it."""
        if item.depth:
            return False
        for value in (*item.values, item.key):
            row = self.unit.values[value] if value != NONE else None
            place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
            symbol = self.index.symbol(place) if place is not None else None
            if symbol is not None and symbol.kind in ("parameter", "variable", "constant"):
                assert place is not None
                name = self.index.last_name(place)
                if _PASSING.fullmatch(name) or (place.path and _PASSING.fullmatch(symbol.name)):
                    return True
        return False

    def _type_of(self, value: int) -> str:
        """The declared type of a local or parameter, or the class of which an object is made."""
        row = self.unit.values[value]
        if row.kind == "place":
            place = self.unit.places[row.place]
            return self.unit.symbols[place.symbol].type if place.symbol != NONE and not place.path else ""
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return call.name if isinstance(call, Call) and call.new else ""
