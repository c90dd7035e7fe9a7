"""Objects of inner classes that outlive the object around them: kept by a thread, or by the system."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Unit, Value
from leaklint.models import Kept, Models
from leaklint.solve.index import Index
from leaklint.solve.names import is_from
from leaklint.solve.thread.threads import ThreadLocals
from leaklint.solve.types import Types

# methods of a screen that no task, handler, binder or loader has: called there, they are those around
_OF_A_SCREEN = frozenset(
    {
        *("findViewById", "getString", "getActivity", "requireActivity", "requireContext", "requireView"),
        *("finish", "isFinishing", "runOnUiThread", "getResources", "setTitle", "startActivity", "getView"),
        *("getWindow", "getIntent", "getLayoutInflater", "getSupportFragmentManager", "isAdded"),
        *("getFragmentManager", "getSystemService", "getApplicationContext", "setResult"),
    }
)
_TAKES_BACK = "removeCallbacksAndMessages"


class Escape(msgspec.Struct):
    """An inner object that something keeps. outer: the owner whose instance it refers to; at: effect."""

    effect: int
    inner: int
    outer: int
    by: str
    sure: bool
    local: Place | None = None  # the thread-local, when a thread keeps it


class Inners:
    """Inner objects of a unit that escape, besides those stored in holders."""

    def __init__(self, index: Index, threads: ThreadLocals, models: Models) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.threads = threads
        self.types = Types(index)
        modules = index.import_modules
        self._kept = {
            base: row
            for row in models.kept
            if is_from(self.unit, modules, row.packages)
            for base in row.bases
        }

    @property
    def speaks(self) -> bool:
        """Whether the system keeps objects of a class of the file."""
        return bool(self._kept) and any(
            self.row_of(number) is not None for number in range(len(self.unit.owners))
        )

    def inner_of(self, value: Value) -> int:
        """The owner of an inner class that a construction makes with a reference to the object around it."""
        if value.kind != "call":
            return NONE
        call = self.unit.effects[value.call]
        if not isinstance(call, Call) or not call.new or self._without_this(value.call, call):
            return NONE
        if call.args and self.unit.values[call.args[-1]].kind == "class":
            return self._with_outer(self.unit.values[call.args[-1]].owner)
        if call.receiver != NONE:  # `new Outer.Inner()`
            around = self.unit.places[call.receiver]
            place = Place(around.symbol, (*around.path, f".{call.name}"))
        elif call.callee != NONE:
            place = self.unit.places[call.callee]
        else:
            return NONE
        owner = self._class(place)
        return self._with_outer(owner) if owner != NONE else NONE

    def _class(self, place: Place) -> int:
        """The class of the unit that `Inner` or `Outer.Inner` names."""
        if place.symbol == NONE or len(place.path) > 1:
            return NONE
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind != "class" or not place.path:
            return symbol.target if symbol.kind == "class" else NONE
        for number, owner in enumerate(self.unit.owners):
            if owner.outer == symbol.target and "." + owner.name == place.path[0]:
                return number
        return NONE

    def _with_outer(self, owner: int) -> int:
        row = self.unit.owners[owner]
        if "static" in row.flags or row.kind not in ("class", "anonymous") or row.outer == NONE:
            return NONE
        outer = self.unit.owners[row.outer]
        return NONE if outer.kind in ("interface", "enum") else owner

    def _without_this(self, number: int, call: Call) -> bool:
        """Whether code has no `this`: it is static, or gives a static field its value."""
        if self.unit.scopes[call.scope].kind == "class":
            for effect in self.unit.effects[number + 1 : number + 40]:
                if isinstance(effect, Bind) and effect.scope == call.scope:
                    target = self.unit.places[effect.target]
                    return target.symbol != NONE and self.unit.symbols[target.symbol].kind != "this"
        scopes = self.unit.scopes
        return any(
            "static" in scopes[scope].flags or scopes[scope].kind == "static-block"
            for scope in self.index.enclosing(call.scope)
        )

    # -- kept by threads

    def on_threads(self) -> Iterator[Escape]:
        """`LOCAL.set(new Inner())`: the thread keeps the object around the inner one."""
        for found in self.threads.by_place.values():
            stored = [(index, self._first_argument(index)) for index in found.sets]
            stored += [(found.declared, value) for value in found.supplied if not found.is_static]
            for effect, value in stored:
                inner = self._made(value)
                if inner != NONE:
                    yield Escape(effect, inner, self.unit.owners[inner].outer, "", True, found.place)
                    break

    def _first_argument(self, index: int) -> int:
        call = self.unit.effects[index]
        return call.args[0] if isinstance(call, Call) and call.args else NONE

    def _made(self, value: int) -> int:
        """The inner class of what a value is, directly or through a local."""
        if value == NONE:
            return NONE
        row = self.unit.values[value]
        if row.kind != "place":
            return self.inner_of(row)
        place = self.unit.places[row.place]
        for index in self.index.binds.get(place, ()):
            bind_value = self.unit.effects[index].value  # type: ignore[union-attr]
            if bind_value != NONE:
                inner = self.inner_of(self.unit.values[bind_value])
                if inner != NONE:
                    return inner
        return NONE

    # -- kept by the system

    def by_system(self) -> Iterator[Escape]:
        """`new Handler() {…}`, `class LocalBinder extends Binder`: one escape a class, where it is made."""
        if not self.speaks:
            return
        seen: set[int] = set()
        for indices in self.index.calls.values():
            for index in indices:
                call = self.unit.effects[index]
                if not isinstance(call, Call) or not call.new:
                    continue
                inner = self.inner_of(Value("call", 0, 0, call=index))
                row = self.row_of(inner) if inner != NONE and inner not in seen else None
                if row is None or self._makes_itself(self.unit.owners[inner].outer):
                    continue
                if row.unless_call == _TAKES_BACK and self._sends_at_once():
                    continue
                if self.uses_outer(inner) and not self._freed(row, inner, call):
                    seen.add(inner)
                    yield Escape(index, inner, self.unit.owners[inner].outer, row.by, row.sure)

    def _sends_at_once(self) -> bool:
        """Android: whether messages are sent, and none later on: each has gone before the screen has."""
        calls = self.index.calls
        sent = any(name in calls for name in ("sendMessage", "sendEmptyMessage", "obtainMessage"))
        return sent and not any(name.endswith(("Delayed", "AtTime")) for name in calls)

    def _makes_itself(self, owner: int) -> bool:
        """Whether only a class makes its objects: the one loader of a program, which lasts anyway."""
        made = [self.unit.scopes[scope] for scope in self.unit.owners[owner].methods]
        flags = [scope.flags for scope in made if scope.kind == "constructor"]
        return bool(flags) and all("private" in each for each in flags)

    def row_of(self, owner: int, depth: int = 0) -> Kept | None:
        """What keeps objects of a class: by its bases, those of the same file seen through."""
        for base in self.unit.owners[owner].bases:
            value = self.unit.values[base]
            if value.kind == "place":
                place = self.unit.places[value.place]
                if place.symbol != NONE:
                    name = self.index.last_name(place)
                    if name in self._kept:
                        return self._kept[name]
        if depth > 2:
            return None
        rows = (self.row_of(base, depth + 1) for base in self.index.base_owners(owner) if base != owner)
        return next((row for row in rows if row is not None), None)

    def uses_outer(self, inner: int) -> bool:
        """Whether its code touches the object around it: compilers leave an unused reference out."""
        row = self.unit.owners[inner]
        outer = self.unit.owners[row.outer]
        first, last = row.at, row.end
        return any(
            first <= self.unit.values[value].at < last for value in self.index.references.get(outer.this, ())
        ) or any(
            first <= effect.at < last and self._is_on(effect, outer.this) for effect in self.unit.effects
        )

    def _is_on(self, effect: object, this: int) -> bool:
        """Whether a call or an assignment names the object around, or is of a method that it inherits."""
        if isinstance(effect, Bind):
            return self.unit.places[effect.target].symbol == this
        if not isinstance(effect, Call) or effect.receiver == NONE:
            return False
        place = self.unit.places[effect.receiver]
        if place.symbol == this or effect.name not in _OF_A_SCREEN or place.path or not self._kept:
            return place.symbol == this
        symbol = self.index.symbol(place)
        return (
            symbol is not None
            and symbol.kind == "this"
            and self.index.method(symbol.target, effect.name) == NONE
        )

    def is_freed(self, row: Kept, owner: int) -> bool:
        """Whether the file ends objects of a class: `task.cancel(true)`, not `dialog.cancel()`."""
        return any(
            self._may_be_of(number, owner) for number in self.index.calls.get(row.unless_call or " ", ())
        )

    def _may_be_of(self, number: int, owner: int) -> bool:
        """Whether a call may be one of a method of a class, by the declared type of what it is called on."""
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        place = self.unit.places[call.receiver] if call.receiver != NONE else None
        kind = self.types.of_place(place) if place is not None else ""
        return kind in ("", "Object", *self._names_of(owner, 0))

    def _names_of(self, owner: int, depth: int) -> Iterator[str]:
        """The name of a class and those of what it is derived from."""
        yield self.unit.owners[owner].name
        for base in self.unit.owners[owner].bases:
            value = self.unit.values[base]
            place = self.unit.places[value.place] if value.kind == "place" else None
            if place is not None and place.symbol != NONE:
                yield self.index.last_name(place)
        for known in self.index.base_owners(owner) if depth < 3 else ():
            yield from self._names_of(known, depth + 1)

    def _freed(self, row: Kept, inner: int, call: Call) -> bool:
        if self.is_freed(row, inner):
            return True
        return bool(row.unless_argument) and any(
            row.unless_argument in self._spelt(argument) for argument in call.args
        )

    def _spelt(self, value: int) -> str:
        row = self.unit.values[value]
        if row.kind == "call":
            call = self.unit.effects[row.call]
            return call.name if isinstance(call, Call) else ""
        if row.kind == "place" and self.unit.places[row.place].symbol != NONE:
            place = self.unit.places[row.place]
            symbol = self.unit.symbols[place.symbol]
            return f"{symbol.type} {symbol.name.capitalize()}{''.join(place.path)}"
        return ""
