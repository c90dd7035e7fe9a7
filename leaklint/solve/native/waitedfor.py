"""Java: processes that a wait with a limit gives up, and that nothing destroys.

`if (!process.waitFor(10, SECONDS)) return TIMED_OUT;`: the process runs on, with its pipes, and nobody
knows it any more. Only where the code asks whether the time was up; after a read of all output, it seldom is.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.models import Native
from leaklint.solve.index import Index
from leaklint.solve.native.leak import NativeLeak

_ENDS = ("destroyForcibly", "destroy", "toHandle", "onExit", "descendants", "getInputStream", "inputReader")
_ROW = Native(name="process", make=[], end=[*_ENDS])
_MAKES = ("start", "exec")


class WaitedFor:
    """Such processes of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def found(self) -> Iterator[NativeLeak]:
        """Each process that is given up, in source order."""
        for number in self.index.calls.get("waitFor", ()) if self.unit.language == "java" else ():
            call = self.unit.effects[number]
            if not isinstance(call, Call) or not call.args or call.receiver == NONE:
                continue
            process = self.unit.places[call.receiver]
            made = self._made(process)
            if made != NONE and self._is_asked(number) and not self._is_looked_after(process):
                yield NativeLeak(made, _ROW, "given up", process, number)

    def _made(self, process: Place) -> int:
        """The call that started what a local holds, or NONE."""
        symbol = self.index.symbol(process)
        if symbol is None or process.path or symbol.kind not in ("variable", "constant"):
            return NONE
        binds = [self.index.bind(number) for number in self.index.binds.get(process, ())]
        values = [self.unit.values[bind.value] for bind in binds if bind.value != NONE]
        calls = [value.call for value in values if value.kind == "call"]
        started = len(calls) == 1 and getattr(self.unit.effects[calls[0]], "name", "") in _MAKES
        return calls[0] if started and symbol.type in ("Process", "var", "") else NONE

    def _is_asked(self, wait: int) -> bool:
        """Whether a test asks what the wait has found, itself or through a local."""
        asked = [row.test for row in self.unit.regions if row.kind == "branch" and row.test != NONE]
        for test in asked:
            pending = [test]
            while pending:
                row = self.unit.values[pending.pop()]
                pending += row.parts
                if row.kind == "call" and row.call == wait:
                    return True
                place = self.unit.places[row.place] if row.kind == "place" else None
                if place is not None and place.symbol != NONE and not place.path:
                    binds = (self.unit.effects[number] for number in self.index.binds.get(place, ()))
                    if any(isinstance(bind, Bind) and self._is_result(bind, wait) for bind in binds):
                        return True
        return False

    def _is_result(self, bind: Bind, wait: int) -> bool:
        row = self.unit.values[bind.value] if bind.value != NONE else None
        return row is not None and row.kind == "call" and row.call == wait

    def _is_looked_after(self, process: Place) -> bool:
        """Whether something ends it, waits for it without a limit, or is handed it."""
        if self.index.uses.of_symbol.get(process.symbol):
            return True
        for name in (*_ENDS, "waitFor"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                if not isinstance(call, Call) or call.receiver == NONE or (name == "waitFor" and call.args):
                    continue
                if self.unit.places[call.receiver] == process:
                    return True
        return False
