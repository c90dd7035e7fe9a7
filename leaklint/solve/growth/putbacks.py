"""Buffers without a limit that take back what could not be delivered.

While all goes well, each delivery empties them. While the other side is down nothing leaves: what comes in is
kept on top of what was put back, until the memory is gone.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex

_KINDS = frozenset({"list", "array", "queue", "buffer", "deque", "collection"})
_FOR_LATER = frozenset(
    {"BlockingIOError", "InterruptedError", "SSLWantReadError", "SSLWantWriteError", "Full"}
)
_DRAINS = frozenset({"drainTo", "splice"})
_ADDS = frozenset(
    {"push", "unshift", "append", "appendleft", "extend", "extendleft", "insert", "put", "put_nowait"}
    | {"add", "addAll", "addFirst", "addLast", "offer", "offerFirst", "offerLast"}
)
# what gives back the elements that it is handed
_SAME = frozenset(
    {"reversed", "list", "tuple", "sorted", "iter", "deque", "chain", "filter", "asList", "copyOf"}
)
# functions that bring away what has gathered
_DELIVERS = regex(
    r"(?i)_*(\w+_)?(flush|ship|drain|send|deliver|publish|upload|report|sync|transmit|forward|emit|dispatch|post|"
    r"push|write|run|loop|tick|poll|process)\w*"
)
_SENDS = regex(
    r"(?i)_*(\w+_)?(send|deliver|publish|upload|report|post|push|write|ship|transmit|forward|emit|flush|export|"
    r"insert|save|store)\w*"
)
_CARRIES = regex(
    r"\w+(Queue|Buffer|Sink|Shipper|Sender|Forwarder|Writer|Uploader|Outbox|Logger|Publisher|Worker)"
)


class PutBack(msgspec.Struct):
    """`growth` fills `holder`; `back`, in a handler of failures, puts in again what was taken out."""

    holder: Holder
    growth: Growth
    back: int


class PutBacks:
    """Such buffers of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self, lifetime: str) -> Iterator[PutBack]:
        """Each such buffer of a lifetime, once."""
        asked = ("except", "branch") if self.unit.language == "java" else ("except",)
        if all(row.kind not in asked for row in self.unit.regions):
            return
        for holder in self.growths.holders.by_place.values():
            if holder.kind not in _KINDS or holder.lifetime != lifetime or holder.limited:
                continue
            if holder.emptied_elsewhere or any(self._drops(row) for row in holder.releases):
                continue
            owner = self.unit.symbols[holder.place.symbol].target if lifetime == "instance" else NONE
            if owner != NONE and self._is_short_lived(owner):
                continue
            back = self._back(holder)
            function = self.index.function_at(back) if back != NONE else NONE
            if owner != NONE and back != NONE and not self._delivers(owner, back):
                continue
            for growth in holder.growths if back != NONE else ():
                if self._is_of_others(growth, function) and self._comes_in(growth, holder):
                    yield PutBack(holder, growth, back)
                    break

    def _is_short_lived(self, owner: int) -> bool:
        """`EventBuffer` carries events, and is none."""
        carries = self.unit.language != "javascript" and _CARRIES.fullmatch(self.unit.owners[owner].name)
        return not carries and self.growths.lifecycle.is_short_lived(owner)

    def _delivers(self, owner: int, back: int) -> bool:
        """Whether what puts back delivers now and then; the changes of a form wait for who saves them."""
        names = (
            self.unit.scopes[scope].name for scope in self.index.enclosing(self.unit.effects[back].scope)
        )
        return self.growths.lifecycle.lives_long(owner) or any(_DELIVERS.fullmatch(name) for name in names)

    def _is_of_others(self, growth: Growth, function: int) -> bool:
        """Whether what comes in does so by itself: a walk over pages finds its own work."""
        adding = self.index.function_at(growth.effect)
        callers = {self.index.function_at(number) for number in self.index.callers.get(adding, ())}
        if self.unit.language == "java" and "public" in self.unit.scopes[adding].flags:
            return adding != function
        return adding != function and function not in callers

    def _drops(self, release: Release) -> bool:
        """Whether a part of what waits is taken out, as those do that keep to a limit."""
        return release.selector == "some" and release.how not in _DRAINS

    def _comes_in(self, growth: Growth, holder: Holder) -> bool:
        return not growth.depth and self.growths.counting.counts(growth, holder)

    def _back(self, holder: Holder) -> int:
        """The effect that puts back what was taken out, in a handler that does not count its tries."""
        taken: dict[int, set[Place]] = {}
        for number in self._candidates(holder):
            effect = self.unit.effects[number]
            function = self.index.function_at(number)
            if function not in taken:
                taken[function] = self._taken(holder, function)
            if not taken[function]:
                continue
            back = taken[function]
            region = self._around(effect.region, back)
            if not self._is_in_handler(region) and not self._is_refused(region, back):
                asks = region != NONE and self.unit.regions[region].kind == "branch"
                back = set() if asks else self._failed(function, back)
            if self._mentions(number, back):
                return number
        return NONE

    def _around(self, region: int, taken: set[Place]) -> int:
        """Java: the region around a walk over what was taken out: `for (Event e : batch) record(e);`."""
        row = self.unit.regions[region] if region != NONE and self.unit.language == "java" else None
        if row is None or row.kind != "loop" or row.iterates == NONE:
            return region
        return region if taken.isdisjoint(self._locals((row.iterates,))) else row.parent

    def _is_refused(self, region: int, taken: set[Place]) -> bool:
        """`if not self.post(batch): …` of what was taken out, or of the result of such a call."""
        row = self.unit.regions[region] if region != NONE and self.unit.language != "javascript" else None
        if row is None or row.kind != "branch" or row.test == NONE:
            return False
        test = self.unit.values[row.test]
        if test.kind == "operation" and test.text == "not" and not row.negated:
            test = self.unit.values[test.parts[0]]
        elif not row.negated:
            return False
        if test.kind == "place" and not self.unit.places[test.place].path:
            binds = self.index.binds.get(self.unit.places[test.place], ())
            value = self.index.bind(binds[0]).value if len(binds) == 1 else NONE
            test = self.unit.values[value] if value != NONE else test
        call = self.unit.effects[test.call] if test.kind == "call" else None
        if not isinstance(call, Call) or not _SENDS.fullmatch(call.name):
            return False  # `if not self.is_due(job)`: it waits for its turn
        return not taken.isdisjoint(self._locals(call.args))

    def _handed_back(self, holder: Holder) -> Iterator[int]:
        """Java: `batch.forEach(this::record)` and `record(event)`, by which what adds is called again."""
        for scope in {self.index.function_at(row.effect) for row in holder.growths}:
            for number in self.index.callers.get(scope, ()) if self.unit.language == "java" else ():
                given = self.index.argument_of.get(self.index.function_at(number))
                yield given[0] if given is not None else number

    def _failed(self, function: int, taken: set[Place]) -> set[Place]:
        """Lists that a handler fills with what was taken out: `failed.append(message)`."""
        each = set(taken)
        found: set[Place] = set()
        for number in self.index.of_function.get(function, ()):
            effect = self.unit.effects[number]
            if isinstance(effect, Bind) and effect.how == "iterate" and effect.value != NONE:
                if not taken.isdisjoint(self._locals((effect.value,))):
                    each.add(self.unit.places[effect.target])
            elif isinstance(effect, Call) and effect.receiver != NONE and effect.name in _ADDS:
                place = self.unit.places[effect.receiver]
                handled = not place.path and self._is_in_handler(effect.region)
                if handled and not each.isdisjoint(self._locals(effect.args)):
                    found.add(place)
        return found

    def _candidates(self, holder: Holder) -> list[int]:
        """Where the holder is added to, or bound anew."""
        found = {*(row.effect for row in holder.growths), *self.index.binds.get(holder.place, ())}
        return sorted({*found, *self._handed_back(holder)})

    def _is_in_handler(self, region: int) -> bool:
        """Directly in a handler: a test in front may ask how often it was tried, or how much there is."""
        for number in self.index.regions(region):
            row = self.unit.regions[number]
            if row.kind == "except":
                return row.catches == NONE or not self._is_for_later(row.catches)
            if row.kind == "branch":
                return False
        return False

    def _is_for_later(self, value: int) -> bool:
        """Python: `except BlockingIOError`: the other side takes no more for the moment."""
        row = self.unit.values[value]
        if row.parts:
            return all(self._is_for_later(part) for part in row.parts)
        place = self.unit.places[row.place] if row.kind == "place" else None
        symbol = self.index.symbol(place) if place is not None else None
        if place is None or symbol is None:
            return False
        return self.index.last_name(place) in _FOR_LATER

    def _taken(self, holder: Holder, function: int) -> set[Place]:
        """The locals of a function that hold what was in the holder."""
        found: set[Place] = set()
        for number in self.index.of_function.get(function, ()):
            effect = self.unit.effects[number]
            if isinstance(effect, Bind) and effect.value != NONE:
                target = self.unit.places[effect.target]
                each = effect.how == "iterate" and self.unit.language == "java"
                of = each and not found.isdisjoint(self._locals((effect.value,)))
                if not target.path and (of or self._comes_from(effect.value, holder.place)):
                    found.add(target)
            if not isinstance(effect, Call) or effect.receiver == NONE:
                continue
            if effect.name in _ADDS:
                place = self.unit.places[effect.receiver]
                gathers = self.unit.language == "java" and not found.isdisjoint(self._locals(effect.args))
                found |= {place} if gathers and not place.path else set()
                continue
            if self.unit.places[effect.receiver] == holder.place:
                found |= set(self._locals(effect.args))
        return found

    def _comes_from(self, value: int, place: Place, depth: int = 0) -> bool:
        """`this.buffer`, `list(self.buffer)`, `this.buffer.splice(0)`, `[...this.buffer]`."""
        row = self.unit.values[value]
        if row.kind == "place":
            read = self.unit.places[row.place]
            sliced = read.path[-1:] == ("[]",) and Place(read.symbol, read.path[:-1])
            return place in (read, sliced)
        if row.kind == "call":
            call = self.unit.effects[row.call]
            if not isinstance(call, Call):
                return False
            if call.receiver != NONE and self.unit.places[call.receiver] == place:
                return True
            return depth < 2 and any(self._comes_from(each, place, depth + 1) for each in call.args)
        return depth < 2 and any(self._comes_from(part, place, depth + 1) for part in row.parts)

    def _locals(self, values: tuple[int, ...]) -> Iterator[Place]:
        pending = list(values)
        for _ in range(20):
            if not pending:
                return
            row = self.unit.values[pending.pop()]
            pending += row.parts
            if row.kind == "call":
                call = self.unit.effects[row.call]
                pending += call.args if isinstance(call, Call) and call.name in _SAME else ()
            if row.kind == "place":
                yield self.unit.places[row.place]

    def _mentions(self, number: int, taken: set[Place]) -> bool:
        """Whether an effect adds one of these locals: `unshift(...batch)`, `batch.concat(this.buffer)`."""
        effect = self.unit.effects[number]
        if isinstance(effect, Bind):
            row = self.unit.values[effect.value] if effect.value != NONE else None
            call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if isinstance(call, Call):
                receiver = {self.unit.places[call.receiver]} if call.receiver != NONE else set()
                return call.name == "concat" and not taken.isdisjoint({*receiver, *self._locals(call.args)})
            return row is not None and not taken.isdisjoint(self._locals(row.parts))
        if not isinstance(effect, Call):
            return False
        if effect.name == "forEach" and effect.receiver != NONE:
            return self.unit.places[effect.receiver] in taken
        return not taken.isdisjoint(self._locals(effect.args))
