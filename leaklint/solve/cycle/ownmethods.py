"""Python objects that keep themselves: a field holds one of their own methods, or a function around `self`.

Only the cyclic collector frees such an object, and all that it holds with it. Most objects are few and
live as long as the program, so each class is weighed: do its objects come and go?
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve.cycle.lettinggo import let_go, whole
from leaklint.solve.cycle.transience import Transience, Transient
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.once import solved
from leaklint.solve.repeats import Repeats

How = Literal["method", "function", "argument", "child", "handed", "patched", "generator"]

_NO_METHOD = frozenset({"static", "classmethod", "property", "getter", "setter"})
# methods by name, where the class of an object is not known
_VERBS = regex(
    r"_*(result|close|read|write|send|recv|get|put|set|start|stop|run|join|wait|cancel|next|flush|release|acquire|"
    r"execute|commit|handle|call|fetch|load|dump|update|draw|render|connect|dispose)(_\w+)?"
)
# what lets go of a function that it was handed when its work is done, or never held it
_LETS_GO = regex(r"(?i)weak|(Thread|Greenlet|Process|Task|Error|Exception)$")


class OwnCycle(msgspec.Struct):
    """`effect` stores in `place`, a field of `owner`, what refers back to the object.

    owner is NONE for a local object that is given a method of its own under another name (`patched`).
    sure: such objects come and go; `shown` says how the file shows it (None: `patched`).
    end: the scope of the method that ends an object and leaves the field as it is, or NONE.
    """

    owner: int
    place: Place
    effect: int
    value: int
    how: How
    sure: bool = False
    shown: Transient | None = None
    end: int = NONE


class OwnMethods:
    """Such objects of one unit."""

    def __init__(self, index: Index, lifecycle: Lifecycle, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.lifecycle = lifecycle
        self.repeats = repeats
        self.transience = Transience(index, lifecycle, repeats)

    def found(self) -> Iterator[OwnCycle]:
        """Each class that keeps its objects so, once: by a field that counts, if it has one."""
        best: dict[int, OwnCycle] = {}
        for number in sorted((*self._of_members(), *self.index.elements)):
            effect = self.index.bind(number)
            place = self.unit.places[effect.target]
            if effect.value == NONE or place.symbol == NONE or not 0 < len(place.path) < 3:
                continue
            if effect.how not in ("declare", "assign", "element"):
                continue
            symbol = self.unit.symbols[place.symbol]
            if symbol.kind == "variable" and symbol.scope != 0:
                if self._is_patched(place, effect):
                    yield OwnCycle(NONE, place, number, effect.value, "patched", True)
                continue
            owner = symbol.target if symbol.kind == "this" else NONE
            known = best.get(owner)
            if owner == NONE or (known is not None and known.sure):
                continue
            if self.unit.owners[owner].kind != "class" or self.unit.scopes[effect.scope].kind == "class":
                continue
            cycle = self._cycle(owner, place, number, effect)
            if cycle is not None and (known is None or cycle.sure):
                best[owner] = cycle
        yield from sorted(best.values(), key=lambda cycle: cycle.effect)

    def _of_members(self) -> Iterator[int]:
        """Binds of what something else has."""
        for place, numbers in self.index.binds.items():
            if place.path:
                yield from numbers

    def _cycle(self, owner: int, place: Place, number: int, bind: Bind) -> OwnCycle | None:
        """The cycle that a field closes when it is bound, or None."""
        how = self._refers(bind.value, place.symbol)
        if how is None and len(place.path) == 1:
            how = self._child(bind.value, owner)
        if how is None or (len(place.path) > 1 and how == "argument"):  # a part that knows its whole
            return None
        if not self._stays(place, owner):
            return None
        shown = self.transience.of(owner)
        end = (
            shown.at if shown is not None and shown.shown in ("lost", "left") else self.transience.ends(owner)
        )
        sure = shown is not None and self._counts(how, bind.value, place, shown, end)
        if not sure and how in ("child", "handed"):
            return None  # a common shape
        return OwnCycle(owner, place, number, bind.value, how, sure, shown, end)

    def _counts(self, how: How, value: int, place: Place, shown: Transient, end: int) -> bool:
        """Whether a cycle of objects that come and go is worth telling."""
        if how == "argument":  # `self.root = self`: small; `partial(self.work)` holds as a method does
            return self.unit.values[value].kind == "call"
        if how == "generator":
            return shown.shown != "made" and self._waits(value)
        if how == "child":
            return shown.shown != "made" and end != NONE
        if how == "handed":
            return shown.shown == "lost" and not self._is_told(place, end)
        return not self._is_handed_on(place, value)

    def _is_handed_on(self, place: Place, value: int) -> bool:
        """`self._heard = heard; bus.connect(heard)`: kept for a weak bus, or to take it off."""
        row = self.unit.values[value]
        kept = {place, self.unit.places[row.place]} if row.kind == "place" else {place}
        given = (
            self.unit.values[argument]
            for call in self.unit.effects
            if isinstance(call, Call)
            for argument in (*call.args, *(named for _, named in call.keywords))
        )
        return any(row.kind == "place" and self.unit.places[row.place] in kept for row in given)

    def _is_patched(self, place: Place, bind: Bind) -> bool:
        """`future.get = future.result`"""
        row = self.unit.values[bind.value]
        value = self.unit.places[row.place] if row.kind == "place" and bind.how == "assign" else None
        return (
            value is not None
            and value.symbol == place.symbol
            and len(place.path) == len(value.path) == 1
            and place.path != value.path
            and _VERBS.fullmatch(place.path[0][1:]) is not None
            and _VERBS.fullmatch(value.path[0][1:]) is not None
            and self.repeats.runs(bind.scope) == "call"
        )

    def _child(self, value: int, owner: int) -> How | None:
        """`self.work = Work(self)` of a class of the file that keeps what it is given, or of another file."""
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call):
            return None
        this = self.unit.owners[owner].this
        scope = self.index.callee_scope(row.call) if call.receiver == NONE else NONE
        if scope == NONE:
            values = (*call.args, *(argument for _, argument in call.keywords))
            makes = call.name[:1].isupper() and not _LETS_GO.search(call.name) and not self._is_local(call)
            return "handed" if makes and any(self._is_own(part, this) for part in values) else None
        if self.unit.scopes[scope].kind != "constructor":
            return None
        params = self.unit.scopes[scope].params
        names = {self.unit.symbols[param].name: param for param in params}
        given = [*zip(params, call.args, strict=False)]
        given += [(names[name], argument) for name, argument in call.keywords if name in names]
        for param, argument in given:
            part = self.unit.values[argument]
            kept = part.kind == "place" and self.unit.places[part.place] == Place(this)
            if kept and self._keeps(scope, param):
                return "child"
        return None

    def _is_local(self, call: Call) -> bool:
        """Whether the file has a class of that name: its constructor is that of a base elsewhere."""
        return any(owner.name == call.name for owner in self.unit.owners)

    def _keeps(self, scope: int, param: int) -> bool:
        """Whether a constructor puts a parameter into a field as it is."""
        for number in self.index.of_function.get(scope, ()):
            bind = self.unit.effects[number]
            if not isinstance(bind, Bind) or bind.value == NONE:
                continue
            row = self.unit.values[bind.value]
            field = self.unit.places[bind.target]
            if len(field.path) == 1 and row.kind == "place" and self.unit.places[row.place] == Place(param):
                return field not in self._empty_fields
        return False

    # -- what refers back

    def _refers(self, value: int, this: int, depth: int = 0) -> How | None:
        row = self.unit.values[value]
        if row.kind == "closure":
            return "function" if this in self.unit.scopes[row.scope].captures else None
        if row.kind == "container" or row.kind == "conditional" or row.text in ("or", "and"):
            for part in row.parts if depth < 2 else ():
                found = self._refers(part, this, depth + 1)
                if found == "argument" and row.kind != "container":
                    continue  # `self.root = root or self`: the first of a tree
                if found is not None:
                    return found
            return None
        if row.kind == "call":
            call = self.unit.effects[row.call]
            if isinstance(call, Call) and self._is_own_generator(call, this):
                return "generator"
            if not isinstance(call, Call) or call.name not in ("partial", "partialmethod", "MethodType"):
                return None
            return "argument" if any(self._is_own(part, this) for part in call.args) else None
        return self._named(row.place, this) if row.kind == "place" else None

    def _named(self, number: int, this: int) -> How | None:
        place = self.unit.places[number]
        if place == Place(this):
            return "argument"
        if place.symbol == this and len(place.path) == 1:
            method = self.index.method(self.unit.symbols[this].target, place.path[0][1:])
            if method == NONE or self.index.binds.get(place):
                return None
            row = self.unit.scopes[method]
            return "method" if not row.decorators and row.flags.isdisjoint(_NO_METHOD) else None
        if place.symbol == NONE or place.path:
            return None
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind != "function" or symbol.target == NONE:
            return None
        return "function" if this in self.unit.scopes[symbol.target].captures else None

    def _is_own_generator(self, call: Call, this: int) -> bool:
        """`self._parse()`, whose frame holds `self` for as long as it is suspended."""
        if call.receiver == NONE or self.unit.places[call.receiver] != Place(this):
            return False
        method = self.index.method(self.unit.symbols[this].target, call.name)
        if method == NONE:
            return False
        row = self.unit.scopes[method]
        return not row.decorators and "generator" in row.flags and "async" not in row.flags

    def _waits(self, value: int) -> bool:
        """Whether a generator is left suspended: it loops for ever, or waits for what is sent to it.

        One that walks to an end drops its frame there, and the cycle with it.
        """
        call = self.unit.effects[self.unit.values[value].call]
        assert isinstance(call, Call)
        this = self.unit.symbols[self.unit.places[call.receiver].symbol]
        for number in self.index.of_function.get(self.index.method(this.target, call.name), ()):
            leave = self.unit.effects[number]
            if not isinstance(leave, Leave) or leave.how != "yield":
                continue
            if self.index.in_endless_loop(leave.region):
                return True
            after = self.unit.effects[number + 1] if number + 1 < len(self.unit.effects) else None
            sent = self.unit.values[after.value] if isinstance(after, Bind) and after.value != NONE else None
            if sent is not None and (sent.at, sent.end) == (leave.at, leave.end):
                return True
        return False

    def _is_told(self, place: Place, end: int) -> bool:
        """Whether the end of an object calls what the field holds, or anything stops that: it may let go."""
        names = self.lifecycle.teardown_names
        return any(
            self.unit.places[call.receiver] == place
            and (call.name in names or self.index.function(call.scope) == end)
            for call in self.unit.effects
            if isinstance(call, Call) and call.receiver != NONE
        )

    def _is_own(self, value: int, this: int) -> bool:
        row = self.unit.values[value]
        if row.kind != "place":
            return False
        return self.unit.places[row.place] == Place(this) or self._named(row.place, this) == "method"

    # -- whether it stays

    def _stays(self, place: Place, owner: int) -> bool:
        """Whether nothing sets the field back, and the object is one of many."""
        if self.repeats.is_singleton(owner):
            return False
        field = Place(place.symbol, place.path[:1])
        if len(place.path) > 1 and not self._is_part(field):
            return False
        by_others = Place(NONE, place.path[-1:])
        return self._empty_fields.isdisjoint((place, field, by_others, whole(place.symbol)))

    def _is_part(self, field: Place) -> bool:
        """Whether a field holds what the object made itself."""
        binds = [self.unit.effects[number] for number in self.index.binds.get(field, ())]
        values = [
            self.unit.values[bind.value] for bind in binds if isinstance(bind, Bind) and bind.value != NONE
        ]
        return any(row.kind == "call" for row in values)

    @solved
    def _empty_fields(self) -> frozenset[Place]:
        return frozenset(let_go(self.index))
