"""JavaScript: collections that only mark the elements that were set up: a weak one would do.

`if (this.seen.has(element)) return; this.seen.add(element); element.addEventListener(…)`: nobody walks over
the marks, and each keeps its element after that has left the page.
"""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.index import Index
from leaklint.solve.lazy import regex

# what only asks whether something is in
_ASKS = regex(r"(?i)has|includes|contains|\w*indexOf")
# what is done to an element when it is set up
_SETS_UP = frozenset({"addEventListener", "attachEvent", "attachShadow", "observe"})
_LISTENS = regex(r"\.on[a-z]+")


class Marks:
    """Answers about the collections of one unit."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.unit: Unit = index.unit

    def only_marks(self, holder: Holder, growth: Growth) -> bool:
        """Whether a collection of elements is filled and asked, and nothing else."""
        if self.unit.language != "javascript" or growth.depth or holder.releases:
            return False
        element = self._element(growth)
        if element is None or not self._is_set_up(element, self.index.function_at(growth.effect)):
            return False
        return self._is_asked(holder)

    def _element(self, growth: Growth) -> Place | None:
        """The parameter or variable that is put in, by itself or as a key."""
        value = growth.key if growth.key != NONE else growth.values[0] if growth.values else NONE
        row = self.unit.values[value] if value != NONE else None
        place = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        return place if place is not None and place.symbol != NONE and not place.path else None

    def _is_set_up(self, element: Place, function: int) -> bool:
        """Whether the function that marks an element also makes it listen, or observes it."""
        for name in _SETS_UP & self.index.calls.keys():
            for number in self.index.calls[name]:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                given = (
                    [call.receiver]
                    if name != "observe"
                    else [self.unit.values[v].place for v in call.args[:1]]
                )
                mine = any(place != NONE and self.unit.places[place] == element for place in given)
                if mine and function in self.index.enclosing(call.scope):
                    return True
        return any(
            place.symbol == element.symbol and len(place.path) == 1 and _LISTENS.fullmatch(place.path[0])
            for place in self.index.binds
        )

    def _is_asked(self, holder: Holder) -> bool:
        """Whether all other uses of a collection ask whether an element is in; one at least does."""
        place, asked = holder.place, False
        grows = {item.effect for item in holder.growths}
        around: dict[int, Call] = {}
        for number, effect in enumerate(self.unit.effects):
            if not isinstance(effect, Call):
                continue
            if (
                effect.receiver != NONE
                and self._is(self.unit.places[effect.receiver], place)
                and number not in grows
            ):
                if not _ASKS.fullmatch(effect.name):
                    return False
                asked = True
            around.update((value, effect) for value in effect.args)
        made = {
            bind.value
            for n in self.index.binds.get(place, ())
            if isinstance(bind := self.unit.effects[n], Bind)
        }
        for value in self.index.references.get(place.symbol, ()):
            if value in made or not self._is(self.unit.places[self.unit.values[value].place], place):
                continue
            call = around.get(value)
            if call is None or not self._asks_by_call(call):
                return False
            asked = True
        return asked

    def _is(self, other: Place, place: Place) -> bool:
        return other.symbol == place.symbol and other.path[: len(place.path)] == place.path

    def _asks_by_call(self, call: Call) -> bool:
        """`ArrayIndexOf.call(seen, element)`, `contains(seen, element)`."""
        target = call.receiver if call.name in ("call", "apply") else call.callee
        if target == NONE:
            return False
        place = self.unit.places[target]
        name = self.index.last_name(place)
        return _ASKS.search(name) is not None
