"""Ways on which a function leaves a value open that it ends, or hands on, on another way.

Two are told apart: an explicit way out (`return`, `throw`, `continue`), and a failure that the function
itself catches, behind which nothing ends the value. Failures that nobody here catches are left to the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.once import solved

_ENDS_IN_NAME = ("close", "Close", "release", "Release")
_LEAVES = ("return", "raise")
_SELDOM_FAILS = ("set", "get", "is", "has", "print", "format", "append", "configure", "socket", "available")
# what others do that is no reason to expect a failure
HARMLESS = (
    *(*_SELDOM_FAILS, "log", "debug", "info", "warn", "trace", "error", "add", "put", "size", "length"),
    *(
        "equals",
        "hashCode",
        "toString",
        "valueOf",
        "current",
        "nanoTime",
        "of",
        "min",
        "max",
        "lock",
        "unlock",
    ),
    *("draw", "fill", "translate", "scale", "rotate", "clip"),
)
_OPENING = ("FileNotFoundException", "NoSuchFileException", "MalformedURLException")
# what clean-up does before it ends a value
_UNDOES = ("rollback", "abort", "cancel", "clear", "reset", "unlock", "stop", "disconnect", "evict")
_NEXT_TURN = ("continue", "break")


class Ways:
    """The ways out of the functions of one unit, seen from a local variable."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    @solved
    def _handlers(self) -> dict[int, list[int]]:
        """`try` region -> its `except` and `finally` regions, in the order they are written."""
        found: dict[int, list[int]] = {}
        last: dict[tuple[int, int], int] = {}
        for number, region in enumerate(self.unit.regions):
            place = (region.scope, region.parent)
            if region.kind == "try":
                last[place] = number
                found[number] = []
            elif region.kind in ("except", "finally") and place in last:
                found[last[place]].append(number)
        return found

    def left_open(
        self,
        local: Place,
        made: int,
        ends: list[str],
        borrows: Callable[[int], bool],
        given_out: bool = False,
    ) -> tuple[Literal["early", "failed", "thrown", ""], int]:
        """("early", "failed" or "thrown", the way out), or ("", NONE) when every way ends the value.

        `borrows` says of a call whether it leaves ending its arguments to the caller; given_out: whether a
        failure counts on the way to a `return` of the value, too.
        """
        if local.symbol == NONE or local.path or local.symbol in self.index.captured:
            return "", NONE
        if not self._is_made_once(local, made):
            return "", NONE
        function = self.index.function(self.unit.effects[made].scope)
        effects = [number for number in self.index.of_function.get(function, ()) if number > made]
        settled = [number for number in effects if self._settles(number, local, ends, borrows)]
        plain = [n for n in settled if self._on_way(n, made)]
        if not settled:
            return "", NONE
        if plain:
            for number in effects:
                effect = self.unit.effects[number]
                if (
                    isinstance(effect, Leave)
                    and number < plain[-1]
                    and self._leaves_open(number, local, made, settled)
                ):
                    return "early", number
        failed = self._failed(local, made, effects, settled)
        if failed != NONE:
            return "failed", failed
        others = self.unit.language != "python"  # which counts references
        thrown = self._thrown(local, made, effects, settled, ends, given_out) if plain and others else NONE
        return ("thrown", thrown) if thrown != NONE else ("", NONE)

    def _is_made_once(self, local: Place, made: int) -> bool:
        """Whether a local is bound by one acquisition, and else only to null."""
        count = 0
        for number in self.index.binds.get(local, ()):
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            if bind.value == NONE or self.unit.values[bind.value].kind == "null":
                continue
            if bind.how not in ("declare", "assign"):
                return False
            count += 1
        return count == 1

    # -- what settles a value

    def _settles(self, number: int, local: Place, ends: list[str], borrows: Callable[[int], bool]) -> bool:
        """Whether an effect ends the value, hands it on, or stores it."""
        effect = self.unit.effects[number]
        if isinstance(effect, Call):
            if effect.receiver != NONE and effect.name in ends and self.unit.places[effect.receiver] == local:
                return True
            arguments = [*effect.args, *(value for _, value in effect.keywords)]
            if effect.name in ends or any(word in effect.name for word in _ENDS_IN_NAME):
                return any(self._reads(value, local) for value in arguments)
            return any(self._gives(value, local) for value in arguments) and not borrows(number)
        if isinstance(effect, Bind | Leave) and effect.value != NONE:
            row = self.unit.values[effect.value]
            if row.kind == "call" and self.unit.language == "java" and borrows(row.call):
                return False
            return self._gives(effect.value, local)
        return False

    def _gives(self, value: int, local: Place) -> bool:
        """Whether an expression is the value itself, or something around it."""
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place].symbol == local.symbol
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return isinstance(call, Call) and any(self._gives(argument, local) for argument in call.args)
        return row.kind in ("conditional", "container", "operation", "spread", "opaque") and any(
            self._gives(part, local) for part in row.parts
        )

    def _reads(self, value: int, local: Place) -> bool:
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            if call.receiver != NONE and self.unit.places[call.receiver].symbol == local.symbol:
                return False  # `cursor.getString(0)` gives out what it read, not itself
        return self._gives(value, local)

    # -- explicit ways out

    def _chain(self, number: int) -> list[int]:
        return list(self.index.regions(self.unit.effects[number].region))

    def _on_way(self, number: int, made: int) -> bool:
        """Whether an effect stands on the way that everything takes behind the acquisition."""
        around = set(self._chain(made))
        kinds = {self.unit.regions[r].kind for r in self._chain(number) if r not in around}
        return kinds <= {"with", "try", "finally"}

    def _leaves_open(self, number: int, local: Place, made: int, settled: list[int]) -> bool:
        leave = self.unit.effects[number]
        assert isinstance(leave, Leave)
        chain = self._chain(number)
        around = self._chain(made)
        own = [region for region in chain if region not in around]
        kinds = [self.unit.regions[region].kind for region in own]
        if not {"branch", "except"} & set(kinds) or number in settled:
            return False  # the normal end
        if "except" in kinds and self._may_be_unmade(chain, around, made):
            return False
        if any(region not in chain and self.unit.regions[region].kind != "with" for region in around):
            return False  # made on one way only
        if leave.how in _NEXT_TURN:
            loops = [region for region in chain if self.unit.regions[region].kind == "loop"]
            if not loops or loops[0] not in around or leave.how == "break":
                return False
        elif leave.how not in _LEAVES:
            return False
        tests = [self.unit.regions[region].test for region in own]
        if any(test != NONE and self._tests_presence(test, local) for test in tests):
            return False
        if leave.how == "raise" and self.is_caught(chain):
            return False
        return not self.is_settled(number, chain, settled)

    def _may_be_unmade(self, chain: list[int], around: list[int], made: int) -> bool:
        """Whether a handler in a chain belongs to a `try` that makes the value, and may have failed to."""
        for attempt, handlers in self._handlers.items():
            if any(handler in chain for handler in handlers) and (
                attempt in around
                or self.unit.regions[attempt].first <= made < self.unit.regions[attempt].last
            ):
                return True
        return False

    def is_caught(self, chain: list[int]) -> bool:
        return any(
            self.unit.regions[handler].kind == "except"
            for region in chain
            for handler in self._handlers.get(region, ())
        )

    def is_settled(self, number: int, chain: list[int], settled: list[int]) -> bool:
        """Whether the value may be settled on the way to an effect, or behind it, in a `finally`."""
        lasting = self._finals(chain)
        for other in settled:
            if other > number:
                if any(region in lasting for region in self._chain(other)):
                    return True
                continue
            apart = [region for region in self._chain(other) if region not in chain]
            apart = [region for region in apart if self.unit.regions[region].kind not in ("with", "try")]
            if not any(self.unit.regions[region].leaves for region in apart):
                return True
        return False

    def _finals(self, chain: list[int]) -> set[int]:
        """`finally` blocks that run when an effect is left."""
        regions = self.unit.regions
        found: set[int] = set()
        for region in chain:
            row = regions[region]
            if row.kind == "try":
                found |= {h for h in self._handlers[region] if regions[h].kind == "finally"}
            elif row.kind == "except":
                for handlers in self._handlers.values():
                    if region in handlers:
                        found |= {h for h in handlers if regions[h].kind == "finally"}
        return found

    def _tests_presence(self, test: int, local: Place) -> bool:
        """`if (cursor == null) return`: there is nothing to end."""
        row = self.unit.values[test]
        if row.kind == "place":
            return self.unit.places[row.place] == local
        if row.kind != "operation":
            return False
        if row.text in ("==", "!=", "is", "is not"):
            return any(self._is(part, local) for part in row.parts)
        return any(self._tests_presence(part, local) for part in row.parts)

    def _is(self, value: int, local: Place) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self.unit.places[row.place] == local

    # -- failures that are caught

    def _failed(self, local: Place, made: int, effects: list[int], settled: list[int]) -> int:
        """The first effect that may fail, where the handler goes on without an end; or NONE."""
        regions = self.unit.regions
        around = self._chain(made)
        for number in effects:
            if number in settled:
                return NONE  # from here on it is somebody's
            if not self._may_fail(number, local):
                continue
            for region in self._chain(number):
                if regions[region].kind in ("except", "finally"):
                    break
                handlers = [h for h in self._handlers.get(region, []) if not self._is_of_opening(h)]
                if not any(regions[h].kind == "except" for h in handlers):
                    continue
                if self._is_left(region, handlers, number, settled):
                    return number
                break
            if not set(self._chain(number)) <= {*around, *self._handlers}:
                return NONE  # used on some ways only: too much of a plan to judge
        return NONE

    def _thrown(
        self,
        local: Place,
        made: int,
        effects: list[int],
        settled: list[int],
        ends: list[str],
        given_out: bool,
    ) -> int:
        """The first effect that works with the value, whose failure nobody in the function catches; or NONE.

        Only where the function itself ends the value or gives it out, behind that, and on no other way.
        """
        first = settled[0]
        end = self.unit.effects[first]
        if not self._on_way(first, made):
            return NONE
        given = given_out and self._is_given_out(end, local)
        if not given and (not isinstance(end, Call) or not self._is_end(end, local, ends)):
            return NONE
        if self._is_guarded(self._chain(made), settled):
            return NONE
        for number in effects:
            if number >= first:
                return NONE
            works = self.unit.language == "java" and self._may_fail(number, local)
            if given:
                works = works and not self._closes_itself(number)
            else:
                works = works or (self._calls_others(number) and not self._is_of_chain(number, made))
            works = works and not (self.unit.language == "javascript" and self._is_answered(number))
            works = works and not self._ends_too(number, ends)
            if works and not self._is_guarded(self._chain(number), settled):
                return number
        return NONE

    def _ends_too(self, number: int, ends: list[str]) -> bool:
        """`finally { reader.close(); buffered.close(); }`: the first end may fail, and seldom does.

        So with `finally { if (em.getTransaction().isActive()) em.getTransaction().rollback(); em.close(); }`.
        """
        call = self.unit.effects[number]
        return (
            isinstance(call, Call)
            and (call.name in ends or call.name.startswith(_UNDOES))
            and any(self.unit.regions[region].kind == "finally" for region in self._chain(number))
        )

    def _is_given_out(self, end: object, local: Place) -> bool:
        """Java: `return socket`, `return new Line(socket)`: until then only the function can end it."""
        if self.unit.language != "java" or not isinstance(end, Leave) or end.how != "return":
            return False
        row = self.unit.values[end.value] if end.value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        if isinstance(call, Call):
            return call.new and any(self._is(value, local) for value in call.args)
        return row is not None and self._is(end.value, local)

    def _is_guarded(self, chain: list[int], settled: list[int]) -> bool:
        """Whether a failure is caught around an effect, or runs into a `finally` that settles the value."""
        lasting = self._finals(chain)
        return self.is_caught(chain) or any(
            region in lasting for number in settled for region in self._chain(number)
        )

    def _calls_others(self, number: int) -> bool:
        """Whether an effect runs code of others: a method of a parameter, a field, a local or this class."""
        call = self.unit.effects[number]
        return isinstance(call, Call) and not call.new and not call.name.startswith(HARMLESS)

    def _is_of_chain(self, number: int, made: int) -> bool:
        """`new V8Array(runtime).push(1).push(2)`: a part of making it."""
        while number > made:
            call = self.unit.effects[number]
            if not isinstance(call, Call) or call.receiver == NONE:
                return False
            before = self.unit.places[call.receiver].call
            if before >= number:
                return False
            number = before
        return number == made

    def _closes_itself(self, number: int) -> bool:
        """A socket that cannot connect is closed by the library."""
        call = self.unit.effects[number]
        return isinstance(call, Call) and call.name in ("connect", "finishConnect")

    def _is_answered(self, number: int) -> bool:
        """`work().catch(log)`, `work().then(done, failed)`: a promise whose failure goes no further."""
        if isinstance(call := self.unit.effects[number], Call) and call.name in ("catch", "then", "finally"):
            return True
        return any(
            isinstance(call := self.unit.effects[other], Call)
            and call.receiver != NONE
            and self.unit.places[call.receiver].call == number
            and (call.name == "catch" or len(call.args) > 1)
            for name in ("catch", "then")
            for other in self.index.calls.get(name, ())
        )

    def _is_end(self, call: Call, local: Place, ends: list[str]) -> bool:
        if call.receiver != NONE and self.unit.places[call.receiver] == local:
            return call.name in ends
        named = call.name in ends or any(word in call.name for word in _ENDS_IN_NAME)
        return named and any(self._is(value, local) for value in call.args)

    def _may_fail(self, number: int, local: Place) -> bool:
        """Whether an effect works with the value: settings and questions seldom fail."""
        call = self.unit.effects[number]
        if not isinstance(call, Call):
            return False
        if call.receiver != NONE and self.unit.places[call.receiver] == local:
            return not call.name.startswith(_SELDOM_FAILS)
        return any(self._is(value, local) for value in call.args)

    def _is_left(self, attempt: int, handlers: list[int], number: int, settled: list[int]) -> bool:
        """Whether nothing that runs behind a failure of an effect within `attempt` settles the value."""
        regions = self.unit.regions
        leaves = any(regions[h].leaves for h in handlers if regions[h].kind == "except")
        if not leaves and not any(self._stands_in(other, attempt) for other in settled):
            return False  # it is ended behind the `try`, on both ways
        lasting = self._finals(self._chain(number))
        for other in settled:
            own = self._chain(other)
            if any(region in lasting for region in own):
                return False
            if other < regions[attempt].last:
                continue
            if not leaves or any(handler in own for handler in handlers):
                return False
        return not any(
            regions[handler].kind == "except" and self._is_of_end_only(handler) for handler in handlers
        )

    def _stands_in(self, number: int, region: int) -> bool:
        return region in self._chain(number)

    def _is_of_end_only(self, handler: int) -> bool:
        """A handler of an interruption: the work is stopped, not failed."""
        return self._caught(handler) in ("InterruptedException", "NumberFormatException", "ParseException")

    def _is_of_opening(self, handler: int) -> bool:
        """A handler of a file that is not there: then nothing was opened."""
        return self._caught(handler) in _OPENING

    def _caught(self, handler: int) -> str:
        """The type that a handler catches, where it is one."""
        row = self.unit.regions[handler]
        bind = self.unit.effects[row.first] if row.first < row.last else None
        if not isinstance(bind, Bind) or bind.how != "catch":
            return ""
        return self.unit.symbols[self.unit.places[bind.target].symbol].type
