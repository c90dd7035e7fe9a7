"""Python: removals that run only when all goes well, and entries that are ended where they stand."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Leave, Place, Region
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex

_WAITERS = frozenset({"create_future", "Future", "Event", "Deferred", "AsyncResult", "Condition", "Promise"})
# what a subscriber of its own is sent messages through
_INBOXES = frozenset({"Queue", "SimpleQueue", "Channel"})
_SUCCEEDED = regex(r"(?i)_*(is_?)?(ok|success|successful|succeeded|completed_ok)")
# who runs here, as a key for what it waits for
_RUNNERS = frozenset({"current_task", "getcurrent", "current_thread", "get_ident"})
# how a waiter is told that it waits in vain
_FAILS = frozenset({"set_exception", "errback"})
_WAITS = frozenset({"wait", "result", "get", "wait_for", "join", "exception", "shield", "acquire"})
# what is done to an entry as the last thing
_ENDS = frozenset({"delete", "destroy", "dispose", "shutdown", "terminate", "disconnect", "aclose", "close"})
# calls that say that something went wrong
_COMPLAINS = regex(
    r"(?i)_?(error|warning|warn|exception|critical|abort|fail\w*|on_?error|set_exception|set_error|errback|"
    r"emit|reject|send_error|report)"
)


class Skips(Leaving):
    """Removals of one unit that a way out of their function skips."""

    def found(self) -> Iterator[Left]:
        """The first shape that fits each holder."""
        for holder in self.lasting() if self.unit.language == "python" else ():
            item = self._waiter(holder) or self._exit(holder) or self._guard(holder) or self._ended(holder)
            item = item or self._failed(holder) or self._successful(holder)
            if item is not None:
                yield item

    # -- a future that is awaited where it was stored, and stays when the wait ends badly

    def _waiter(self, holder: Holder) -> Left | None:
        for growth in holder.growths:
            if growth.via != NONE or growth.depth > 1:
                continue
            if growth.depth and any(row.selector == "key" and not row.depth for row in holder.releases):
                continue  # all who wait under a key are taken out together, by the next batch at the latest
            place = self._fresh_waiter(growth)
            if place is None:
                continue
            scope = self.index.function_at(growth.effect)
            if any(self._is_near(release.effect, scope) for release in holder.releases):
                continue  # taken out by who waits, or by a callback of the waiter
            if any(
                release.selector in ("all", "rebind")
                and not self.lifecycle.in_teardown(self.index.function_at(release.effect))
                for release in holder.releases
            ):
                continue  # all are woken at once, and none is left then
            if self._is_dropped_at_start(holder, scope):
                continue
            runner = self._is_runner(growth.key)
            wait = self._parks(growth.effect, scope) if runner else self._wait(place, growth.effect, scope)
            if wait == NONE and not runner:
                wait = self._wait_elsewhere(holder, place, scope)
            if wait != NONE:
                release = holder.releases[0].effect if holder.releases else NONE
                return Left(holder, growth, "waiter", release, wait)
        return None

    def _fresh_waiter(self, growth: Growth) -> Place | None:
        """The local that holds what somebody else completes, made in the function that stores it.

        Or the task itself, as the key of what it waits for: whoever wakes it takes that out.
        """
        if self._is_runner(growth.key):
            return self.unit.places[self.unit.values[growth.key].place]
        for value in growth.values:
            row = self.unit.values[value]
            parts = [row, *(self.unit.values[part] for part in row.parts)]
            for part in parts:
                if part.kind != "place":
                    continue
                place = self.unit.places[part.place]
                if place.symbol == NONE or place.path or self.unit.symbols[place.symbol].kind != "variable":
                    continue
                for number in self.index.binds.get(place, ()):
                    bind = self.unit.effects[number]
                    made = self.unit.values[bind.value] if bind.value != NONE else None  # type: ignore[union-attr]
                    call = self.unit.effects[made.call] if made is not None and made.kind == "call" else None
                    if isinstance(call, Call) and self._makes_waiter(made.call, call):  # type: ignore[union-attr]
                        return place
        return None

    def _makes_waiter(self, number: int, call: Call) -> bool:
        """A future or event, or an object of a class of the file that has one of its own."""
        if call.name in _WAITERS:
            return not call.args
        if call.name in _INBOXES:
            return True
        scope = self.index.callee_scope(number) if call.receiver == NONE else NONE
        if scope == NONE or self.unit.scopes[scope].kind != "constructor":
            return False
        return any(
            isinstance(effect, Call) and effect.name in _WAITERS and not effect.args
            for effect in (self.unit.effects[each] for each in self.index.of_function.get(scope, ()))
        )

    def _wait_elsewhere(self, holder: Holder, waiter: Place, scope: int) -> int:
        """The wait in a function of the file that is handed the waiter, and takes nothing out."""
        for number in self.index.of_function[scope]:
            call = self.unit.effects[number]
            callee = self.index.callee_scope(number) if isinstance(call, Call) else NONE
            if callee in (NONE, scope) or not isinstance(call, Call):
                continue
            params = self.unit.scopes[callee].params
            for param, value in zip(params, call.args, strict=False):
                row = self.unit.values[value]
                if row.kind != "place" or self.unit.places[row.place] != waiter:
                    continue
                if any(self._is_near(release.effect, callee) for release in holder.releases):
                    return NONE
                wait = self._wait(Place(param), NONE, callee)
                if wait != NONE and not self._is_dropped_at_start(holder, callee):
                    return wait
        return NONE

    def _is_runner(self, key: int) -> bool:
        row = self.unit.values[key] if key != NONE else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        if place is None or place.symbol == NONE or place.path:
            return False
        binds = [self.unit.effects[number] for number in self.index.binds.get(place, ())]
        made = [
            self.unit.values[bind.value] for bind in binds if isinstance(bind, Bind) and bind.value != NONE
        ]
        calls = [self.unit.effects[row.call] for row in made if row.kind == "call"]
        return len(calls) == len(binds) == 1 and calls[0].name in _RUNNERS  # type: ignore[union-attr]

    def _parks(self, growth: int, scope: int) -> int:
        """The `await` right behind a growth, outside of any `try` of its own, or NONE."""
        region = self.unit.effects[growth].region
        return next(
            (
                number
                for number in self.index.of_function[scope]
                if number > growth
                and isinstance(effect := self.unit.effects[number], Leave)
                and effect.how == "await"
                and effect.region == region
            ),
            NONE,
        )

    def _is_near(self, effect: int, scope: int) -> bool:
        """Whether an effect stands in a function or in one nested in it."""
        return scope in self.index.enclosing(self.unit.effects[effect].scope)

    def _is_dropped_at_start(self, holder: Holder, scope: int) -> bool:
        """Whether the function tidies up in a helper that it calls."""
        removing = {self.index.function_at(release.effect) for release in holder.releases}
        return any(
            self._is_near(number, scope)
            for function in removing
            for number in self.index.callers.get(function, ())
        ) or any(self._is_near(number, scope) for number in self.index.calls.get("add_done_callback", ()))

    def _wait(self, place: Place, after: int, scope: int) -> int:
        """The effect that waits for a place and may end otherwise than by it, or NONE."""
        is_async = "async" in self.unit.scopes[scope].flags
        for number in self.index.of_function[scope]:
            effect = self.unit.effects[number]
            if number <= after:
                continue
            if isinstance(effect, Call):
                if effect.name in _WAITS:
                    root = self.unit.places[effect.receiver] if effect.receiver != NONE else None
                    on = root is not None and root.symbol == place.symbol and len(root.path) < 2
                    timed = bool(effect.args or effect.keywords)
                    given = any(self._names(value, place) for value in effect.args)
                    if (on and (is_async or timed)) or (given and is_async):
                        return number
            elif isinstance(effect, Leave) and is_async and self._is_await(effect, place):
                return number
        return NONE

    def _is_await(self, leave: Leave, place: Place) -> bool:
        """`await x`; `return x` of an async function that has stored x is left to who awaits that."""
        if leave.how == "return":
            return leave.value != NONE and self._names(leave.value, place)
        return leave.how == "await" and any(
            leave.at <= self.unit.values[value].at < leave.end
            and self.unit.places[self.unit.values[value].place] == place
            for value in self.index.references.get(place.symbol, ())
        )

    def _names(self, value: int, place: Place) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place] == place
        return any(self._names(part, place) for part in row.parts[:4])

    def _guarded(self, effect: int) -> bool:
        return any(
            self.unit.regions[region].kind in ("finally", "except", "try", "with")
            for region in self.index.regions(self.unit.effects[effect].region)
            if self.unit.regions[region].kind != "with" or not self._is_lock(region)
        )

    def _is_lock(self, region: int) -> bool:
        """`with self._lock:` changes nothing about exceptions."""
        row = self.unit.regions[region]
        return any(
            isinstance(effect, Bind) and effect.how == "enter" and "lock" in self._text(effect.value).lower()
            for effect in self.unit.effects[max(row.first - 2, 0) : row.first + 1]
        )

    def _text(self, value: int) -> str:
        row = self.unit.values[value] if value != NONE else None
        if row is None or row.kind != "place":
            return ""
        place = self.unit.places[row.place]
        name = self.unit.symbols[place.symbol].name if place.symbol != NONE else ""
        return name + "".join(place.path)

    # -- the function that removes leaves before it does

    def _exit(self, holder: Holder) -> Left | None:
        growth = next((row for row in holder.growths if not row.depth), None)
        if growth is None:
            return None
        for release in holder.releases:
            if release.depth or release.via != NONE or release.selector not in ("key", "value"):
                continue
            if release.key == NONE or self._guarded(release.effect):
                continue
            scope = self.index.function_at(release.effect)
            if scope == self.index.function_at(growth.effect) or self._ends_all(scope):
                continue
            entry = self._entry(holder, release, scope)
            if entry is None:
                continue
            skips = self._skips(holder, release, scope, entry)
            if skips != NONE and self._same_again(holder, release, scope):
                return Left(holder, growth, "exit", release.effect, skips)
        return None

    def _ends_all(self, scope: int) -> bool:
        """An end-of-life method; one that is told what to end ends that only."""
        return self.lifecycle.in_teardown(scope) and not self.unit.scopes[scope].params

    def _same_again(self, holder: Holder, release: Release, scope: int) -> bool:
        """Whether no other release of the function takes the entry out before it leaves."""
        return all(
            row is release or self.index.function_at(row.effect) != scope or row.effect > release.effect
            for row in holder.releases
        )

    def _entry(self, holder: Holder, release: Release, scope: int) -> Place | None:
        """The local that holds the entry which a function is about to remove."""
        key = self.unit.values[release.key]
        if release.selector == "value" and key.kind == "place":
            place = self.unit.places[key.place]
            if place.symbol != NONE and not place.path:
                return place if self.unit.symbols[place.symbol].kind == "variable" else None
            return None
        inside = Place(holder.place.symbol, (*holder.place.path, "[]"), holder.place.call)
        for number in self.index.of_function[scope]:
            bind = self.unit.effects[number]
            if not isinstance(bind, Bind) or number > release.effect or bind.value == NONE:
                continue
            place = self.unit.places[bind.target]
            if place.symbol == NONE or place.path or self.unit.symbols[place.symbol].kind != "variable":
                continue
            if inside in self.holders.aliases.of_value(bind.value):
                return place
        return None

    def _skips(self, holder: Holder, release: Release, scope: int, entry: Place) -> int:
        """An exit of the function before the removal, where the entry has turned out bad."""
        for number in self.index.of_function[scope]:
            effect = self.unit.effects[number]
            if number > release.effect or not isinstance(effect, Leave) or effect.region == NONE:
                continue
            if effect.how not in ("raise", "return"):
                continue
            region = self.unit.regions[effect.region]
            if region.kind != "branch" or region.test == NONE or self._holds(effect.region, release.effect):
                continue
            if not self._looks_into(region.test, entry):
                continue
            if effect.how == "raise" or self._complains(region.first, region.last):
                return number
        return NONE

    def _holds(self, region: int, effect: int) -> bool:
        row = self.unit.regions[region]
        return row.first <= effect < row.last

    def _looks_into(self, test: int, entry: Place) -> bool:
        """Whether a test asks for something of the entry, not whether it is there."""
        row = self.unit.values[test]
        if row.kind == "place":
            place = self.unit.places[row.place]
            return place.symbol == entry.symbol and bool(place.path)
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            if call.receiver != NONE:
                return self.unit.places[call.receiver].symbol == entry.symbol and call.name != "done"
            return False
        return any(self._looks_into(part, entry) for part in row.parts)

    def _complains(self, first: int, last: int) -> bool:
        return any(
            isinstance(effect, Call) and _COMPLAINS.fullmatch(effect.name)
            for effect in self.unit.effects[first:last]
        )

    # -- a removal behind a test that a store does without

    def _guard(self, holder: Holder) -> Left | None:
        if holder.lifetime != "instance" or not holder.releases or len(holder.growths) < 2:
            return None
        rows = [
            row
            for row in holder.releases
            if not self.lifecycle.in_teardown(self.index.function_at(row.effect)) and not row.depth
        ]
        if not any(row.selector in ("key", "value") for row in rows):
            return None
        asked = set.intersection(*(self._asks(row.effect) for row in rows))
        for field in sorted(asked, key=lambda place: place.path):
            sisters = [row.effect for row in holder.growths if field in self._asks(row.effect)]
            bare = [
                row
                for row in holder.growths
                if not row.depth and row.effect not in sisters and self.growths.counting.counts(row, holder)
            ]
            if sisters and bare:
                more = [row.effect for row in bare[1:6]]
                return Left(holder, bare[0], "guard", rows[0].effect, NONE, sisters[0], more)
        return None

    def _asks(self, effect: int) -> set[Place]:
        """The fields that are true wherever an effect runs: tested around it, or left without them before."""
        row = self.unit.effects[effect]
        found = set()
        for region in self.index.regions(row.region):
            found |= self._truths(region, False)
        scope = self.index.function(row.scope)
        for number, region_row in enumerate(self.unit.regions):
            if (
                region_row.scope == scope
                and region_row.leaves in ("return", "raise")
                and region_row.end < row.at
            ):
                found |= self._truths(number, True)
        return found

    def _truths(self, region: int, inverted: bool) -> set[Place]:
        row = self.unit.regions[region]
        if row.kind != "branch" or row.test == NONE:
            return set()
        value = self.unit.values[row.test]
        negated = row.negated != inverted
        if value.kind == "operation" and value.text == "not":
            value, negated = self.unit.values[value.parts[0]], not negated
        if value.kind != "place" or negated:
            return set()
        place = self.unit.places[value.place]
        if place.symbol == NONE or len(place.path) != 1:
            return set()
        return {place} if self.unit.symbols[place.symbol].kind == "this" else set()

    # -- the entry is looked up, ended, and left

    def _ended(self, holder: Holder) -> Left | None:
        """`self.rooms.get(name).close()` under a caller's key, and no way out for single entries."""
        growth = next((row for row in holder.growths if not row.depth and row.key != NONE), None)
        if growth is None or any(row.selector in ("key", "value", "one", "some") for row in holder.releases):
            return None
        if not self.growths.counting.counts(growth, holder):
            return None
        inside = Place(holder.place.symbol, (*holder.place.path, "[]"), holder.place.call)
        for name in _ENDS & self.index.calls.keys():
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver == NONE or call.args or self._in_loop(call.region):
                    continue
                scope = self.index.function(call.scope)
                asked = self._asked_under(holder, scope)
                if not asked or self._ends_all(scope):
                    continue
                if inside in self.holders.aliases.of(call.receiver):
                    return Left(holder, growth, "ended", NONE, number)
        return None

    def _failed(self, holder: Holder) -> Left | None:
        """`self._pending[key].set_exception(error)` of an `except` where success pops the entry."""
        growth = next((row for row in holder.growths if not row.depth and row.key != NONE), None)
        taken = [row for row in holder.releases if not row.depth]
        if growth is None or not taken or any(row.selector != "key" for row in taken):
            return None
        if not self.growths.counting.counts(growth, holder):
            return None
        inside = Place(holder.place.symbol, (*holder.place.path, "[]"), holder.place.call)
        for name in sorted(_FAILS & self.index.calls.keys()):
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                scope = self.index.function(call.scope)
                handler = next(
                    (
                        row
                        for row in map(self._region, self.index.regions(call.region))
                        if row.kind == "except"
                    ),
                    None,
                )
                if handler is None or call.receiver == NONE or self.unit.places[call.receiver] != inside:
                    continue
                same = [row for row in taken if self.index.function_at(row.effect) == scope]
                if (
                    same
                    and not any(handler.first <= row.effect < handler.last for row in same)
                    and handler.leaves
                ):
                    return Left(holder, growth, "ended", NONE, number)
        return None

    def _successful(self, holder: Holder) -> Left | None:
        """`if response.ok: del self.requests[key]`, in another function than the one that stores."""
        growth = next((row for row in holder.growths if not row.depth), None)
        taken = self.entrywise(holder, ("key", "value"))
        if growth is None or not taken or not self.growths.counting.counts(growth, holder):
            return None
        stores = self.index.function_at(growth.effect)
        for row in taken:
            effect = self.unit.effects[row.effect]
            if self.index.function(effect.scope) == stores:
                return None
            around = map(self._region, self.index.regions(effect.region))
            if not any(self._is_of_success(each) for each in around):
                return None
        return Left(holder, growth, "success", taken[0].effect)

    def _is_of_success(self, region: Region) -> bool:
        """`if ok:`, `if response.status == 200:`, `if state == "done":`."""
        if region.kind != "branch" or region.test == NONE:
            return False
        row = self.unit.values[region.test]
        if row.kind == "operation" and row.text == "==" and len(row.parts) == 2 and not region.negated:
            other = self.unit.values[row.parts[1]]
            if other.kind == "number":
                return other.text in ("200", "201", "204")
            return other.kind == "string" and _SUCCEEDED.fullmatch(other.text) is not None
        name, negated = self.asked(region.test, region.negated)
        return not negated and _SUCCEEDED.fullmatch(name) is not None

    def _region(self, number: int) -> Region:
        return self.unit.regions[number]

    def _in_loop(self, region: int) -> bool:
        return any(
            self.unit.regions[number].kind == "loop" and self.unit.regions[number].iterates == NONE
            for number in self.index.regions(region)
        )

    def _asked_under(self, holder: Holder, scope: int) -> bool:
        """Whether a function looks an entry up under a key of its own: `get(key)`."""
        for number in self.index.of_function[scope]:
            call = self.unit.effects[number]
            if not isinstance(call, Call) or call.name not in ("get", "__getitem__") or not call.args:
                continue
            if call.receiver != NONE and holder.place in self.holders.aliases.of(call.receiver):
                return self.growths.keys.domain(call.args[0]) in ("parameter", "computed", "fresh")
        return False
