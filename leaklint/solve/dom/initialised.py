"""React: what the first value of a state, a memo or a ref is, when it has a life of its own.

`const [socket] = useState(() => new WebSocket(url))` lives on when its component is gone, unless an effect
ends it. `useRef(new Worker(url))` makes another one each time the component is drawn, and keeps the first.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.acquired import Acquired
from leaklint.solve.drawn import name_of
from leaklint.solve.handles import Handles
from leaklint.solve.lazy import regex
from leaklint.solve.pairing.acquisition import Acquisition

_LAZY = frozenset({"useState", "useMemo"})
_EAGER = frozenset({"useState", "useRef"})
# functions that React runs whenever it draws: components, and hooks of one's own
_DRAWN = regex(r"[A-Z]\w*|use[A-Z]\w*")
# components that are there as long as the page
_LASTING = regex(r"_?App|Root|Main|\w*(Provider|Layout|Root|App|Context)")
# properties by which a component hands something to all below it
_SHARED = frozenset({"value", "client", "store", "context", "manager", ""})
_TAKES_OFF = frozenset({"off", "removeListener", "removeAllListeners", "unsubscribe"})
_URL = "object URL"


class Initialised(msgspec.Struct):
    """`item` is the first value of the hook that `hook` calls. again: each drawing makes another one."""

    item: Acquisition
    hook: int
    owner: str
    place: Place | None
    again: bool


class FirstValues:
    """First values of the hooks of one unit."""

    def __init__(self, acquired: Acquired, handles: Handles) -> None:
        self.acquired = acquired
        self.handles = handles
        self.index = acquired.index
        self.unit: Unit = acquired.unit

    def found(self) -> Iterator[Initialised]:
        """In source order."""
        if self.unit.language != "javascript" or (_LAZY | _EAGER).isdisjoint(self.index.calls):
            return
        for item in self.acquired.pairs.acquisitions:
            if item.pair.kind != "handle" or item.pair.name == _URL or not item.pair.returns_handle:
                continue
            found = self._made_again(item) or self._kept(item)
            if found is not None:
                yield found

    def _made_again(self, item: Acquisition) -> Initialised | None:
        """`useRef(new Worker(url))`: the argument is made whenever the component is drawn."""
        if item.destination != "passed":
            return None
        for name in _EAGER & self.index.calls.keys():
            for number in self.index.calls[name]:
                row = self.unit.values[value] if (value := self._first(number)) != NONE else None
                if row is not None and row.kind == "call" and row.call == item.effect:
                    scope = self.unit.effects[number].scope
                    if _DRAWN.fullmatch(name_of(self.index, self.index.function(scope))):
                        return self._found(item, number, again=True)
        return None

    def _kept(self, item: Acquisition) -> Initialised | None:
        """`useMemo(() => new AudioContext(), [])` of a component that nothing ends it in."""
        scope = self.index.function(self.unit.effects[item.effect].scope)
        number, position = self.index.argument_of.get(scope, (NONE, 0))
        call = self.unit.effects[number] if number != NONE else None
        if not isinstance(call, Call) or call.name not in _LAZY or position:
            return None
        if item.destination != "returned" and not self._is_returned(item, scope):
            return None
        found = self._found(item, number, again=False)
        if not found.owner[:1].isupper() or _LASTING.fullmatch(found.owner):
            return None  # a hook hands it on; a root stays
        place = found.place
        if place is None or self._is_ended(place) or self._is_handed_on(place):
            return None
        return found

    def _is_ended(self, place: Place) -> bool:
        """Whether anything ends it; who takes a listener off leaves it running."""
        calls = [self.unit.effects[number] for number in self.handles.ends(place)]
        return any(isinstance(call, Call) and call.name not in _TAKES_OFF for call in calls)

    def _found(self, item: Acquisition, hook: int, again: bool) -> Initialised:
        owner, _ = self.acquired.owner(self.unit.effects[hook].scope, "function")
        return Initialised(item, hook, owner, self._bound(hook), again)

    def _first(self, number: int) -> int:
        call = self.unit.effects[number]
        return call.args[0] if isinstance(call, Call) and call.args else NONE

    def _is_returned(self, item: Acquisition, scope: int) -> bool:
        """`() => { const worker = new Worker(url); …; return worker; }`."""
        if item.destination != "kept" or item.handle is None or self.handles.ends(item.handle):
            return False
        for number in self.index.returns.get(scope, ()):
            leave = self.unit.effects[number]
            assert isinstance(leave, Leave)
            row = self.unit.values[leave.value] if leave.value != NONE else None
            if row is not None and row.kind == "place" and self.unit.places[row.place] == item.handle:
                return True
        return False

    def _bound(self, hook: int) -> Place | None:
        """`x` of `const [x] = useState(…)` and of `const x = useMemo(…)`."""
        for number in range(hook + 1, min(hook + 4, len(self.unit.effects))):
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            if not isinstance(bind, Bind) or row is None:
                continue
            place = self.unit.places[row.place] if row.kind == "place" else None
            if (row.kind == "call" and row.call == hook) or (place is not None and place.call == hook):
                return self.unit.places[bind.target]
        return None

    def _is_handed_on(self, place: Place) -> bool:
        """Whether anybody gets hold of it who may end it; what a component shows it with does not."""
        for value in self.index.references.get(place.symbol, ()):
            if self.unit.places[self.unit.values[value].place] != place:
                continue
            role, number = self.handles.roles.role(value)
            if role == "read" or (role == "kept" and self._is_shown(value)):
                continue
            if role == "argument" and self._is_property(value, number):
                continue
            return True
        return False

    def _is_property(self, value: int, number: int) -> bool:
        """`<Editor editor={editor} />`: a component is a call with its properties as keywords."""
        call = self.unit.effects[number]
        if not isinstance(call, Call) or call.new or not call.name[:1].isupper():
            return False
        return any(given == value and key not in _SHARED for key, given in call.keywords)

    def _is_shown(self, value: int) -> bool:
        """`<primitive object={mesh} />`, and `[mesh]` as the dependencies of an effect."""
        around = self.handles.roles.container(value)
        role, number = self.handles.roles.role(around)
        call = self.unit.effects[number] if role == "argument" else None
        if isinstance(call, Call):
            return call.name.startswith("use") and self.unit.values[around].text == "array"
        pending = [around]
        while pending:
            row = self.unit.values[pending.pop()]
            if row.kind == "container" and value in row.parts:
                if row.text != "jsx" or len(row.keys) != len(row.parts):
                    return False
                return row.keys[row.parts.index(value)] not in _SHARED
            if row.kind in ("container", "conditional", "operation"):
                pending += row.parts
        return False
