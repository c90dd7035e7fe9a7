"""Python: a future that is awaited where it was stored, and stays in when the wait ends badly."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Leave, Place
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.holding.holder import Growth, Holder

_WAITERS = frozenset({"create_future", "Future", "Event", "Deferred", "AsyncResult", "Condition", "Promise"})
# what a subscriber of its own is sent messages through
_INBOXES = frozenset({"Queue", "SimpleQueue", "Channel"})
# who runs here, as a key for what it waits for
_RUNNERS = frozenset({"current_task", "getcurrent", "current_thread", "get_ident"})
_CANCELS = frozenset({"CancelledError", "BaseException"})
_WAITS = frozenset({"wait", "result", "get", "wait_for", "join", "exception", "shield", "acquire"})


class Futures(Leaving):
    """Such waits of one unit."""

    def found(self) -> Iterator[Left]:
        """The first of each holder."""
        for holder in self.lasting() if self.unit.language == "python" else ():
            item = self._waiter(holder)
            if item is not None:
                yield item

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
            inner = self._wait_elsewhere(holder, place, scope) if wait != NONE else NONE
            if wait != NONE and not self._waits_again(inner if inner != NONE else wait):
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
                given = self.unit.places[row.place] if row.kind == "place" else None
                if given is None or given.symbol != waiter.symbol or len(given.path) > 1:
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

    def _waits_again(self, wait: int) -> bool:
        """`while True: try: return await shield(x) except CancelledError: …`: until it is answered."""
        around = list(self.index.regions(self.unit.effects[wait].region))
        rows = [self.unit.regions[each] for each in around]
        body = next((row for row in rows if row.kind == "try"), None)
        loop = next((row for row in rows if row.kind == "loop" and row.iterates == NONE), None)
        if body is None or loop is None or loop.at > body.at:
            return False
        handlers = [
            row
            for row in self.unit.regions
            if row.kind == "except" and row.parent == body.parent and body.end <= row.at < loop.end
        ]
        return any(
            not row.leaves and (row.catches == NONE or self.index.name_of(row.catches) in _CANCELS)
            for row in handlers
        )

    def _names(self, value: int, place: Place) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place] == place
        return any(self._names(part, place) for part in row.parts[:4])
