"""JavaScript: functions that wait for their own next run, and come to no end but by a stop.

`await sleep(delay); return this.poll();`: the promise of each run is settled by that of the next one, so that
all of them stay until the last is. A run that ends for any other reason than a stop is a retry, or a walk.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Call, Leave, Place, Unit
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle

_REACTS = frozenset({"then", "finally"})
# names of what tells a loop to go on, or to stop
_STOPS = regex(
    r"(?i)[._#$]*(is|was|should|has|been)?_?(\w*stop\w*|\w*abort\w*|\w*clos(e|ed|ing)|\w*running|\w*active|\w*cancel\w*|"
    r"\w*dispos\w*|\w*destroy\w*|\w*shut\w*|\w*enabled|\w*alive|\w*exit\w*|\w*kill\w*|\w*quit\w*|\w*connected|"
    r"\w*started|\w*terminat\w*|\w*polling|\w*paused|\w*unmounted|\w*ended|\w*done)"
)
_PASSED_ON = frozenset({"not", "and", "or"})


class Turns:
    """Such functions of one unit."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self.index = lifecycle.index
        self.unit: Unit = self.index.unit

    def found(self) -> Iterator[tuple[int, int]]:
        """Scope of each function, and the call of its next run; in source order."""
        if self.unit.language != "javascript":
            return
        for scope, callers in sorted(self.index.callers.items()):
            if self.unit.scopes[scope].kind != "constructor":
                turn = next((number for number in callers if self._is_turn(number, scope)), NONE)
                if turn != NONE:
                    yield scope, turn
        yield from self._by_name()

    def _is_turn(self, number: int, scope: int) -> bool:
        if scope not in self.index.enclosing(self.unit.effects[number].scope) or self._is_of_base(number):
            return False
        waits = self._is_awaited(number, scope) or self._is_chained(number, scope)
        return waits and not self._ends(number, scope)

    def _is_of_base(self, number: int) -> bool:
        """`super.start()`."""
        receiver = getattr(self.unit.effects[number], "receiver", NONE)
        symbol = self.index.symbol(self.unit.places[receiver]) if receiver != NONE else None
        return symbol is not None and symbol.kind == "super"

    def _by_name(self) -> Iterator[tuple[int, int]]:
        """`return step().then(loop)`."""
        for name in _REACTS & self.index.calls.keys():
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                row = self.unit.values[call.args[0]] if call.args else None
                place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
                if place is None or place.symbol == NONE or place.path:
                    continue
                scope = self.index.function_of(place.symbol)
                own = scope != NONE and scope == self.index.function_at(number)
                if own and self._is_returned(number, scope) and not self._ends(number, scope):
                    yield scope, number

    # -- whether a run waits for the next one

    def _is_awaited(self, number: int, scope: int) -> bool:
        """`return this.loop()`, `await this.loop()` behind another `await` of an async function."""
        if "async" not in self.unit.scopes[scope].flags or self.index.function_at(number) != scope:
            return False
        own = self.index.of_function.get(scope, [])
        waited = any(
            isinstance(leave := self.unit.effects[each], Leave) and leave.how == "await" and each < number
            for each in own
        )
        return waited and self._is_returned(number, scope, ("return", "await"))

    def _is_returned(self, number: int, scope: int, hows: tuple[str, ...] = ("return",)) -> bool:
        """Whether what a call gives back, or what is chained to it, is waited for by its function."""
        for each in self.index.of_function.get(scope, []):
            leave = self.unit.effects[each]
            if each <= number or not isinstance(leave, Leave):
                continue
            if leave.how == "await" and each == number + 1 and "await" in hows:
                return True
            value = leave.value if leave.how in hows else NONE
            made = self.unit.values[value].call if value != NONE else NONE
            for _ in range(4):
                if made == number:
                    return True
                call = self.unit.effects[made] if made != NONE else None
                if not isinstance(call, Call) or call.receiver == NONE:
                    break
                made = self.unit.places[call.receiver].call  # `step().then(loop).catch(report)`
        return False

    def _is_chained(self, number: int, scope: int) -> bool:
        """`return step().then(() => this.loop())`."""
        inner = self.index.function_at(number)
        given, _ = self.index.argument_of.get(inner, (NONE, 0))
        call = self.unit.effects[given] if given != NONE else None
        if not isinstance(call, Call) or call.name not in _REACTS or self.index.function_at(given) != scope:
            return False
        return self._is_returned(number, inner) and self._is_returned(given, scope)

    # -- whether it comes to an end

    def _ends(self, number: int, scope: int) -> bool:
        """Whether a run may be the last one for another reason than a stop."""
        inner = self.index.function_at(number)
        if self._counts(number, scope):
            return True
        chained, _ = self.index.argument_of.get(inner, (NONE, 0))
        around = self._tests(number) + (self._tests(chained) if inner != scope and chained != NONE else [])
        if any(not self._is_stop(test, scope) for test in around):
            return True
        for function in {scope, inner}:
            for each in self.index.of_function.get(function, []):
                leave = self.unit.effects[each]
                if (
                    not isinstance(leave, Leave)
                    or leave.how not in ("return", "raise")
                    or self._is_own(each, number)
                ):
                    continue
                tests = self._tests(each)
                if not tests or not all(self._is_stop(test, scope) for test in tests[:1]):
                    return True
        return False

    def _is_own(self, leave: int, number: int) -> bool:
        """Whether a return is that of the next run, or of the chain that leads to it."""
        row = self.unit.effects[leave]
        return leave > number and row.at <= self.unit.effects[number].at < row.end

    def _tests(self, number: int) -> list[int]:
        """Tests of the branches around an effect, innermost first; NONE for loops and failures."""
        rows = [self.unit.regions[each] for each in self.index.regions(self.unit.effects[number].region)]
        return [
            row.test if row.kind == "branch" else NONE
            for row in rows
            if row.kind in ("branch", "loop", "except")
        ]

    def _is_stop(self, test: int, scope: int) -> bool:
        """Whether a test asks nothing but whether the work is to go on."""
        if test == NONE:
            return False
        row = self.unit.values[test]
        if row.kind == "operation" and row.text in _PASSED_ON:
            return all(self._is_stop(part, scope) for part in row.parts)
        place = NONE
        if row.kind == "place":
            place = row.place
        elif row.kind == "call":
            call = self.unit.effects[row.call]
            if isinstance(call, Call) and _STOPS.fullmatch(call.name):
                return not call.args
        if place == NONE:
            return False
        found: Place = self.unit.places[place]
        symbol = self.index.symbol(found)
        if symbol is None or (symbol.kind == "parameter" and not found.path):
            return False
        local = symbol.kind in ("constant", "variable") and symbol.scope > 0
        if local and scope in self.index.enclosing(symbol.scope):
            return False  # what this run has found
        return _STOPS.fullmatch(self.index.last_name(found)) is not None

    def _counts(self, number: int, scope: int) -> bool:
        """`poll(attempt + 1)`, `walk(node.next)`: a run is given what tells it when to end."""
        call = self.unit.effects[number]
        params = self.unit.scopes[scope].params
        if not isinstance(call, Call):
            return False
        for value in call.args:
            row = self.unit.values[value]
            parts = (
                [row, *(self.unit.values[part] for part in row.parts)] if row.kind == "operation" else [row]
            )
            for part in parts:
                place = self.unit.places[part.place] if part.kind == "place" else None
                if place is not None and place.symbol in params and (place.path or row.kind == "operation"):
                    return True
        return False
