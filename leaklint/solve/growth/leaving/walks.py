"""Entries that are ended where they stand, one by one or in a walk over all of them, and stay."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Place
from leaklint.solve.growth.leaving.base import Leaving
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word

# what is done to a thing once, as the last thing
_ENDS = frozenset(
    {
        *("close", "aclose", "dispose", "destroy", "shutdown", "shutdownNow", "terminate", "disconnect"),
        *("set_result", "set_exception", "completeExceptionally", "reject", "fulfill"),
        *("afterCommit", "afterRollback", "unsubscribe", "recycle", "free"),
    }
)
_ENDS_IN_JAVASCRIPT = _ENDS | {"resolve", "complete"}
# what is done to an entry that is asked for by its key, when it is not to be used again
_ENDS_ONE = _ENDS | {"delete", "stop", "cancel", "kill", "abort", "quit", "removeAllListeners", "stopService"}
_ENDS_HANDLE = frozenset(
    {
        *("clearTimeout", "clearInterval", "cancelAnimationFrame", "removeListener", "removeEventListener"),
        *("off", "unobserve", "unsubscribe", "unwatch"),
    }
)
_RESTARTS = frozenset({"start", "open", "restart", "resume", "reset", "connect", "refresh", "activate"})
_RUNS = frozenset({"run", "call", "apply", "execute", "accept", "onComplete"})
# names of collections whose entries wait to be dealt with once
_WAITING = regex(
    r"(?i)queue|pending|wait|backlog|todo|completions?$|postponed|outstanding|deferred|unsent|when_?ready"
)
# ends of names of collections whose entries are dealt with again and again
_AGAIN = ("queues", "hooks", "listeners", "observers")
# functions that are given an entry in order to deal with it
_DEALS = regex(
    r"_*(send|write|emit|publish|dispatch|post|process|handle|exec|execute|run|deliver|apply|call|submit|upload|"
    r"push|invoke|transmit|forward|replay|perform)([A-Z_]\w*)?"
)
# what is done last, or once, with an object that was made for one piece of work
_LAST_STEPS = frozenset(
    {"finish", "complete", "build", "end", "done", "execute", "perform", "finalize", "run", "start", "render"}
    | {"compile", "apply", "generate", "write", "export", "to", "visit", "parse", "main", "init", "solve"}
)
# methods that end the use of something else than their object
_GIVES_BACK = frozenset({"release", "flush", "reset", "clear", "on"})
# names of classes whose objects are closed and then used again
_REUSED = regex(r"Pooled|Reusable|Recycl|Shared")


class Drained(msgspec.Struct):
    """`growth` adds what `end` deals with for the last time and leaves in place."""

    holder: Holder
    growth: Growth
    end: int


class Walks(Leaving):
    """Holders of one unit whose entries are ended in a walk over them."""

    def drained(self) -> Iterator[Drained]:
        """Each holder that keeps what was ended, once."""
        kept = {holder.place: holder for holder in self.lasting() if self._only_grows(holder)}
        if not kept:
            return
        seen = set()
        for number, place, alone in self._ended():
            holder = kept.get(place)
            if holder is None or place in seen or alone == self._in_walk(number):
                continue
            if not alone and self._opens_again(number, place):
                continue
            if not alone or (holder.kind in ("map", "dict", "object") and not self._restarts(place)):
                found = self._drained(holder, number)
                if found is not None:
                    seen.add(place)
                    yield found

    def _ended(self) -> Iterator[tuple[int, Place, bool]]:
        """Calls that deal with an entry for good, its container, and whether it is that one alone."""
        ends = _ENDS_IN_JAVASCRIPT if self.unit.language == "javascript" else _ENDS
        for name in ends | _RUNS:
            for number in self.index.calls.get(name, ()):
                receiver = self.unit.effects[number].receiver  # type: ignore[union-attr]
                for place in self._containers(receiver) if receiver != NONE else ():
                    if name in ends or _waits(place):
                        yield number, place, False
        yield from self._called()
        yield from self._dealt_with()
        for name in _ENDS_ONE:
            for number in self.index.calls.get(name, ()):
                receiver = self.unit.effects[number].receiver  # type: ignore[union-attr]
                for place in self._containers(receiver) if receiver != NONE else ():
                    yield number, place, True
        for name in _ENDS_HANDLE:
            for number in self.index.calls.get(name, ()):
                for value in self.unit.effects[number].args:  # type: ignore[union-attr]
                    row = self.unit.values[value]
                    for place in self._containers(row.place) if row.kind == "place" else ():
                        yield number, place, True
        yield from self._ended_by_call()

    def _ended_by_call(self) -> Iterator[tuple[int, Place, bool]]:
        """JavaScript: `Emitter.prototype.removeListener.call(this, name, this.handlers[id])`."""
        for number in self.index.calls.get("call", ()) if self.unit.language == "javascript" else ():
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            path = self.unit.places[call.receiver].path if call.receiver != NONE else ()
            if path[-1:] and path[-1][1:] in _ENDS_HANDLE:
                for value in call.args[1:]:
                    row = self.unit.values[value]
                    for place in self._containers(row.place) if row.kind == "place" else ():
                        yield number, place, True

    def _called(self) -> Iterator[tuple[int, Place, bool]]:
        """Entries that are functions, and are called in a walk over what waits."""
        for local, binds in self.index.binds.items():
            if local.path or not any(self.unit.effects[index].how == "iterate" for index in binds):  # type: ignore[union-attr]
                continue
            for number in self.index.calls.get(self.unit.symbols[local.symbol].name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver == NONE and call.callee != NONE and self.unit.places[call.callee] == local:
                    for place in self._containers(call.callee):
                        if _waits(place):
                            yield number, place, False

    def _dealt_with(self) -> Iterator[tuple[int, Place, bool]]:
        """Entries that a walk over what waits hands to a function: `queue.forEach((m) => send(m))`."""
        waiting = {row.place for row in self.lasting() if _waits(row.place)}
        if not waiting:
            return
        for name, numbers in self.index.calls.items():
            deals = _DEALS.fullmatch(name)
            for number in numbers:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                given: list[int] = []
                if deals is not None:
                    rows = [self.unit.values[value] for value in call.args]
                    given = [row.place for row in rows if row.kind == "place"]
                elif call.callee != NONE and "[]" in self.unit.places[call.callee].path:
                    given = [call.callee]  # `queue[i]()`
                if not given or not self._in_walk(number):
                    continue
                if first_word(self.unit.scopes[self._method(call.scope)].name) in _LAST_STEPS:
                    continue
                for place in given:
                    for found in self._entry_of(place):
                        if found in waiting:
                            yield number, found, False

    def _entry_of(self, place: int) -> Iterator[Place]:
        """The holders of which a place is an entry, or a part of one: `queue[i]`, `entry.args`."""
        row = self.unit.places[place]
        for length in range(len(row.path), -1, -1):
            for found in self.holders.aliases.resolve(Place(row.symbol, row.path[:length], row.call)):
                for holder, base, depth in self.holders.ledger.split(found):
                    if holder is not None and depth:
                        yield base
                    elif holder is None:
                        yield from self._walked_by(base.symbol)

    def _restarts(self, place: Place) -> bool:
        """Whether entries of a container are started again."""
        return any(
            place in self._containers(self.unit.effects[number].receiver)  # type: ignore[union-attr]
            for name in _RESTARTS
            for number in self.index.calls.get(name, ())
            if self.unit.effects[number].receiver != NONE  # type: ignore[union-attr]
        )

    def _opens_again(self, number: int, place: Place) -> bool:
        """`section.close()` of sections that `section.open()` opens: they fold and unfold."""
        return self.unit.effects[number].name == "close" and any(  # type: ignore[union-attr]
            place in self._containers(self.unit.effects[other].receiver)  # type: ignore[union-attr]
            for other in self.index.calls.get("open", ())
            if self.unit.effects[other].receiver != NONE  # type: ignore[union-attr]
        )

    def _only_grows(self, holder: Holder) -> bool:
        return not (holder.emptied_elsewhere or holder.releases or self.holders.hands_out(holder))

    def _containers(self, place: int) -> Iterator[Place]:
        """The holders of which a place is an entry."""
        for holder, base, depth in self.holders.ledger.targets(place):
            if holder is not None and depth == 1:
                yield base
            elif holder is None:
                yield from self._walked_by(base.symbol)

    def _walked_by(self, parameter: int) -> Iterator[Place]:
        """The holders whose `forEach` hands its entries to a parameter."""
        walk = self._for_each(self.unit.symbols[parameter].scope)
        if walk is not None:
            for holder, base, depth in self.holders.ledger.targets(walk.receiver):
                if holder is not None and depth == 0:
                    yield base

    def _for_each(self, scope: int) -> Call | None:
        """The call of `forEach` that a function is handed to."""
        given = self.index.argument_of.get(scope)
        call = self.unit.effects[given[0]] if given is not None else None
        return call if isinstance(call, Call) and call.name == "forEach" and call.receiver != NONE else None

    def _in_walk(self, number: int) -> bool:
        regions = self.unit.regions
        effect = self.unit.effects[number]
        if any(regions[index].kind == "loop" for index in self.index.regions(effect.region)):
            return True
        return self._for_each(self.index.function(effect.scope)) is not None

    def _drained(self, holder: Holder, number: int) -> Drained | None:
        function = self._method(self.unit.effects[number].scope)
        owner = self.lifecycle.owner_of(function)
        if owner != NONE and self.lifecycle.is_short_lived(owner):
            return None
        if self.unit.scopes[function].kind == "constructor":
            return None  # what failed to start is taken back
        for growth in holder.growths:
            adds = self.index.function(self.unit.effects[growth.effect].scope)
            if growth.depth or adds == function or self.unit.scopes[adds].kind == "constructor":
                continue
            if not self.growths.counting.counts(growth, holder):
                continue
            if self._is_reused(owner, number) or not self._ends_owner(function):
                return Drained(holder, growth, number)
        return None

    def _is_reused(self, owner: int, number: int) -> bool:
        """Whether objects of a class are closed and go on: a pooled one, one that begins its work anew."""
        if owner == NONE:
            return False
        if _REUSED.search(self.unit.owners[owner].name):
            return True
        runs = self.unit.effects[number].name in _RUNS  # type: ignore[union-attr]
        return runs and any(
            first_word(self.unit.scopes[scope].name) == "begin" for scope in self.unit.owners[owner].methods
        )

    def _method(self, scope: int) -> int:
        """The named function around a scope, callbacks passed over."""
        named = [index for index in self.index.enclosing(scope) if self.unit.scopes[index].kind != "lambda"]
        return named[0] if named else self.index.function(scope)

    def _ends_owner(self, function: int) -> bool:
        word = first_word(self.unit.scopes[function].name)
        if self.unit.scopes[function].params and not self.unit.scopes[function].name.startswith("__"):
            return False  # told what to end
        if word in ("close", "stop", "shutdown", "destroy", "dispose"):
            return True
        return self.lifecycle.in_teardown(function) and word not in _GIVES_BACK


def _waits(place: Place) -> bool:
    """Whether a container is named like one whose entries are run once; listeners run again and again."""
    name = place.path[-1] if place.path else ""
    return _WAITING.search(name) is not None and not name.lower().endswith(_AGAIN)
