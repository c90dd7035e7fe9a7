"""Decides which growth of a holder is a leak: repeated, under many keys, with nothing against it.

Every answer that lowers a confidence says which false alarm it prevents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Bind, Call, Place, Scope, Unit
from leaklint.solve.growth.exithandlers import ExitHandlers
from leaklint.solve.growth.expiry import Expiry
from leaklint.solve.growth.known import overwrites
from leaklint.solve.growth.waiting import Waiting
from leaklint.solve.guards import Guards
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.keys import BOUNDED, Domain, Keys
from leaklint.solve.lifecycle import Lifecycle, first_word
from leaklint.solve.names import callee_name
from leaklint.solve.once import solved
from leaklint.solve.subscription.completion import Completions

_REGISTRY = re.compile(
    r"(?i)regist|plugin|handler|factor|convert|adapter|codec|hook|extension|provider|resolver|backend|"
    r"driver|serializ|parser|alias|command|option|setting|config|loader|_types?$|formats?$|rules?$|"
    r"strateg|validator|middleware|processor|dispatch|mapping|schemas?$|deprecat"
)
# types of what can be subscribed to
_STREAMS = frozenset({"Publisher", "Flux", "Mono", "Observable", "Flowable", "Single", "Maybe", "Subscriber"})
# methods that run when an object starts to serve
_OPENING = frozenset({"init", "initialize", "initialise", "configure", "setup", "recover", "restore"}) | {
    "verify",
    "activate",
    "ignore",
}
# Python methods after which an object serves nobody any more
_ENDS = frozenset(
    {"close", "aclose", "stop", "shutdown", "dispose", "destroy", "terminate", "__del__", "quit"}
)
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
_STARTS = frozenset({"start", "open", "startup", "start_up", "launch", "__enter__", "__aenter__"})
_LOCKS = frozenset(
    f"{module}.{name}"
    for module in ("threading", "asyncio", "anyio", "trio", "multiprocessing")
    for name in ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition", "Event")
)
_MEMO = re.compile(r"(?i)memo|cache|remember|once")
# what names one piece of work: there is a new one with each
_WORK_KEY = re.compile(
    r"(?i)(?:^|.*[._])(event|session|request|req|task_?run|flow_?run|run|job|call|msg|message|conn|connection|"
    r"stream|trace|span|transaction|txn|query|correlation|ticket|visit|visitor|socket|upload|download|"
    r"invocation|execution|delivery)_?\.?_?(id|hash|uuid|token|key|sid|tag)"
)
# JavaScript: names of what comes and goes while something serves it
_PASSING = re.compile(
    r"(?i)\w*(socket|client|connection|conn|session|peer|request|req|response|res|ws|player|viewer|subscriber|"
    r"participant|visitor|job|upload|download)(_?id)?"
)
_REGISTRY_CLASS = re.compile(r"(Registry|Factory|Catalog|Toolkit|Plugins?)$")
_ORDER: tuple[Confidence, ...] = ("low", "medium", "high")


class Judgement(msgspec.Struct):
    """A holder that leaks as far as the unit shows.

    growths: the sites that count, first one first. domain: of the key at the first site.
    ignored: releases that were found and do not help, with the reason.
    """

    holder: Holder
    growths: list[Growth]
    domain: Domain
    confidence: Confidence
    ignored: list[tuple[Release, str]] = []


class Growths:
    """Judges the holders of one unit."""

    def __init__(self, holders: Holders, keys: Keys, lifecycle: Lifecycle) -> None:
        self.holders = holders
        self.index = holders.index
        self.unit: Unit = holders.unit
        self.repeats = holders.repeats
        self.keys = keys
        self.lifecycle = lifecycle
        self.guards = Guards(holders, lifecycle)
        self.completions = Completions(self.index)
        self._exit_handlers = ExitHandlers(self.index)
        self.waiting = Waiting(self.index)
        self.expiry = Expiry(self.index)

    def judged(self, *kinds: str, lifetime: str) -> Iterator[Judgement]:
        """Leaking holders of some model kinds and a lifetime, in source order."""
        for holder in self.holders.by_place.values():
            if holder.growths and holder.lifetime == lifetime and (not kinds or holder.kind in kinds):
                found = self.judge(holder)
                if found is not None:
                    yield found

    def judge(self, holder: Holder) -> Judgement | None:
        """The judgement on one holder, or None when it is no leak."""
        row = holder.container
        if row is not None and (row.weak or row.bounded):
            return None
        if holder.bounded or holder.emptied_elsewhere:
            return None  # a size check guards it, or another file releases it
        growths = sorted(
            (item for item in holder.growths if self.counts(item, holder)), key=lambda item: item.effect
        )
        if not growths:
            return None
        ignored: list[tuple[Release, str]] = []
        shallowest = min(item.depth for item in growths)
        for release in holder.releases:
            if release.depth > shallowest:
                continue  # empties an entry, and leaves its key
            reason = self.is_useless(release, holder)
            if reason is None:
                return None
            ignored.append((release, reason))
        best = max((self._confidence(item, holder) for item in growths), key=_ORDER.index)
        growths.sort(key=lambda item: -_ORDER.index(self._confidence(item, holder)))
        if best == "low" and holder.lifetime == "instance" and self.unit.language == "python":
            best = "medium" if holder.kind == "list" and self.completions.ends(holder) else best
        if ignored:
            best = min(best, "medium", key=_ORDER.index)
        domain = self._domain(growths[0], holder)
        return Judgement(holder, growths, domain, best, ignored)

    # -- which growth counts

    def counts(self, item: Growth, holder: Holder) -> bool:
        if not self.repeats.repeats(item.effect):
            return False  # runs at import only
        scope = self.unit.effects[item.effect].scope
        if holder.lifetime == "instance" and self.lifecycle.while_made(scope):
            return False  # once in the life of the object
        effect = self.unit.effects[item.effect]
        if holder.lifetime == "process" and self._are_constants(self.unit.scopes[self.index.function(scope)]):
            return False  # one for each constant of the class
        if item.depth and holder.small_elements:
            return False  # the elements bound themselves
        if holder.lifetime == "closure" and not self.outlives_call(holder, effect.scope):
            return False  # a local that dies with the call that fills it
        if (
            (holder.lifetime == "process" or self.unit.language == "python")
            and holder.default_of == NONE
            and self.repeats.is_decorator(self.index.function(effect.scope))
        ):
            return False  # a decorator that registers what it is put on
        shallow = item.depth == 0 or self.unit.language == "java"
        if item.key != NONE and shallow and self._domain(item, holder) in BOUNDED:
            return False  # few keys
        if self._takes_over(item, holder) or overwrites(self.index, item, holder):
            return False  # what another object of its class has already; keys that were read before
        if item.depth == 0 and item.key == NONE and self._few_values(item, holder):
            return False
        if self.unit.language == "python" and (
            self._walks_modules(effect.region) or self._looks_up(item, holder)
        ):
            return False  # as many as the program has
        return not self.init_guarded(item.effect) and not self._fills_empty(item, holder)

    def _are_constants(self, constructor: Scope) -> bool:
        """Java: `static final Kind FULL = new Kind("full")`, and more of them: an enum of old."""
        if constructor.kind != "constructor" or self.unit.language != "java":
            return False
        symbol = self.unit.owners[constructor.owner].symbol
        made = [
            call
            for number in self.index.calls.get(constructor.name, ())
            if isinstance(call := self.unit.effects[number], Call)
            and call.new
            and call.callee != NONE
            and self.unit.places[call.callee] == Place(symbol)
        ]
        return len(made) > 1 and all(self.repeats.runs(call.scope) == "import" for call in made)

    def _takes_over(self, item: Growth, holder: Holder) -> bool:
        """Java: `table.putAll(other.table)`, with another object of the same class as a parameter."""
        if self.unit.language != "java" or item.how != "putAll" or not holder.place.path:
            return False
        for value in item.values:
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is None or place.symbol == NONE or place.path != holder.place.path:
                return False
            source, this = self.unit.symbols[place.symbol], self.unit.symbols[holder.place.symbol]
            if source.kind != "parameter" or this.target == NONE:
                return False
            if source.type != self.unit.owners[this.target].name:
                return False
        return bool(item.values)

    def _walks_modules(self, region: int) -> bool:
        """Whether an effect stands in a loop over `sys.modules`."""
        for index in self.index.regions(region):
            row = self.unit.regions[index]
            value = self.unit.values[row.iterates] if row.iterates != NONE else None
            for _ in range(4):
                if value is None or value.kind != "call":
                    break
                call = self.unit.effects[value.call]
                assert isinstance(call, Call)
                if callee_name(self.unit, value.call).startswith("sys.modules"):
                    return True
                value = self.unit.values[call.args[0]] if call.args else None
                place = self.unit.places[call.receiver] if call.receiver != NONE else None
                made = place.call if place is not None else NONE
                if made != NONE and callee_name(self.unit, made).startswith("sys.modules"):
                    return True
        return False

    def _looks_up(self, item: Growth, holder: Holder) -> bool:
        """`TABLE.setdefault(key, key)` of a table that the same function fills where it is empty."""
        if item.how != "setdefault":
            return False
        scope = self.index.function(self.unit.effects[item.effect].scope)
        return any(
            other is not item
            and self.index.function(self.unit.effects[other.effect].scope) == scope
            and self._fills_empty(other, holder)
            for other in holder.growths
        )

    def _fills_empty(self, item: Growth, holder: Holder) -> bool:
        """`if not TABLE: TABLE[…] = …`: filled where it was empty, once."""
        region = self.unit.effects[item.effect].region
        return any(
            self.holders.rebinds.tests_absence(index, holder.place) for index in self.index.regions(region)
        )

    def outlives_call(self, holder: Holder, scope: int) -> bool:
        """Whether the function around a closure gives it away, together with the variable that it fills."""
        made_in = self.index.function(self.unit.symbols[holder.place.symbol].scope)
        given = {scope for index in self.index.returns.get(made_in, ()) for scope in self._closures(index)}
        for function in self.index.enclosing(scope):
            if function == made_in:
                break
            if function in given:
                return True
        return self.unit.language == "javascript" and self._is_handed_on(made_in, scope)

    def _is_handed_on(self, made_in: int, scope: int) -> bool:
        """JavaScript: whether a function of a closure is stored, or handed to somebody as a value."""
        for function in self.index.enclosing(scope):
            if function == made_in:
                return False
            bound = self.index.bound_to.get(function)
            if bound is not None and self.unit.places[self.bind(bound).target].path:
                return True
            symbol = self.unit.scopes[function].symbol
            if symbol != NONE and self.index.references.get(symbol):
                return True
            for caller in self.index.callers.get(function, ()):
                around = self.index.function_at(caller)
                bound = self.index.bound_to.get(around) if around not in (function, made_in) else None
                if bound is not None and self.unit.places[self.bind(bound).target].path:
                    return True  # `this.start = function () { helper(); }`
        return False

    def _closures(self, leave: int) -> Iterator[int]:
        """Scopes of the functions that a return gives away, by themselves or in an object."""
        pending = [self.unit.effects[leave].value]  # type: ignore[union-attr]
        while pending:
            row = self.unit.values[pending.pop()]
            if row.kind == "closure":
                yield row.scope
            elif row.kind == "container":
                pending += row.parts
            elif row.kind == "place":
                place = self.unit.places[row.place]
                if place.symbol != NONE and not place.path:
                    yield self.index.function_of(place.symbol)
            elif row.kind == "call":
                call = self.unit.effects[row.call]
                if isinstance(call, Call) and call.receiver == NONE:
                    pending += call.args  # wraps(f)(inner), partial(inner)

    def _few_values(self, item: Growth, holder: Holder) -> bool:
        """A set, or a list guarded by a membership test, of literals holds no more than those."""
        if holder.kind == "set" or (holder.kind == "list" and item.how in ("add", "addIfAbsent")):
            domains = [self.keys.domain(value, holder.place) for value in item.values]
            return bool(domains) and all(domain in BOUNDED for domain in domains)
        return False

    def _domain(self, item: Growth, holder: Holder) -> Domain:
        if item.key != NONE:
            return self.keys.domain(item.key, holder.place)
        if item.values:
            return self.keys.domain(item.values[0], holder.place)
        return "unknown"

    def init_guarded(self, effect: int) -> bool:
        """Whether a guard lets an effect happen once only: see `Guards`."""
        return self.guards.init_guarded(effect)

    # -- releases that are none

    def is_useless(self, release: Release, holder: Holder) -> str | None:
        """Why a release does not stop the growth; None when it does."""
        effect = self.unit.effects[release.effect]
        scope = self.index.function(effect.scope)
        if self.repeats.runs(effect.scope) == "import" and holder.lifetime == "process":
            return "it runs at import only"
        if self._ends_with_owner(release, holder, scope):
            return "the whole object ends"
        if holder.kind == "cache" and release.selector == "some":
            return "it takes out what has changed, not what is no longer asked for"
        if holder.lifetime == "process" and self._exit_handlers.runs_at_exit(effect.scope):
            return "it runs when the program ends only"
        if not self.lifecycle.is_called(scope):
            return f"nothing calls `{self.unit.scopes[scope].name}`"
        if (
            self.unit.language == "javascript"
            and release.selector == "key"
            and self.expiry.is_on_read(release)
        ):
            return "it takes out what has expired only when that is asked for again"
        return None

    # -- confidence

    def _confidence(self, item: Growth, holder: Holder) -> Confidence:
        effect = self.unit.effects[item.effect]
        best: Confidence = "high"
        if self.unit.language == "java" and self._keeps_ended(item, holder):
            return "medium"
        if self.unit.language == "python" and self._keeps_finished(item, holder):
            return "medium"
        domain = self._domain(item, holder)
        if domain in ("small", "unknown"):
            return "low"
        if domain in BOUNDED and item.depth == 0:
            listed = holder.kind == "list" and item.key == NONE and item.how not in ("add", "addIfAbsent")
            return "medium" if listed and holder.default_of != NONE else "low"  # `def f(seen=[])` is for many
        if domain == "parameter":
            best = "medium"
        outer = [other for other in holder.growths if other.depth == 0 and other.key != NONE]
        if item.depth and outer and all(self._domain(other, holder) in BOUNDED for other in outer):
            return "low"  # what grows is an entry of a table with few entries
        if holder.lifetime == "instance":
            long_lived = (
                self._owner_lives_long(holder)
                or self._takes_streams(holder)
                or self._stores_lock(item)
                or self._is_per_work(item, holder)
                or self.waiting.waits(item)
                or holder.kind == "cache"
            )
            if not long_lived or self.holders.hands_out(holder) or self._is_local_work(holder):
                return "low"  # instances may be short-lived: nothing here says otherwise
            if self._is_registered(holder, effect.scope):
                return "low"  # what others add to it when the program starts
            if self.opens_object(effect.scope) or self._is_identity_map(holder):
                return "low"  # what an object reads when it starts; the notes of a walk over objects
            if self.unit.language == "python" and self._is_doubtful(item, holder, effect.scope):
                return "low"
            if self.unit.language == "javascript" and self._is_registration(holder, effect.scope):
                return "low"
            best = "medium"
        if holder.lifetime == "closure":
            made_in = self.index.function(self.unit.symbols[holder.place.symbol].scope)
            if not _MEMO.search(self.unit.scopes[made_in].name) and not self.waiting.waits(item):
                return "low"  # the closure may be as short-lived as the task that made it
            best = "medium"
        if holder.default_of == NONE and self._stores_configuration(item, effect.scope):
            return "low"  # start-up registration: callers hand over what they registered
        if item.key == NONE and not item.values:
            best = "medium"
        name = holder.place.path[-1] if holder.place.path else self.unit.symbols[holder.place.symbol].name
        if _REGISTRY.search(name) and not self._stores_instance(item):
            return "low"
        return best

    def _is_registered(self, holder: Holder, scope: int) -> bool:
        """Java: `addListener(…)` of a class that is not even named as one of a service."""
        owner = self.unit.symbols[holder.place.symbol].target
        name = first_word(self.unit.scopes[self.index.function(scope)].name)
        return self.lifecycle.serves_by_code(owner) and name in self.lifecycle.registrar_names

    def _keeps_ended(self, item: Growth, holder: Holder) -> bool:
        """Java: threads, futures and the like come to an end; who keeps them takes them out, or keeps all."""
        scope = self.unit.effects[item.effect].scope
        if item.depth or self.opens_object(scope) or self.holders.hands_out(holder):
            return False
        name = self.unit.scopes[self.index.function(scope)].name
        if self.unit.scopes[self.index.function(scope)].kind == "constructor" or name in _STARTS:
            return False
        if holder.lifetime == "instance":
            owner = self.unit.symbols[holder.place.symbol].target
            if not (self.lifecycle.is_service(owner) or self.lifecycle.teardown_of(owner)):
                return False  # may be the work of one task
            if self._is_local_work(holder):
                return False
        return any(self._type_of(value) in _ENDING for value in item.values)

    def _keeps_finished(self, item: Growth, holder: Holder) -> bool:
        """Python: `self.tasks.append(create_task(…))`: tasks, threads and processes that end one by one."""
        if item.depth or holder.lifetime != "instance" or holder.kind not in ("list", "set"):
            return False
        effect = self.unit.effects[item.effect]
        row = self.unit.scopes[self.index.function(effect.scope)]
        starts = first_word(row.name.lstrip("_")) in _STARTS | _OPENING and not row.params
        if starts or row.kind == "constructor" or self.holders.hands_out(holder):
            return False
        owner = self.unit.symbols[holder.place.symbol].target
        methods = self.index.method_names.get(owner, {})
        if "__exit__" in methods or "__aexit__" in methods or self.lifecycle.is_short_lived(owner):
            return False
        if any(self.unit.regions[number].kind == "loop" for number in self.index.regions(effect.region)):
            return False  # as many as the loop has turns: the workers of a pool
        return any(self._ends_by_itself(value) for value in item.values)

    def _ends_by_itself(self, value: int) -> bool:
        """Whether a value is such a task, made here: by itself or in a local."""
        row = self.unit.values[value]
        if row.kind == "place":
            place = self.unit.places[row.place]
            binds = self.index.binds.get(place, ()) if place.symbol != NONE and not place.path else ()
            bound = self.bind(binds[0]) if len(binds) == 1 else None
            if bound is None or bound.value == NONE or self.unit.values[bound.value].kind != "call":
                return False
            row = self.unit.values[bound.value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return isinstance(call, Call) and call.name in _MAKES_ENDING

    def _type_of(self, value: int) -> str:
        """The declared type of a local or parameter, or the class of which an object is made."""
        row = self.unit.values[value]
        if row.kind == "place":
            place = self.unit.places[row.place]
            return self.unit.symbols[place.symbol].type if place.symbol != NONE and not place.path else ""
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return call.name if isinstance(call, Call) and call.new else ""

    def _is_doubtful(self, item: Growth, holder: Holder, scope: int) -> bool:
        """Python: a queue that others work off, or the parts that a class of unknown name is given."""
        if holder.kind == "queue" and self.holders.is_argument(holder.place):
            return True
        if self.holders.is_given_to_work(holder.place):
            return True
        owner = self.unit.symbols[holder.place.symbol].target
        if not self.lifecycle.is_service(owner) and self._is_shared(holder.place):
            return True
        return (
            not self.lifecycle.is_service(owner)
            and self.lifecycle.is_registrar(scope)
            and (self._domain(item, holder) != "fresh" or item.key == NONE)
        )

    def _is_shared(self, field: Place) -> bool:
        """`executor._pending` of another class in the file, which may work it off."""
        return any(
            place.symbol not in (field.symbol, NONE)
            and (len(place.path) > 1 or self.unit.symbols[place.symbol].kind != "this")
            for place in self._by_last_step.get(field.path[-1], ())
        )

    @solved
    def _by_last_step(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = {}
        for place in self.unit.places:
            if place.path:
                found.setdefault(place.path[-1], []).append(place)
        return found

    def _ends_with_owner(self, release: Release, holder: Holder, scope: int) -> bool:
        """A container that is emptied only when an object that serves long ends."""
        if holder.lifetime != "instance" or release.selector not in ("all", "rebind"):
            return False
        if self.unit.language == "python":
            if all(self._starts(item) for item in holder.growths):
                return False  # what `start()` made, `shutdown()` ends
            return self.unit.scopes[scope].name in _ENDS and (
                self._owner_lives_long(holder)
                or any(self._keeps_finished(item, holder) for item in holder.growths)
            )
        if not self.lifecycle.in_teardown(scope):
            return False
        if self.unit.language == "javascript" and holder.kind != "bag":
            if all(self._starts(item) for item in holder.growths):
                return False
            return self._owner_lives_long(holder) and any(self._ends_first(item) for item in holder.growths)
        return holder.kind == "bag" and (self._owner_lives_long(holder) or self._takes_streams(holder))

    def _ends_first(self, item: Growth) -> bool:
        """JavaScript: a socket, session or request that is stored ends long before who serves it."""
        if item.depth:
            return False
        for value in (*item.values, item.key):
            row = self.unit.values[value] if value != NONE else None
            place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
            symbol = self.index.symbol(place) if place is not None else None
            if symbol is not None and symbol.kind in ("parameter", "variable", "constant"):
                assert place is not None
                name = place.path[-1][1:] if place.path else symbol.name
                if _PASSING.fullmatch(name) or (place.path and _PASSING.fullmatch(symbol.name)):
                    return True
        return False

    def _starts(self, item: Growth) -> bool:
        """Whether a growth happens when an object starts to serve: in `start()`, `open()` or its like."""
        scope = self.unit.effects[item.effect].scope
        name = self.unit.scopes[self.index.function(scope)].name
        return name.lstrip("_") in _STARTS or self.opens_object(scope)

    def _is_identity_map(self, holder: Holder) -> bool:
        """Maps keyed by identity note what was seen in one walk over a graph of objects."""
        if holder.declared == NONE:
            return False
        bind = self.unit.effects[holder.declared]
        value = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        call = self.unit.effects[value.call] if value is not None and value.kind == "call" else None
        return isinstance(call, Call) and call.name == "IdentityHashMap"

    def _stores_lock(self, item: Growth) -> bool:
        """A lock for each key: an object that hands them out is shared by all who want one."""
        for value in item.values if item.key != NONE and self.unit.language == "python" else ():
            row = self.unit.values[value]
            if row.kind == "call" and callee_name(self.unit, row.call) in _LOCKS:
                return True
        return False

    def _is_per_work(self, item: Growth, holder: Holder) -> bool:
        """Python: `self.events[event.id]`: who keeps a table of requests sees many, whatever its name."""
        if self.unit.language == "java" or item.depth:
            return False
        owner = self.unit.symbols[holder.place.symbol].target
        if self.unit.language == "python" and self.lifecycle.is_of_one(owner):
            return False
        if self._is_shared(holder.place):
            return False
        if self.unit.language == "javascript" and self.lifecycle.is_short_lived(owner):
            return False
        named = (
            item.key
            if item.key != NONE
            else (item.values[0] if holder.kind == "set" and item.values else NONE)
        )
        row = self.unit.values[named] if named != NONE else None
        if row is None or row.kind != "place" or self.unit.places[row.place].symbol == NONE:
            return False
        place = self.unit.places[row.place]
        root = self.unit.symbols[place.symbol]
        return root.kind != "this" and _WORK_KEY.fullmatch(root.name + "".join(place.path)) is not None

    def _takes_streams(self, holder: Holder) -> bool:
        """Whether a bag is filled with subscriptions to what callers hand over: one with each call."""
        if holder.kind != "bag":
            return False
        for item in holder.growths:
            scope = self.unit.scopes[self.index.function(self.unit.effects[item.effect].scope)]
            if any(self.unit.symbols[param].type in _STREAMS for param in scope.params):
                return True
        return False

    def _is_registration(self, holder: Holder, scope: int) -> bool:
        """JavaScript: `addLanguage()` of a `LanguageRegistry`: as many as the program has."""
        owner = self.unit.symbols[holder.place.symbol].target
        return _REGISTRY_CLASS.search(self.unit.owners[owner].name) is not None and (
            self.lifecycle.is_registrar(scope)
        )

    def opens_object(self, scope: int) -> bool:
        """Whether a function is named as one that runs when an object starts to serve."""
        names = (self.unit.scopes[function].name for function in self.index.enclosing(scope))
        return any(first_word(name) in _OPENING for name in names)

    def _owner_lives_long(self, holder: Holder) -> bool:
        return self.lifecycle.lives_long(self.unit.symbols[holder.place.symbol].target)

    def _is_local_work(self, holder: Holder) -> bool:
        return self.lifecycle.is_local_work(self.unit.symbols[holder.place.symbol].target)

    def _stores_instance(self, item: Growth) -> bool:
        """Whether an object registers itself while it is made."""
        for value in (*item.values, item.key):
            if value != NONE and self.unit.values[value].kind == "place":
                place = self.unit.places[self.unit.values[value].place]
                if place.symbol != NONE and not place.path and self.unit.symbols[place.symbol].kind == "this":
                    return True
        return False

    def registers_only(self, holder: Holder) -> bool:
        """Whether all that grows a holder is registration: by its look, once for each part of a program."""
        return bool(holder.growths) and all(
            self._stores_configuration(item, self.unit.effects[item.effect].scope) for item in holder.growths
        )

    def _stores_configuration(self, item: Growth, scope: int) -> bool:
        """A function named like a registrar that stores its own parameters, and has no repeated caller."""
        if self._stores_instance(item):
            return False
        stores = [value for value in item.values if value != NONE]
        own = bool(stores) and all(self._is_parameter(value) for value in stores)
        key_is_class = item.key != NONE and self.keys.domain(item.key) == "class"
        registrar = self.lifecycle.is_registrar(scope)
        values_are_code = bool(stores) and all(self._is_code(value) for value in stores)
        return (registrar and (own or key_is_class)) or values_are_code

    def _is_parameter(self, value: int) -> bool:
        row = self.unit.values[value]
        if row.kind in ("string", "number", "boolean"):
            return True
        if row.kind == "container" and row.text in ("tuple", "list", "array", "object", "dict"):
            return all(self._is_parameter(part) for part in row.parts)
        if row.kind == "spread":
            return self._is_parameter(row.parts[0])
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            wraps = call.name in ("partial", "tuple", "list", "frozenset", "bind", "of", "asList")
            return wraps and bool(call.args) and all(self._is_parameter(argument) for argument in call.args)
        if row.kind != "place":
            return False
        place = self.unit.places[row.place]
        if place.symbol == NONE:
            return False
        if self.unit.symbols[place.symbol].kind == "parameter":
            return True
        binds = self.index.binds.get(place, ())
        if len(binds) != 1 or self.unit.symbols[place.symbol].scope == 0:
            return False
        bind = self.bind(binds[0])
        made = self.unit.values[bind.value].kind if bind.value != NONE else ""
        return bind.how in ("declare", "assign") and made == "call" and self._is_parameter(bind.value)

    def bind(self, effect: int) -> Bind:
        row = self.unit.effects[effect]
        assert isinstance(row, Bind)
        return row

    def _is_code(self, value: int) -> bool:
        """Whether a value is a class or a function: there are as many as the program has."""
        row = self.unit.values[value]
        if row.kind == "class":
            return True
        if row.kind != "place":
            return False
        place = self.unit.places[row.place]
        if place.symbol == NONE or place.path:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind in ("class", "import"):
            return True
        if symbol.kind == "function":
            return symbol.scope == 0
        return symbol.kind == "parameter" and (
            symbol.type in ("type", "Type", "Class", "Callable")
            or symbol.name in ("cls", "klass", "clazz", "class_")
        )

    def sites(self, judgement: Judgement) -> Iterator[tuple[int, Growth]]:
        """Effect to show and growth, the helper's own line last."""
        for item in judgement.growths:
            yield item.effect, item
            if item.via != NONE:
                yield item.via, item

    def verb(self, effect: int) -> str:
        """How a growth reads in a sentence: `append()`, `[]=`."""
        row = self.unit.effects[effect]
        return f"{row.name}()" if isinstance(row, Call) else "an assignment"
