"""Whether two expressions are the same function, event or options: equal, different, or unknown."""

from __future__ import annotations

from typing import Literal

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.aliases import Aliases

Same = Literal["equal", "different", "unknown"]

# functions that make a new function around the one they are given
_WRAPPERS = frozenset(
    {"throttle", "debounce", "partial", "curry", "rafThrottle", "throttleFrame", "debounced"}
)
# what components call their own element
_OWN_ELEMENTS = (".nativeElement", ".$el", ".current")


class Callbacks:
    """Comparisons of values of one unit. "Different" is said only when it is certain."""

    def __init__(self, aliases: Aliases) -> None:
        self.aliases = aliases
        self.index = aliases.index
        self.unit: Unit = aliases.unit

    def identity(self, value: int) -> tuple[str, Place | None]:
        """What kind of function object a value is.

        inline: made anew each time it is evaluated; rebound: a fresh bound copy of the place;
        stable: always the object that the place holds; nothing: what an addition gives back, which is no
        function; unknown.
        """
        if value == NONE:
            return "unknown", None
        row = self.unit.values[value]
        if row.kind in ("closure", "class") or (row.kind == "container" and row.text == "object"):
            return "inline", None
        if row.kind == "call":
            call = self.unit.effects[row.call]
            assert isinstance(call, Call)
            if call.name == "bind" and call.receiver != NONE and self.unit.language == "javascript":
                return "rebound", self.unit.places[call.receiver]
            if self.unit.language == "javascript" and call.name in _WRAPPERS:
                return "rebound", None
            made = call.new or self._is_partial(call) or self.gives_new(row.call)
            return ("inline", None) if made else ("unknown", None)
        if row.kind != "place":
            return "unknown", None
        place = self.unit.places[row.place]
        if place.symbol == NONE or "[]" in place.path:
            return "unknown", None
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "parameter" and not place.path:
            return "unknown", place
        if self._is_method_reference(place):
            return "rebound", place
        if self._is_given_back(place):
            return "nothing", place
        if not place.path and Place(place.symbol, (".guid",)) in self.index.binds:
            return "unknown", place  # some emitters compare a tag on the function, not the function
        return "stable", place

    def _is_given_back(self, place: Place) -> bool:
        """JavaScript: whether a variable or field keeps what `addEventListener()` returns: `undefined`."""
        binds = [self.unit.effects[number] for number in self.index.binds.get(place, ())]
        values = [bind.value for bind in binds if isinstance(bind, Bind) and bind.value != NONE]
        rows = [self.unit.values[value] for value in values if self.unit.values[value].kind != "null"]
        calls = [self.unit.effects[row.call] for row in rows if row.kind == "call"]
        named = [call for call in calls if isinstance(call, Call) and call.name == "addEventListener"]
        return bool(named) and len(named) == len(rows)

    def gives_new(self, number: int) -> bool:
        """Java: a method of this file that returns a lambda, or an object of a class without a name."""
        scope = self.index.callee_scope(number) if self.unit.language == "java" else NONE
        returned = self.index.returns.get(scope, ()) if scope != NONE else ()
        return bool(returned) and all(
            self._is_nameless(self.unit.effects[leave].value)  # type: ignore[union-attr]
            for leave in returned
        )

    def _is_nameless(self, value: int) -> bool:
        row = self.unit.values[value]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or not call.new or not call.args:
            return row.kind == "closure"
        return self.unit.values[call.args[-1]].kind == "class"

    def _is_partial(self, call: Call) -> bool:
        """Python: `partial(f, self)` is a new object that holds what it is given."""
        if call.name != "partial" or self.unit.language != "python":
            return False
        rows = [self.unit.values[value] for value in (*call.args, *(value for _, value in call.keywords))]
        roots = [self.unit.places[row.place].symbol for row in rows if row.kind == "place"]
        return any(
            self.unit.symbols[root].kind in ("this", "variable", "parameter")
            for root in roots
            if root != NONE
        )

    def _is_method_reference(self, place: Place) -> bool:
        """Java `this::close`: each evaluation makes a new object. A field of that name is what it holds."""
        if self.unit.language != "java" or len(place.path) != 1 or self.index.binds.get(place):
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind not in ("this", "class") or symbol.target == NONE:
            return False
        return self.index.method(symbol.target, place.path[0][1:]) != NONE

    def _gives_it_back(self, place: Place, added: int) -> bool:
        """JavaScript: `f = ref.on("value", (row) => …)`: an emitter may give back what it was given."""
        for number in self.index.binds.get(place, ()) if self.unit.language == "javascript" else ():
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if isinstance(call, Call) and added in call.args:
                return True
        return False

    def same_callback(self, added: int, removed: int) -> Same:
        if removed == NONE:
            return "equal"  # removal without a callback takes them all
        if added == NONE:
            return "unknown"
        row = self.unit.values[removed]
        if row.kind == "container" and row.text == "object" and "handleEvent" not in row.keys:
            return "unknown"  # `off(element, {click: f, keydown: g})`: a table of events
        kind_a, place_a = self.identity(added)
        kind_r, place_r = self.identity(removed)
        if kind_r in ("inline", "rebound", "nothing"):
            return "different"  # a new function object, or none, was never added
        if place_r is not None and not place_r.path and place_r.symbol != NONE:
            row = self.unit.values[added]
            if row.kind == "closure" and self.index.function_of(place_r.symbol) == row.scope:
                return "equal"  # a function expression that takes itself off by its own name
        if place_r is not None and self._gives_it_back(place_r, added):
            return "unknown"
        if kind_a in ("inline", "rebound"):
            return "different" if kind_r == "stable" else "unknown"
        if place_a is None or place_r is None:
            return "unknown"
        if place_a == place_r:
            return "equal"
        if self.aliases.resolve(place_a) == self.aliases.resolve(place_r):
            return "equal"
        if "unknown" in (kind_a, kind_r):
            return "unknown"
        if any(
            self._may_alias(place) or self._is_inherited(place) or self._is_elsewhere(place)
            for place in (place_a, place_r)
        ):
            return "unknown"
        return "different"

    def _may_alias(self, place: Place) -> bool:
        """Whether a place is assigned from something that is not a function of its own."""
        for index in self.index.binds.get(place, ()):
            bind = self.unit.effects[index]
            assert isinstance(bind, Bind)
            if bind.value == NONE:
                return True
            if self.unit.values[bind.value].kind in ("closure", "null"):
                continue
            if self.identity(bind.value)[0] != "rebound" or bind.how != "declare":
                return True
        return False

    def _is_elsewhere(self, place: Place) -> bool:
        """`el._handler` of somebody else's object: whoever stored it there knows what it is."""
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this" or not place.path:
            return False
        binds = [self.unit.effects[number] for number in self.index.binds.get(place, ())]
        return all(
            isinstance(bind, Bind) and (bind.value == NONE or self.unit.values[bind.value].kind == "null")
            for bind in binds
        )

    def _is_inherited(self, place: Place) -> bool:
        """Whether a method is not defined here: a base class may add it under another event too."""
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind != "this" or len(place.path) != 1 or self.index.binds.get(place):
            return False
        return self.index.method(symbol.target, place.path[0][1:]) == NONE

    def same_event(self, added: int, removed: int) -> Same:
        if removed == NONE or added == NONE:
            return "equal"
        a, r = self.unit.values[added], self.unit.values[removed]
        if a.kind == "string" and r.kind == "string":
            return "equal" if _includes(_event(a.text), _event(r.text)) else "different"
        if a.kind == "place" and r.kind == "place":
            return "equal" if self.unit.places[a.place] == self.unit.places[r.place] else "unknown"
        return "unknown"

    def covers(self, name: str, removed: int) -> Same:
        """Whether a removal is of the event `name`."""
        row = self.unit.values[removed] if removed != NONE else None
        if row is None:
            return "equal"
        if row.kind != "string":
            return "unknown"
        return "equal" if _includes(name, _event(row.text)) else "different"

    def same_receiver(self, added: int, removed: int) -> Same:
        if added == NONE or removed == NONE:
            both = added == removed
            other = added if removed == NONE else removed
            if both or self._is_window(other):
                return "equal"
            return "different"
        if added == removed:
            return "equal"
        a, r = self.wrapped(self.aliases.of(added)), self.wrapped(self.aliases.of(removed))
        if set(a) & set(r):
            return "equal"
        if len(a) == 1 and len(r) == 1 and self._are_apart(a[0], r[0]):
            if self._is_window(added) and self._is_window(removed):
                return "equal"
            return "different"
        return "unknown"

    def wrapped(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """`$(document)` is the `document`, as far as listeners go."""
        if self.unit.language != "javascript":
            return places
        return tuple(self._inside(place) if place.symbol == NONE else place for place in places)

    def _inside(self, place: Place) -> Place:
        call = self.unit.effects[place.call] if place.call != NONE and not place.path else None
        if not isinstance(call, Call) or call.receiver != NONE or len(call.args) != 1:
            return place
        value = self.unit.values[call.args[0]]
        if call.name not in ("$", "jQuery") or value.kind != "place":
            return place
        return self.unit.places[value.place]

    def _is_window(self, place: int) -> bool:
        row = self.unit.places[place]
        if row.symbol == NONE or row.path:
            return False
        symbol = self.unit.symbols[row.symbol]
        return symbol.kind == "global" and symbol.name in ("window", "globalThis", "self")

    def _are_apart(self, one: Place, other: Place) -> bool:
        """Whether two places surely hold different objects."""
        if self._is_own_element(other) and self._is_page(one):
            return True
        if not (self._is_known(one) and self._is_known(other)):
            return False
        if self._holds(one, other) or self._holds(other, one):
            return False  # `this.wired = canvas`, where `canvas` is what `this.canvas` holds
        return self._last_name(one) != self._last_name(other)  # `this.document` is the `document`

    def _holds(self, field: Place, other: Place) -> bool:
        """Whether what another place holds is stored in a field."""
        binds = [self.unit.effects[number] for number in self.index.binds.get(field, ()) if field.path]
        return any(
            isinstance(bind, Bind)
            and bind.value != NONE
            and self.unit.values[bind.value].kind == "place"
            and other in self.aliases.of_value(bind.value)
            for bind in binds
        )

    def _is_own_element(self, place: Place) -> bool:
        return len(place.path) > 1 and place.path[-1] in _OWN_ELEMENTS

    def _is_page(self, place: Place) -> bool:
        if place.symbol == NONE or place.path:
            return False
        symbol = self.unit.symbols[place.symbol]
        return symbol.kind == "global" and symbol.name in ("document", "window")

    def _last_name(self, place: Place) -> str:
        return (place.path[-1] if place.path else self.unit.symbols[place.symbol].name).lstrip("._$")

    def _is_known(self, place: Place) -> bool:
        """Whether a place is a fixed object: a global or a field that only one thing is stored in."""
        if place.symbol == NONE or "[]" in place.path:
            return False
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this" and place.path:
            scope = self.index.method_names.get(symbol.target, {}).get(place.path[0][1:])
            if scope is not None:
                return False  # a getter, which may return anything
        return symbol.kind == "global" or (symbol.kind == "this" and len(place.path) <= 1)

    def capture(self, options: int) -> bool | None:
        """The capture flag of listener options; None when it can't be read."""
        if options == NONE:
            return False
        row = self.unit.values[options]
        if row.kind == "boolean":
            return row.text == "true"
        if row.kind == "null":
            return False
        if row.kind == "container" and row.text == "object":
            for key, part in zip(row.keys, row.parts, strict=False):
                if key == "capture":
                    value = self.unit.values[part]
                    return value.text == "true" if value.kind == "boolean" else None
            return None if "" in row.keys else False
        if row.kind == "place":
            binds = self.index.binds.get(self.unit.places[row.place], ())
            bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
            if isinstance(bind, Bind) and bind.how == "declare" and bind.value not in (NONE, options):
                return self.capture(bind.value)
        return None

    def same_capture(self, added: int, removed: int) -> Same:
        if added != NONE and removed != NONE:
            a, r = self.unit.values[added], self.unit.values[removed]
            if a.kind == "place" and r.kind == "place" and a.place == r.place:
                return "equal"
        mine, theirs = self.capture(added), self.capture(removed)
        if mine is None or theirs is None:
            return "unknown"
        return "equal" if mine == theirs else "different"


def _includes(added: str, removed: str) -> bool:
    """Whether a removal of some events covers those added: `click.menu` is gone with `.menu` and `click`."""
    if added == removed:
        return True
    gone = removed.split(" ")
    return all(
        any(
            part == each or (each[:1] == "." and part.endswith(each)) or part.partition(".")[0] == each
            for each in gone
        )
        for part in added.split(" ")
    )


def _event(text: str) -> str:
    """An event name without namespace and order of several names."""
    return " ".join(sorted(text.split()))
