"""Removals that one way out of a piece of work passes by: a failure, an early return, a wait, what raises."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from leaklint.ir import NONE, Bind, Call, Leave, Place, Region
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.growth.siblings import Siblings
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex
from leaklint.solve.native.ways import HARMLESS

# continuations that run when the work before them succeeded
_ON_SUCCESS = frozenset(
    {
        *("then", "thenApply", "thenAccept", "thenRun", "thenCompose", "thenApplyAsync", "thenAcceptAsync"),
        *("thenRunAsync", "thenComposeAsync", "onSuccess", "addCallback", "doOnSuccess", "doOnNext", "done"),
    }
)
# steps of a chain behind which success and failure are the same
_RECOVERS = frozenset(
    {
        *("catch", "finally", "exceptionally", "handle", "handleAsync", "whenComplete", "onErrorResume"),
        *("onErrorReturn", "recover", "addErrback", "addBoth", "otherwise"),
    }
)
_FAILURE = regex(
    r"e|ex|exc|err|error|errors|exception|cause|failure|failed|cancelled|canceled|aborted|rejected|"
    r"iscancelled|iscanceled|isfailed|iserror|haserror|iscompletedexceptionally|timedout|timeout"
)
_SUCCESS = regex(r"ok|success|succeeded|successful|issuccess|issuccessful|verify|isvalid|valid")
# what is done about a failure when the entry is meant to stay
_AGAIN = regex(r"(?i)retry|resend|requeue|reschedul|again|reconnect|backoff|redeliver|re_?submit")
_LOGGER = regex(r"(?i)(log|logger|metrics?|stats|counter|timer|clock|random|mapper|gson|json)$")
_TIMED = frozenset({"await", "get", "poll", "tryAcquire", "wait_for", "wait", "result", "waitFor", "join"})
_PUSHES = ("append", "push")  # onto what `pop` takes from
_RUNS = frozenset(
    {
        *("call", "run", "apply", "accept", "execute", "invoke", "proceed", "doFilter", "get", "handle"),
        *("process", "perform"),
    }
)


class OneWays(Leaving):
    """Holders of one unit that one way out forgets."""

    def __init__(self, growths: Growths, siblings: Siblings) -> None:
        super().__init__(growths)
        self.siblings = siblings

    def found(self) -> Iterator[Left]:
        """Each holder that keeps what ended the other way, once."""
        for holder in self.lasting():
            releases = self.entrywise(holder, ("key", "value"))
            if releases and self.siblings.is_lasting(holder):
                yield from islice(self._of_holder(holder, releases), 1)

    def takes_one(self, release: Release, holder: Holder) -> bool:
        """Whether a function pushes onto a list and pops off again."""
        function = self.index.function_at(release.effect)
        return (
            release.how == "pop"
            and release.key == NONE
            and holder.kind in ("list", "array")
            and any(
                item.how in _PUSHES and item.effect < release.effect
                for item in holder.growths
                if self.index.function_at(item.effect) == function
            )
        )

    def _of_holder(self, holder: Holder, releases: list[Release]) -> Iterator[Left]:
        for growth in holder.growths:
            if growth.depth or not self.growths.counting.counts(growth, holder):
                continue
            if all(self._on_success(item) for item in releases) and not self._in_step(holder, releases):
                yield Left(holder, growth, "success", releases[0].effect, NONE)
            regular = [item for item in releases if not self._rolls_back(item, growth)]
            failed = [self._leaves_on_failure(item, growth, holder) for item in regular]
            if failed and NONE not in failed:
                yield Left(holder, growth, "error", releases[0].effect, failed[0])
            timed = self._timed_wait(growth, releases)
            if timed != NONE:
                yield Left(holder, growth, "timeout", releases[0].effect, timed)
            if len(releases) == 1:
                skipped = self._skipped(growth, releases[0])
                if skipped == NONE:
                    skipped = self._before_end(growth, releases[0])
                if skipped != NONE:
                    yield Left(holder, growth, "raise", releases[0].effect, skipped)

    def _rolls_back(self, release: Release, growth: Growth) -> bool:
        """Whether a removal undoes a growth in a handler of the same function."""
        same = self.index.function_at(release.effect) == self.index.function_at(growth.effect)
        return same and self.index.in_handler(release.effect)

    # -- only when the work before succeeded

    def _on_success(self, release: Release) -> bool:
        """Whether a removal stands in a continuation that a failure passes by."""
        given = self.index.argument_of.get(self.index.function_at(release.effect))
        if given is None or self.lifecycle.in_teardown(self.index.function_at(given[0])):
            return False  # at the end of the object, there is nothing else to come
        call = self.unit.effects[given[0]]
        assert isinstance(call, Call)
        if call.name not in _ON_SUCCESS or given[1] != 0 or call.receiver == NONE:
            return False
        return not self._recovered(call) and call.name not in ("done",)

    def _in_step(self, holder: Holder, releases: list[Release]) -> bool:
        """Whether the continuation that removes adds as well: it brings the holder up to date."""
        removing = {self.index.function_at(item.effect) for item in releases}
        return any(self.index.function_at(item.effect) in removing for item in holder.growths)

    def _recovered(self, call: Call) -> bool:
        """Whether a step before a call in its chain turns failures into results."""
        for _ in range(20):
            if call.receiver == NONE:
                return False
            before = self._step_before(self.unit.places[call.receiver])
            if before is None:
                return False
            if before.name in _RECOVERS or (before.name == "then" and len(before.args) > 1):
                return True
            call = before
        return True

    def _step_before(self, place: Place) -> Call | None:
        """The call whose result a continuation is added to: itself, or kept by a local until then."""
        made = place.call if place.symbol == NONE and not place.path else NONE
        binds = self.index.binds.get(place, ()) if place.symbol != NONE and not place.path else ()
        if len(binds) == 1 and (value := self.index.bind(binds[0]).value) != NONE:
            made = self.unit.values[value].call if self.unit.values[value].kind == "call" else NONE
        call = self.unit.effects[made] if made != NONE else None
        return call if isinstance(call, Call) else None

    # -- an early return on failure

    def _leaves_on_failure(self, release: Release, growth: Growth, holder: Holder) -> int:
        """The first effect of `if (error) return;` before a removal, or NONE."""
        function = self.index.function_at(release.effect)
        if function == self.index.function_at(growth.effect) or self.index.in_handler(release.effect):
            return NONE
        around = set(self.index.regions(self.unit.effects[release.effect].region))
        for number, row in enumerate(self.unit.regions):
            if row.kind != "branch" or row.leaves not in ("return", "raise") or number in around:
                continue
            if row.last > release.effect or row.test == NONE or row.first == row.last:
                continue
            if self.index.function(row.scope) != function or not self._tests_failure(row):
                continue
            if self.siblings.exclusive(row.first, release.effect):
                continue  # stands in another arm of the same test: another event
            if not self._keeps_on_purpose(row, holder):
                return row.first
        return NONE

    def _tests_failure(self, row: Region) -> bool:
        """Whether a branch is the one for failures: `if (err)`, `if (!ok)`, `if (task.isCancelled())`."""
        name, negated = self.asked(row.test, row.negated)
        name = name.lower().replace("_", "")
        return bool(_SUCCESS.fullmatch(name) if negated else _FAILURE.fullmatch(name))

    def _keeps_on_purpose(self, row: Region, holder: Holder) -> bool:
        """Whether a branch tries again, reads the container, or calls what releases."""
        releasing = {self.index.function_at(item.effect) for item in holder.releases}
        for number in range(row.first, row.last):
            effect = self.unit.effects[number]
            if not isinstance(effect, Call):
                continue
            if _AGAIN.search(effect.name) or self.index.callee_scope(number) in releasing:
                return True
            if effect.receiver != NONE and any(
                found is holder for found, _, _ in self.holders.ledger.targets(effect.receiver)
            ):
                return True
        return False

    # -- a wait that may time out

    def _timed_wait(self, growth: Growth, releases: list[Release]) -> int:
        """The wait for an answer behind a growth that gives up after a time and leaves the entry, or NONE."""
        function = self.index.function_at(growth.effect)
        made = self.index.argument_of.get(function)
        call = self.unit.effects[made[0]] if made is not None else None
        if isinstance(call, Call) and call.new and call.name == "Promise":
            function = self.index.function(call.scope)
        inside = self._within(function)
        answers = set(self._closures(growth.values))
        own = [
            item
            for item in releases
            if self.index.function_at(item.effect) in inside
            and answers.isdisjoint(self.index.enclosing(self.unit.effects[item.effect].scope))
        ]
        if len(own) == len(releases):
            return NONE  # no answer takes it out elsewhere: another shape
        releasing = {self.index.function_at(item.effect) for item in releases}
        for name in _TIMED | {"setTimeout"}:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if self.index.function(call.scope) not in inside or not self._gives_up(call, number, growth):
                    continue
                if all(self._misses(item, number) for item in own) and not self._calls_one(number, releasing):
                    return number
        return NONE

    def _closures(self, values: tuple[int, ...]) -> Iterator[int]:
        """The functions that are stored, by themselves or in an object: they run when the answer comes."""
        pending = [value for value in values if value != NONE]
        while pending:
            row = self.unit.values[pending.pop()]
            if row.kind == "closure":
                yield row.scope
            elif row.kind == "container":
                pending += row.parts

    def _calls_one(self, timer: int, functions: set[int]) -> bool:
        """Whether the function of a timer calls one of some functions."""
        call = self.unit.effects[timer]
        rows = [self.unit.values[value] for value in call.args[:1]] if isinstance(call, Call) else []
        inner = [number for row in rows for number in self.index.of_function.get(row.scope, ())]
        return any(self.index.callee_scope(number) in functions for number in inner if self._is_call(number))

    def _is_call(self, number: int) -> bool:
        return isinstance(self.unit.effects[number], Call)

    def _within(self, function: int) -> set[int]:
        """A function with those nested in it; a closure that an executor runs counts as its function."""
        row = self.unit.scopes[function]
        return {
            number
            for number, scope in enumerate(self.unit.scopes)
            if row.at <= scope.at and scope.end <= row.end and scope.kind not in ("block", "class")
        }

    def _gives_up(self, call: Call, number: int, growth: Growth) -> bool:
        """Whether a call waits for what was stored, for a limited time."""
        stored = self._roots(growth.values)
        if call.name == "setTimeout":
            row = self.unit.values[call.args[0]] if call.args else None
            return row is not None and row.kind == "closure" and self._rejects(row.scope, growth)
        if number < growth.effect:
            return False
        if call.name not in _TIMED:
            return False
        roots = self._roots(call.args)
        if call.receiver != NONE:
            roots.add(self.unit.places[call.receiver].symbol)
        if NONE in roots or not roots & stored:
            return False
        limited = len(call.args) >= 2 or any(name == "timeout" for name, _ in call.keywords)
        return limited or (call.name == "wait" and len(call.args) == 1)

    def _roots(self, values: tuple[int, ...]) -> set[int]:
        """The symbols at the roots of values."""
        rows = [self.unit.values[value] for value in values if self._is_place(value)]
        return {self.unit.places[row.place].symbol for row in rows}

    def _is_place(self, value: int) -> bool:
        return value != NONE and self.unit.values[value].kind == "place"

    def _rejects(self, scope: int, growth: Growth) -> bool:
        """Whether the function of a timer rejects the promise in whose executor the growth stands."""
        around = set(self.index.enclosing(self.unit.effects[growth.effect].scope))
        for number in self.index.calls.get("reject", ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if self.index.function(call.scope) != scope or call.callee == NONE or call.receiver != NONE:
                continue
            symbol = self.unit.symbols[self.unit.places[call.callee].symbol]
            if symbol.kind == "parameter" and symbol.scope in around:
                return True
        return False

    def _misses(self, release: Release, wait: int) -> bool:
        """Whether a removal in the same function is passed by when a wait gives up."""
        regions = self.unit.regions
        effect, waiting = self.unit.effects[release.effect], self.unit.effects[wait]
        if self.index.function(effect.scope) != self.index.function(waiting.scope):
            return not self._nested(effect.scope, waiting)
        for number in self.index.regions(effect.region):
            if regions[number].kind == "except":
                return not self._guards(number, wait)
            if regions[number].kind == "finally":
                return False
        return release.effect < wait

    def _nested(self, scope: int, wait: object) -> bool:
        """Whether a removal stands in the function that a timer runs."""
        given = self.index.argument_of.get(self.index.function(scope))
        call = self.unit.effects[given[0]] if given is not None else None
        return isinstance(call, Call) and call.name in ("setTimeout", "finally", "whenComplete", "handle")

    def _guards(self, handler: int, wait: int) -> bool:
        """Whether a handler catches what a wait raises."""
        regions = self.unit.regions
        return any(
            row.kind == "try" and row.parent == regions[handler].parent and row.first <= wait < row.last
            for row in regions
        )

    # -- what runs in between may raise

    def _skipped(self, growth: Growth, release: Release) -> int:
        """What may raise between a growth and the removal in the same function, or NONE."""
        function = self.index.function_at(release.effect)
        start = growth.effect
        if function != self.index.function_at(growth.effect):
            row = self.unit.scopes[function]
            if "immediate" not in row.flags or row.parent not in self._within(
                self.index.function_at(growth.effect)
            ):
                return NONE
            start = NONE  # `const work = (async () => { … })(); map.set(key, work)`
        elif release.effect < growth.effect:
            return NONE
        if self.index.in_handler(release.effect) or not self._same_entry(growth, release):
            return NONE
        outside = set(self.index.regions(self.unit.effects[growth.effect].region)) | self._tries(release)
        if not set(self.index.regions(self.unit.effects[release.effect].region)) <= outside:
            return NONE  # removed in a branch only: what is left may be meant to stay
        fresh = growth.key != NONE and self.growths.keys.domain(growth.key) == "fresh"
        for number in range(start + 1, release.effect):
            effect = self.unit.effects[number]
            if self.index.function(effect.scope) != function:
                continue
            if not self._may_raise(effect, function) and not (fresh and self._works(effect)):
                continue
            if not self._caught_before(number, release.effect):
                return number
        return NONE

    def _before_end(self, growth: Growth, release: Release) -> int:
        """Python: what a method runs before it calls the one that takes its object out of a registry."""
        end = self.index.function_at(release.effect)
        row = self.unit.scopes[end]
        if self.unit.language != "python" or row.owner == NONE or row.params:
            return NONE
        if not any(self._is_this(value) for value in growth.values):
            return NONE
        for caller in self.index.callers.get(end, ()):
            function = self.index.function_at(caller)
            if self.unit.scopes[function].owner != row.owner or self.index.in_handler(caller):
                continue
            call = self.unit.effects[caller]
            if self.unit.scopes[function].kind != "method" or call.region != NONE:
                continue
            for number in self.index.of_function[function]:
                if number >= caller or not self._may_raise(self.unit.effects[number], function):
                    continue
                if not self._caught_before(number, caller):
                    return number
        return NONE

    def _is_this(self, value: int) -> bool:
        place = self.unit.places[self.unit.values[value].place] if self._is_place(value) else None
        return (
            place is not None
            and place.symbol != NONE
            and not place.path
            and (self.unit.symbols[place.symbol].kind == "this")
        )

    def _tries(self, release: Release) -> set[int]:
        region = self.unit.effects[release.effect].region
        return {index for index in self.index.regions(region) if self.unit.regions[index].kind == "try"}

    def _same_entry(self, growth: Growth, release: Release) -> bool:
        """Whether a removal names the key (or the value) that was stored."""
        if release.key == NONE:
            return growth.key == NONE and (release.how != "pop" or growth.how in _PUSHES)
        mine = growth.key if growth.key != NONE else (growth.values[0] if growth.values else NONE)
        if mine == NONE:
            return False
        one, other = self.unit.values[mine], self.unit.values[release.key]
        if one.kind != other.kind or one.kind != "place":
            return False
        return self.unit.places[one.place] == self.unit.places[other.place]

    def _may_raise(self, effect: object, function: int) -> bool:
        """Whether foreign code runs: a callback, or whatever an async function waits for."""
        if isinstance(effect, Leave):
            return effect.how == "await" or (effect.how == "yield" and self._is_context(function))
        if not isinstance(effect, Call):
            return False
        params = self.unit.scopes[function].params
        if effect.receiver == NONE:
            place = self.unit.places[effect.callee] if effect.callee != NONE else None
            return place is not None and not place.path and place.symbol in params
        place = self.unit.places[effect.receiver]
        if place.symbol in params and not place.path:
            return effect.name in _RUNS
        return not place.path and self._is_injected(place.symbol, effect.name)

    def _works(self, effect: object) -> bool:
        """Whether a collaborator of the object does a part of the work: `self.api.begin(…)`.

        Any call may fail; this one is believed to where the key was made by the call (an id, a counter), so
        that nobody else will ever take the entry out.
        """
        if not isinstance(effect, Call) or effect.new or effect.receiver == NONE:
            return False
        place = self.unit.places[effect.receiver]
        if place.symbol == NONE or len(place.path) != 1 or self.unit.symbols[place.symbol].kind != "this":
            return False
        known = place in self.holders.by_place or effect.name.startswith(HARMLESS)
        return not known and not _LOGGER.search(place.path[0])

    def _is_context(self, function: int) -> bool:
        """Whether a generator is the body of a `with` statement."""
        for value in self.unit.scopes[function].decorators:
            row = self.unit.values[value]
            if row.kind == "place":
                place = self.unit.places[row.place]
                name = place.path[-1] if place.path else "." + self.unit.symbols[place.symbol].name
                if name in (".contextmanager", ".asynccontextmanager"):
                    return True
        return False

    def _is_injected(self, this: int, name: str) -> bool:
        """Whether `this.name(…)` calls what a caller handed to the constructor."""
        symbol = self.unit.symbols[this] if this != NONE else None
        if symbol is None or symbol.kind != "this" or symbol.target == NONE:
            return False
        if self.index.method(symbol.target, name) != NONE:
            return False
        for place, binds in self.index.binds.items():
            if place.symbol != this or place.path != ("." + name,):
                continue
            for number in binds:
                bind = self.unit.effects[number]
                if isinstance(bind, Bind) and self._is_place(bind.value):
                    source = self.unit.places[self.unit.values[bind.value].place]
                    if source.symbol != NONE and self.unit.symbols[source.symbol].kind == "parameter":
                        return True
        return False

    def _caught_before(self, number: int, release: int) -> bool:
        """Whether what an effect raises is caught in front of the removal, which then runs after all."""
        regions = self.unit.regions
        for index in self.index.regions(self.unit.effects[number].region):
            row = regions[index]
            if row.kind != "try" or row.last > release:
                continue
            handlers = [
                other
                for other in regions
                if other.kind == "except"
                and other.parent == row.parent
                and other.first >= row.last
                and self.index.function(other.scope) == self.index.function(row.scope)
            ]
            if any(not other.leaves for other in handlers):
                return True
        return False
