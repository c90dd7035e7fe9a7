"""Classes that collect what they will dispose of: `this._register(…)`, `this.toDispose.push(…)`."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex

# fields in which classes collect what they will dispose of, and the calls that put something there
_COLLECTION = regex(r"(?i)dispos|subscri|subs$|cleanup|teardown|unsub|listeners?$|^\.?_?store$|unlisten")
_COLLECTS = frozenset({"push", "add", "set", "register", "track"})
OWN_COLLECTORS = frozenset(
    {"_register", "register", "addDisposable", "registerDisposable", "own", "track", "toDisposeOnDetach"}
)


class Collectors:
    """Collecting classes of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self._owners: frozenset[int] | None = None

    def includes(self, owner: int) -> bool:
        """Whether a class collects things to dispose of."""
        if self._owners is None:
            self._owners = frozenset(self._find())
        return owner in self._owners

    def _find(self) -> Iterator[int]:
        for name in _COLLECTS | OWN_COLLECTORS:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                if call.receiver == NONE:
                    continue
                place = self.unit.places[call.receiver]
                if place.symbol == NONE or self.unit.symbols[place.symbol].kind != "this":
                    continue
                if (not place.path and name in OWN_COLLECTORS) or (
                    len(place.path) == 1 and name in _COLLECTS and _COLLECTION.search(place.path[0][1:])
                ):
                    yield self.unit.symbols[place.symbol].target
