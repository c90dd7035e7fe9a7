"""React: what a component starts while it renders, and leaves to the clean-up of an effect.

React may render and throw the result away: under `StrictMode`, when something suspends, when a newer state
overtakes it. Effects of such a rendering never run, and neither do their clean-ups. What is started anew with
each rendering, moreover, is ended once only.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Delete, Place, Unit
from leaklint.solve.drawn import name_of
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle

WHY = "React may drop this rendering, and then runs neither the effect nor its clean-up"
_RENDERS = regex(r"use[A-Z]\w*|[A-Z]\w*")
_STATES = frozenset({"useState", "useReducer"})
_MEMOS = frozenset({"useMemo", "useState", "useReducer"})  # run what they are handed at once
_OWN = frozenset({"useRef", "useState", "useReducer", "useMemo", "useContext"})
_ADDS = frozenset({"push", "add", "unshift", "set"})


class Rendered(msgspec.Struct):
    """`effect` puts a setter of the component's state into `place`; `release` takes it out in a clean-up."""

    effect: int
    release: int
    place: Place
    function: int


class Rendering:
    """Answers about the components and hooks of one unit."""

    def __init__(self, index: Index, lifecycle: Lifecycle) -> None:
        self.index = index
        self.unit: Unit = index.unit
        self.lifecycle = lifecycle

    def is_undone_late(self, acquired: int, release: int) -> bool:
        """Whether a rendering makes an acquisition that only the clean-up of an effect undoes."""
        if self.unit.language != "javascript":
            return False
        hook, component = self._clean_up(release)
        return hook != NONE and self._renders(acquired) == component

    def _clean_up(self, effect: int) -> tuple[int, int]:
        """The hook whose clean-up an effect is a part of, and the function that calls the hook."""
        scope = self.unit.effects[effect].scope
        hook = self.lifecycle.effect_hook(scope)
        call = self.unit.effects[hook] if hook != NONE else None
        if not isinstance(call, Call) or not call.name.startswith("use"):
            return NONE, NONE
        if self.index.argument_of.get(self.index.function(scope), (NONE,))[0] == hook:
            return NONE, NONE  # the effect itself
        return hook, self.index.function(call.scope)

    def _renders(self, effect: int) -> int:
        """The component or hook that runs an effect while it renders, or NONE."""
        function = self.index.function_at(effect)
        number, position = self.index.argument_of.get(function, (NONE, NONE))
        call = self.unit.effects[number] if number != NONE else None
        if isinstance(call, Call) and call.name in _MEMOS and position == 0:
            function = self.index.function(call.scope)
        row = self.unit.scopes[function]
        return (
            function
            if row.kind in ("function", "lambda") and _RENDERS.fullmatch(name_of(self.index, function))
            else NONE
        )

    # -- lists of setters

    def kept_setters(self) -> Iterator[Rendered]:
        """Setters that a component adds to a list of others while it renders, each list once."""
        if self.unit.language != "javascript" or _STATES.isdisjoint(self.index.calls):
            return
        seen: set[Place] = set()
        for name in sorted(_ADDS & self.index.calls.keys()):
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                function = self._renders(number)
                if call.receiver == NONE or function == NONE or not call.args:
                    continue
                place = self.unit.places[call.receiver]
                if place in seen or not self._is_setter(call.args[-1], function):
                    continue
                release = self._taken_out(place, function)
                if release != NONE and not self._is_own(place, function):
                    seen.add(place)
                    yield Rendered(number, release, place, function)

    def _is_setter(self, value: int, function: int) -> bool:
        """`const [state, set] = useState()` of the component, or `const set = useState()[1]`."""
        row = self.unit.values[value]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE or place.path:
            return False
        for number in self.index.binds.get(place, ()):
            bind = self.unit.effects[number]
            source = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            root = self.unit.places[source.place] if source is not None and source.kind == "place" else None
            made = self.unit.effects[root.call] if root is not None and root.call != NONE else None
            if (
                isinstance(made, Call)
                and made.name in _STATES
                and self.index.function(made.scope) == function
            ):
                return True
        return False

    def _taken_out(self, place: Place, function: int) -> int:
        """An effect in a clean-up that removes from, or replaces, a list."""
        rows = [*self.index.binds.get(place, ())]
        for name in ("delete", "splice", "remove"):
            rows += [number for number in self.index.calls.get(name, ()) if self._is_on(number, place)]
        rows += [number for number in self.index.deletes if self._is_of(number, place)]
        return next((number for number in rows if self._clean_up(number)[1] == function), NONE)

    def _is_on(self, number: int, place: Place) -> bool:
        call = self.unit.effects[number]
        return isinstance(call, Call) and call.receiver != NONE and self.unit.places[call.receiver] == place

    def _is_of(self, number: int, place: Place) -> bool:
        effect = self.unit.effects[number]
        return isinstance(effect, Delete) and self.unit.places[effect.target] == place

    def _is_own(self, place: Place, function: int) -> bool:
        """Whether a list belongs to the component: to a ref, a state, a literal of the rendering."""
        if place.symbol == NONE:
            return True
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind not in ("variable", "constant") or self.index.function(symbol.scope) != function:
            return False
        for number in self.index.binds.get(Place(place.symbol), ()):
            bind = self.unit.effects[number]
            row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
            root = self.unit.places[row.place] if row is not None and row.kind == "place" else None
            made = (
                row.call
                if row is not None and row.kind == "call"
                else root.call
                if root is not None
                else NONE
            )
            call = self.unit.effects[made] if made != NONE else None
            if row is None or row.kind == "container":
                return True
            if isinstance(call, Call) and (call.new or call.name in _OWN):
                return True
        return False
