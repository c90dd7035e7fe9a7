"""Java: how often a file makes objects of the project's classes, and of which of its own that matters.

A page that listens to what lasts is a leak where there are many of them; who makes it stands in another file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.interface import offered_name
from leaklint.solve.lazy import regex
from leaklint.solve.lifecycle import Lifecycle
from leaklint.solve.pairs import Pairs
from leaklint.solve.repeats import Repeats

AGAIN, ONCE = "", "*"
_LATER = frozenset({"invokeLater", "invokeAndWait", "runLater"})
_LAZY = regex(r"(?i)\w*(lazy|memoi[sz]e)\w*")


class Makers:
    """Looks at one unit."""

    def __init__(self, pairs: Pairs, lifecycle: Lifecycle, repeats: Repeats) -> None:
        self.pairs = pairs
        self.lifecycle = lifecycle
        self.repeats = repeats
        self.index = pairs.index
        self.unit: Unit = pairs.unit
        self._project = ".".join(self.unit.package.split(".")[:2])

    def counted(self) -> set[str]:
        """The classes with listeners and registrations that nothing takes off."""
        owners = {
            self.lifecycle.owner_of(self.unit.effects[item.effect].scope)
            for item in self.pairs.acquisitions
            if item.pair.kind in ("listener", "registration") and not item.released_by
        }
        return {self._name(self._symbol(owner)) for owner in owners} - {""}

    def makes(self) -> dict[str, set[str]]:
        """Class -> how often the places make one: AGAIN, ONCE, or once for each object of another class."""
        found: dict[str, set[str]] = defaultdict(set)
        for number, effect in enumerate(self.unit.effects):
            if not isinstance(effect, Call):
                continue
            name = self._class(effect.callee) if effect.new and effect.callee != NONE else ""
            if name:
                found[name].add(self._way(number))
            for value in effect.args:
                row = self.unit.values[value]
                step = self.unit.places[row.place].path[-1:] if row.kind == "place" else ()
                if step == (".new",):
                    lazily = _LAZY.fullmatch(effect.name)  # `new Lazy<>(Page::new)`
                    found[self._class(row.place)].add(self._way(number) if lazily else AGAIN)
                elif step == (".class",) and not self._is_own(row.place):
                    found[self._class(row.place)].add(AGAIN)  # whoever is told the class may make some
        for owner in self.unit.owners:
            bases = [self.unit.values[base] for base in owner.bases] if owner.symbol != NONE else []
            for base in bases:
                if base.kind == "place":
                    found[self._class(base.place)].add(self._full(owner.symbol))
        found.pop("", None)
        return found

    def _is_own(self, number: int) -> bool:
        symbol = self.index.symbol(self.unit.places[number])
        return symbol is not None and symbol.kind == "class"

    def _class(self, number: int) -> str:
        """The full name of the class of the project that a place names; "" for those of libraries."""
        place = self.unit.places[number]
        symbol = self.index.symbol(place)
        if symbol is None or not self._project:
            return ""
        place = Place(place.symbol, tuple(step for step in place.path if step not in (".new", ".class")))
        name = symbol.name + "".join(place.path)
        if symbol.kind == "import":
            return f"{symbol.module}.{name}" if symbol.module.startswith(self._project) else ""
        if symbol.kind == "class":
            own = offered_name(self.unit, place)
            return f"{self.unit.package}.{own}" if own else ""
        return f"{self.unit.package}.{name}" if name[:1].isupper() else ""

    def _way(self, number: int) -> str:
        effect = self.unit.effects[self._put_off(number)]
        if self.index.in_loop(effect.region):
            return AGAIN
        around = self.unit.scopes[effect.scope]
        owner = around.owner if around.kind == "class" else self.lifecycle.owner_of(effect.scope)
        for kind in self._awaited(effect.region):
            return ONCE if kind == "class" else self._full(self._symbol(owner))
        if self.repeats.runs(effect.scope) in ("import", "once"):
            return self._full(self._symbol(owner)) if self.repeats.singletons.is_of_instance(number) else ONCE
        return self._full(self._symbol(owner)) if self.lifecycle.while_made(effect.scope) else AGAIN

    def _put_off(self, number: int) -> int:
        """The call that runs an effect a little later: `SwingUtilities.invokeLater(() -> new Window())`."""
        function = self.index.function_at(number)
        while (argument := self.index.argument_of.get(function)) is not None:
            call = self.unit.effects[argument[0]]
            if not isinstance(call, Call) or call.name not in _LATER or self.index.in_loop(call.region):
                break
            number, function = argument[0], self.index.function(call.scope)
        return number

    def _awaited(self, region: int) -> Iterator[str]:
        """`if (page == null) page = new Page();`: whose the field is, of the class or of the object."""
        for index in self.index.regions(region):
            row = self.unit.regions[index]
            test = self.unit.values[row.test] if row.test != NONE and not row.negated else None
            if test is None or test.kind != "operation" or test.text != "==":
                continue
            parts = [self.unit.values[part] for part in test.parts]
            places = [self.unit.places[part.place] for part in parts if part.kind == "place"]
            if len(places) != 1 or len(places[0].path) != 1 or not any(part.kind == "null" for part in parts):
                continue
            symbol = self.index.symbol(places[0])
            if symbol is not None and symbol.kind in ("class", "this") and self._is_bound(index, places[0]):
                yield symbol.kind

    def _is_bound(self, region: int, place: Place) -> bool:
        row = self.unit.regions[region]
        effects = self.unit.effects[row.first : row.last + 1]
        return any(isinstance(bind, Bind) and self.unit.places[bind.target] == place for bind in effects)

    def _symbol(self, owner: int) -> int:
        return self.unit.owners[owner].symbol if owner != NONE else NONE

    def _full(self, symbol: int) -> str:
        """What stands for "once for each object" of a class."""
        name = self._name(symbol)
        return f"{self.unit.package}.{name}" if name else AGAIN

    def _name(self, symbol: int) -> str:
        """The name of a class in its file; "" for one without a name."""
        return offered_name(self.unit, Place(symbol)) if symbol != NONE else ""
