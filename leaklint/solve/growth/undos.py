"""Lists of what can be undone that get a copy of the whole state with every change.

`undoStack.push({ label, before: document.serialize() })`: only undoing takes entries out. Lists of commands,
which know no more than what they did, are not meant, nor are those that another end of the list is cut off.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Symbol, Unit, Value
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex

_HISTORY = regex(
    r"(?i)[._#$]*(\w*undo\w*|history|past|(undo|edit)?(snapshots|states|revisions|versions|checkpoints)|back_?stack)"
)
_BACK = regex(r"(?i)[_#]*(\w*(undo|redo|revert|rollback|restore|previous|step_?back)\w*|back|pop)")
_ANEW = regex(
    r"(?i)[_#]*(clear|reset|load|open|new|init|dispose|destroy|close|discard|forget|commit|set|import|restore)\w*"
)
# what brackets a piece of work, `canvas.save()` … `canvas.restore()`: nothing is undone
_BRACKETS = (("save", "restore"), ("push", "pop"), ("begin", "end"), ("enter", "leave"), ("enter", "exit"))
# what copies or writes out the whole of something
_COPIES = regex(
    r"serialize\w*|stringify|to(JSON|Json|Object|String|DataURL|HTML|Snapshot|JS)|structuredClone|(deep)?[cC]lone\w*|"
    r"copy\w*|(get|take|make|create|capture)?_?([sS]napshot|State)\w*|get(ImageData|Value|Content|Contents|HTML|JSON|Text)|"
    r"save|dump|export\w*|capture\w*|encode\w*|slice|concat|from"
)
_STATE = regex(
    r"(?i)[_#]*(current|present)?_?(state|doc(ument)?|data|model|content|scene|board|grid|code|value|present)"
)
# what takes the last entry out
_POPS = {
    "javascript": frozenset({"pop"}),
    "java": frozenset({"pop", "poll", "pollFirst", "pollLast", "removeFirst", "removeLast", "remove"}),
    "python": frozenset({"pop"}),
}
_UNDOES = regex(r"(?i)_?undo\w*")
# Java: what copies the whole, and classes whose objects are a copy of what they are given, or as large
_COPIES_IN_JAVA = regex(
    r"clone|(deep)?[cC]opy\w*|(get|take|make|create|capture)?([sS]napshot|State|Memento)\w*|serialize\w*|"
    r"writeValueAs\w+|toByteArray|getSubimage|createBitmap|createCompatible\w*|getPixels|getText|toJson|save"
)
_COPIES_IN_PYTHON = regex(
    r"deepcopy|copy|clone|(deep_?)?copy_\w+|((take|make|create|get|build|_)_?)*(snapshot|state|memento)|serialize\w*|"
    r"dumps|to_?(dict|json|list|bytes|string|PlainText|Html|Image)|tobytes|tolist|model_dump\w*|asdict|getvalue|export\w*"
)
_LARGE = regex(r"(Array|Linked)List|(Linked)?Hash(Map|Set)|Tree(Map|Set)")
_IMAGES = frozenset({"BufferedImage", "Bitmap", "WritableImage", "Image", "byte[]", "int[]"})
_TEXTS = (".innerHTML", ".outerHTML", ".value", ".textContent")


class Undo(msgspec.Struct):
    """`growth` adds a copy of the whole to `holder`; `back` takes the last one out again."""

    holder: Holder
    growth: Growth
    copy: int  # value: what is copied, for the message
    back: int  # effect


class Undos:
    """Such lists of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.holders = growths.holders
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self, *lifetimes: str) -> Iterator[Undo]:
        """Each list once."""
        if not self._pops():
            return
        for holder in self.holders.by_place.values():
            if holder.lifetime not in lifetimes or holder.limited or holder.emptied_elsewhere:
                continue
            if not holder.growths or not self._is_history(holder):
                continue
            found = self._judge(holder)
            if found is not None:
                yield found

    def _pops(self) -> bool:
        if self.unit.language == "javascript":
            return not self.index.calls.keys().isdisjoint(("pop", "splice", "at"))
        undoes = any(_BACK.fullmatch(name) for names in self.index.method_names.values() for name in names)
        return undoes and not self.index.calls.keys().isdisjoint(_POPS[self.unit.language])

    def _is_history(self, holder: Holder) -> bool:
        """By its name, or (Java) because a method of that name takes out what it undoes."""
        if _HISTORY.fullmatch(self.index.last_name(holder.place)):
            return True
        return self.unit.language != "javascript" and any(
            row.how in _POPS[self.unit.language] and _UNDOES.fullmatch(self._name(row.effect))
            for row in holder.releases
        )

    def _judge(self, holder: Holder) -> Undo | None:
        adds = {self.index.function_at(growth.effect) for growth in holder.growths}
        back = [row.effect for row in holder.releases if row.how in _POPS[self.unit.language]]
        backs = [number for number in back if _BACK.fullmatch(self._name(number))]
        if not backs or not all(self._is_harmless(row, adds) for row in holder.releases):
            return None
        for growth in holder.growths:
            if growth.depth or _BACK.fullmatch(self._name(growth.effect)):
                continue
            if any(_is_bracket(self._name(growth.effect), self._name(number)) for number in backs):
                continue
            if not self.growths.counting.counts(growth, holder):
                continue
            for value in growth.values:
                copy = self._copy(value, growth.effect)
                if copy != NONE:
                    return Undo(holder, growth, copy, backs[0])
        return None

    def _is_harmless(self, row: Release, adds: set[int]) -> bool:
        """Whether a removal undoes, or begins a new history: neither keeps the list short."""
        if row.depth:
            return True
        if row.how in _POPS[self.unit.language]:
            return self.index.function_at(row.effect) not in adds or bool(
                _BACK.fullmatch(self._name(row.effect))
            )
        whole = row.selector in ("all", "rebind")
        return whole and _ANEW.fullmatch(self._name(row.effect)) is not None

    def _name(self, effect: int) -> str:
        """The name of the function around an effect, callbacks passed over."""
        for scope in self.index.enclosing(self.unit.effects[effect].scope):
            name = self.unit.scopes[scope].name
            if name:
                return name
            bound = self.index.bound_to.get(scope)
            if bound is not None:
                return self.index.last_name(self.unit.places[self.index.bind(bound).target])
        return ""

    # -- what is stored

    def _copy(self, value: int, effect: int, depth: int = 0) -> int:
        """The part of a value that is a copy of the whole state, or NONE."""
        row = self.unit.values[value]
        if row.kind == "call" and self.unit.language == "python":
            return value if self._is_whole(row.call, effect, depth) else NONE
        if row.kind == "call" and self.unit.language == "java":
            return value if self._is_large(row.call, effect, depth) else NONE
        if row.kind == "call":
            call = self.unit.effects[row.call]
            if not isinstance(call, Call):
                return NONE
            copies = _COPIES.fullmatch(call.name) or (call.new and call.name in ("Map", "Set"))
            return value if copies and not self._is_of_parameter(call, effect) else NONE
        if row.kind == "container" and depth < 3:
            if any(self._spreads_state(part) for part in row.parts):
                return value
            found = (self._copy(part, effect, depth + 1) for part in row.parts)
            return next((part for part in found if part != NONE), NONE)
        if row.kind != "place":
            return NONE
        place = self.unit.places[row.place]
        symbol = self.index.symbol(place)
        if symbol is None:
            return NONE
        if place.path[-1:] and place.path[-1] in _TEXTS:
            return value
        if self._is_image(place, symbol) if self.unit.language == "java" else self._is_replaced(place):
            return value
        binds = self.index.binds.get(place) or []
        if symbol.kind in ("constant", "variable") and not place.path and len(binds) == 1 and depth < 3:
            bind = self.unit.effects[binds[0]]
            here = self.index.function_at(binds[0]) == self.index.function_at(effect)
            if isinstance(bind, Bind) and bind.value != NONE and here:
                return self._copy(bind.value, effect, depth + 1)
        return NONE

    def _is_large(self, number: int, effect: int, depth: int) -> bool:
        """Java: whether a call gives a copy of the whole, or an object that is made of one."""
        call = self.unit.effects[number]
        if not isinstance(call, Call) or depth > 3:
            return False
        if call.new and (call.name in _IMAGES or _LARGE.fullmatch(call.name)):
            return bool(call.args) and (call.name in _IMAGES or not self._is_of_parameter(call, effect))
        if not call.new and _COPIES_IN_JAVA.fullmatch(call.name) and not self._is_of_parameter(call, effect):
            return True
        if call.new and any(self._copy(value, effect, depth + 1) != NONE for value in call.args):
            return True
        made = self.index.callee_scope(number)
        return made != NONE and any(
            self._copy(leave.value, number, depth + 1) != NONE  # type: ignore[union-attr]
            for number in self.index.returns.get(made, ())
            if (leave := self.unit.effects[number]) is not None
        )

    def _is_whole(self, number: int, effect: int, depth: int) -> bool:
        """Python: whether a call copies a field, or makes an object that is given such a copy."""
        call = self.unit.effects[number]
        if not isinstance(call, Call) or depth > 3:
            return False
        if _COPIES_IN_PYTHON.fullmatch(call.name):
            of_field = call.receiver != NONE and self._is_of_object(self.unit.places[call.receiver])
            return of_field or (bool(call.args) and self._reads_field(call.args[0]))
        if call.name in ("list", "dict", "set", "tuple") and len(call.args) == 1:
            return self._reads_field(call.args[0])
        given = (*call.args, *(value for _, value in call.keywords))
        made = call.name[:1].isupper() and call.receiver == NONE
        return made and any(self._copy(value, effect, depth + 1) != NONE for value in given)

    def _reads_field(self, value: int) -> bool:
        row = self.unit.values[value]
        return row.kind == "place" and self._is_of_object(self.unit.places[row.place])

    def _is_of_object(self, place: Place) -> bool:
        symbol = self.index.symbol(place)
        return symbol is not None and (
            symbol.kind == "this" or (symbol.scope == 0 and symbol.kind == "variable")
        )

    def _is_image(self, place: Place, symbol: Symbol) -> bool:
        """Java: whether a field is declared as an image or an array, and given a new one now and then."""
        if symbol.kind != "this" or symbol.target == NONE or len(place.path) != 1:
            return False
        binds = [self.index.bind(number) for number in self.index.binds.get(place) or []]
        if all(self.growths.lifecycle.while_made(bind.scope) for bind in binds):
            return False
        return any(
            field.type in _IMAGES and self.unit.scopes[field.scope].owner == symbol.target
            for field in self.unit.symbols
            if field.kind == "field" and "." + field.name == place.path[0]
        )

    def _is_of_parameter(self, call: Call, effect: int) -> bool:
        """`copy(change)`: a copy of what was handed in, which need not be the whole."""
        params = self.unit.scopes[self.index.function_at(effect)].params
        given = [self.unit.values[value] for value in call.args]
        return any(row.kind == "place" and self.unit.places[row.place].symbol in params for row in given)

    def _spreads_state(self, part: int) -> bool:
        """`[...this.items]`, `{ ...this.state }`."""
        row = self.unit.values[part]
        inner = self.unit.values[row.parts[0]] if row.kind == "spread" and row.parts else None
        return inner is not None and inner.kind == "place" and self._is_state(self.unit.places[inner.place])

    def _is_state(self, place: Place) -> bool:
        symbol = self.index.symbol(place)
        if symbol is None:
            return False
        return (symbol.kind == "this" and len(place.path) == 1) or (
            symbol.scope == 0 and symbol.kind == "variable"
        )

    def _is_replaced(self, place: Place) -> bool:
        """Whether a field is a state of which each change puts a new one in place: `this.shapes = shapes`."""
        if not self._is_state(place):
            return False
        binds = [self.index.bind(number) for number in self.index.binds.get(place) or []]
        rows = [(bind, self.unit.values[bind.value]) for bind in binds if bind.value != NONE]
        again = [row for bind, row in rows if not self.growths.lifecycle.while_made(bind.scope)]
        if not any(row.kind in ("place", "call", "container") for row in again):
            return False
        whole = any(row.kind == "container" or self._makes(row) for _, row in rows)
        return whole or _STATE.fullmatch(self.index.last_name(place)) is not None

    def _makes(self, row: Value) -> bool:
        call = self.unit.effects[row.call] if row.kind == "call" else None
        return isinstance(call, Call) and call.new


def _is_bracket(opening: str, closing: str) -> bool:
    """Whether two methods are named as the two ends of one piece of work."""
    opening, closing = opening.strip("_#").lower(), closing.strip("_#").lower()
    return any(
        opening.startswith(first)
        and closing.startswith(last)
        and opening.removeprefix(first) == closing.removeprefix(last)
        for first, last in _BRACKETS
    )
