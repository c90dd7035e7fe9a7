"""React: objects with a life of their own that a component keeps in a ref, and never ends.

A ref lives as long as its component; what it keeps has timers, sockets or listeners of its own, as far as
its name and what is called on it tell, and goes on without the component.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.acquired import Acquired
from leaklint.solve.handles import Handles
from leaklint.solve.lazy import regex

_LIVES = regex(
    r"[A-Z]\w*(Core|Client|Player|Engine|Editor|Manager|Socket|Recorder|Renderer|Viewer|Simulation|Uploader|"
    r"Tracker|Session|Peer|Room|Connection|Visualizer|Service|Monitor|Watcher|Poller|Game|Scene|Listener|Stream|"
    r"Detector|Scanner|Recognizer)"
)
# what is called on an object that runs, or tells others of what happens
_RUNS = frozenset(
    {"on", "emit", "subscribe", "start", "connect", "play", "run", "mount", "listen", "observe", "open"}
    | {"addEventListener", "addListener", "watch", "attach", "init", "once"}
)


class KeptInRef(msgspec.Struct):
    """`effect` makes the object that `place` keeps; `runs` is a call that shows that it has a life."""

    effect: int
    place: Place
    runs: int
    name: str
    owner: str


class Refs:
    """Refs of one unit."""

    def __init__(self, acquired: Acquired, handles: Handles) -> None:
        self.acquired = acquired
        self.handles = handles
        self.index = acquired.index
        self.unit: Unit = acquired.unit

    def found(self) -> Iterator[KeptInRef]:
        """In source order, one for each ref."""
        if self.unit.language != "javascript" or "useRef" not in self.index.calls:
            return
        known = {item.effect for item in self.acquired.pairs.acquisitions}
        for place, binds in self.index.binds.items():
            if place.path != (".current",) or place.symbol == NONE or not self._is_ref(place.symbol):
                continue
            for number in binds:
                item = self._judge(place, number, known)
                if item is not None:
                    yield item
                    break

    def _is_ref(self, symbol: int) -> bool:
        for number in self.index.binds.get(Place(symbol), ()):
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if isinstance(call, Call) and call.name == "useRef":
                return True
        return False

    def _judge(self, place: Place, number: int, known: set[int]) -> KeptInRef | None:
        bind = self.unit.effects[number]
        assert isinstance(bind, Bind)
        row = self.unit.values[bind.value] if bind.value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        if row is None or not isinstance(call, Call) or not call.new or row.call in known:
            return None
        if not _LIVES.fullmatch(call.name) or not self.acquired.repeats.repeats(number):
            return None
        if self.handles.ends(place) or self._is_let_go(place):
            return None
        received = self.handles.roles.received.get(place, ())
        runs = next((each for each in received if self.unit.effects[each].name in _RUNS), NONE)  # type: ignore[union-attr]
        if runs == NONE:
            return None
        name, _ = self.acquired.owner(bind.scope, "function")
        return KeptInRef(row.call, place, runs, call.name, name)

    def _is_let_go(self, place: Place) -> bool:
        """Whether a local that reads the ref is ended, or a function is handed what the ref keeps."""
        for role, number in self.handles.roles.of(place):
            if role == "bound":
                target = self.unit.places[self.unit.effects[number].target]  # type: ignore[union-attr]
                if target.path or self.handles.ends(target) or self.handles.roles.is_given_away(target):
                    return True
            elif role in ("argument", "returned"):
                return True
        return False
