"""JavaScript: nodes that objects or components hang into the page itself, outside of their own tree.

A tooltip host in `document.body` is no child of its component: it stays when the component is gone.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Bind, Call, Leave, Place, Unit
from leaklint.solve import plurality
from leaklint.solve.acquired import Acquired
from leaklint.solve.lazy import regex
from leaklint.solve.names import resolved_name

_ADDS = ("appendChild", "append", "prepend", "insertBefore", "insertAdjacentElement")
_PAGE = frozenset({".body", ".head", ".documentElement"})
# what a page has one of, or what somebody clicks or reads at once
_KINDS = frozenset({"script", "link", "meta", "a", "style", "base", "title"})
# methods that take a node out, or hand it to somebody who does
_ENDS = regex(
    r"(?i)\w*(remov|detach|destroy|unmount|clean|dispose|clear|close|hide|dismiss|replace|empty|tear|release)\w*"
)
_HOOK = regex(r"use[A-Z]\w*")
# functions that look at a node, place it or fill it
_BORROWS = regex(
    r"createPortal|render|createRoot|computePosition|autoUpdate|createPopper|getComputedStyle|observe|observeNode|"
    r"(set|add|get|update|position|style|show|draw|apply)[A-Z]\w*|appendChild|append|prepend|insertBefore|on|"
    r"addEventListener|contains|log|assign|setAttribute|useEffect|useRef"
)


class Orphan(msgspec.Struct):
    """`effect` hangs a node into the page that nothing takes out. `owner`: who made it, for the message."""

    effect: int
    place: Place
    owner: str
    teardown: str
    confidence: Confidence


class Nodes:
    """Nodes in the page of one unit."""

    def __init__(self, acquired: Acquired) -> None:
        self.acquired = acquired
        self.unit: Unit = acquired.unit
        self.index = acquired.index
        self.lifecycle = acquired.lifecycle

    def found(self) -> Iterator[Orphan]:
        """In source order."""
        if self.unit.language != "javascript" or "createElement" not in self.index.calls:
            return
        for number in sorted(number for name in _ADDS for number in self.index.calls.get(name, ())):
            item = self._judge(number)
            if item is not None:
                yield item

    def _judge(self, number: int) -> Orphan | None:
        call = self.unit.effects[number]
        assert isinstance(call, Call)
        if call.receiver == NONE or not call.args or not self._is_page(self.unit.places[call.receiver]):
            return None
        row = self.unit.values[call.args[-1 if call.name == "insertAdjacentElement" else 0]]
        place = self.unit.places[row.place] if row.kind == "place" else None
        if place is None or place.symbol == NONE or not self.acquired.repeats.repeats(number):
            return None
        names = self._names(place)
        if names is None or self._is_taken_out(names, number) or self._is_made_once(number):
            return None
        confidence = self._confidence(call.scope)
        if confidence is None:
            return None
        owner = self.lifecycle.owner_of(call.scope)
        name, teardown = self.acquired.owner(call.scope, "class" if owner != NONE else "function")
        return Orphan(number, place, name, teardown, confidence)

    def _is_page(self, place: Place) -> bool:
        if not place.path or place.path[-1] not in _PAGE:
            return False
        return resolved_name(self.unit, place).removeprefix("window.").startswith("document.")

    # -- what the node is called

    def _names(self, place: Place) -> set[Place] | None:
        """The variables, fields and refs that keep a node made in this file; None for any other node."""
        names, made, pending = {place}, False, [place]
        while pending and len(names) < 12:
            each = pending.pop()
            for number in self.index.binds.get(each, ()):
                bind = self.unit.effects[number]
                value = bind.value if isinstance(bind, Bind) else NONE
                if value == NONE or self.unit.values[value].kind == "null":
                    continue
                row = self.unit.values[value]
                if row.kind == "call":
                    if not self._makes_node(row.call) and not self._gives_node(row.call):
                        return None
                    made = True
                elif row.kind == "place" and self.unit.places[row.place].symbol != NONE:
                    source = self.unit.places[row.place]
                    if source not in names:
                        names.add(source)
                        pending.append(source)
                else:
                    return None
            for value in self.index.references.get(each.symbol, ()):
                if self.unit.places[self.unit.values[value].place] != each:
                    continue
                for target in self._bound_from(value):
                    if target not in names:
                        names.add(target)
                        pending.append(target)
        return names if made else None

    def _bound_from(self, value: int) -> Iterator[Place]:
        for effect in self.unit.effects:
            if isinstance(effect, Bind) and effect.value == value:
                target = self.unit.places[effect.target]
                if target.symbol != NONE:
                    yield target

    def _makes_node(self, number: int) -> bool:
        call = self.unit.effects[number]
        if (
            not isinstance(call, Call)
            or call.name not in ("createElement", "createElementNS")
            or not call.args
        ):
            return False
        kind = self.unit.values[call.args[-1 if call.name == "createElementNS" else 0]]
        return kind.kind == "string" and kind.text.lower() not in _KINDS

    def _gives_node(self, number: int) -> bool:
        """`this.menu = this.buildMenu()`: whether a function of the file makes a node and gives it back."""
        scope = self.index.callee_scope(number)
        returns = self.index.returns.get(scope, ()) if scope != NONE else ()
        if len(returns) != 1:
            return False
        leave = self.unit.effects[returns[0]]
        row = self.unit.values[leave.value] if isinstance(leave, Leave) else None
        if row is None or row.kind != "place":
            return row is not None and row.kind == "call" and self._makes_node(row.call)
        local = self.unit.places[row.place]
        made = [self.index.bind(bind).value for bind in self.index.binds.get(local, ())]
        return not local.path and [
            self.unit.values[value].kind == "call" and self._makes_node(self.unit.values[value].call)
            for value in made
            if value != NONE
        ] == [True]

    # -- who takes it out

    def _is_taken_out(self, names: set[Place], added: int) -> bool:
        """Whether anything may take the node out, or gets hold of it and may do so."""
        steps = {name.path[-1] for name in names if name.path}
        for number, effect in enumerate(self.unit.effects):
            if isinstance(effect, Call):
                if number != added and self._gets(effect, names, steps):
                    return True
            elif isinstance(effect, Leave) and effect.how == "return" and effect.value != NONE:
                if self._is_of(effect.value, names, steps) and not self._in_hook(effect.scope):
                    return True
            elif (
                isinstance(effect, Bind)
                and (effect.how == "element" or self._is_of_parameter(effect.target))
                and effect.value != NONE
                and self._is_of(effect.value, names, set())
            ):
                return True  # kept in a table, or for who has the object: they may take it out
        return False

    def _is_of_parameter(self, target: int) -> bool:
        """`dialog.container = node` of a `dialog` that was handed in."""
        place = self.unit.places[target]
        return (
            bool(place.path)
            and place.symbol != NONE
            and self.unit.symbols[place.symbol].kind == "parameter"
            and place.path[-1] not in (".innerHTML", ".current", ".value")
        )

    def _gets(self, call: Call, names: set[Place], steps: set[str]) -> bool:
        if call.receiver != NONE:
            place = self.unit.places[call.receiver]
            inside = place in names or (place.path and place.path[-1] in steps)
            if inside and _ENDS.fullmatch(call.name):
                return True
            near = any(part in (".parentNode", ".parentElement") for part in place.path)
            if near and _ENDS.fullmatch(call.name):
                return True
        if not any(self._is_of(value, names, steps) for value in call.args):
            return False
        return not _BORROWS.fullmatch(call.name) or call.new

    def _is_of(self, value: int, names: set[Place], steps: set[str], depth: int = 0) -> bool:
        row = self.unit.values[value]
        if row.kind == "place":
            place = self.unit.places[row.place]
            return place in names or bool(place.path and place.path[-1] in steps - {".current", ".value"})
        return depth < 3 and any(self._is_of(part, names, steps, depth + 1) for part in row.parts)

    def _in_hook(self, scope: int) -> bool:
        """React: what a hook gives back, it goes on owning."""
        return any(
            _HOOK.fullmatch(self.unit.scopes[function].name) for function in self.index.enclosing(scope)
        )

    # -- how often

    def _is_made_once(self, number: int) -> bool:
        """A guard that asks the page, the module or the class whether there is one."""
        for index in self.index.regions(self.unit.effects[number].region):
            test = self.unit.regions[index].test
            if test != NONE and self._asks_for_one(test, 0):
                return True
        return self._left_before(number)

    def _left_before(self, number: int) -> bool:
        """`if (document.getElementById(id)) return;`"""
        function = self.index.function_at(number)
        return any(
            region.test != NONE
            and region.leaves in ("return", "raise")
            and region.last <= number
            and self.index.function(region.scope) == function
            and self._asks_for_one(region.test, 0)
            for region in self.unit.regions
        )

    def _asks_for_one(self, test: int, depth: int) -> bool:
        row = self.unit.values[test]
        if row.kind == "call":
            return True
        if row.kind == "place":
            symbol = self.index.symbol(self.unit.places[row.place])
            if symbol is None:
                return True
            if symbol.kind in ("variable", "constant") and symbol.scope > 0 and depth < 3:
                binds = [
                    self.unit.effects[each] for each in self.index.binds.get(self.unit.places[row.place], ())
                ]
                return any(
                    isinstance(bind, Bind)
                    and bind.value != NONE
                    and self.unit.values[bind.value].kind == "call"
                    and not self._is_ref(bind.value)
                    for bind in binds
                )
            return symbol.scope == 0 or symbol.kind in ("class", "static", "import")
        return depth < 3 and any(self._asks_for_one(part, depth + 1) for part in row.parts)

    def _is_ref(self, value: int) -> bool:
        call = self.unit.effects[self.unit.values[value].call]
        return isinstance(call, Call) and (
            call.name in ("useRef", "ref", "shallowRef", "createElement", "createElementNS")
        )

    def _confidence(self, scope: int) -> Confidence | None:
        if self.lifecycle.effect_hook(scope) != NONE or self.lifecycle.is_component_script(scope):
            return "medium"
        owner = self.lifecycle.owner_of(scope)
        if owner == NONE:
            often = self._in_hook(scope) or self.acquired.per_call.runs_often(scope)
            return "medium" if often else None
        if self.lifecycle.is_component(owner):
            return "medium"
        if self.acquired.repeats.is_singleton(owner) or plurality.is_one(self.unit, owner):
            return None
        if self.lifecycle.teardown_of(owner) or plurality.comes_and_goes(self.unit, owner):
            return "medium"
        return "low"
