"""What a function (Python, Java) takes and gives back itself, and keeps on a way out between the two."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Region, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import first_word

_GIVES = {
    "get": ("put", "return", "release", "give"),
    "retain": ("release",),
    "obtain": ("release", "return"),
    "rent": ("return",),
    "pin": ("unpin",),
    "grab": ("release", "ungrab"),
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
_LEAVES = ("raise", "return", "continue", "break")
# of who calls a function wrongly
_MISTAKES = frozenset({"NotImplementedError", "AssertionError", "TypeError", "StopIteration", "SystemExit"})
_TAKES = regex(r"(?i)_*(add|append|put|register|set|push|store|track|own|adopt|finalize|gc|callback|weakref)")


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
            if verb == "get" and rest in ("", "_nowait"):
                continue  # a queue, to which what can't be done yet goes back
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
        return next(
            (NotGiven(taken, given, leave) for leave in self.ways_out(taken, given, what, given)), None
        )

    def ways_out(self, taken: int, given: int, what: Place, until: int) -> Iterator[int]:
        """The ways out of the taking function before `until` that keep `what`."""
        take, give = self.unit.effects[taken], self.unit.effects[given]
        assert isinstance(take, Call) and isinstance(give, Call)
        if self._goes_on(taken, given, what, until):
            return
        until = min(until, self._protected_from(give))
        for number in self.index.of_function[self.index.function(take.scope)]:
            leave = self.unit.effects[number]
            if not taken < number < until:
                continue
            if isinstance(leave, Call) and self._fails(number, leave, take, give, what):
                yield number
            if not isinstance(leave, Leave):
                continue
            if leave.how not in _LEAVES or leave.region == NONE or self._is_given_finally(number, give, what):
                continue
            if self._skips(number, take, give, what):
                yield number

    def _fails(self, number: int, call: Call, take: Call, give: Call, what: Place) -> bool:
        """Python: whether a function of the file is called that raises itself, outside of any `try`.

        One that looks at the thing, or at the code that came with it, may say that nothing was taken.
        """
        callee = self.index.callee_scope(number) if self.unit.language == "python" else NONE
        if callee in (NONE, self.index.function(call.scope)) or not self._raises(callee):
            return False
        given = [self.unit.values[value] for value in (*call.args, *(each for _, each in call.keywords))]
        if any(
            row.kind == "place" and self._came_with(self.unit.places[row.place], take, what) for row in given
        ):
            return False
        around = set(self.index.regions(call.region))
        own = [self.unit.regions[each] for each in around - set(self.index.regions(take.region))]
        if not {row.kind for row in own} <= {"branch", "loop", "with"}:
            return False
        tests = [row.test for row in own if row.kind == "branch"]
        if any(test == NONE or self._is_plain(test, what) for test in tests):
            return False
        given_back = self._is_given_finally(number, give, what)
        return not given_back and not self._is_given_before(number, take, give, around)

    def _came_with(self, place: Place, take: Call, what: Place) -> bool:
        """Whether a place is the thing itself, or holds what the call returned that took it."""
        if place == what:
            return True
        binds = (self.index.bind(number) for number in self.index.binds.get(place, ()))
        rows = (self.unit.values[bind.value] for bind in binds if bind.value != NONE)
        return any(row.kind == "call" and self.unit.effects[row.call] is take for row in rows)

    def _raises(self, scope: int) -> bool:
        """Whether a function raises what its callers have to reckon with, and catches nothing around that."""
        if self.unit.scopes[scope].flags & {"generator", "abstract"}:
            return False
        for number in self.index.of_function.get(scope, ()):
            leave = self.unit.effects[number]
            if not isinstance(leave, Leave) or leave.how != "raise" or leave.region == NONE:
                continue
            kinds = {self.unit.regions[region].kind for region in self.index.regions(leave.region)}
            if kinds <= {"branch", "loop", "with"} and self._raised(leave.value) not in _MISTAKES:
                return True
        return False

    def _raised(self, value: int) -> str:
        """The name of the exception that is raised."""
        row = self.unit.values[value] if value != NONE else None
        call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
        if isinstance(call, Call):
            return call.name
        return (
            self.index.last_name(self.unit.places[row.place])
            if row is not None and row.kind == "place"
            else ""
        )

    def _is_given_before(self, number: int, take: Call, give: Call, around: set[int]) -> bool:
        """Whether the thing has been given back already, on the way to an effect."""
        return any(
            isinstance(effect := self.unit.effects[other], Call)
            and other < number
            and effect.at > take.at
            and set(self.index.regions(effect.region)) <= around
            for other in self.index.calls[give.name]
        )

    def _is_given_finally(self, number: int, give: Call, what: Place) -> bool:
        """Whether a `finally` around a way out gives the thing back as well, `if (token != null)` perhaps."""
        for other in self.index.calls[give.name]:
            call = self.unit.effects[other]
            assert isinstance(call, Call)
            tried = self._tried(call, ("finally",))
            if tried is not None and tried.first <= number < tried.last:
                rows = [self.unit.values[value] for value in call.args]
                if any(row.kind == "place" and self.unit.places[row.place] == what for row in rows):
                    return True
        return False

    def _goes_on(self, taken: int, given: int, what: Place, until: int) -> bool:
        """Whether something else is told to free it: `finalize(self, lib.free, x)`, `stack.callback(…)`."""
        give = self.unit.effects[given]
        assert isinstance(give, Call)
        for number in range(taken + 1, until):
            effect = self.unit.effects[number]
            if not isinstance(effect, Call) or effect.name == give.name:
                continue
            values = (*effect.args, *(each for _, each in effect.keywords))
            rows = [self.unit.values[each] for each in values]
            if any(row.kind == "closure" and self._is_given_to(row.scope, give, what) for row in rows):
                return True
            places = [self.unit.places[row.place] for row in rows if row.kind == "place"]
            if any(place.path[-1:] == ("." + give.name,) for place in places):
                return True
            if what in places and (effect.name[:1].isupper() or _TAKES.match(effect.name)):
                return True
        return False

    def _is_given_to(self, closure: int, give: Call, what: Place) -> bool:
        """Whether a nested function has the thing in it, or gives back itself."""
        inside = any(self.unit.effects[number].scope == closure for number in self.index.calls[give.name])
        return inside or what.symbol in self.unit.scopes[closure].captures

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
        tried = self._tried(give, ("finally", "except"))
        return tried.first if tried is not None else len(self.unit.effects)

    def _tried(self, give: Call, kinds: tuple[str, ...]) -> Region | None:
        """The `try` block that belongs to the handler around a call."""
        for number in self.index.regions(give.region):
            row = self.unit.regions[number]
            if row.kind in kinds:
                tried = (
                    other
                    for other in self.unit.regions
                    if other.kind == "try" and other.parent == row.parent and other.end <= row.at
                )
                return max(tried, key=lambda other: other.end, default=None)
        return None

    def _skips(self, number: int, take: Call, give: Call, what: Place) -> bool:
        leave = self.unit.effects[number]
        assert isinstance(leave, Leave)
        around = list(self.index.regions(leave.region))
        taking = set(self.index.regions(take.region))
        if not taking <= set(around):
            return False  # another branch: nothing was taken
        own = [region for region in around if region not in taking]
        kinds = {self.unit.regions[region].kind for region in own}
        if "branch" not in kinds or not kinds <= {"branch", "loop", "with"}:
            return False
        if "loop" in kinds and leave.how in ("continue", "break"):
            return False  # of an inner loop: the function goes on
        branches = [region for region in own if self.unit.regions[region].kind == "branch"]
        if branches[0] in set(self.index.regions(give.region)):
            return False
        for region in branches:
            row = self.unit.regions[region]
            if row.test == NONE:
                return False
            test = self.unit.values[row.test]
            if self._is_plain(row.test, what) or test.at <= take.at <= test.end:
                return False
        if leave.value != NONE and self._names(leave.value, what):
            return False
        if self.unit.language == "java" and self._ends_otherwise(number, branches[0], what):
            return False
        return not self._is_given_before(number, take, give, set(around))

    def _ends_otherwise(self, number: int, branch: int, what: Place) -> bool:
        """Java: whether the way out does anything with a thing: `pool.invalidate(engine); return null;`."""
        row = self.unit.regions[branch]
        for other in range(row.first, min(number, row.last)):
            effect = self.unit.effects[other]
            if not isinstance(effect, Call):
                continue
            if effect.receiver != NONE and self.unit.places[effect.receiver] == what:
                return True
            if any(self._names(value, what) for value in effect.args):
                return True
        return False

    def _names(self, value: int, what: Place) -> bool:
        """Whether an expression hands a thing on: it is the thing, or has it in it."""
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place] == what
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            values = (*call.args, *(each for _, each in call.keywords))
            hands = call.name[:1].isupper() or self.unit.language == "java"
            return hands and any(self._names(each, what) for each in values)
        return any(self._names(part, what) for part in row.parts)

    def _is_plain(self, test: int, what: Place) -> bool:
        """`if thing is None`: nothing was taken."""
        row = self.unit.values[test]
        if row.kind == "operation" and row.text in _PLAIN:
            return any(self._is_plain(part, what) for part in row.parts)
        return row.kind == "place" and self.unit.places[row.place] == what
