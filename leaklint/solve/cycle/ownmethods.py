"""Python objects that keep themselves: a field holds one of their own methods, or a function around `self`.

Only the cyclic collector frees such an object, and all that it holds with it. Most objects are few and
small, so each one is weighed: is it made again and again, does it hold what is large or has to be closed?
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from leaklint.ir import NONE, Bind, Call, Delete, Place, Unit
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.once import solved
from leaklint.solve.repeats import Repeats

How = Literal["method", "function", "argument", "child", "patched", "generator"]

_NO_METHOD = frozenset({"static", "classmethod", "property", "getter", "setter"})
# fields that hold what is large, or what others wait for to be closed
HEAVY = regex(
    r"(?i)\.?_*(\w+_)?(sock(et)?|conn(ection)?|transport|session|stream|file|fd|handle|arrays?|buf(fer)?|data|body|"
    r"payload|content|frame|image|pixmap|tensor|weights|matrix|values|chunks?|process|proc|channel|cursor|"
    r"client|curl|ptr|pointer|ctx|context|memory|view|mesh|texture|vec|dat|df|dataset|dsk|graph|request|response|"
    r"document|message)s?\d*"
)
# methods by name, where the class of an object is not known
_VERBS = regex(
    r"_*(result|close|read|write|send|recv|get|put|set|start|stop|run|join|wait|cancel|next|flush|release|acquire|"
    r"execute|commit|handle|call|fetch|load|dump|update|draw|render|connect|dispose)(_\w+)?"
)
# classes of which a program has one or few
_FEW = regex(
    r"(Factory|Handlers?|Site|App|Application|Window|Widget|Main|Plugin|Registry|Service|Settings|Config)$"
)


class OwnCycle(msgspec.Struct):
    """`effect` stores in `place`, a field of `owner`, what refers back to the object.

    owner is NONE for a local object that is given a method of its own under another name (`patched`).

    why: the effect that shows why it matters (NONE: a name does); `sure`: something shows it.
    """

    owner: int
    place: Place
    effect: int
    value: int
    how: How
    sure: bool = False
    why: int = NONE


class OwnMethods:
    """Such objects of one unit."""

    def __init__(self, index: Index, lifecycle: Lifecycle, repeats: Repeats) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.lifecycle = lifecycle
        self.repeats = repeats

    def found(self) -> Iterator[OwnCycle]:
        """Each class that keeps its objects so, once."""
        seen: set[int] = set()
        for number, effect in enumerate(self.unit.effects):
            if type(effect) is not Bind or effect.value == NONE:
                continue
            place = self.unit.places[effect.target]
            if place.symbol == NONE or not 0 < len(place.path) < 3:
                continue
            if effect.how not in ("declare", "assign", "element"):
                continue
            symbol = self.unit.symbols[place.symbol]
            if symbol.kind == "variable" and symbol.scope != 0:
                if self._is_patched(place, effect):
                    yield OwnCycle(NONE, place, number, effect.value, "patched", True)
                continue
            owner = symbol.target if symbol.kind == "this" else NONE
            if owner in seen or owner == NONE or self.unit.scopes[effect.scope].kind == "class":
                continue
            how = self._refers(effect.value, place.symbol) or self._child(effect.value, owner)
            if len(place.path) > 1 and how == "argument":
                continue  # a part that knows its whole
            if how is None or self.unit.owners[owner].kind != "class" or not self._stays(place, owner):
                continue
            sure, why = self._matters(owner, place, how)
            if sure or how != "child":
                seen.add(owner)
                yield OwnCycle(owner, place, number, effect.value, how, sure, why)

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
        """`self.work = Work(self)` of a class of the file that keeps what it is given."""
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or call.receiver != NONE:
            return None
        scope = self.index.callee_scope(row.call)
        if scope == NONE or self.unit.scopes[scope].kind != "constructor":
            return None
        this = Place(self.unit.owners[owner].this)
        params = self.unit.scopes[scope].params
        names = {self.unit.symbols[param].name: param for param in params}
        given = [*zip(params, call.args, strict=False)]
        given += [(names[name], argument) for name, argument in call.keywords if name in names]
        for param, argument in given:
            part = self.unit.values[argument]
            if part.kind == "place" and self.unit.places[part.place] == this and self._keeps(scope, param):
                return "child"
        return None

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
        if len(place.path) > 1 and not self._is_part(Place(place.symbol, place.path[:1])):
            return False
        gone = self._empty_fields
        return place not in gone and Place(place.symbol, place.path[:1]) not in gone

    def _is_part(self, field: Place) -> bool:
        """Whether a field holds what the object made itself."""
        binds = [self.unit.effects[number] for number in self.index.binds.get(field, ())]
        values = [
            self.unit.values[bind.value] for bind in binds if isinstance(bind, Bind) and bind.value != NONE
        ]
        return any(row.kind == "call" for row in values)

    @solved
    def _empty_fields(self) -> frozenset[Place]:
        return frozenset(self._let_go())

    def _let_go(self) -> Iterator[Place]:
        """Fields that anything but a constructor sets to None, deletes or empties."""
        for number in self.index.deletes:
            effect = self.unit.effects[number]
            if isinstance(effect, Delete):
                yield self.unit.places[effect.target]
        for place, binds in self.index.binds.items():
            for number in binds:
                bind = self.unit.effects[number]
                if isinstance(bind, Bind) and bind.value != NONE and bind.how == "assign":
                    row = self.unit.values[bind.value]
                    empty = row.kind == "null" or (row.kind == "container" and not row.parts)
                    if empty and self.unit.scopes[self.index.function(bind.scope)].kind != "constructor":
                        yield place
        for name in ("clear", "pop", "popitem", "close"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                if isinstance(call, Call) and call.receiver != NONE:
                    yield self.unit.places[call.receiver]

    # -- whether it matters

    def _matters(self, owner: int, place: Place, how: How) -> tuple[bool, int]:
        """Whether objects of a class come and go, or hold what should; and the effect that shows it."""
        methods = self.index.method_names.get(owner, {})
        if "__del__" in methods:
            return True, NONE
        row = self.unit.owners[owner]
        if how == "child":  # a common shape: only what is made for one piece of work counts
            return not methods.keys().isdisjoint(("__exit__", "__aexit__")), NONE
        if self.lifecycle.is_service(owner) or _FEW.search(row.name):
            return False, NONE
        for number in self.index.calls.get(row.name, ()) if row.name else ():
            scope = self.unit.scopes[self.index.function(self.unit.effects[number].scope)]
            if scope.kind in ("function", "method", "lambda") and self.repeats.repeats(number):
                return True, number
        if len(place.path) == 1:
            return True, NONE
        heavy = (each.path[0] for each in self.index.binds if each.symbol == row.this and len(each.path) == 1)
        return any(HEAVY.fullmatch(step) for step in heavy), NONE
