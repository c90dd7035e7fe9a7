"""Tables of requests that wait for an answer, and keep those that were answered, cancelled or given up."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex

# what completes a request for good
_COMPLETES = (
    *("complete", "success", "setResult", "set_result", "resolve", "countDown", "trySuccess", "setSuccess"),
    *("tryComplete", "emitValue", "tryEmitValue"),
)
_ENDS = regex(
    r"onDispose|onCancel|doFinally|setCancellable|setDisposable|whenComplete|handle|doOnTerminate|doOnCancel|"
    r"onTermination|doAfterTerminate|doOnDispose|onTimeout|finally"
)
# what gives a future up after a time
_EXPIRES = frozenset({"orTimeout", "completeOnTimeout", "timeout"})
_WAITS = regex(
    r"\w*(get|await|wait|poll|take|join|receive)(_?[A-Z]\w*)?|\w*(Get|Await|Wait|Poll|Take|Join|Receive)\w*"
)
_LIMIT = regex(r"(?i)\w*(timeout|millis|seconds|deadline|wait_?time|max_?wait)\w*")


class Answers(Leaving):
    """Such tables of one unit."""

    def found(self) -> Iterator[Left]:
        """Each table that keeps what came to its end, once."""
        yield from self._before_super()
        for holder in self.lasting():
            releases = self.entrywise(holder, ("key",)) if holder.kind == "map" else []
            for growth in holder.growths if releases else ():
                if growth.depth or not growth.values or not self.growths.counting.counts(growth, holder):
                    continue
                item = (
                    self._answered(holder, growth, releases)
                    or self._cancelled(holder, growth, releases)
                    or self._given_up(holder, growth, releases)
                )
                if item is not None:
                    yield item
                    break

    def _before_super(self) -> Iterator[Left]:
        """`users.add(x); super.addUser(x);`: when the base class refuses, nobody calls `removeUser()`."""
        if self.unit.language != "java" or not any(name.startswith("add") for name in self.index.calls):
            return
        for holder in self.lasting():
            releases = [item for item in holder.releases if item.selector in ("key", "value")]
            for growth in holder.growths if releases else ():
                number = self._asks_base(growth)
                if number == NONE or growth.depth or not self.growths.counting.counts(growth, holder):
                    continue
                name = self.unit.scopes[self.index.function_at(growth.effect)].name
                wanted = "remove" + name.removeprefix("add")
                taken = [
                    r for r in releases if self.unit.scopes[self.index.function_at(r.effect)].name == wanted
                ]
                if len(taken) == len(releases):
                    yield Left(holder, growth, "raise", taken[0].effect, number)
                    break

    def _asks_base(self, growth: Growth) -> int:
        """The call of the overridden method behind a growth, outside of any `try`; or NONE."""
        function = self.index.function_at(growth.effect)
        name = self.unit.scopes[function].name
        if not name.startswith("add") or not self._refuses(function):
            return NONE
        for number in self.index.calls.get(name, ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            symbol = self.index.symbol(self.unit.places[call.receiver]) if call.receiver != NONE else None
            if number < growth.effect or symbol is None or symbol.kind != "super":
                continue
            regions = [self.unit.regions[region].kind for region in self.index.regions(call.region)]
            if self.index.function_at(number) == function and "try" not in regions:
                return number
        return NONE

    def _refuses(self, function: int) -> bool:
        """Whether a method throws itself: one that can refuse, as the base class may."""
        return any(
            getattr(self.unit.effects[number], "how", "") == "raise"
            for number in self.index.of_function.get(function, ())
        )

    # -- the answer looks the request up and leaves it

    def _answered(self, holder: Holder, growth: Growth, releases: list[Release]) -> Left | None:
        """`call = pending.get(id); call.complete(answer)`, where only failures are taken out."""
        if not all(self.fails(item.effect) for item in releases):
            return None
        for name in _COMPLETES:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver != NONE and self._is_looked_up(call.receiver, holder.place):
                    return Left(holder, growth, "answer", releases[0].effect, number)
        return None

    def _is_looked_up(self, place: int, table: Place) -> bool:
        """Whether a local was bound to what a table gave for a key."""
        local = self.unit.places[place]
        binds = self.index.binds.get(local, ()) if local.symbol != NONE and not local.path else ()
        if len(binds) != 1:
            return False
        bind = self.unit.effects[binds[0]]
        value = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        call = self.unit.effects[value.call] if value is not None and value.kind == "call" else None
        if not isinstance(call, Call) or call.name != "get" or call.receiver == NONE:
            return False
        return table in self.holders.aliases.of(call.receiver)

    # -- who waits goes away

    def _cancelled(self, holder: Holder, growth: Growth, releases: list[Release]) -> Left | None:
        """`Mono.create(sink -> pending.put(id, sink))`, and nothing that runs when the sink is cancelled."""
        function = self.index.function_at(growth.effect)
        given = self.index.argument_of.get(function)
        call = self.unit.effects[given[0]] if given is not None else None
        if self.unit.language != "java" or not isinstance(call, Call) or call.name != "create":
            return None
        row = self.unit.values[growth.values[0]]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.path or place.symbol not in self.unit.scopes[function].params:
            return None
        for release in releases:
            inner = self.index.argument_of.get(self.index.function_at(release.effect))
            ending = self.unit.effects[inner[0]] if inner is not None else None
            if isinstance(ending, Call) and _ENDS.fullmatch(ending.name):
                return None
        return Left(holder, growth, "cancel", releases[0].effect, NONE)

    def _given_up(self, holder: Holder, growth: Growth, releases: list[Release]) -> Left | None:
        """`pending.put(id, cell); … cell.uninterruptibleGet(timeout)`, and no removal beside the wait."""
        function = self.index.function_at(growth.effect)
        regular = [item for item in releases if not self.fails(item.effect)]
        if self.unit.language != "java" or any(self._stands_in(item, function) for item in regular):
            return None
        row = self.unit.values[growth.values[0]]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE or place.path:
            return None
        expires = self._expires(place, function, releases)
        if expires != NONE:
            return Left(holder, growth, "timeout", releases[0].effect, expires)
        for number in self.index.of_function.get(function, ()):
            call = self.unit.effects[number]
            if number < growth.effect or not isinstance(call, Call) or call.receiver == NONE:
                continue
            if self.unit.places[call.receiver] != place or not _WAITS.fullmatch(call.name):
                continue
            if any(_LIMIT.fullmatch(self.index.name_of(value)) for value in call.args):
                return Left(holder, growth, "timeout", releases[0].effect, number)
        return None

    def _expires(self, future: Place, function: int, releases: list[Release]) -> int:
        """`future.orTimeout(…)`, and nothing chained to that future takes the entry out; or NONE."""
        for name in sorted(_EXPIRES & self.index.calls.keys()):
            for number in self.index.calls[name]:
                if self.index.function_at(number) != function:
                    continue
                same = {self._root(number), *self._kept_in(number)}
                if future not in same or (name == "timeout" and not self._is_of_sink(number)):
                    continue
                if not self._hears(same, releases):
                    return number
        return NONE

    def _root(self, number: int) -> Place:
        """What a chain of calls begins with: `sink` of `sink.asMono().timeout(…)`; else what begins it."""
        place = Place(NONE, (), number)
        while place.symbol == NONE and place.call != NONE:
            call = self.unit.effects[place.call]
            if not isinstance(call, Call) or call.receiver == NONE:
                break
            place = self.unit.places[call.receiver]
        return place

    def _is_of_sink(self, number: int) -> bool:
        """Reactor: `sink.asMono().timeout(…)`; other things have a method of this name, too."""
        call = self.unit.effects[number]
        place = self.unit.places[call.receiver] if isinstance(call, Call) and call.receiver != NONE else None
        asked = self.unit.effects[place.call] if place is not None and place.call != NONE else None
        return isinstance(asked, Call) and asked.name in ("asMono", "asFlux")

    def _kept_in(self, number: int) -> list[Place]:
        """What the result of a call is bound to."""
        return [
            self.unit.places[effect.target]
            for effect in self.unit.effects
            if isinstance(effect, Bind)
            and effect.value != NONE
            and self.unit.values[effect.value].kind == "call"
            and self.unit.values[effect.value].call == number
        ]

    def _hears(self, same: set[Place], releases: list[Release]) -> bool:
        """Whether what is chained to a future removes, or is not seen here: `.whenComplete(cleanUp)`."""
        for release in releases:
            own = self.index.function_at(release.effect)
            scopes = [self.unit.effects[release.effect].scope]
            scopes += [self.unit.effects[number].scope for number in self.index.callers.get(own, ())]
            for closure in {each for scope in scopes for each in self.index.enclosing(scope)}:
                given = self.index.argument_of.get(closure)
                if given is not None and self._root(given[0]) in same:
                    return True
        for effect, row in enumerate(self.unit.effects):
            ends = isinstance(row, Call) and _ENDS.fullmatch(row.name) and self._root(effect) in same
            if ends and any(self.unit.values[value].kind != "closure" for value in row.args):  # type: ignore[union-attr]
                return True
        return False

    def _stands_in(self, release: Release, function: int) -> bool:
        """Whether a removal stands in a function, in a method that it calls, or in what runs at any end."""
        own = self.index.function_at(release.effect)
        given = self.index.argument_of.get(own)
        ending = self.unit.effects[given[0]] if given is not None else None
        if isinstance(ending, Call) and _ENDS.fullmatch(ending.name):
            return function in self.index.enclosing(ending.scope)
        callers = [self.unit.effects[number].scope for number in self.index.callers.get(own, ())]
        return own == function or any(function in self.index.enclosing(scope) for scope in callers)
