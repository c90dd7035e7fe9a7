"""The objects that holders are fields of: how long they serve, and when they are filled."""

from __future__ import annotations

from leaklint.ir import NONE, Place, Unit
from leaklint.solve.growth.counting import Counting
from leaklint.solve.holders import Holders
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle, first_word
from leaklint.solve.once import solved

# methods that run when an object starts to serve
OPENING = frozenset({"init", "initialize", "initialise", "configure", "setup", "recover", "restore"}) | {
    "verify",
    "activate",
    "boot",
    "ignore",
    "preload",
}
STARTS = frozenset({"start", "open", "startup", "start_up", "launch", "__enter__", "__aenter__"})
_LOADS = frozenset({"load", "read", "fill", "populate"})
# types of what can be subscribed to
_STREAMS = frozenset({"Publisher", "Flux", "Mono", "Observable", "Flowable", "Single", "Maybe", "Subscriber"})
_REGISTRY_CLASS = regex(r"(Registry|Factory|Catalog|Toolkit|Plugins?)$")


class Owners:
    """Looks at the classes of one unit."""

    def __init__(self, holders: Holders, lifecycle: Lifecycle, counting: Counting) -> None:
        self.holders = holders
        self.lifecycle = lifecycle
        self.counting = counting
        self.index = holders.index
        self.unit: Unit = holders.unit

    def owner_lives_long(self, holder: Holder) -> bool:
        return self.lifecycle.lives_long(self.unit.symbols[holder.place.symbol].target)

    def is_local_work(self, holder: Holder) -> bool:
        return self.lifecycle.is_local_work(self.unit.symbols[holder.place.symbol].target)

    def takes_streams(self, holder: Holder) -> bool:
        """Whether a bag is filled with subscriptions to what callers hand over: one with each call."""
        if holder.kind != "bag":
            return False
        for item in holder.growths:
            scope = self.unit.scopes[self.index.function(self.unit.effects[item.effect].scope)]
            if any(self.unit.symbols[param].type in _STREAMS for param in scope.params):
                return True
        return False

    def opens_object(self, scope: int) -> bool:
        """Whether a function is named as one that runs when an object starts to serve."""
        names = (self.unit.scopes[function].name for function in self.index.enclosing(scope))
        if any(first_word(name) in OPENING for name in names):
            return True
        return self._is_loaded(self.index.function(scope))

    def _is_loaded(self, function: int) -> bool:
        """Python: `load_words()`, which is told nothing, and which the constructor calls and nobody else."""
        row = self.unit.scopes[function]
        if self.unit.language != "python" or row.kind != "method" or row.params:
            return False
        callers = self.index.callers.get(function, ()) if first_word(row.name) in _LOADS else ()
        return bool(callers) and all(
            self.lifecycle.while_made(self.unit.effects[number].scope) for number in callers
        )

    def starts(self, item: Growth) -> bool:
        """Whether a growth happens when an object starts to serve: in `start()`, `open()` or its like."""
        scope = self.unit.effects[item.effect].scope
        name = self.unit.scopes[self.index.function(scope)].name
        return name in STARTS or name.lstrip("_") in STARTS or self.opens_object(scope)

    def is_registered(self, holder: Holder, scope: int) -> bool:
        """Java: `addListener(…)` of a class that is not even named as one of a service."""
        owner = self.unit.symbols[holder.place.symbol].target
        name = first_word(self.unit.scopes[self.index.function(scope)].name)
        return self.lifecycle.serves_by_code(owner) and name in self.lifecycle.registrar_names

    def is_registration(self, holder: Holder, scope: int) -> bool:
        """JavaScript: `addLanguage()` of a `LanguageRegistry`: as many as the program has."""
        owner = self.unit.symbols[holder.place.symbol].target
        return _REGISTRY_CLASS.search(self.unit.owners[owner].name) is not None and (
            self.lifecycle.is_registrar(scope)
        )

    def is_doubtful(self, item: Growth, holder: Holder, scope: int) -> bool:
        """Python: a queue that others work off, or the parts that a class of unknown name is given."""
        if holder.kind == "queue" and self.holders.is_argument(holder.place):
            return True
        if self.holders.is_given_to_work(holder.place):
            return True
        owner = self.unit.symbols[holder.place.symbol].target
        if not self.lifecycle.is_service(owner) and self.is_shared(holder.place):
            return True
        return (
            not self.lifecycle.is_service(owner)
            and self.lifecycle.is_registrar(scope)
            and (self.counting.domain(item, holder) != "fresh" or item.key == NONE)
        )

    def is_shared(self, field: Place) -> bool:
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
