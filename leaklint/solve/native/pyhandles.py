"""Python: what a function makes and ends itself, and leaves open on a way out between the two.

No model says that such an object must be ended: the function does, where it ends it at its normal end, or
starts it before it hands it on.
What CPython closes with the last reference (files, sockets, cursors) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.names import callee_name
from leaklint.solve.native.ways import Ways
from leaklint.solve.repeats import Repeats

_ENDS = ("close", "aclose", "stop", "shutdown", "disconnect", "terminate", "quit", "dispose", "destroy")
# after these, who drops an object has to end it first
_OPENS = ("start", "open", "connect", "listen", "begin", "enter")
_MAKES = regex(r"_*([A-Z]\w*|(connect|open|create|make|start|launch|spawn|new|acquire|build)(_\w+)?)")
_CLOSED_BY_ITSELF = regex(
    r"open|fdopen|socket|socketpair|create_connection|cursor|urlopen|mkstemp|TemporaryFile|NamedTemporaryFile|"
    r"StringIO|BytesIO|TextIOWrapper|ZipFile|TarFile|GzipFile|Popen|File|makefile|fromfd|create_socket|iterdir"
)
_TAKES = regex(
    r"(?i)_*(add|append|put|register|set|push|store|track|own|adopt|submit|close|release|return|enter\w*|make)"
)


class LeftOpen(msgspec.Struct):
    """`made` makes what `ended` ends (or opens), unless the function leaves at `exit`."""

    place: Place
    made: int
    ended: int
    exit: int


class PyHandles:
    """Such objects of one unit."""

    def __init__(self, index: Index, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.repeats = repeats

    def found(self) -> Iterator[LeftOpen]:
        """In source order of what ends or opens them, one for each local."""
        called = [name for name in (*_ENDS, *_OPENS) if name in self.index.calls]
        ways = Ways(self.index) if called else None
        seen: set[Place] = set()
        for number in sorted(each for name in called for each in self.index.calls[name]):
            call = self.unit.effects[number]
            assert isinstance(call, Call) and ways is not None
            place = self.unit.places[call.receiver] if call.receiver != NONE else None
            if place is None or place.path or place.symbol == NONE or place in seen:
                continue
            symbol = self.unit.symbols[place.symbol]
            if symbol.kind != "variable" or symbol.scope == 0:
                continue
            seen.add(place)
            made = self._made(place, self.index.function(call.scope))
            if made == NONE or not self.repeats.repeats(made):
                continue
            opens = call.name in _OPENS
            if opens and not self.unit.effects[made].name[:1].isupper():  # type: ignore[union-attr]
                continue
            ends = [name for name in _ENDS if self._is_ended(place, name)]
            how, leaves = ways.left_open(place, made, ends, self._borrows)
            if how == "early" and leaves > (number if opens else made):
                yield LeftOpen(place, made, number, leaves)

    def _is_ended(self, place: Place, name: str) -> bool:
        return any(
            isinstance(call := self.unit.effects[each], Call)
            and call.receiver != NONE
            and self.unit.places[call.receiver] == place
            for each in self.index.calls.get(name, ())
        )

    def _made(self, place: Place, function: int) -> int:
        """The call that makes what a local holds, in the same function."""
        binds = [self.unit.effects[number] for number in self.index.binds.get(place, ())]
        made = [bind for bind in binds if isinstance(bind, Bind) and bind.value != NONE]
        rows = [self.unit.values[bind.value] for bind in made if bind.how in ("declare", "assign")]
        calls = [row.call for row in rows if row.kind == "call"]
        if len(calls) != 1:
            return NONE
        call = self.unit.effects[calls[0]]
        assert isinstance(call, Call)
        if self.index.function(call.scope) != function or not _MAKES.fullmatch(call.name):
            return NONE
        if call.name == "Thread" or self._is_orphan(call):
            return NONE  # ends with its function; dies with its last reference
        if _CLOSED_BY_ITSELF.fullmatch(call.name) or callee_name(self.unit, calls[0]).startswith(
            ("os.", "io.")
        ):
            return NONE
        return calls[0]

    def _is_orphan(self, call: Call) -> bool:
        """`QLocalServer()`, `QTimer(None)`: no Qt parent keeps it."""
        made = re.match(r"Q[A-Z]", call.name) is not None and not call.keywords
        return made and all(self.unit.values[value].kind == "null" for value in call.args)

    def _borrows(self, number: int) -> bool:
        """Whether a call only uses what it is handed: functions do, unless a name says otherwise."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        return not call.name[:1].isupper() and not _TAKES.match(call.name)
