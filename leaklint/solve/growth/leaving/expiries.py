"""JavaScript: entries that stay when time is up: the wait that gave up, and the timer that has fired.

Whoever answers or cancels takes an entry out; the callback of the timer that ends it as well does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.holding.holder import ENTRYWISE, Growth, Holder
from leaklint.solve.lazy import regex

_STARTS = frozenset({"setTimeout"})
# what a timer calls to tell the one who waits that nothing came
_GIVES_UP = regex(r"(?i)_?(rej(ect)?|fail\w*|on_?(error|time_?out)|error\w*)")
_DEPTH = 3


class Expiries(Leaving):
    """Containers of one unit whose entries have a timer."""

    def found(self) -> Iterator[Left]:
        """Each container with a timer that ends an entry and leaves it in."""
        if self.unit.language != "javascript" or _STARTS.isdisjoint(self.index.calls):
            return
        timers = [number for name in _STARTS for number in self.index.calls.get(name, ())]
        yield from self._collected()
        for holder in self._kept():
            releases = [item for item in holder.releases if item.selector in ENTRYWISE and not item.depth]
            if not releases or holder.emptied_elsewhere or self._is_swept(holder):
                continue
            removing = {self.index.function_at(item.effect) for item in releases}
            for growth in holder.growths:
                if growth.depth or not self.growths.repeats.repeats(growth.effect):
                    continue
                fired = self._timer_of(growth)
                if fired != NONE:
                    if not self._takes_out(fired, removing) and not self._replaces(holder, growth):
                        yield Left(holder, growth, "fired", releases[0].effect, fired)
                        break
                    continue
                late = self._gives_up(growth, timers, removing)
                if late != NONE:
                    yield Left(holder, growth, "timeout", releases[0].effect, late)
                    break

    def _kept(self) -> Iterator[Holder]:
        """Lasting containers, those of closures that are given away among them."""
        yield from self.lasting()
        for holder in self.holders.by_place.values():
            if not holder.growths or holder.lifetime != "closure" or holder.limited:
                continue
            if self.growths.counting.outlives_call(holder, self.unit.effects[holder.growths[0].effect].scope):
                yield holder

    def _collected(self) -> Iterator[Left]:
        """Collections of timers that are cleared together, and that those which have fired stay in."""
        for holder in self.holders.by_place.values():
            row = holder.container
            weak = row is not None and row.weak
            if not holder.releases or holder.bounded or holder.lifetime not in ("instance", "process"):
                continue
            removing = {self.index.function_at(item.effect) for item in holder.releases}
            for growth in holder.growths:
                if (weak and not growth.depth) or (growth.key != NONE and not growth.depth):
                    continue
                if not self.growths.repeats.repeats(growth.effect) or self._opens(growth):
                    continue
                fired = self._timer_of(growth)
                if (
                    fired != NONE
                    and not self._takes_out(fired, removing)
                    and not self._replaces(holder, growth)
                ):
                    yield Left(holder, growth, "fired", holder.releases[0].effect, fired)
                    break

    def _opens(self, growth: Growth) -> bool:
        """Whether an entry is added while its object is made or opened."""
        scope = self.index.function_at(growth.effect)
        return self.lifecycle.while_made(scope) or self.growths.owners.opens_object(scope)

    def _is_swept(self, holder: Holder) -> bool:
        """Whether anything but the end of the object takes out what is not asked for by its key."""
        return any(
            item.selector not in ENTRYWISE
            and not item.depth
            and not self.lifecycle.in_teardown(self.index.function_at(item.effect))
            for item in holder.releases
        )

    # -- the timer is the entry

    def _timer_of(self, growth: Growth) -> int:
        """The `setTimeout()` whose handle is the entry or its key, or NONE."""
        for value in (*growth.values, growth.key):
            number = self._started(value)
            if number != NONE:
                return number
        return NONE

    def _started(self, value: int) -> int:
        row = self.unit.values[value] if value != NONE else None
        if row is not None and row.kind == "place":
            place = self.unit.places[row.place]
            binds = self.index.binds.get(place, ()) if place.symbol != NONE and not place.path else ()
            if len(binds) != 1:
                return NONE
            inner = self.unit.effects[binds[0]].value  # type: ignore[union-attr]
            row = self.unit.values[inner] if inner != NONE else None
        if row is None or row.kind != "call":
            return NONE
        call = self.unit.effects[row.call]
        return row.call if isinstance(call, Call) and call.name in _STARTS else NONE

    def _replaces(self, holder: Holder, growth: Growth) -> bool:
        """`clearTimeout(timers.get(key))` first: one for each key, whatever becomes of it."""
        function = self.index.function_at(growth.effect)
        for number in self.index.of_function.get(function, ()):
            call = self.unit.effects[number]
            if number < growth.effect and isinstance(call, Call) and call.name == "clearTimeout":
                return True
            if growth.depth or not isinstance(call, Call):
                continue
            asks = call.name in ("get", "has") and call.receiver != NONE
            if asks and holder.place in self.growths.holders.aliases.of(call.receiver):
                return True
        return False

    # -- the timer ends whoever waits

    def _gives_up(self, growth: Growth, timers: list[int], removing: set[int]) -> int:
        """A timer of the same call that tells the one who waits, and takes nothing out."""
        around = list(self.index.enclosing(self.unit.effects[growth.effect].scope))
        if not around:
            return NONE
        if any(set(self.index.enclosing(scope)) & set(around) for scope in removing):
            return NONE  # the same call sees to it, on whatever way
        raced = self._raced(growth, around)
        if raced != NONE:
            return raced
        for number in timers:
            timer = self.unit.effects[number]
            near = list(self.index.enclosing(timer.scope))
            if not near or (near[0] not in around and around[0] not in near):
                continue
            run = self._callback(number)
            if run != NONE and around[0] in self._reached(run, _DEPTH):
                continue  # it starts the same work again
            if self._tells(number) and not self._takes_out(number, removing):
                return number
        return NONE

    def _raced(self, growth: Growth, around: list[int]) -> int:
        """`Promise.race([answer, timeout(ms)])` of the call that adds the entry."""
        for number in self.index.calls.get("race", ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            first = self.unit.values[call.args[0]] if call.args else None
            if number < growth.effect or self.index.function(call.scope) not in around or first is None:
                continue
            if first.kind == "container" and len(first.parts) > 1 and not self._goes_on(number):
                return number
        return NONE

    def _goes_on(self, number: int) -> bool:
        """Whether anything is chained behind a race: `.finally(() => …)`."""
        return any(place.call == number and place.symbol == NONE for place in self.unit.places)

    def _tells(self, number: int) -> bool:
        closure = self._callback(number)
        if closure == NONE:
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            row = self.unit.values[call.args[0]] if call.args else None
            place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
            return place is not None and self._is_rejection(place)
        calls = [
            self.unit.effects[inner]
            for scope in self._reached(closure, 1)
            for inner in self.index.of_function.get(scope, ())
        ]
        return any(isinstance(call, Call) and _GIVES_UP.fullmatch(call.name) for call in calls)

    def _is_rejection(self, place: Place) -> bool:
        symbol = self.index.symbol(place)
        name = place.path[-1][1:] if place.path else symbol.name if symbol is not None else ""
        return _GIVES_UP.fullmatch(name) is not None

    def _callback(self, number: int) -> int:
        """The function that a timer runs, when it stands in this file."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        row = self.unit.values[call.args[0]] if call.args else None
        if row is not None and row.kind == "closure":
            return row.scope
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        if place is None or place.symbol == NONE:
            return NONE
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this" and len(place.path) == 1:
            return self.index.method(symbol.target, place.path[0][1:])
        return self.index.function_of(place.symbol) if not place.path else NONE

    def _takes_out(self, number: int, removing: set[int]) -> bool:
        """Whether what a timer runs removes entries, itself or through functions of this file."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        row = self.unit.values[call.args[0]] if call.args else None
        closure = self._callback(number)
        if closure == NONE:  # a function of the caller, or one that is bound: `this.drop.bind(this, id)`
            return row is None or row.kind != "place" or bool(self.unit.places[row.place].path)
        return any(scope in removing for scope in self._reached(closure, _DEPTH))

    def _reached(self, function: int, deepest: int) -> Iterator[int]:
        """A function, those nested in it, and those of this file that they call, so many calls deep."""
        pending, seen = [(function, 0)], set[int]()
        while pending:
            scope, depth = pending.pop()
            if scope in seen or depth > deepest:
                continue
            seen.add(scope)
            yield scope
            for other, inner in enumerate(self.unit.scopes):
                if inner.parent == scope or (
                    inner.parent != NONE and self.index.function(inner.parent) == scope
                ):
                    pending.append((other, depth))
            for effect in self.index.of_function.get(scope, ()):
                if isinstance(self.unit.effects[effect], Call):
                    callee = self.index.callee_scope(effect)
                    if callee != NONE:
                        pending.append((callee, depth + 1))
