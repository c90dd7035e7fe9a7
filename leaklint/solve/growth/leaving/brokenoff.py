"""JavaScript: entries of a connection that leave when it comes to its regular end, and at no other.

A socket that breaks off, or that this side destroys, never sends `end`, a response never `finish`: both send
`close`, whatever happens.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call
from leaklint.solve.growth.leaving.base import Leaving, Left
from leaklint.solve.holding.holder import Holder, Release
from leaklint.solve.lazy import regex

_REGULAR = frozenset({"end", "finish"})
_HEARS = frozenset({"on", "once", "addListener", "prependListener"})
# names of what may break off: `readable` files come to their end, or to an error
_BREAKS_OFF = regex(
    r"(?i)_?\w*(socket|sock|conn|connection|client|peer|response|request|req|res|tunnel|upstream)\d*"
)
# functions that wait for every sort of end
_EVERY_END = frozenset({"finished", "onFinished", "eos", "pipeline", "onHeaders"})


class BrokenOff(Leaving):
    """Removals of one unit that wait for the regular end of a connection."""

    def found(self) -> Iterator[Left]:
        """One for each holder."""
        calls = self.index.calls
        if self.unit.language != "javascript" or _HEARS.isdisjoint(calls) or not _EVERY_END.isdisjoint(calls):
            return
        heard_at = (number for name in sorted(_HEARS & calls.keys()) for number in calls[name])
        if not any(self._event(number) in _REGULAR for number in heard_at):
            return  # before the calls are gone through for each removal
        for holder in self.lasting():
            releases = [row for row in holder.releases if not row.depth]
            if not releases or holder.emptied_elsewhere:
                continue
            heard = [self._heard(release) for release in releases]
            if all(heard) and all(event in _REGULAR for each in heard for event in each):
                yield from self._kept(holder, releases[0])

    def _heard(self, release: Release) -> list[str]:
        """The events of connections that call the function of a removal; none if anything else does."""
        scope = self.index.function_at(release.effect)
        if self.index.callers.get(scope):
            return []
        given = self.index.argument_of.get(scope)
        if given is not None:
            numbers = [given[0]]
        else:  # `const drop = () => …; socket.on("end", drop)`
            bound = self.index.bound_to.get(scope, NONE)
            named = self.unit.places[self.unit.effects[bound].target] if bound != NONE else None  # type: ignore[union-attr]
            symbol = named.symbol if named is not None and not named.path else self.unit.scopes[scope].symbol
            values = set(self.index.references.get(symbol, ())) if symbol != NONE else set()
            numbers = [
                number
                for name in self.index.calls
                for number in self.index.calls[name]
                if not values.isdisjoint(self.unit.effects[number].args)  # type: ignore[union-attr]
            ]
            if len(numbers) != len(values):
                return []
        found = [self._event(number) for number in numbers]
        return [row for row in found if row is not None] if None not in found else []

    def _event(self, number: int) -> str | None:
        """The event of `socket.on("end", …)`."""
        call = self.unit.effects[number]
        if (
            not isinstance(call, Call)
            or call.name not in _HEARS
            or call.receiver == NONE
            or len(call.args) != 2
        ):
            return None
        place, event = self.unit.places[call.receiver], self.unit.values[call.args[0]]
        name = self.index.last_name(place)
        if event.kind != "string" or not _BREAKS_OFF.fullmatch(name):
            return None
        return event.text

    def _kept(self, holder: Holder, release: Release) -> Iterator[Left]:
        for growth in holder.growths:
            function = self.index.function_at(growth.effect)
            inside = function in self.index.enclosing(self.unit.effects[release.effect].scope)
            if growth.depth or not inside or not self.growths.counting.counts(growth, holder):
                continue
            yield Left(holder, growth, "regular", release.effect)
            return
