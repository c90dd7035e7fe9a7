"""Python: what a table keeps, ended all together by one method, and taken out by another that ends nothing.

`for meter in self.meters.values(): meter.stop()` says that a meter needs an end; `self.meters.pop(unit)`
drops one that runs on. What has ended before it leaves (`on_close`, a task that takes itself out) is left
alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Delete, Leave, Place, Unit
from leaklint.solve.aliases import Aliases
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex

_ENDS = frozenset(
    {"cancel", "stop", "terminate", "shutdown", "kill", "unsubscribe", "disconnect", "destroy", "dispose"}
    | {"close", "aclose", "deactivate", "quit", "detach", "teardown", "stop_polling", "loop_stop", "unwatch"}
)
# what a function is called that takes out what still runs, and not what has ended
_REMOVES = regex(
    r"_*(async_)?(remove|delete|drop|evict|unregister|deregister|unload|uninstall|forget|detach|unmount|discard|"
    r"disable|unsubscribe|unwatch|untrack|stop|cancel|close|leave|kick|disconnect(ed)?|destroy|replace)(_\w+)?"
)
_ENDS_IT = regex(
    r"(?i)_*(\w+_)?(stop|close|cancel|kill|terminate|shutdown|dispose|destroy|disconnect|unsub\w*|end|finish|tear\w*|"
    r"release|abort|quit|exit|deactivate|unload|deinit|aclose|done|is_alive|closed|is_closed|poll|join|wait|detach|"
    r"put|put_nowait|set|send|uninstall|unwatch|delete|remove|free|cleanup|clean_up|clear|reset|call_soon\w*|gather)"
    r"(_\w+)?"
)
_MAKES = regex(
    r"_*([A-Z]\w*|(create|ensure|spawn|start|subscribe|listen|schedule|call|add|make|launch|watch)(_\w+)?)"
)
_COPIES = frozenset({"list", "tuple", "sorted", "reversed", "set"})
_TELLS = frozenset({"debug", "info", "warning", "error", "exception", "log", "print", "len", "str", "repr"})


class TakenOut(msgspec.Struct):
    """`removal` takes out of `place` what `made` made, and what `end` ends elsewhere."""

    place: Place
    made: int
    removal: int
    end: int


class TakenOuts:
    """Such tables of one unit."""

    def __init__(self, index: Index, aliases: Aliases) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.aliases = aliases

    def found(self) -> Iterator[TakenOut]:
        """One for each table, in order of its ends."""
        if "pop" not in self.index.calls and not self.index.deletes:
            return
        seen: set[Place] = set()
        for number in sorted(n for name in _ENDS & self.index.calls.keys() for n in self.index.calls[name]):
            for table in self._tables(number):
                if table not in seen:
                    seen.add(table)
                    item = self._judge(table, number)
                    if item is not None:
                        yield item

    def _tables(self, end: int) -> Iterator[Place]:
        """The tables whose entries a call ends one after the other."""
        call = self.unit.effects[end]
        assert isinstance(call, Call)
        kinds = [self.unit.regions[number].kind for number in self.index.regions(call.region)]
        if call.receiver == NONE or "loop" not in kinds:
            return
        for place in self.aliases.of(call.receiver):
            made = self.unit.effects[place.call] if place.call != NONE else None
            found: tuple[Place, ...] = (place,)
            if isinstance(made, Call) and made.name in _COPIES and made.args:
                found = self.aliases.of_value(made.args[0])
            elif isinstance(made, Call) and made.name == "popitem" and made.receiver != NONE:
                found = self.aliases.of(made.receiver)
            for each in found:
                base = Place(each.symbol, tuple(step for step in each.path if step != "[]"))
                symbol = self.index.symbol(base)
                if symbol is None or (each is place and "[]" not in each.path):
                    continue
                if (symbol.kind == "this" and len(base.path) == 1) or (symbol.scope == 0 and not base.path):
                    yield base

    def _judge(self, table: Place, end: int) -> TakenOut | None:
        made = self._made(table, self.unit.effects[end].name)  # type: ignore[union-attr]
        if made == NONE or self._knows_owner(made):
            return None
        ending = self.index.function_at(end)
        for number in self._removals(table):
            function = self.index.function_at(number)
            if function != ending and self._drops(number, function):
                return TakenOut(table, made, number, end)
        return None

    def _made(self, table: Place, end: str) -> int:
        """The call in this file that makes what the table keeps; NONE where it is anything else."""
        found = NONE
        for number in self.index.elements:
            bind = self.index.bind(number)
            if self.unit.places[bind.target] != table:
                continue
            row = self.unit.values[bind.value]
            if row.kind == "place" and not self.unit.places[row.place].path:
                binds = [self.index.bind(n) for n in self.index.binds.get(self.unit.places[row.place], ())]
                rows = [self.unit.values[each.value] for each in binds if each.value != NONE]
                row = rows[0] if len(rows) == 1 else row
            call = self.unit.effects[row.call] if row.kind == "call" else None
            if not isinstance(call, Call) or not _MAKES.fullmatch(call.name):
                return NONE
            if end in ("close", "aclose") and not call.name.lstrip("_")[:1].isupper():
                return NONE  # connections and files close with their last reference
            found = row.call
        return found

    def _knows_owner(self, made: int) -> bool:
        """`Listener(self, port)` of another file: it may take itself out where it has ended."""
        call = self.unit.effects[made]
        assert isinstance(call, Call)
        symbol = self.index.symbol(self.unit.places[call.callee]) if call.callee != NONE else None
        if symbol is not None and symbol.kind == "class" and symbol.target != NONE:
            return False  # its methods are seen here
        if not call.name.lstrip("_")[:1].isupper():
            return False
        values = [self.unit.values[each] for each in (*call.args, *(given for _, given in call.keywords))]
        places = [self.unit.places[row.place] for row in values if row.kind == "place"]
        return any(
            place.symbol != NONE
            and self.unit.symbols[place.symbol].kind == "this"
            and (
                not place.path
                or self.index.method(self.unit.symbols[place.symbol].target, place.path[0][1:]) != NONE
            )
            for place in places
        )

    def _removals(self, table: Place) -> list[int]:
        popped = [
            number
            for number in self.index.calls.get("pop", ())
            if isinstance(call := self.unit.effects[number], Call)
            and call.receiver != NONE
            and call.args
            and self.unit.places[call.receiver] == table
        ]
        deleted = [
            number
            for number in self.index.deletes
            if isinstance(row := self.unit.effects[number], Delete)
            and row.key != NONE
            and self.unit.places[row.target] == table
        ]
        return sorted((*popped, *deleted))

    def _drops(self, removal: int, function: int) -> bool:
        """Whether a function named like a removal ends nothing, hands nothing on, and is no last step."""
        scope = self.unit.scopes[function]
        if not _REMOVES.fullmatch(scope.name) or self._ends_something(function, removal):
            return False
        calls = self.index.calls.get(scope.name, [])
        if scope.name in ("remove", "discard"):  # of containers, too
            calls = self.index.callers.get(function, [])
        for number in calls:
            call = self.unit.effects[number]
            caller = self.index.function(call.scope)
            kinds = {self.unit.regions[region].kind for region in self.index.regions(call.region)}
            if kinds & {"finally", "except"} or _ENDS_IT.fullmatch(self.unit.scopes[caller].name):
                return False
            if self._ends_something(caller, number):
                return False
        return not self._goes_on(removal, function)

    def _ends_something(self, function: int, besides: int) -> bool:
        return any(
            number != besides
            and isinstance(call := self.unit.effects[number], Call)
            and bool(_ENDS_IT.fullmatch(call.name))
            for number in self.index.of_function.get(function, ())
        )

    def _goes_on(self, removal: int, function: int) -> bool:
        """Whether the function hands on what it has read: to its caller, to a call, or into a field."""
        locals_ = {
            self.unit.places[bind.target]
            for number in self.index.of_function[function]
            if isinstance(bind := self.unit.effects[number], Bind)
            and bind.value != NONE
            and self.unit.values[bind.value].kind in ("call", "place", "operation")
            and not self.unit.places[bind.target].path
        }
        for number in self.index.of_function[function]:
            effect = self.unit.effects[number]
            if isinstance(effect, Call) and effect.name not in _TELLS:
                values = (*effect.args, *(value for _, value in effect.keywords))
            elif isinstance(effect, Leave | Bind) and effect.value != NONE:
                if isinstance(effect, Bind) and self.unit.places[effect.target] in locals_:
                    continue
                values = (effect.value,)
            else:
                continue
            if any(self._is(value, removal, locals_) for value in values):
                return True
        return False

    def _is(self, value: int, removal: int, locals_: set[Place]) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place] in locals_
        return row.call == removal or any(self._is(part, removal, locals_) for part in row.parts)
