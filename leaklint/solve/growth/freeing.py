"""What a C library or a pool gives out and gets back, kept on a way out between the two (Python).

No pair of verbs is needed: the function itself hands the result back, where it ends as it should.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growth.givebacks import GiveBacks, NotGiven
from leaklint.solve.lazy import regex

# alone, or as first or last word: `dec_free(x)`, `pool.putconn(x)`, `CFRelease(x)`
_FREES = regex(
    r"(\w*_)?(free|release|destroy|unref|dispose|dealloc|deallocate|putconn|checkin|give_back|return|recycle)"
    r"(_\w+)?|\w*[a-z](Free|Release|Destroy|Unref|Dispose)|CFRelease|[Ff]ree[A-Z]\w+"
)
# ends of C libraries only, under the name that begins like the call which made it
_CLOSES = regex(r"(\w+_)(close|delete|cleanup|fini|finish|finalize|term|end|del)(_\w+)?")
# what only looks for what is there; `get` does, where what ends it is for good
_LOOKS = regex(r"_*(search|find|look_?up|query|resolve)(_\w+|[A-Z]\w*)?")
_GETS = regex(r"_*get(_\w+|[A-Z]\w*)?")
_ADDRESS = frozenset({"byref", "pointer", "addressof"})


class Freeing:
    """Such pairs of one unit."""

    def __init__(self, back: GiveBacks) -> None:
        self.back = back
        self.index = back.index
        self.unit: Unit = back.unit

    def found(self, seen: set[int]) -> Iterator[NotGiven]:
        """In order of the names that free; without the calls in `seen`."""
        names = [name for name in self.index.calls if _FREES.fullmatch(name) or _CLOSES.fullmatch(name)]
        for name in names:
            for given in self.index.calls[name]:
                for taken, what, until in self._made(given):
                    if taken in seen:
                        continue
                    for leave in self.back.ways_out(taken, given, what, until):
                        if not self._says_failed(taken, leave):
                            seen.add(taken)
                            yield NotGiven(taken, given, leave)
                            break

    def _made(self, given: int) -> Iterator[tuple[int, Place, int]]:
        """(call that made what is freed, where it is, up to where the function has to free it)."""
        give = self.unit.effects[given]
        assert isinstance(give, Call)
        row = self.unit.values[give.args[0]] if give.args else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        if place is None or place.symbol == NONE:
            return
        symbol = self.unit.symbols[place.symbol]
        scope = self.index.function(give.scope)
        if not place.path and symbol.kind == "variable" and self.index.function(symbol.scope) == scope:
            for taken in self._makers(place, give):
                if taken < given:
                    yield taken, place, given
        elif symbol.kind == "this" and len(place.path) == 1:
            for number in self.index.binds.get(place, ()):
                yield from self._into_field(number, give)

    def _into_field(self, number: int, give: Call) -> Iterator[tuple[int, Place, int]]:
        """`x = lib.open(…); if …: raise …; self.x = x` in a constructor, where another method frees it."""
        bind = self.unit.effects[number]
        assert isinstance(bind, Bind)
        scope = self.index.function(bind.scope)
        if self.unit.scopes[scope].kind != "constructor" or bind.value == NONE or bind.region != NONE:
            return
        row = self.unit.values[bind.value]
        local = self.unit.places[row.place] if row.kind == "place" else None
        if local is None or local.path or local.symbol == NONE:
            return
        symbol = self.unit.symbols[local.symbol]
        if symbol.kind == "variable" and self.index.function(symbol.scope) == scope:
            for taken in self._makers(local, give):
                if taken < number and self.index.function(self.unit.effects[taken].scope) == scope:
                    yield taken, local, number

    def _makers(self, local: Place, give: Call) -> Iterator[int]:
        """The only call whose result a local holds, or that fills it by its address, of what frees it."""
        binds = [self.index.bind(number) for number in self.index.binds.get(local, ())]
        rows = [
            self.unit.values[bind.value]
            for bind in binds
            if bind.value != NONE and self.unit.values[bind.value].kind != "null"
        ]
        if len(rows) != 1 or rows[0].kind != "call" or any(bind.how == "enter" for bind in binds):
            return  # `with pool.begin() as x:`: the block gives it back
        made = rows[0].call
        if self._is_of_one(made, give):
            yield made
            return
        for name in _ADDRESS & self.index.calls.keys():
            for number in self.index.calls[name]:
                inner = self.unit.effects[number]
                assert isinstance(inner, Call)
                value = self.unit.values[inner.args[0]] if inner.args else None
                if value is None or value.kind != "place" or self.unit.places[value.place] != local:
                    continue
                for later in range(number + 1, min(number + 8, len(self.unit.effects))):
                    call = self.unit.effects[later]
                    if isinstance(call, Call) and any(
                        self.unit.values[each].call == number for each in call.args
                    ):
                        if self._is_of_one(later, give):
                            yield later
                            return
                        break

    def _is_of_one(self, made: int, give: Call) -> bool:
        """Whether two calls are of one library or pool: of one receiver, or under one first word."""
        take = self.unit.effects[made]
        assert isinstance(take, Call)
        if _LOOKS.fullmatch(take.name) or (_GETS.fullmatch(take.name) and "destroy" in give.name):
            return False
        ends = _CLOSES.fullmatch(give.name)
        head = give.name.partition("_")[0] if "_" in give.name.strip("_") else ""
        alike = bool(head) and take.name.startswith(head + "_") and take.name != give.name
        if NONE in (take.receiver, give.receiver):
            return alike and take.receiver == give.receiver
        root = self.unit.places[take.receiver]
        if root != self.unit.places[give.receiver] or root.symbol == NONE:
            return False
        symbol = self.unit.symbols[root.symbol]
        shared = symbol.kind in ("this", "import") or symbol.scope == 0
        return alike or (shared and ends is None)

    def _says_failed(self, taken: int, leave: int) -> bool:
        """`code = lib.open(byref(x)); if code: raise …`: nothing was made."""
        after = self.unit.effects[taken + 1]
        if not isinstance(after, Bind) or after.value == NONE or self.unit.values[after.value].call != taken:
            return False
        code = self.unit.places[after.target]
        again = [number for number in self.index.binds.get(code, ()) if taken + 1 < number < leave]
        if again:
            return False
        regions = self.index.regions(self.unit.effects[leave].region)
        branch = next((number for number in regions if self.unit.regions[number].kind == "branch"), NONE)
        return branch != NONE and self._reads(self.unit.regions[branch].test, code)

    def _reads(self, value: int, place: Place) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            return self.unit.places[row.place] == place
        return any(self._reads(part, place) for part in row.parts)
