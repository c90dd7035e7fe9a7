"""Places that are wrapped again and again: each function that is put there keeps the one before it.

`previous = sys.excepthook; sys.excepthook = hook`, where `hook` calls `previous`: what stays is a chain with
a link, and all that the link captures, for each time it runs.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex
from leaklint.solve.percall import PerCall

_AGAIN = frozenset({"on", "addListener", "addEventListener", "subscribe", "setInterval"})
_KINDS = frozenset({"closure", "container", "place"})
_LATER = frozenset({"setTimeout", "setImmediate", "requestAnimationFrame"})
# methods that do again what was done before, on the same object
_RENEWS = regex(
    r"[_#]*(refresh|renew|rotate|reconnect|relogin|reauth\w*|reinstall|rewrap|rebind)([A-Z_]\w*)?"
)
_HEARS = frozenset({"on", "addListener", "addEventListener", "subscribe", "then", "forEach"})


class Wrapped(msgspec.Struct):
    """`effect` puts a function at `place` that keeps what `before` read from there."""

    effect: int
    before: int
    place: Place
    confidence: Confidence


class Wrappings:
    """Chains of functions of one unit."""

    def __init__(self, growths: Growths, per_call: PerCall) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.repeats = growths.repeats
        self.lifecycle = growths.lifecycle
        self.per_call = per_call

    def found(self) -> Iterator[Wrapped]:
        """Each place that is wrapped again and never put back, once, in source order."""
        replaced = self._replaced()
        read = self._read(replaced) if replaced else {}
        seen: set[Place] = set()
        for number in sorted(number for place in read for number in replaced[place]):
            wrapping = self.unit.effects[number]
            assert isinstance(wrapping, Bind)
            place = self.unit.places[wrapping.target]
            if place in seen or self._is_local(place, wrapping.scope):
                continue
            before = self._kept(wrapping, read[place])
            if before == NONE or self._is_put_back(place) or not self.repeats.repeats(number):
                continue
            confidence = self._confidence(place, wrapping.scope)
            if confidence is not None and not self.growths.guards.init_guarded(number):
                seen.add(place)
                yield Wrapped(number, before, place, confidence)

    def _replaced(self) -> dict[Place, list[int]]:
        """Assignments in functions of what may be a function, by what they assign to."""
        found: dict[Place, list[int]] = {}
        for place, binds in self.index.binds.items():
            if place.symbol == NONE or (
                self.unit.symbols[place.symbol].kind == "this" and not self._is_own_field(place)
            ):
                continue
            if not place.path and self.unit.symbols[place.symbol].scope != 0:
                continue
            numbers = [number for number in binds if self._replaces(number)]
            if numbers:
                found[place] = numbers
        return found

    def _replaces(self, number: int) -> bool:
        bind = self.unit.effects[number]
        if not isinstance(bind, Bind) or bind.how != "assign" or bind.value == NONE or bind.scope == 0:
            return False
        kept = self._captured(bind.value) if self.unit.values[bind.value].kind in _KINDS else None
        return bool(kept) or (kept is not None and self.unit.values[bind.value].kind == "container")

    def _read(self, replaced: dict[Place, list[int]]) -> dict[Place, list[int]]:
        """Binds in functions that take what stands at one of some places, by that place."""
        found: dict[Place, list[int]] = {}
        for number, effect in enumerate(self.unit.effects):
            if not isinstance(effect, Bind) or effect.value == NONE or self.index.function(effect.scope) == 0:
                continue
            source = self._source(effect.value)
            if source in replaced and source != self.unit.places[effect.target]:
                found.setdefault(source, []).append(number)
        return found

    def _source(self, value: int) -> Place | None:
        """`window.onerror`, `client.send.bind(client)`: the place that a value was read from."""
        row = self.unit.values[value]
        if row.kind == "place":
            place = self.unit.places[row.place]
            return place if place.symbol != NONE else None
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if isinstance(call, Call) and call.name == "bind" and call.receiver != NONE:
            return self.unit.places[call.receiver]
        return None

    def _is_local(self, place: Place, scope: int) -> bool:
        """Whether a place dies with the call, or with the object that wraps its own method once."""
        if place.symbol == NONE or "[]" in place.path:
            return True
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind in ("global", "import"):
            return not place.path
        if symbol.kind == "this":
            return not self._is_run_by_events(scope, 0)
        return self.index.function(symbol.scope) in (self.index.function(scope), NONE)

    def _is_own_field(self, place: Place) -> bool:
        return self.unit.language == "javascript" and len(place.path) in (1, 2)

    def _is_run_by_events(self, scope: int, depth: int, passed: frozenset[int] = frozenset()) -> bool:
        """JavaScript: whether events of something, of which there are many for one object, run a method.

        `socket.onopen = () => this.instrument()` on each reconnection; a timer that starts itself again.
        passed: functions on the way from `scope` to the one that wraps.
        """
        for function in self.index.enclosing(scope):
            passed |= {function}
            if _RENEWS.fullmatch(self.unit.scopes[function].name):
                return True
            bound = self.index.bound_to.get(function)
            bind = self.unit.effects[bound] if bound is not None else None
            path = self.unit.places[bind.target].path if isinstance(bind, Bind) else ()
            if path and path[-1].startswith(".on") and path[-1] not in (".onload", ".onready"):
                return True
            number, _ = self.index.argument_of.get(function, (NONE, 0))
            call = self.unit.effects[number] if number != NONE else None
            if isinstance(call, Call) and (call.name in _AGAIN or self._starts_again(call, passed)):
                return True
            for caller in self.index.callers.get(function, ()) if depth < 3 else ():
                effect = self.unit.effects[caller]
                if self._in_loop(effect.region) or self._is_run_by_events(effect.scope, depth + 1, passed):
                    return True
        return False

    def _starts_again(self, call: Call, passed: frozenset[int]) -> bool:
        """Whether a timer runs one of some functions, and one of these starts it: `setTimeout(renew)`."""
        starts = self.index.function(call.scope)
        return call.name in _LATER and (
            starts in passed
            or any(self.index.function_at(number) in passed for number in self.index.callers.get(starts, ()))
        )

    def _in_loop(self, region: int) -> bool:
        rows = [self.unit.regions[number] for number in self.index.regions(region)]
        return any(row.kind == "loop" and row.iterates == NONE for row in rows)

    def _kept(self, wrapping: Bind, reads: list[int]) -> int:
        """The read whose result the functions that are put in place keep, or NONE."""
        function = self.index.function(wrapping.scope)
        captured = self._captured(wrapping.value)
        if captured is None:
            return NONE
        if self.unit.values[wrapping.value].kind == "container" and self.unit.language == "javascript":
            # functions of one call share what any of them captures
            for scope in self.unit.scopes:
                if scope.captures and self.index.function(scope.parent) == function:
                    captured.update(scope.captures)
        for number in reads:
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            target = self.unit.places[bind.target]
            if self.index.function(bind.scope) == function and target.symbol in captured:
                return number
        return NONE

    def _captured(self, value: int) -> set[int] | None:
        """What the functions refer to that a value is or holds; None when it holds none."""
        row = self.unit.values[value]
        if row.kind == "place":
            place = self.unit.places[row.place]
            symbol = self.index.symbol(place)
            if symbol is not None and symbol.kind == "this" and len(place.path) == 1:
                bound = self.index.method(symbol.target, place.path[0][1:]) != NONE
                return {place.symbol} if bound else None
        closures = list(self._functions(value))
        if not closures:
            return None
        return {symbol for scope in closures for symbol in self.unit.scopes[scope].captures}

    def _functions(self, value: int) -> Iterator[int]:
        row = self.unit.values[value]
        if row.kind == "closure":
            yield row.scope
        elif row.kind == "container":
            for part in row.parts:
                yield from self._functions(part)
        elif row.kind == "place":
            place = self.unit.places[row.place]
            named = place.symbol != NONE and not place.path
            function = self.index.function_of(place.symbol) if named else NONE
            if function != NONE:
                yield function

    def _is_put_back(self, place: Place) -> bool:
        """Whether anything but a function is ever put there: what was there before, or nothing."""
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            if not isinstance(bind, Bind) or bind.value == NONE or self.repeats.runs(bind.scope) == "import":
                continue
            if self._captured(bind.value) is None:
                return True
        return any(name in self.index.calls for name in ("patch", "restore", "restoreAllMocks"))

    def _confidence(self, place: Place, scope: int) -> Confidence | None:
        """How sure it is that this runs often for one place; None when it runs once for each."""
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this":
            return "medium"
        if symbol.kind not in ("global", "import") and symbol.scope != 0:
            heard = any(
                self._hears(function) for function in self.index.enclosing(scope) if function != symbol.scope
            )
            return "medium" if heard else None
        if self.lifecycle.effect_hook(scope) != NONE or self.lifecycle.is_component_script(scope):
            return "medium"
        owner = self.lifecycle.owner_of(scope)
        if owner != NONE:
            if self.repeats.is_singleton(owner) or self.lifecycle.is_service(owner):
                return None
            many = self.lifecycle.is_component(owner) or plurality.has_instances(self.unit, owner)
            return "medium" if many or self.per_call.makes_many(owner) else "low"
        if self.per_call.makes_what_ends(scope):
            return "medium"
        return "medium" if self.per_call.runs_often(scope) or self._is_on_timer(scope) else "low"

    def _is_on_timer(self, scope: int) -> bool:
        """Whether a function of the file is handed to an interval by its name."""
        symbol = self.unit.scopes[self.index.function(scope)].symbol
        return symbol != NONE and any(
            self.unit.values[value].kind == "place"
            and self.unit.places[self.unit.values[value].place] == Place(symbol)
            for number in self.index.calls.get("setInterval", ())
            for value in self.unit.effects[number].args[:1]  # type: ignore[union-attr]
        )

    def _hears(self, function: int) -> bool:
        """Whether a function is called for each event of something."""
        number, _ = self.index.argument_of.get(function, (NONE, 0))
        call = self.unit.effects[number] if number != NONE else None
        return isinstance(call, Call) and (call.name in _HEARS or call.name.startswith("on"))
