"""JavaScript: places that get a new object which keeps the one before it, again and again.

`this.lastError = new PollError(message, { previous: this.lastError })`: nothing lets go of the first one. The
part that keeps it has to say so (`previous`, `cause`): trees and lists hang their nodes together as well.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit, Value
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex

_BEFORE = regex(
    r"(?i)[_#]*((prev|previous|former|older|earlier|before|predecessor|cause)([A-Z_]\w*)?|last[A-Z_]\w*|old[A-Z_]\w*)"
)
_WRAPS = ("freeze", "seal", "assign")
_EITHER = frozenset({"or", "??", "and"})


class Link(msgspec.Struct):
    """`effect` puts a new object at `place` that keeps the one before it as `field`."""

    effect: int
    place: Place
    field: str
    kind: str  # what is made: the name of its class, or ""


class Chained:
    """Chains of objects of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.repeats = growths.repeats
        self.lifecycle = growths.lifecycle

    def found(self) -> Iterator[Link]:
        """Each place once, in source order."""
        if self.unit.language != "javascript":
            return
        for place, binds in self.index.binds.items():
            if not self._lasts(place):
                continue
            links = [link for number in binds if (link := self._link(number, place)) is not None]
            if links and self.repeats.repeats(links[0].effect) and not self._is_cut(place, binds, links):
                yield links[0]

    def _lasts(self, place: Place) -> bool:
        """Whether a place is a field of an object that serves long enough, or a variable of the module."""
        symbol = self.index.symbol(place)
        if symbol is None or len(place.path) > 1 or "[]" in place.path:
            return False
        if symbol.kind == "this":
            return bool(place.path) and not self.lifecycle.is_short_lived(symbol.target)
        return symbol.kind == "class" if place.path else symbol.kind == "variable" and symbol.scope == 0

    def _link(self, number: int, place: Place) -> Link | None:
        bind = self.unit.effects[number]
        if not isinstance(bind, Bind) or bind.value == NONE or bind.how != "assign":
            return None
        row = self.unit.values[bind.value]
        if row.kind == "place":  # `const next = new State(this.state); this.state = next`
            row = self._local(self.unit.places[row.place], bind.scope) or row
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if isinstance(call, Call) and call.name in _WRAPS and call.args:
            row, call = self.unit.values[call.args[-1]], None
        if row.kind == "container" and row.text == "object":
            field = self._part(row, place, bind.scope)
            return Link(number, place, field, "") if field else None
        if not isinstance(call, Call) or not call.new:
            return None
        field = self._given(call, place, bind.scope)
        return Link(number, place, field, call.name) if field else None

    def _part(self, row: Value, place: Place, scope: int) -> str:
        """The key of an object literal under which it keeps what a place holds, if its name says so."""
        for key, value in zip(row.keys, row.parts, strict=False):
            if _BEFORE.fullmatch(key) and self._is(self.unit.values[value], place, scope):
                return key
        return ""

    def _given(self, call: Call, place: Place, scope: int) -> str:
        """The field in which a new object keeps what a place holds, when it is given it."""
        made = self._constructor(call)
        for position, value in enumerate(call.args):
            row = self.unit.values[value]
            options = row.kind == "container" and row.text == "object"
            key = self._part(row, place, scope) if options else ""
            if key == "cause" and call.name.endswith("Error"):
                return key
            if made == NONE or not (key or self._is(row, place, scope)):
                continue
            params = self.unit.scopes[made].params
            if position < len(params):
                field = self._kept(made, Place(params[position], (f".{key}",) if key else ()))
                if _BEFORE.fullmatch(field):
                    return field
        return ""

    def _constructor(self, call: Call) -> int:
        symbol = self.index.symbol(self.unit.places[call.callee]) if call.callee != NONE else None
        return self.index.method(symbol.target, "constructor") if symbol and symbol.kind == "class" else NONE

    def _kept(self, made: int, given: Place) -> str:
        """The name of the field in which a constructor stores what it is given, or ""."""
        wanted = {given}
        for number in self.index.of_function.get(made, ()):
            bind = self.unit.effects[number]
            if not isinstance(bind, Bind) or bind.value == NONE:
                continue
            row = self.unit.values[bind.value]
            if row.kind == "operation" and row.text in _EITHER:
                row = self.unit.values[row.parts[0]]  # `options.previous ?? null`
            if row.kind != "place" or self.unit.places[row.place] not in wanted:
                continue
            target = self.unit.places[bind.target]
            symbol = self.index.symbol(target)
            if symbol is not None and symbol.kind == "this" and len(target.path) == 1:
                return target.path[0][1:]
            if not target.path:
                wanted.add(target)  # `{ previous }` taken apart
        return ""

    def _is(self, row: Value, place: Place, scope: int) -> bool:
        """Whether a value is what a place holds, by itself, by a local, or as one of two."""
        if row.kind == "conditional" or (row.kind == "operation" and row.text in _EITHER):
            return any(self._is(self.unit.values[part], place, scope) for part in row.parts)
        if row.kind != "place":
            return False
        found = self.unit.places[row.place]
        if found == place:
            return True
        local = self._local(found, scope)
        return local is not None and local.kind == "place" and self.unit.places[local.place] == place

    def _local(self, place: Place, scope: int) -> Value | None:
        """The only value of a local of a function."""
        symbol = self.index.symbol(place)
        binds = self.index.binds.get(place) or []
        if symbol is None or place.path or len(binds) != 1 or symbol.kind not in ("constant", "variable"):
            return None
        if self.index.function(symbol.scope) != self.index.function(scope):
            return None
        bind = self.unit.effects[binds[0]]
        return self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None

    def _is_cut(self, place: Place, binds: list[int], links: list[Link]) -> bool:
        """Whether anything else is put there while the object serves, or into the field of the former one."""
        own = {link.effect for link in links}
        for number in binds:
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            first = bind.how == "declare" or self.repeats.runs(bind.scope) == "import"
            if number not in own and not first and not self.lifecycle.while_made(bind.scope):
                return True
        steps = {f".{link.field}" for link in links}
        for other, numbers in self.index.binds.items():
            symbol = self.index.symbol(other)
            if other.path[-1:] and other.path[-1] in steps and symbol is not None:
                made = [self.unit.effects[number].scope for number in numbers]
                if not all(self.lifecycle.while_made(scope) for scope in made):
                    return True  # `error.previous = null`
        return False
