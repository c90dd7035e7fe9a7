"""Reads that insert: looking an absent key up in a `defaultdict` makes an entry for it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.containers import containers
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Holder

# functions that look at what they are given, and keep nothing of it
_LOOKS = frozenset(
    {"len", "list", "tuple", "set", "frozenset", "sorted", "sum", "any", "all", "max", "min", "iter", "bool"}
    | {"reversed", "enumerate", "dict", "str", "repr"}
)

# and those that run a function on each of what they look at
_RUNS_OVER = frozenset({"sorted", "min", "max", "map", "filter", "groupby"})


class Inserting(msgspec.Struct):
    """`effect` is at or behind the read of `holder` under `key`.

    looks_up: the entry is only read. plain: by no method of it, it is counted, walked or copied.
    """

    holder: Holder
    effect: int
    at: int
    end: int
    key: int
    looks_up: bool
    plain: bool = False


class Reads:
    """Inserting reads of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.holders = growths.holders
        self.index = growths.index
        self.unit: Unit = growths.unit
        self._known = containers(growths.holders.models)

    def found(self) -> Iterator[Inserting]:
        """The first inserting read of each holder."""
        for holder in self.holders.by_place.values():
            row = holder.container
            if row is None or not row.fills_on_read or row.bounded or holder.bounded:
                continue
            if holder.lifetime not in ("process", "instance") or holder.emptied_elsewhere:
                continue
            for item in self._sites(holder):
                if self._leaks(item):
                    yield item
                    break

    def _sites(self, holder: Holder) -> Iterator[Inserting]:
        inside = (*holder.place.path, "[]")
        for number, effect in enumerate(self.unit.effects):
            if isinstance(effect, Call) and effect.receiver != NONE:
                place = self.unit.places[effect.receiver]
                if place.symbol == holder.place.symbol and place.path == inside:
                    key = self.index.subscript(number)
                    if key != NONE:
                        reads = effect.name not in self._known.grow or effect.name == "get"
                        yield Inserting(holder, number, effect.at, effect.end, key, reads)
        for value in self.index.references.get(holder.place.symbol, ()):
            row = self.unit.values[value]
            if self.unit.places[row.place].path == inside:
                found = self._plain(holder, value)
                if found is not None:
                    yield found

    def _plain(self, holder: Holder, value: int) -> Inserting | None:
        """`x = TABLE[key]`: the effect behind it tells the scope."""
        row = self.unit.values[value]
        inner = [
            (part.end - part.at, number)
            for number, part in enumerate(self.unit.values[max(value - 8, 0) : value + 8], max(value - 8, 0))
            if row.at < part.at and part.end < row.end
        ]
        if not inner:
            return None
        for number, effect in enumerate(self.unit.effects):
            if (
                effect.at <= row.at
                and row.end <= effect.end
                and not (isinstance(effect, Bind) and effect.how in ("element", "augment"))
            ):
                looks_up = self._is_looked_at(value)
                return Inserting(holder, number, row.at, row.end, max(inner)[1], looks_up, True)
        return None

    def _is_looked_at(self, value: int) -> bool:
        """Whether an entry is only counted, walked or copied: `len(TABLE[key])`, `for x in TABLE[key]`."""
        for effect in self.unit.effects:
            if isinstance(effect, Call):
                if value in effect.args and effect.receiver == NONE and effect.name in _LOOKS:
                    return True
            elif isinstance(effect, Bind) and effect.how == "iterate" and effect.value == value:
                return True
        return False

    def _leaks(self, item: Inserting) -> bool:
        holder = item.holder
        if not self.growths.repeats.repeats(item.effect) or self.growths.guards.init_guarded(item.effect):
            return False
        domain = self.growths.keys.domain(item.key, holder.place)
        if domain not in ("parameter", "fresh", "computed"):
            return False
        if not holder.growths and any(row.selector == "key" and not row.depth for row in holder.releases):
            return False  # reading is how it is filled, and somebody empties it
        scope = self._named(self.unit.effects[item.effect].scope)
        if self._knows_keys(holder, item, scope):
            return False
        lasts = holder.lifetime == "process" or self.growths.lifecycle.lives_long(
            self.unit.symbols[holder.place.symbol].target
        )
        if item.looks_up and item.plain:
            judged = self.growths.judge(holder)
            if not self._is_asked_for(item, scope) or (judged is not None and judged.confidence != "low"):
                return False  # what is stored on purpose stays, too: that is said instead
        if item.looks_up:
            return lasts or self._fills_elsewhere(holder, scope)
        return lasts and not holder.growths and not holder.releases and domain != "computed"

    def _fills_elsewhere(self, holder: Holder, scope: int) -> bool:
        """Whether other methods store, so that this one is meant to look up only."""
        growing = {self._named(self.unit.effects[row.effect].scope) for row in holder.growths}
        return (
            bool(growing)
            and scope not in growing
            and not self.growths.lifecycle.is_short_lived(self.unit.symbols[holder.place.symbol].target)
        )

    def _named(self, scope: int) -> int:
        """The function around a scope, past comprehensions and lambdas."""
        for function in self.index.enclosing(scope):
            if self.unit.scopes[function].kind != "lambda":
                return function
        return self.index.function(scope)

    def _is_asked_for(self, item: Inserting, scope: int) -> bool:
        """Whether the key is a parameter of a method or function that others call."""
        row, key = self.unit.scopes[scope], self.unit.values[item.key]
        place = self.unit.places[key.place] if key.kind == "place" else None
        public = row.kind == "method" or row.parent == 0
        return public and not row.name.startswith("_") and place is not None and place.symbol in row.params

    def _knows_keys(self, holder: Holder, item: Inserting, scope: int) -> bool:
        """Whether the function asks for the key first, walks the keys, stores or removes under them."""
        effects = [row.effect for row in holder.growths] + [row.effect for row in holder.releases]
        if any(self._named(self.unit.effects[number].scope) == scope for number in effects):
            return True
        tests = [
            region.test
            for region in self.unit.regions
            if region.test != NONE and self._named(region.scope) == scope
        ]
        if any(self._asks(test, holder.place) for test in tests):
            return True
        if self._is_run_over(holder, scope):
            return True
        key = self.unit.values[item.key]
        if key.kind == "place":
            for number in self.index.binds.get(self.unit.places[key.place], ()):
                bind = self.unit.effects[number]
                if isinstance(bind, Bind) and bind.how == "iterate" and self._walks(bind.value, holder.place):
                    return True
        return False

    def _is_run_over(self, holder: Holder, scope: int) -> bool:
        """`sorted(TABLE, key=weigh)`: whether a function is handed to what walks the keys for it."""
        symbol = self.unit.scopes[scope].symbol
        given = set(self.index.references.get(symbol, ())) if symbol != NONE else set()
        for name in _RUNS_OVER & self.index.calls.keys() if given else ():
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                handed = {*call.args, *(value for _, value in call.keywords)}
                if not given.isdisjoint(handed) and any(
                    self._walks(value, holder.place) for value in handed - given
                ):
                    return True
        return False

    def _asks(self, test: int, place: Place, depth: int = 0) -> bool:
        row = self.unit.values[test]
        if row.kind == "operation" and row.text in ("in", "not in"):
            return any(
                self.unit.values[part].kind == "place"
                and self.unit.places[self.unit.values[part].place] == place
                for part in row.parts
            )
        return depth < 4 and any(self._asks(part, place, depth + 1) for part in row.parts)

    def _walks(self, value: int, place: Place) -> bool:
        """Whether a loop walks this container or a sister, whose keys it has."""
        row = self.unit.values[value]
        if row.kind == "place":
            root = self.unit.places[row.place]
        elif row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            names = [self.unit.values[part] for part in call.args]
            places = [self.unit.places[part.place] for part in names if part.kind == "place"]
            if call.receiver != NONE:
                places.append(self.unit.places[call.receiver])
            return any(root.symbol == place.symbol for root in places)
        else:
            return False
        return root.symbol == place.symbol
