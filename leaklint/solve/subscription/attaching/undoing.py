"""Looks for what takes an attachment off again, or takes off another one in its place."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.lifecycle import first_word
from leaklint.solve.pairs import Pairs
from leaklint.solve.subscription.attaching.verbs import ADDS, DETACH, Verbs

# take off whatever was attached; some of them have a verb that they belong to
_UNDOES = ("disconnect_all", "unsubscribe_all", "remove_all", "clear", "off", "unsubscribe", "dispose")
_OTHERS = {"unsubscribe": "subscribe", "off": "on"}


class Undoing:
    """Compares the calls of one unit."""

    def __init__(self, growths: Growths, pairs: Pairs, verbs: Verbs) -> None:
        self.growths = growths
        self.pairs = pairs
        self.verbs = verbs
        self.lifecycle = growths.lifecycle
        self.index = growths.index
        self.unit: Unit = growths.unit

    def is_undone(self, call: Call) -> bool:
        """Whether the file takes anything like it off again, or ends what it was attached to."""
        wanted = self.verbs.opposites(call.name)
        root = self.unit.places[call.receiver]
        for name in wanted:
            for number in self.index.calls.get(name, ()):
                other = self.unit.effects[number]
                assert isinstance(other, Call)
                if self._takes_another(call, other):
                    continue
                if other.receiver == NONE or self.verbs.alike(self.unit.places[other.receiver], root):
                    return True
        for name in _UNDOES:
            if name in _OTHERS and self.index.calls.get(_OTHERS[name]) and call.name != _OTHERS[name]:
                continue  # what it takes off is attached by a name of its own
            for number in self.index.calls.get(name, ()):
                other = self.unit.effects[number]
                if not isinstance(other, Call) or other.receiver == NONE or self._takes_another(call, other):
                    continue
                if self.verbs.alike(self.unit.places[other.receiver], root):
                    return True
        return False

    def _takes_another(self, call: Call, other: Call) -> bool:
        """Whether a removal names another method of the object than the one that was attached."""
        attached, removed = self._own_method(call), self._own_method(other)
        return attached is not None and removed is not None and attached != removed

    def _own_method(self, call: Call) -> Place | None:
        """The bound method of the object itself that a call is handed."""
        for value in call.args[::-1]:
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is None or place.symbol == NONE or len(place.path) != 1:
                continue
            symbol = self.unit.symbols[place.symbol]
            method = self.index.method(symbol.target, place.path[0][1:]) if symbol.kind == "this" else NONE
            if method != NONE and "property" not in self.unit.scopes[method].flags:
                return place
        return None

    def without_sender(self, call: Call) -> int:
        """`connect(f, sender=S)` against `disconnect(f)`: Django looks for the two together."""
        keys = {name for name, _ in call.keywords} & {"sender", "dispatch_uid"}
        if call.name != "connect" or not keys or not call.args:
            return NONE
        for number in self.index.calls.get("disconnect", ()):
            other = self.unit.effects[number]
            assert isinstance(other, Call)
            if other.receiver == NONE or not other.args:
                continue
            if self.unit.places[other.receiver] != self.unit.places[call.receiver]:
                continue
            if self.pairs.callbacks.same_callback(call.args[0], other.args[0]) == "equal":
                return (
                    number
                    if not keys & {name for name, _ in other.keywords} and len(other.args) == 1
                    else NONE
                )
        return NONE

    def sibling(self, call: Call, owner: int, receiver: Place) -> int:
        """A call of a closing method that takes another attachment of the same verb off."""
        for name in self.verbs.opposites(call.name):
            for number in self.index.calls.get(name, ()):
                other = self.unit.effects[number]
                if not isinstance(other, Call) or other.receiver == NONE:
                    continue
                if self.lifecycle.owner_of(other.scope) != owner or not self._closes(other.scope):
                    continue
                if call.name in ADDS and not self.verbs.adds_to_called(number):
                    continue  # takes something out of another list
                if not self.verbs.alike(self.unit.places[other.receiver], receiver):
                    return number
                if self._takes_another(call, other):
                    return number
        return NONE

    def _closes(self, scope: int) -> bool:
        names = [self.unit.scopes[function].name for function in self.index.enclosing(scope)]
        return self.lifecycle.in_teardown(scope) or any(
            first_word(name)
            in (
                "disable",
                "disabled",
                "destroy",
                "unload",
                "remove",
                "close",
                "stop",
                "hide",
                "leave",
                "exit",
            )
            or name in ("disabled", "do_destroy", "plugin_on_disable")
            for name in names
        )

    def undone_nowhere(self, number: int, call: Call, verbs: dict[str, list[tuple[int, str]]]) -> int:
        """The method that would take it out, when its class is in the file and nothing calls it."""
        for owner, inverse in verbs.get(call.name, ()):
            around = self.lifecycle.owner_of(call.scope)
            if around == owner or not self._is_of(call.receiver, owner):
                continue
            if self.index.calls.get(inverse) or self._is_taken(inverse):
                return NONE
            made = self.unit.places[call.receiver]
            if made.symbol != NONE and self._is_made(made, owner):
                return NONE  # the two die together
            return self.index.method_names[owner][inverse]
        return NONE

    def own_verbs(self) -> dict[str, list[tuple[int, str]]]:
        """Method that keeps its parameter -> (owner, name of the method that takes it out)."""
        found: dict[str, list[tuple[int, str]]] = {}
        owners = {
            scope: number for number, row in enumerate(self.unit.owners) for scope in row.methods
        }  # class methods have no object
        for holder in self.growths.holders.by_place.values():
            if holder.lifetime not in ("instance", "process") or not holder.releases:
                continue
            removing = {self.index.function(self.unit.effects[row.effect].scope) for row in holder.releases}
            for item in holder.growths:
                scope = self.index.function(self.unit.effects[item.effect].scope)
                row = self.unit.scopes[scope]
                if scope not in owners or not self._keeps_parameter(item.values, row.params):
                    continue
                for other in removing - {scope}:
                    name = self.unit.scopes[other].name
                    inverse = first_word(name) in DETACH.get(first_word(row.name), ())
                    if inverse and owners.get(other) == owners[scope]:
                        found.setdefault(row.name, []).append((owners[scope], name))
        return found

    def _keeps_parameter(self, values: tuple[int, ...], params: tuple[int, ...]) -> bool:
        for value in values:
            row = self.unit.values[value]
            place = self.unit.places[row.place] if row.kind == "place" else None
            if place is not None and not place.path and place.symbol in params:
                return True
        return False

    def _is_made(self, place: Place, owner: int) -> bool:
        """Whether a local or field holds what this very code constructs."""
        root = Place(place.symbol, place.path[:1])
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "variable" and symbol.scope == 0:
            return False
        for number in self.index.binds.get(root, ()):
            bind = self.index.bind(number)
            row = self.unit.values[bind.value] if bind.value != NONE else None
            call = self.unit.effects[row.call] if row is not None and row.kind == "call" else None
            if isinstance(call, Call) and call.name == self.unit.owners[owner].name:
                return True
        return False

    def _is_taken(self, name: str) -> bool:
        """Whether the method is handed around as a value."""
        step = "." + name
        return any(
            value.kind == "place" and self.unit.places[value.place].path[-1:] == (step,)
            for value in self.unit.values
        )

    def _is_of(self, receiver: int, owner: int) -> bool:
        """Whether a receiver is an object of a class, by its type or its name, or the class itself."""
        row = self.unit.owners[owner]
        place = self.unit.places[receiver]
        if place.symbol == NONE:
            return False
        symbol = self.unit.symbols[place.symbol]
        if not place.path and (symbol.type == row.name or place.symbol == row.symbol):
            return True
        name = self.verbs.last(place).replace("_", "").lower()
        if len(name) > 2 and row.name.lower().endswith(name):
            return True
        for field in self.unit.symbols:
            if (
                field.kind == "field"
                and field.type == row.name
                and "." + field.name == (place.path[-1:] or ("",))[0]
            ):
                return True
        return False
