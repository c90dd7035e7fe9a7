"""Qt dialogs that open themselves when they are made, as children of a window that they are given.

Whoever makes such an object need not keep it, and so nobody deletes it: the window keeps each of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.lazy import regex

_DIALOG = regex(r"Q\w*(Dialog|MessageBox|Wizard|Menu)")
_OPENS = ("show", "open", "popup", "exec_", "exec")
# what deletes a dialog, or takes it from its parent
_ENDS = frozenset({"deleteLater", "setParent", "WA_DeleteOnClose", "destroy", "delete"})


class QtDialogs:
    """Such classes of one unit."""

    def __init__(self, growths: Growths) -> None:
        self.index = growths.index
        self.unit: Unit = growths.unit
        self.repeats = growths.repeats

    def found(self) -> Iterator[tuple[int, int]]:
        """The call by which an object opens itself, and its class."""
        for name in _OPENS:
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                scope = self.index.function(call.scope)
                row = self.unit.scopes[scope]
                if row.kind != "constructor" or row.owner == NONE or not self._is_dialog(row.owner):
                    continue
                assert isinstance(call, Call)
                own = call.receiver != NONE and self.unit.places[call.receiver] == self._this(row.owner)
                if not own or call.region != NONE or not self._is_given_parent(scope, row.owner):
                    continue
                if not self._is_ended(row.owner) and not self._is_alone(row.owner):
                    yield number, row.owner

    def _this(self, owner: int) -> Place:
        return Place(self.unit.owners[owner].this)

    def _bases(self, owner: int) -> Iterator[str]:
        for base in self.unit.owners[owner].bases:
            row = self.unit.values[base]
            place = self.unit.places[row.place] if row.kind == "place" else None
            symbol = self.index.symbol(place) if place is not None else None
            if place is not None and symbol is not None:
                yield self.index.last_name(place)

    def _is_dialog(self, owner: int) -> bool:
        return any(
            _DIALOG.fullmatch(name) for each in self.index.lineage(owner) for name in self._bases(each)
        )

    def _is_given_parent(self, scope: int, owner: int) -> bool:
        """`QDialog.__init__(self, parent)`, `super().__init__(parent)`, of a parameter of its own."""
        params = self.unit.scopes[scope].params
        for number in self.index.of_function[scope]:
            call = self.unit.effects[number]
            if not isinstance(call, Call) or call.name not in ("__init__", "super"):
                continue
            values = [*call.args, *(value for key, value in call.keywords if key == "parent")]
            places = [self._place(value) for value in values[:3]]
            given = [place for place in places if place is not None and place != self._this(owner)]
            if given and not given[0].path and given[0].symbol in params:
                return True
        return False

    def _place(self, value: int) -> Place | None:
        row = self.unit.values[value]
        return self.unit.places[row.place] if row.kind == "place" else None

    def _is_ended(self, owner: int) -> bool:
        """Whether its classes delete it, or where it is made names what deletes it."""
        family = set(self.index.lineage(owner))
        own = {self.unit.owners[each].this for each in family}
        names = {self.unit.owners[each].name for each in family}
        makers = {
            self.index.function_at(number) for name in names for number in self.index.calls.get(name, ())
        }
        for effect in self.unit.effects:
            if isinstance(effect, Call) and effect.name in _ENDS:
                values = [self._place(value) for value in effect.args]
                place = self.unit.places[effect.receiver] if effect.receiver != NONE else None
                if not makers.isdisjoint(self.index.enclosing(effect.scope)):
                    return True
                if any(each is not None and each.symbol in own for each in (place, *values)):
                    return True
        places = [self.unit.places[row.place] for row in self.unit.values if row.kind == "place"]
        return any(place.path and place.path[-1][1:] in _ENDS for place in places)

    def _is_alone(self, owner: int) -> bool:
        """Whether the file makes it without a window, or once: it is the program's own."""
        if self.repeats.is_singleton(owner):
            return True
        makers = self.index.calls.get(self.unit.owners[owner].name, ())
        if makers and all(self._is_once(number) for number in makers):
            return True
        return any(
            isinstance(call := self.unit.effects[number], Call) and not call.args and not call.keywords
            for number in makers
        )

    def _is_once(self, number: int) -> bool:
        """`if self.search is None: self.search = Search(self)`, or made with the window itself."""
        made_with = self.unit.scopes[self.index.function_at(number)].kind == "constructor"
        return made_with or not self.repeats.repeats(number) or self._is_kept(number)

    def _is_kept(self, number: int) -> bool:
        """Whether it goes into a field that is tested first."""
        bind = self.unit.effects[number + 1] if number + 1 < len(self.unit.effects) else None
        row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        if not isinstance(bind, Bind) or row is None or row.kind != "call" or row.call != number:
            return False
        field = self.unit.places[bind.target]
        tests = [self.unit.regions[each].test for each in self.index.regions(bind.region)]
        return bool(field.path) and any(self._asks(test, field) for test in tests if test != NONE)

    def _asks(self, test: int, field: Place, depth: int = 0) -> bool:
        """Whether a condition reads a field: `self.search is None`, `not self.search`."""
        parts = self.unit.values[test].parts if depth < 3 else ()
        return self._place(test) == field or any(self._asks(part, field, depth + 1) for part in parts)
