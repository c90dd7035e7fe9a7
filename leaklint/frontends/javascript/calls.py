"""Lowers calls, constructions, tagged templates, and the chains of members and calls that they hang on."""

from __future__ import annotations

from tree_sitter import Node

from leaklint.frontends.javascript import expressions as ex
from leaklint.frontends.javascript.objects import prototype_arguments
from leaklint.frontends.javascript.operators import close_guard, open_guard
from leaklint.frontends.javascript.walk import Walk
from leaklint.ir.records import NONE, Call, Value

_IMMEDIATE = frozenset({"immediate"})
_LONGEST_PATH = 40  # a place with more steps than that is of no use to anybody
_LINKS = frozenset({"member_expression", "subscript_expression", "call_expression"})


def call_value(w: Walk, node: Node) -> int:
    effect = call(w, node)
    if effect == NONE:
        return ex.expression(w, _awaited(w, node) or node.children[-1])
    values = w.values
    values.append(Value("call", node.start_byte, node.end_byte, "", NONE, effect))
    return len(values) - 1


def call(w: Walk, node: Node) -> int:
    """Lower a call; the effect. Plain dotted callees, nearly all of them, take the short way."""
    children = node.children
    function = children[0]
    if function.kind_id not in w.plain or len(children) != 2:
        return _Chain(w, node).lower_call()
    at, end = function.start_byte, function.end_byte
    text = w.data[at:end]
    callee = w.callees.get(text) or w.texts.callee(text)
    if callee is None:
        return _Chain(w, node).lower_call() if _awaited(w, node) is None else NONE
    receiver, place = w.called(callee, text)
    args = arguments(w, children[1])
    builder, effects = w.b, w.effects
    effects.append(
        Call(
            builder.scope,
            builder.region,
            node.start_byte,
            node.end_byte,
            callee[1],
            receiver,
            place,
            args,
            (),
            False,
            end - callee[2],
        )
    )
    return len(effects) - 1


def call_effect(w: Walk, node: Node) -> None:
    """A call as a statement."""
    if call(w, node) == NONE:
        call_value(w, node)


def _awaited(w: Walk, node: Node) -> Node | None:
    """The operand of an `await (x)` that the grammars take for a call; None for calls."""
    function = node.children[0]
    if function.end_byte - function.start_byte != 5 or w.text(function) != "await":
        return None
    given = [child for child in node.children[-1].children if w.expressions[child.kind_id] is not None]
    return given[-1] if len(given) == 1 else None


def spine(w: Walk, node: Node) -> int:
    """The place at the end of a chain of members, subscripts and calls of any length."""
    return _Chain(w, node).lower_place()


def arguments(w: Walk, node: Node) -> tuple[int, ...]:
    if node.end_byte - node.start_byte == 2:
        return ()
    if node.kind_id in w.tables.template:
        first = ex.template(w, node)
        given = [part for part in w.values[first].parts if w.values[part].kind != "string"]
        return (first, *given)
    children = node.children
    if w.has_prototypes and len(children) > 4:
        special = prototype_arguments(w, children)
        if special is not None:
            return special
    table = w.expressions
    found: list[int] = []
    for child in children:
        handler = table[child.kind_id]
        if handler is not None:
            found.append(handler(w, child))
    return tuple(found)


def new(w: Walk, node: Node) -> int:
    children = node.children
    if len(children) == 3 and children[1].kind_id in w.plain:
        at, end = children[1].start_byte, children[1].end_byte
        text = w.data[at:end]
        callee = w.callees.get(text) or w.texts.callee(text)
        if callee is not None:
            receiver, place = w.called(callee, text)
            args = arguments(w, children[2])
            at, at_name = node.start_byte, end - callee[2]
            end = node.end_byte
            effect = w.b.call(
                callee[1], at, end, receiver=receiver, callee=place, args=args, new=True, at_name=at_name
            )
            return w.b.call_value(effect, at, end)
    return _new(w, node)


def _new(w: Walk, node: Node) -> int:
    children = ex.significant(w, node)
    args: tuple[int, ...] = ()
    name, receiver, place, at_name = "", NONE, NONE, node.start_byte
    for child in children[1:]:
        if child.type == "arguments":
            args = arguments(w, child)
        elif w.expressions[child.kind_id] is not None:
            name, receiver, place, at_name = _Chain(w, child).lower_callee()
    effect = w.b.call(
        name,
        node.start_byte,
        node.end_byte,
        receiver=receiver,
        callee=place,
        args=args,
        new=True,
        at_name=at_name,
    )
    return w.b.call_value(effect, node.start_byte, node.end_byte)


class _Chain:
    """One chain, unrolled from the outside in and lowered from the inside out.

    `name` is a member step that is not taken yet: a call makes it the name of the call.
    """

    def __init__(self, w: Walk, node: Node) -> None:
        self.w = w
        self.links: list[Node] = []
        self.place = NONE
        self.name = ""
        self.at = self.at_name = node.start_byte
        self.effect = NONE
        self.start = NONE  # where the outermost links start, if not where their nodes do: behind an `await`
        self.outer = 0
        self.immediate = NONE  # scope of a function that is called where it stands
        self.steps = 0
        self.guards: list[tuple[int, int]] = []
        self.end = node.end_byte
        self._base(self._unroll(node))

    def lower_call(self) -> int:
        self._follow()
        self._close()
        if self.effect == NONE:  # error recovery left no call
            self.effect = self.w.b.call("", self.at_name, self.end, callee=self._taken())
        return self.effect

    def lower_place(self) -> int:
        self._follow()
        place = self._taken()
        self._close()
        return place

    def lower_callee(self) -> tuple[str, int, int, int]:
        """Name, receiver, callee place and position of the name, for `new`."""
        self._follow()
        self._close()
        if self.name and self.place != NONE:
            return self.name, self.place, NONE, self.at_name
        name = self.root_name if self.place == NONE else ""
        return name, NONE, self._taken(), self.at_name

    def _unroll(self, node: Node) -> Node:
        w = self.w
        while True:
            kind = node.type
            if kind in _LINKS:
                if kind == "member_expression" and w.simple_place(node.start_byte, node.end_byte) != NONE:
                    return node
                awaited = _awaited(w, node) if kind == "call_expression" else None
                if awaited is None:
                    self.links.append(node)
                    node = node.children[0]
                else:
                    if self.start == NONE:
                        self.start, self.outer = node.children[-1].start_byte, len(self.links)
                    node = awaited
            elif kind in ex.WRAPPERS:
                inside = ex.unwrapped(w, node)
                if inside.id == node.id:
                    return node
                node = inside
            else:
                return node

    def _base(self, node: Node) -> None:
        w = self.w
        at, end = node.start_byte, node.end_byte
        if node.kind_id in w.plain:
            text = w.data[at:end]
            callee = w.texts.callee(text)
            if callee is not None:
                receiver, place = w.called(callee, text)
                if receiver == NONE:
                    self._set_root(callee[1], place)
                else:
                    self.place, self.name = receiver, callee[1]
                self.at_name = end - callee[2]
                return
        value = ex.expression(w, node)
        row = w.values[value]
        place = w.b.place_of(value)
        if row.kind in ("closure", "class"):
            # what is called or constructed on the spot is bound to a place that nothing else names
            w.b.bind(place, value, "assign", at, end)
            if row.kind == "closure" and self._is_immediate():
                self.immediate = row.scope
                w.b.scopes[row.scope].flags |= _IMMEDIATE
        self._set_root("", place)
        self.at_name = at

    def _is_immediate(self) -> bool:
        """`(function () {})()`, `(function () {}).call(this)`."""
        links = self.links
        if not links:
            return False
        if links[-1].type == "call_expression":
            return True
        if len(links) < 2 or links[-1].type != "member_expression" or links[-2].type != "call_expression":
            return False
        return self.w.text(links[-1].children[-1]) in ("call", "apply")

    def _set_root(self, name: str, place: int) -> None:
        self.root_name = name
        self.root = place
        self.place, self.name = NONE, ""

    def _taken(self) -> int:
        """The place so far, with the pending member step taken."""
        if self.place == NONE:
            return self.root
        return self.w.b.member(self.place, self.name) if self.name else self.place

    def _follow(self) -> None:
        links = self.links
        for index in range(len(links) - 1, -1, -1):
            link = links[index]
            self.at = self.start if index < self.outer else link.start_byte
            children = link.children
            for child in children:
                if child.type == "optional_chain" or child.type == "?.":
                    self._guard(link)
            kind = link.type
            if kind == "call_expression":
                self._call(link, children[-1])
            elif kind == "member_expression":
                self._member(children[-1])
            else:
                self._subscript(link)

    def _guard(self, link: Node) -> None:
        w = self.w
        test = w.value_place(self._taken(), link.children[0].start_byte, link.children[0].end_byte)
        self.guards.append(open_guard(w, link.start_byte, test, False))

    def _close(self) -> None:
        for start in reversed(self.guards):
            close_guard(self.w, start, self.end)

    def _member(self, node: Node) -> None:
        self.place = self._taken()
        self.steps += 1
        if self.steps > _LONGEST_PATH:
            self.place, self.steps = self.w.b.nowhere(), 0
        self.name = self.w.text(node)
        self.at_name = node.start_byte

    def _subscript(self, link: Node) -> None:
        w = self.w
        index = link.child_by_field_name("index")
        name = ex.literal_name(w, index) if index is not None else ""
        holder = self._taken()
        if index is not None and not name:
            ex.expression(w, index)
        self.place, self.name = holder, name
        self.at_name = link.start_byte
        if name and index is not None:
            self.at_name = index.start_byte
        else:
            self.place = w.b.element(holder)
        self.steps += 1
        if self.steps > _LONGEST_PATH:
            self.place, self.steps = w.b.nowhere(), 0

    def _call(self, link: Node, given: Node) -> None:
        w = self.w
        if self.place != NONE and self.name:
            name, receiver, callee = self.name, self.place, NONE
        elif self.place == NONE:
            name, receiver, callee = self.root_name, NONE, self.root
        else:
            name, receiver, callee = "", NONE, self.place
        at_name = self.at_name
        args = arguments(w, given)
        if self.immediate != NONE:
            _factories(w, self.immediate, args, name)
            self.immediate = NONE
        self.effect = w.b.call(
            name,
            self.at,
            link.end_byte,
            receiver=receiver,
            callee=callee,
            args=args,
            at_name=at_name,
        )
        self._set_root("", w.b.result(self.effect))
        self.at_name = link.start_byte
        self.steps = 0


def _factories(w: Walk, scope: int, args: tuple[int, ...], name: str) -> None:
    """Functions handed to an immediate function that calls its parameter run at once too: UMD wrappers."""
    row = w.b.scopes[scope]
    given = args[1:] if name == "call" else args
    for arg, symbol in zip(given, row.params, strict=False):
        value = w.values[arg]
        if value.kind == "closure" and w.calls_name(w.b.symbols[symbol].name, row.at, row.end):
            w.b.scopes[value.scope].flags |= _IMMEDIATE
