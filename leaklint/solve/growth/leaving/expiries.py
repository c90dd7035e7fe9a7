"""JavaScript, Java: entries of a wait that gave up. Who answers takes one out, the timer does not."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Place
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.growth.leaving.timed import TimedCalls
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import ENTRYWISE, Growth, Holder, Release
from leaklint.solve.lazy import regex

# what a timer calls to tell the one who waits that nothing came
_GIVES_UP = {
    "javascript": regex(r"(?i)_?(rej(ect)?|fail\w*|on_?(error|time_?out)|error\w*)"),
    "java": regex(
        r"(try|set)?[fF]ail(ure|ed)?|(try|set)Exception|complete\w*|cancel|on(Error|Timeout|Failure)|"
        r"(try)?[eE]mitError|setError(Result)?|setResult"
    ),
}
_LOG = regex(r"(?i)\w*(log|logger|console)")


class Expiries(Leaving):
    """Containers of one unit whose entries have a timer."""

    def __init__(self, growths: Growths) -> None:
        super().__init__(growths)
        self.timed = TimedCalls(growths.index)
        self._given_up = _GIVES_UP.get(self.unit.language, _GIVES_UP["java"])

    def found(self) -> Iterator[Left]:
        """Each container with a timer that ends an entry and leaves it in."""
        if self.unit.language == "python" or not self.timed.any():
            return
        timers = self.timed.all()
        for holder in self._kept():
            releases = [item for item in holder.releases if item.selector in ENTRYWISE and not item.depth]
            if not releases or holder.emptied_elsewhere or self._is_swept(holder):
                continue
            removing = {self.index.function_at(item.effect) for item in releases}
            regular = {
                self.index.function_at(item.effect) for item in releases if not self._after_failure(item)
            }
            for growth in holder.growths:
                if growth.depth or not self.growths.repeats.repeats(growth.effect):
                    continue
                if any(self.timed.started(value) != NONE for value in (*growth.values, growth.key)):
                    continue  # the timer is the entry
                late = self._gives_up(growth, timers, removing, regular)
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

    def _is_swept(self, holder: Holder) -> bool:
        """Whether anything but the end of the object takes out what is not asked for by its key."""
        return any(
            item.selector not in ENTRYWISE
            and not item.depth
            and not self.lifecycle.in_teardown(self.index.function_at(item.effect))
            for item in holder.releases
        )

    def _after_failure(self, release: Release) -> bool:
        """Java: whether a removal stands in a handler: `catch (IOException e) { pending.remove(id); }`."""
        regions = self.index.regions(self.unit.effects[release.effect].region)
        return self.unit.language == "java" and any(
            self.unit.regions[number].kind == "except" for number in regions
        )

    def _gives_up(self, growth: Growth, timers: list[int], removing: set[int], regular: set[int]) -> int:
        """A timer of the same call that tells the one who waits, and takes nothing out."""
        around = list(self.index.enclosing(self.unit.effects[growth.effect].scope))
        if not around:
            return NONE
        if any(set(self.index.enclosing(scope)) & set(around) for scope in regular):
            return NONE  # the same call sees to it, on whatever way
        raced = self._raced(growth, around, removing)
        if raced != NONE:
            return raced
        for number in timers:
            timer = self.unit.effects[number]
            near = list(self.index.enclosing(timer.scope))
            if not near or (near[0] not in around and around[0] not in near):
                continue
            run = self.timed.callback(number)
            if run != NONE and around[0] in self.timed.reached(run):
                continue  # it starts the same work again
            if self.unit.language == "java" and not self._is_of_entry(number, growth):
                continue
            if self._tells(number) and not self.timed.takes_out(number, removing):
                return number
        return NONE

    def _is_of_entry(self, number: int, growth: Growth) -> bool:
        """Java: whether what a timer runs refers to the entry, or to what it is made of."""
        timer = self.unit.effects[number]
        pending, named = list(growth.values), set[int]()
        while pending:
            value = pending.pop()
            row = self.unit.values[value] if value != NONE else None
            call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if row is not None and row.kind == "place":
                named.add(self.unit.places[row.place].symbol)
            elif isinstance(call, Call):
                pending += call.args
        return any(
            timer.at <= self.unit.values[value].at < timer.end
            for symbol in named - {NONE}
            for value in self.index.references.get(symbol, ())
        ) or any(
            isinstance(effect, Call)
            and timer.at <= effect.at < timer.end
            and effect.receiver != NONE
            and self.unit.places[effect.receiver].symbol in named - {NONE}
            for effect in self.unit.effects
        )

    def _raced(self, growth: Growth, around: list[int], removing: set[int]) -> int:
        """`Promise.race([answer, timeout(ms)])` of the call that adds the entry."""
        for number in self.index.calls.get("race", ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            first = self.unit.values[call.args[0]] if call.args else None
            if number < growth.effect or self.index.function(call.scope) not in around or first is None:
                continue
            if first.kind == "container" and len(first.parts) > 1 and not self._goes_on(number, removing):
                return number
        return NONE

    def _goes_on(self, number: int, removing: set[int]) -> bool:
        """Whether what is chained behind a race may take the entry out: `.finally(() => …)`."""
        for chained, effect in enumerate(self.unit.effects):
            place = (
                self.unit.places[effect.receiver]
                if isinstance(effect, Call) and effect.receiver != NONE
                else None
            )
            if place is None or place.call != number or place.symbol != NONE:
                continue
            assert isinstance(effect, Call)
            row = self.unit.values[effect.args[0]] if len(effect.args) == 1 else None
            plain = effect.name == "then" and row is not None and row.kind == "closure"
            if not plain or row.scope in removing or self._goes_on(chained, removing):  # type: ignore[union-attr]
                return True
        return False

    def _tells(self, number: int) -> bool:
        closure = self.timed.callback(number)
        if closure == NONE:
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            row = self.unit.values[call.args[0]] if call.args else None
            place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
            return place is not None and self._is_rejection(place)
        calls = [
            self.unit.effects[inner]
            for scope in self.timed.reached(closure, 1)
            for inner in self.index.of_function.get(scope, ())
        ]
        return any(
            isinstance(call, Call) and self._given_up.fullmatch(call.name) and not self._is_logged(call)
            for call in calls
        )

    def _is_logged(self, call: Call) -> bool:
        """`log.error(…)`."""
        return (
            call.receiver != NONE
            and _LOG.fullmatch(self.index.last_name(self.unit.places[call.receiver])) is not None
        )

    def _is_rejection(self, place: Place) -> bool:
        name = self.index.last_name(place)
        return self._given_up.fullmatch(name) is not None
