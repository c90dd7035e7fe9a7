"""Marks the holders whose size is compared with a limit, and those whose entries are small."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Region, Unit
from leaklint.solve.holding.holder import Holder
from leaklint.solve.holding.ledger import Ledger
from leaklint.solve.holding.making import Making
from leaklint.solve.lazy import regex

# what only tells of a size, and what its text is made with
_TELLS = regex(r"log|warn(ing)?|info|debug|error|trace|print(ln|f)?|severe|fine|w|i|d|e|critical|exception")
_WRITES = frozenset({"format", "str", "String", "toString", "valueOf", "join", "getLogger", "now", "time"})
_COMPARISONS = frozenset({"<", ">", "<=", ">=", "==", "!="})


class Bounds:
    """Reads the tests of one unit."""

    def __init__(self, ledger: Ledger, making: Making) -> None:
        self.ledger = ledger
        self.making = making
        self.index = ledger.index
        self.unit: Unit = ledger.unit
        self.aliases = ledger.aliases
        self.by_place = ledger.by_place
        self._known = ledger.known

    def mark(self) -> None:
        """Mark holders whose size is compared with a limit, and note where they escape to."""
        if not any(holder.growths for holder in self.by_place.values()):
            return
        for known in self.by_place.values():
            if self.unit.language == "python" and any(item.depth for item in known.growths):
                known.small_elements |= self._stores_small(known)
        for row in self.unit.regions:
            if row.test != NONE and not self._only_tells(row):
                for place, limit in self._compared_sizes(row.test, 0):
                    if self._only_reads(row, place):
                        continue
                    for found in self.aliases.resolve(place):
                        for holder, _, depth in self.ledger.split(found):
                            if holder is None or self._is_counter(limit):
                                continue
                            if depth:
                                holder.small_elements = True  # its entries have a limit, it has none
                            else:
                                if not self._is_late(row, holder):
                                    holder.bounded = True
                                    holder.limits.append(limit)
                                self._limit_others(row, holder, limit)

    def _is_late(self, row: Region, holder: Holder) -> bool:
        """`seen.add(x); if (seen.size >= 16) return null;`: what is full by then grows all the same."""
        if row.kind != "branch" or holder.releases or holder.lifetime != "process":
            return False
        if not row.leaves:  # the rest of a test: `if (seen.size >= 16 || isLocal(x)) return null;`
            rows = self.unit.regions
            row = next((each for each in rows if each.leaves and self._is_in(row.test, each.test)), row)
        if row.leaves != "return":
            return False
        if row.last != row.first + 1 or self.index.in_loop(row.parent):
            return False
        return bool(holder.growths) and all(
            item.effect < row.first
            and self.index.function_at(item.effect) == self.index.function(row.scope)
            for item in holder.growths
        )

    def _is_in(self, part: int, test: int, depth: int = 0) -> bool:
        if test == NONE or depth > 4:
            return False
        parts = self.unit.values[test].parts
        return part in parts or any(self._is_in(part, each, depth + 1) for each in parts)

    def _limit_others(self, row: Region, full: Holder, limit: int) -> None:
        """`seen.add(x); if (seen.size >= 16) return; known.add(x)`: what comes after has that limit as well.

        As long as nothing is taken out of the one that is full.
        """
        function = self.index.function(row.scope)
        if row.leaves not in ("return", "raise") or full.releases or not self._grows_in(full, function):
            return
        for other in self.by_place.values():
            if other.growths and all(
                item.effect >= row.last and self.index.function_at(item.effect) == function
                for item in other.growths
            ):
                other.bounded = True
                other.limits.append(limit)

    def _grows_in(self, holder: Holder, function: int) -> bool:
        return any(self.index.function_at(item.effect) == function for item in holder.growths)

    def _only_tells(self, row: Region) -> bool:
        """`if (cache.size > 1000) console.warn("large")`: nothing comes of it."""
        told = False
        for effect in self.unit.effects[row.first : row.last]:
            if not isinstance(effect, Call):
                return False
            tells = _TELLS.fullmatch(effect.name) is not None
            if not tells and effect.name not in self._known.size and effect.name not in _WRITES:
                return False
            told |= tells
        return told and row.kind == "branch"

    def _only_reads(self, row: Region, place: Place) -> bool:
        """Java: `if (rows.size() > 60) restore(rows.get(rows.size() - 60))`: enough there, not too much."""
        if self.unit.language != "java" or row.kind != "branch" or row.leaves:
            return False
        reads = False
        for effect in self.unit.effects[row.first : row.last]:
            if isinstance(effect, Bind):
                target = self.unit.places[effect.target]
                symbol = self.index.symbol(target)
                if target.path or symbol is None or symbol.kind not in ("variable", "constant"):
                    return False  # may be the flag that something else asks for
                continue
            if not isinstance(effect, Call) or effect.receiver == NONE:
                return False
            on = self.unit.places[effect.receiver]
            gets = on == place and effect.name in self._known.get - self._known.touching
            if on == place and not gets and effect.name not in self._known.size:
                return False
            if (on.symbol == place.symbol and not on.path) or self._hands_on(effect, place):
                return False
            reads |= gets
        return reads

    def _hands_on(self, call: Call, place: Place) -> bool:
        rows = (self.unit.values[value] for value in call.args)
        return any(row.kind == "place" and self.unit.places[row.place] == place for row in rows)

    def _compared_sizes(self, test: int, depth: int) -> Iterator[tuple[Place, int]]:
        """Places whose size a test compares, with what it compares them."""
        row = self.unit.values[test]
        if depth < 4 and row.kind == "call":  # `if (isFull())`, of this file
            scope = self.index.callee_scope(row.call)
            for number in self.index.returns.get(scope, ()) if scope != NONE else ():
                value = self.unit.effects[number].value  # type: ignore[union-attr]
                if value != NONE:
                    yield from self._compared_sizes(value, depth + 2)
            return
        if depth > 5 or row.kind not in ("operation", "conditional"):
            return
        if row.text in _COMPARISONS and len(row.parts) == 2:
            left, right = row.parts
            for size, limit in ((left, right), (right, left)):
                if not self._is_trivial(limit):
                    yield from ((place, limit) for place in self._sized(size))
            return
        for part in row.parts:
            yield from self._compared_sizes(part, depth + 1)

    def _is_trivial(self, value: int) -> bool:
        """Comparing with 0 or 1 asks whether something is there; it sets no limit."""
        row = self.unit.values[value]
        return row.kind == "number" and row.text in ("0", "1")

    def _is_counter(self, value: int) -> bool:
        """JavaScript: `i < rows.length`, `this.at >= rows.length` ask for the end of a walk."""
        row = self.unit.values[value]
        if self.unit.language != "javascript" or row.kind != "place":
            return False
        place = self.unit.places[row.place]
        return any(
            self.unit.effects[number].how == "augment"  # type: ignore[union-attr]
            for number in self.index.binds.get(place, ())
        )

    def _sized(self, value: int, depth: int = 0) -> Iterator[Place]:
        """The containers whose size a value is."""
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            if call.name in self._known.size:
                if call.receiver != NONE:
                    yield self.unit.places[call.receiver]
                for argument in call.args:
                    if self.unit.values[argument].kind == "place":
                        yield self.unit.places[self.unit.values[argument].place]
        elif row.kind == "place":
            place = self.unit.places[row.place]
            if place.path and place.path[-1][1:] in self._known.size:
                yield Place(place.symbol, place.path[:-1], place.call)
            elif not place.path and depth < 2:
                for index in self.index.binds.get(place, ()):
                    bind = self.unit.effects[index]
                    assert isinstance(bind, Bind)
                    if bind.value != NONE and bind.how in ("declare", "assign"):
                        yield from self._sized(bind.value, depth + 1)
        elif row.kind == "operation" and depth < 3:
            for part in row.parts:
                yield from self._sized(part, depth + 1)

    def _stores_small(self, holder: Holder) -> bool:
        """`table["cpu"] = deque(maxlen=10)`: whether all entries are bounded themselves."""
        values = [value for item in holder.growths if not item.depth for value in item.values]
        if values and all(self.making.holds_nothing(value) for value in values):
            return True
        made = [self.making.container_of(value) for value in values]
        return bool(made) and all(row is not None and row.bounded for row in made)
