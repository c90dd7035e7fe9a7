"""What the source says about the size of a holder and the time that entries stay: how far calls must go.

It reads limits, it does not believe them: a verdict compares them with what a run reached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from leaklint.ir import NONE, Bind, Call, Place
from leaklint.runtime.outline import Namer
from leaklint.solve.growth.memos import Memoised
from leaklint.solve.holding.holder import Holder

UNKNOWN = -1
"""A limit of a size that is not plain to see."""

_SIZES = frozenset({"maxsize", "maxlen", "max", "maxSize", "maxEntries", "capacity", "max_len", "max_size"})
_TIMES = frozenset({"ttl", "stdTTL", "maxAge", "max_age", "max_age_seconds", "expire", "expires", "timeout"})
_EXPIRING = re.compile(r"(?i)ttl|tlru|expir")
_LATER = frozenset(
    {"setTimeout", "setInterval", "call_later", "call_at", "Timer", "enter", "enterabs", "schedule"}
    | {"scheduleAtFixedRate", "scheduleWithFixedDelay", "add_job", "add_timeout", "newTimeout", "delay"}
)
"""Calls that run what they are handed after a time."""

_SLEEPS = frozenset({"sleep", "delay", "wait"})
_CLOCKS = frozenset(
    {"time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "now", "utcnow", "getTime"}
    | {"currentTimeMillis", "nanoTime", "isBefore", "isAfter", "hrtime"}
)
_COMPARISONS = frozenset({"<", ">", "<=", ">="})
_DEEPEST = 6


class Limits:
    """Limits in one unit."""

    def __init__(self, namer: Namer) -> None:
        self.facts = namer.facts
        self.unit = namer.unit
        self.index = namer.facts.index

    def size(self, holder: Holder) -> int:
        """Entries that a holder cannot pass: 0 without a limit, UNKNOWN where that is not plain."""
        row = holder.container
        compared = [number for limit in holder.limits if (number := self._number(limit)) is not None]
        if compared:
            return max(compared)
        if not (holder.bounded or (row is not None and row.bounded)):
            return self._keys(holder)
        call = self._made(holder)
        if call is None:
            return UNKNOWN
        named = [value for name, value in self._named(call) if name in _SIZES]
        plain = named or [value for value in call.args if self.unit.values[value].kind != "container"]
        numbers = [number for value in plain if (number := self._number(value)) is not None]
        return numbers[0] if len(numbers) == 1 and numbers[0] > 0 else UNKNOWN

    def expires(self, holder: Holder) -> bool:
        """Whether time takes entries out: a container that does, a timer, or a look at the clock."""
        call = self._made(holder)
        if call is not None and self._keeps_time(call):
            return True
        if any(self._takes(call, holder.place) for call in self._calls(_LATER)):
            return True
        return any(self._timed(release.effect, release.via) for release in holder.releases)

    def memo_expires(self, memo: Memoised) -> bool:
        """Whether results of a memoised function grow old."""
        calls = [self._call(value) for value in self.unit.scopes[memo.scope].decorators]
        for call in filter(None, calls):
            inner = [self._call(value) for value in call.args]
            if any(self._keeps_time(made) for made in (call, *filter(None, inner))):
                return True
        return False

    # -- sizes

    def _keys(self, holder: Holder) -> int:
        """How many keys there can be, where each is a remainder: `slots[i % 300] = …`; 0 where it is not."""
        found = [self._modulus(item.key) if item.key != NONE else None for item in holder.growths]
        sizes = [number for number in found if number is not None]
        plain = bool(sizes) and len(sizes) == len(found) and not any(item.depth for item in holder.growths)
        return sum(sizes) if plain else 0

    def _modulus(self, value: int, depth: int = 0) -> int | None:
        row = self.unit.values[value]
        if row.kind == "operation" and row.text == "%" and len(row.parts) == 2:
            return self._number(row.parts[1])
        if row.kind != "place" or depth > 1:
            return None
        binds = [
            self.unit.effects[number] for number in self.index.binds.get(self.unit.places[row.place], ())
        ]
        if len(binds) != 1 or not isinstance(binds[0], Bind) or binds[0].value == NONE:
            return None
        return self._modulus(binds[0].value, depth + 1)

    def _made(self, holder: Holder) -> Call | None:
        """The call that makes the container."""
        bind = self.unit.effects[holder.declared] if holder.declared != NONE else None
        return self._call(bind.value) if isinstance(bind, Bind) and bind.value != NONE else None

    def _call(self, value: int) -> Call | None:
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.call != NONE else None
        return call if isinstance(call, Call) else None

    def _named(self, call: Call) -> Iterator[tuple[str, int]]:
        """Keywords, and members of object literals."""
        yield from call.keywords
        for argument in call.args:
            row = self.unit.values[argument]
            if row.kind == "container" and row.keys:
                yield from zip(row.keys, row.parts, strict=False)

    def _number(self, value: int, depth: int = 0) -> int | None:
        """A whole number that an expression is, through constants and defaults; None when it is not plain."""
        row = self.unit.values[value]
        if depth > _DEEPEST:
            return None
        if row.kind == "number":
            return _whole(row.text)
        if row.kind == "place":
            return self._constant(self.unit.places[row.place], depth)
        if row.kind in ("operation", "conditional") and row.text in ("", "or", "??", "||"):
            found = [self._number(part, depth + 1) for part in row.parts]
            return next((number for number in found if number is not None), None)
        if row.kind == "operation" and len(row.parts) == 2:
            left, right = (self._number(part, depth + 1) for part in row.parts)
            return None if left is None or right is None else _computed(row.text, left, right)
        return None

    def _constant(self, place: Place, depth: int) -> int | None:
        """The number that a place has for good, or at first."""
        binds = [self.unit.effects[number] for number in self.index.binds.get(place, ())]
        values = [
            bind.value
            for bind in binds
            if isinstance(bind, Bind) and bind.value != NONE and bind.how in ("declare", "assign", "default")
        ]
        if not values and place.symbol != NONE and len(place.path) == 1:
            symbol = self.unit.symbols[place.symbol]  # `this.LIMIT`, a member of the class
            if symbol.kind == "this" and symbol.target != NONE:
                owner = self.unit.owners[symbol.target].symbol
                other = Place(owner, place.path)
                return self._constant(other, depth + 1) if owner != NONE and depth < _DEEPEST else None
        return self._number(values[0], depth + 1) if len(values) == 1 else None

    # -- times

    def _keeps_time(self, call: Call) -> bool:
        return bool(_EXPIRING.search(call.name)) or any(
            name in _TIMES and self.unit.values[value].kind != "null" for name, value in self._named(call)
        )

    def _takes(self, call: Call, place: Place) -> bool:
        """`call_later(60, CACHE.pop, key)`."""
        rows = [self.unit.values[value] for value in call.args]
        given = [self.unit.places[row.place] for row in rows if row.kind == "place"]
        return any(
            item.symbol == place.symbol and item.path[:-1] == place.path for item in given if item.path
        )

    def _timed(self, *effects: int) -> bool:
        """Whether a release waits for its time: it runs later, or asks what time it is."""
        for effect in effects:
            row = self.unit.effects[effect] if effect != NONE else None
            if row is None:
                continue
            scopes = list(self.index.enclosing(row.scope))
            for scope in scopes[:2]:
                if self._asks_the_time(scope) or any(self._later(item) for item in self._around(scope)):
                    return True
        return False

    def _around(self, scope: int) -> Iterator[int]:
        """A function and those that call it, two calls away."""
        seen, level = {scope}, [scope]
        for _ in range(3):
            yield from level
            callers = (
                self.index.function(self.unit.effects[call].scope)
                for item in level
                for call in self.index.callers.get(item, ())
            )
            level = [item for item in dict.fromkeys(callers) if item != NONE and item not in seen]
            seen.update(level)

    def _later(self, scope: int) -> bool:
        """Whether a function is handed to something that runs it later, or sleeps before it goes on."""
        handed = self.index.argument_of.get(scope)
        if handed is not None:
            call = self.unit.effects[handed[0]]
            if isinstance(call, Call) and (call.name in _LATER):
                return True
        if any(self._hands_over(call, scope) for call in self._calls(_LATER)):
            return True
        return any(self.index.function(call.scope) == scope for call in self._calls(_SLEEPS))

    def _hands_over(self, call: Call, scope: int) -> bool:
        """Whether a call is handed a function by its name: `Timer(60, forget)`, `setInterval(this.sweep)`."""
        for value in (*call.args, *(value for _, value in call.keywords)):
            row = self.unit.values[value]
            if row.kind != "place":
                continue
            place = self.unit.places[row.place]
            if place.symbol == NONE:
                continue
            symbol = self.unit.symbols[place.symbol]
            if not place.path and self.index.function_of(place.symbol) == scope:
                return True
            own = len(place.path) == 1 and symbol.kind in ("this", "class") and symbol.target != NONE
            if own and self.index.method(symbol.target, place.path[0][1:]) == scope:
                return True
        return False

    def _calls(self, names: Iterable[str]) -> Iterator[Call]:
        for name in names:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                yield call

    def _asks_the_time(self, scope: int) -> bool:
        """Whether a function reads a clock and compares: a sweep of what is too old."""
        inside = self.unit.scopes[scope]
        if not any(inside.at <= call.at < inside.end for call in self._calls(_CLOCKS)):
            return False
        return any(
            row.kind == "operation" and row.text in _COMPARISONS and inside.at <= row.at < inside.end
            for row in self.unit.values
        )


def _whole(text: str) -> int | None:
    try:
        return int(text.replace("_", "").rstrip("nlL"), 0)
    except ValueError:
        pass
    try:
        number = float(text.replace("_", ""))
    except ValueError:
        return None
    return int(number) if number == number and abs(number) < 1e15 else None


def _computed(operator: str, left: int, right: int) -> int | None:
    if operator == "*":
        return left * right
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "<<" and 0 <= right < 40:
        return left << right
    if operator == "**" and 0 <= right < 20 and abs(left) <= 1024:
        return int(left**right)
    return None
