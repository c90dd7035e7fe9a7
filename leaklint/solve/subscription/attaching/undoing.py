"""Looks for what takes an attachment off again, or takes off another one in its place."""

from __future__ import annotations

from collections.abc import Callable

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth
from leaklint.solve.lifecycle import first_word
from leaklint.solve.pairs import Pairs
from leaklint.solve.subscription.attaching.attached import How
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

    def mismatched(self, call: Call) -> tuple[int, How] | None:
        """`connect(f, sender=S)` against `disconnect(f)`: Django looks for the two together.

        A `dispatch_uid` takes the place of the function: what has one goes by it alone.
        """
        if call.name != "connect" or not call.args:
            return None
        for number in self.index.calls.get("disconnect", ()):
            other = self.unit.effects[number]
            assert isinstance(other, Call)
            if other.receiver == NONE or not other.args:
                continue
            if self.unit.places[other.receiver] != self.unit.places[call.receiver]:
                continue
            if self.pairs.callbacks.same_callback(call.args[0], other.args[0]) == "equal":
                how = self._looks_elsewhere(call, other)
                return (number, how) if how is not None else None
        return None

    def _looks_elsewhere(self, call: Call, other: Call) -> How | None:
        """Why a removal can't find what was stored."""
        keys, named = {name for name, _ in call.keywords}, {name for name, _ in other.keywords}
        if ("dispatch_uid" in keys) != ("dispatch_uid" in named) and len(other.args) < 3:
            return "uid"
        without = "sender" in keys and "sender" not in named and len(other.args) == 1
        return "sender" if without else None

    def names_another(self, call: Call, callback: int) -> int:
        """The call that takes nothing off, or NONE.

        `bus.on("tick", lambda: f())` against `bus.off("tick", lambda: f())`: each is a function of its own.
        """
        found = NONE
        if not self._is_anonymous(callback):
            return NONE
        names = self.verbs.opposites(call.name)
        for number in (each for name in names for each in self.index.calls.get(name, ())):
            other = self.unit.effects[number]
            assert isinstance(other, Call)
            if other.receiver == NONE or self.unit.places[other.receiver] != self.unit.places[call.receiver]:
                continue
            removed = self._function(other)
            if removed == NONE and not self._are_two_events(call, other):
                return NONE  # takes off whatever there is, or goes by a handle
            if removed != NONE and self._of_one_event(call, other) and not self._is_attached(call, removed):
                found = number
        return found

    def _is_anonymous(self, value: int) -> bool:
        """Whether a value is a function that no other expression can name."""
        row = self.unit.values[value]
        if row.kind == "closure":
            return True
        made = self.unit.effects[row.call] if row.kind == "call" else None
        return isinstance(made, Call) and made.name == "partial"

    def _function(self, call: Call) -> int:
        """The argument of a removal that is an anonymous function or a method of the object itself."""
        for value in call.args[::-1]:
            if self._is_anonymous(value):
                return value
            row = self.unit.values[value]
            if row.kind == "place" and self.unit.places[row.place] == self._own_method(call):
                return value
        return NONE

    def _are_two_events(self, call: Call, other: Call) -> bool:
        """Whether two calls begin with different texts."""
        first = [self.unit.values[each.args[0]] for each in (call, other) if each.args]
        texts = {row.text for row in first if row.kind == "string"}
        return len(first) == 2 and len(texts) == 2

    def _of_one_event(self, call: Call, other: Call) -> bool:
        """Whether two calls begin with the same literal or name, or with the function."""
        if len(call.args) != len(other.args) or not call.args:
            return False
        for a, b in zip(call.args[:-1], other.args[:-1], strict=True):
            left, right = self.unit.values[a], self.unit.values[b]
            if left.kind != right.kind or left.text != right.text:
                return False
            if left.kind == "place" and self.unit.places[left.place] != self.unit.places[right.place]:
                return False
        return True

    def _is_attached(self, call: Call, removed: int) -> bool:
        """Whether the file attaches the very function that is taken off."""
        row = self.unit.values[removed]
        if row.kind != "place":
            return False
        place = self.unit.places[row.place]
        for number in self.index.calls.get(call.name, ()):
            other = self.unit.effects[number]
            assert isinstance(other, Call)
            rows = (self.unit.values[value] for value in other.args)
            if any(each.kind == "place" and self.unit.places[each.place] == place for each in rows):
                return True
        return False

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
            if self._is_called(inverse, owner) or self._is_taken(inverse):
                return NONE
            made = self.unit.places[call.receiver]
            if made.symbol != NONE and self._is_made(made, owner):
                return NONE  # the two die together
            return self.index.method_names[owner][inverse]
        return NONE

    def _is_called(self, inverse: str, owner: int) -> bool:
        """Whether anything calls a method by its name, besides `self.rows.remove(row)` of its own class."""
        this = Place(self.unit.owners[owner].this)
        for number in self.index.calls.get(inverse, ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            inside = self.lifecycle.owner_of(call.scope) == owner and call.receiver != NONE
            if not inside or self.unit.places[call.receiver] == this:
                return True
        return False

    def lending_verbs(self) -> dict[str, list[tuple[int, str]]]:
        """Method that keeps what it gives out -> (owner, name of the method that takes it out)."""
        return self._verbs(lambda item, scope: self._gives_out((item.key, *item.values), scope))

    def own_verbs(self) -> dict[str, list[tuple[int, str]]]:
        """Method that keeps its parameter -> (owner, name of the method that takes it out)."""
        return self._verbs(
            lambda item, scope: self._keeps_parameter(item.values, self.unit.scopes[scope].params)
        )

    def _verbs(self, keeps: Callable[[Growth, int], bool]) -> dict[str, list[tuple[int, str]]]:
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
                if scope not in owners or not keeps(item, scope):
                    continue
                for other in removing - {scope}:
                    name = self.unit.scopes[other].name
                    inverse = first_word(name) in DETACH.get(first_word(row.name), ())
                    if inverse and owners.get(other) == owners[scope]:
                        found.setdefault(row.name, []).append((owners[scope], name))
        return found

    def _gives_out(self, values: tuple[int, ...], scope: int) -> bool:
        """Whether a method returns the local that it has stored, or under which it has stored something."""
        rows = [self.unit.values[value] for value in values if value != NONE]
        stored = {self.unit.places[row.place] for row in rows if row.kind == "place"}
        returned = [self.unit.effects[number] for number in self.index.returns.get(scope, ())]
        for leave in returned:
            value = getattr(leave, "value", NONE)
            row = self.unit.values[value] if value != NONE else None
            place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
            if place is None or place.path or place not in stored:
                continue
            symbol = self.unit.symbols[place.symbol]
            if symbol.kind == "variable" and symbol.scope == scope:
                return True
        return False

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
