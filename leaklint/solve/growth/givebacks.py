"""What a Python function takes and gives back itself, and keeps on a way out between the two."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lifecycle import first_word

_GIVES = {
    "acquire": ("release",),
    "register": ("unregister", "deregister"),
    "checkout": ("checkin",),
    "begin": ("end", "finish", "commit"),
    "attach": ("detach",),
    "add": ("remove", "discard"),
    "subscribe": ("unsubscribe",),
    "enter": ("leave", "exit"),
    "reserve": ("release", "unreserve", "free"),
    "borrow": ("return", "give"),
    "lease": ("release",),
    "allocate": ("free", "release", "deallocate"),
    "track": ("untrack",),
    "watch": ("unwatch",),
    "lock": ("unlock",),
    "push": ("pop",),
    "hold": ("release",),
    "connect": ("disconnect",),
    "open": ("close",),
    "ref": ("unref",),
    "incref": ("decref",),
    "create": ("destroy", "release", "free", "delete", "close", "dispose"),
    "new": ("free", "destroy", "delete", "release", "unref"),
    "alloc": ("free", "release", "dealloc"),
    "init": ("fini", "deinit", "cleanup", "free", "destroy"),
    "load": ("unload",),
    "map": ("unmap",),
    "bind": ("unbind",),
    "mount": ("unmount", "umount"),
    "claim": ("release", "unclaim"),
}
_VERBS = tuple(_GIVES)
# tests that ask for the thing itself, or for what its owner says of it
_PLAIN = frozenset({"is", "is not", "not", "==", "!="})


class NotGiven(msgspec.Struct):
    """`taken` is given back by `given`, unless the function leaves at `exit`."""

    taken: int
    given: int
    exit: int


class GiveBacks:
    """Pairs of calls of one unit with a way out between them."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def found(self) -> Iterator[NotGiven]:
        """In source order, one for each taking call."""
        seen: set[int] = set()
        for name, numbers in self.index.calls.items():
            if not name.lstrip("_").startswith(_VERBS):
                if "_" in name.strip("_"):
                    yield from self._prefixed(name, numbers, seen)
                continue
            verb = first_word(name)
            inverses = _GIVES.get(verb)
            start = name.lower().find(verb)
            if inverses is None or start < 0:
                continue
            head, rest = name[:start], name[start + len(verb) :]
            for inverse in inverses:
                for given in self.index.calls.get(head + inverse + rest, ()):
                    for taken in numbers:
                        if taken not in seen:
                            found = self._judge(taken, given)
                            if found is not None:
                                seen.add(taken)
                                yield found

    def _prefixed(self, name: str, numbers: list[int], seen: set[int]) -> Iterator[NotGiven]:
        """`lib.sp_create(…)` and `lib.sp_release(x)`: the last word is the verb, as in C libraries."""
        head, _, verb = name.rpartition("_")
        for inverse in _GIVES.get(verb, ()):
            for given in self.index.calls.get(f"{head}_{inverse}", ()):
                for taken in numbers:
                    found = self._judge(taken, given) if taken not in seen else None
                    if found is not None:
                        seen.add(taken)
                        yield found

    def _judge(self, taken: int, given: int) -> NotGiven | None:
        take, give = self.unit.effects[taken], self.unit.effects[given]
        assert isinstance(take, Call) and isinstance(give, Call)
        scope = self.index.function(take.scope)
        if (
            taken >= given
            or self.index.function(give.scope) != scope
            or NONE in (take.receiver, give.receiver)
        ):
            return None
        root = self.unit.places[take.receiver]
        if root != self.unit.places[give.receiver] or root.symbol == NONE:
            return None
        symbol = self.unit.symbols[root.symbol]
        if symbol.kind != "this" and symbol.kind != "import" and symbol.scope != 0:
            return None  # a local or a parameter may end with the call
        what = self._shared(taken, take, give)
        if what is None:
            return None
        until = self._protected_from(give)
        for number in self.index.of_function[scope]:
            leave = self.unit.effects[number]
            if not taken < number < min(until, given) or not isinstance(leave, Leave):
                continue
            if leave.how not in ("raise", "return") or leave.region == NONE:
                continue
            if self._skips(leave, take, give, what):
                return NotGiven(taken, given, number)
        return None

    def _shared(self, taken: int, take: Call, give: Call) -> Place | None:
        """What both calls name: an argument of both, or the result of the first."""
        asked = {
            self.unit.places[row.place]
            for row in map(self.unit.values.__getitem__, give.args)
            if row.kind == "place"
        }
        for value in take.args:
            row = self.unit.values[value]
            if row.kind == "place" and self.unit.places[row.place] in asked:
                return self.unit.places[row.place]
        for number in range(taken + 1, min(taken + 5, len(self.unit.effects))):
            bind = self.unit.effects[number]
            if not isinstance(bind, Bind) or bind.value == NONE:
                continue
            made = self.unit.values[bind.value]
            call = made.call if made.kind == "call" else NONE
            if made.kind == "place":
                call = self.unit.places[made.place].call  # a part of the result
            target = self.unit.places[bind.target]
            if call == taken and target in asked:
                return target
        return None

    def _protected_from(self, give: Call) -> int:
        """The first effect from which on a `finally` gives back; the give-back itself without one."""
        for number in self.index.regions(give.region):
            row = self.unit.regions[number]
            if row.kind in ("finally", "except"):
                tried = [
                    other
                    for other in self.unit.regions
                    if other.kind == "try" and other.parent == row.parent and other.end <= row.at
                ]
                return max(tried, key=lambda other: other.end).first if tried else 0
        return len(self.unit.effects)

    def _skips(self, leave: Leave, take: Call, give: Call, what: Place) -> bool:
        around = list(self.index.regions(leave.region))
        if not set(self.index.regions(take.region)) <= set(around):
            return False  # another branch: nothing was taken
        own = [number for number in around if number not in set(self.index.regions(take.region))]
        if not own or any(self.unit.regions[number].kind not in ("branch", "loop", "with") for number in own):
            return False
        row = self.unit.regions[own[0]]
        if row.kind != "branch" or row.test == NONE or own[0] in set(self.index.regions(give.region)):
            return False
        test = self.unit.values[row.test]
        if self._is_plain(row.test, what) or test.at <= take.at <= test.end:
            return False
        inside = self.unit.effects[row.first : row.last]
        return not any(isinstance(effect, Call) and effect.name == give.name for effect in inside)

    def _is_plain(self, test: int, what: Place) -> bool:
        """`if thing is None`: nothing was taken."""
        row = self.unit.values[test]
        if row.kind == "operation" and row.text in _PLAIN:
            return any(self._is_plain(part, what) for part in row.parts)
        return row.kind == "place" and self.unit.places[row.place] == what
