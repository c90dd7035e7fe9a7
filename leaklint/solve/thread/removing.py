"""Whether what a thread-local is set to goes again: removed, put back, or left where something fails."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Leave, Unit
from leaklint.solve.lifecycle import first_word
from leaklint.solve.thread.threads import ThreadLocal, ThreadLocals

# names of parameters that hand back what was there before, and of methods that leave that to their callers
_EARLIER = ("last", "old", "prev", "saved", "outer", "parent", "original", "former", "restore")
# first words of methods that end a piece of work well, and badly
_SUCCEEDS = frozenset({"commit", "complete", "succeed", "success", "finish"})
_FAILS = frozenset({"rollback", "abort", "cancel", "fail", "discard", "error"})
# Java: what a framework calls behind work that went well
_ON_SUCCESS = frozenset({"postHandle", "afterReturning", "onSuccess", "afterCommit"})
_SETTERS = ("set", "push", "bind", "swap", "replace", "restore")


class Removing:
    """Sets and removals of the thread-locals of one unit."""

    def __init__(self, threads: ThreadLocals) -> None:
        self.index = threads.index
        self.unit: Unit = threads.unit
        self.aliases = threads.aliases
        self._weak = threads.models.weak_wrappers

    def sets_weakly(self, index: int) -> bool:
        """Java: `buffer.set(new SoftReference<>(made))`: the value goes when memory is short."""
        call = self.unit.effects[index]
        row = self.unit.values[call.args[0]] if isinstance(call, Call) and call.args else None
        made = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        return isinstance(made, Call) and made.new and made.name in self._weak

    def is_lent(self, found: ThreadLocal) -> bool:
        """Whether null is stored only while its value is in use: it is put back behind that."""
        last: dict[int, int] = {}
        for index in found.sets:
            last[self.index.function_at(index)] = index
        return all(last.get(self.index.function_at(index), NONE) > index for index in found.clears)

    def restores(self, found: ThreadLocal) -> bool:
        """Whether what was there before is put back: a set in a finally block, or of what was read earlier.

        `set(last)` at the end of a scope leaves nothing of the call behind. A plain setter counts as well:
        its callers put back what they got, or null.
        """
        return any(
            (self.index.in_handler(index) or self._sets_earlier(found, index))
            and not (self._is_only_if_present(index) and not found.removes and not found.clears)
            for index in found.sets
        )

    def stays(self, found: ThreadLocal) -> bool:
        """Java: whether nothing takes away what is set: no removal, and nothing that is put back."""
        if self.unit.language != "java" or found.removes or found.clears:
            return False
        return not any(
            self.sets_weakly(index)
            or self.index.in_handler(index)
            or (self._sets_earlier(found, index) and not self._sets_given(index))
            for index in found.sets
        )

    def skipped(self, found: ThreadLocal) -> str:
        """Java: the method of a framework that removes, and that the framework calls on success only."""
        names = {self.unit.scopes[self.index.function_at(index)].name for index in found.removes}
        return names.pop() if len(names) == 1 and names <= _ON_SUCCESS else ""

    def left_by(self, found: ThreadLocal) -> int:
        """The method that ends the work otherwise, `rollback()` next to `commit()`, and does not remove."""
        removing = {self.index.function_at(index) for index in found.removes}
        names = {first_word(self.unit.scopes[scope].name) for scope in removing}
        owners = {self.unit.scopes[scope].owner for scope in removing}
        if not names & _SUCCEEDS or len(owners) != 1 or owners == {NONE}:
            return NONE
        for scope in self.unit.owners[owners.pop()].methods:
            if first_word(self.unit.scopes[scope].name) not in _FAILS or scope in removing:
                continue
            calls = [
                n for n in self.index.of_function.get(scope, ()) if isinstance(self.unit.effects[n], Call)
            ]
            if calls and not any(self.index.callee_scope(number) in removing for number in calls):
                return scope
        return NONE

    def unprotected(self, found: ThreadLocal) -> Iterator[int]:
        """Sets whose removal an exception skips: later in the same function, not in a finally block."""
        for index in found.sets:
            effect = self.unit.effects[index]
            later = [
                other
                for other in found.removes
                if other > index and self.unit.effects[other].scope == effect.scope
            ]
            if later and not any(self.index.in_handler(other) for other in found.removes):
                between = any(
                    isinstance(self.unit.effects[number], Call) for number in range(index + 1, later[0])
                )
                if between:
                    yield index

    def unwrapped(self, found: ThreadLocal) -> Iterator[int]:
        """Calls of `enter()`, which sets, whose `leave()`, which removes, is skipped by an exception."""
        entering = {self.index.function_at(index) for index in found.sets}
        leaving = {self.index.function_at(index) for index in found.removes}
        ends = [number for scope in leaving for number in self.index.callers.get(scope, ())]
        if not entering or not leaving or entering & leaving:
            return
        if any(self.index.in_handler(end) for end in ends):
            return
        for scope in sorted(entering):
            for begin in self.index.callers.get(scope, ()):
                later = [
                    end
                    for end in ends
                    if end > begin and self.index.function_at(end) == self.index.function_at(begin)
                ]
                if later and self._calls_others(begin, min(later)):
                    yield begin

    def _calls_others(self, begin: int, end: int) -> bool:
        """Whether code of others runs between two calls: a method of a parameter, or of a field."""
        for number in range(begin + 1, end):
            call = self.unit.effects[number]
            if isinstance(call, Call) and call.receiver != NONE:
                symbol = self.index.symbol(self.unit.places[call.receiver])
                if symbol is not None and symbol.kind in ("parameter", "this", "variable", "constant"):
                    return True
        return False

    def _sets_given(self, index: int) -> bool:
        """`void set(Tenant tenant) { CURRENT.set(tenant); }`, which does not say what was there before."""
        call = self.unit.effects[index]
        row = self.unit.values[call.args[0]] if isinstance(call, Call) and call.args else None
        symbol = self.index.symbol(self.unit.places[row.place]) if row and row.kind == "place" else None
        if symbol is None or symbol.kind != "parameter" or symbol.name.startswith(_EARLIER):
            return False
        leaves = [self.unit.effects[n] for n in self.index.returns.get(self.index.function_at(index), ())]
        return not any(isinstance(leave, Leave) and leave.value != NONE for leave in leaves)

    def _is_only_if_present(self, index: int) -> bool:
        """`if (previous != null) CURRENT.set(previous);`: where there was none, the new one stays."""
        call = self.unit.effects[index]
        if not isinstance(call, Call) or not call.args or self.unit.values[call.args[0]].kind != "place":
            return False
        earlier = self.unit.values[call.args[0]].place
        for number in self.index.regions(call.region):
            region = self.unit.regions[number]
            row = self.unit.values[region.test] if region.kind == "branch" and region.test != NONE else None
            if row is None or row.text != "!=" or region.negated:
                continue
            parts = [self.unit.values[part] for part in row.parts]
            if any(part.kind == "null" for part in parts) and any(
                part.kind == "place" and self.unit.places[part.place] == self.unit.places[earlier]
                for part in parts
            ):
                return True
        return False

    def _sets_earlier(self, found: ThreadLocal, index: int) -> bool:
        call = self.unit.effects[index]
        if isinstance(call, Bind):
            return self._is_setter(call)
        if not isinstance(call, Call) or not call.args or self.unit.values[call.args[0]].kind != "place":
            return False
        place = self.unit.places[self.unit.values[call.args[0]].place]
        if place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "parameter" and not place.path:
            scope = self.unit.scopes[self.index.function(call.scope)]
            return symbol.name.startswith(_EARLIER) or scope.name.startswith(_SETTERS)
        binds = [number for number in self.index.binds.get(place, ()) if number < index]
        if binds and self.unit.effects[binds[-1]].region == call.region:
            binds = binds[-1:]  # `space = new Space(); SPACE.set(space);`, whatever it was before
        return any(self._reads(found, self.index.bind(number).value) for number in binds)

    def _is_setter(self, bind: Bind) -> bool:
        """Python: `def set_x(x): _local.x = x`."""
        row = self.unit.values[bind.value] if bind.value != NONE else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        if place is None or place.path or place.symbol == NONE:
            return False
        scope = self.unit.scopes[self.index.function(bind.scope)]
        given = self.unit.symbols[place.symbol].kind == "parameter"
        return given and first_word(scope.name) in _SETTERS

    def _reads(self, found: ThreadLocal, value: int) -> bool:
        """Whether a value is what the thread-local holds, read here or by a getter of the unit."""
        if value == NONE:
            return False
        inside = (*found.place.path, "[]")
        return any(
            place.symbol == found.place.symbol and place.path == inside
            for place in self.aliases.of_value(value)
        )
