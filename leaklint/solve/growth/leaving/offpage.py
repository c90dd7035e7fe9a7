"""JavaScript: nodes, layers and meshes that leave the page and stay in the list of those that were shown.

`toasts.push(toast); setTimeout(() => toast.remove(), 3000)`: the list keeps each node after it is gone.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Value
from leaklint.solve.growth.leaving.walks import Drained, Walks
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex

_TAKES_OFF = frozenset({"removeChild", "removeLayer", "removeEntity", "removeObject", "removeOverlay"})
# what `remove(x)` takes something out of the picture of
_SCENES = regex(r"(?i)\.?[_#]*\w*(scene|stage|layer|group|world|parent|root|container|map|viewer|canvas)")
# methods that show something again
_SHOWS = regex(r"(append|prepend|insert|add|show|replace|before|after|attach|mount|draw|render)\w*")
# fields by which a widget knows its own node
_NODE = regex(r"\.[_$#]*(el|elem|element|node|dom|domNode|container|root|wrapper|host|div|view)")
# by which a list knows what of it is to be seen
_SCROLLED = ((".scrollTop",), (".scrollLeft",), (".scrollY",), (".pageYOffset",))
# asks a pool for what is free
_FINDS = ("find", "findLast", "findIndex")


class OffPage(Walks):
    """Lists of one unit that keep what is no longer shown."""

    def found(self) -> Iterator[Drained]:
        """Each holder once."""
        names = {"remove", *_TAKES_OFF} & self.index.calls.keys()
        emptied = self._emptied() if self.unit.language == "javascript" else []
        if self.unit.language != "javascript" or not (names or emptied):
            return
        yield from self._of_window(names)
        kept = [holder for holder in self.lasting() if self._only_grows(holder) and not self._is_pool(holder)]
        taken = (
            [(number, place) for name in sorted(names) for number, place in self._taken(name)] if kept else []
        )
        for holder in kept if taken or emptied else ():
            if self._shows_again(holder):
                continue
            found = (
                self._by_maker(holder, taken)
                or self._by_entry(holder, taken)
                or self._by_class(holder, taken)
                or self._by_parent(holder, emptied)
            )
            if found is not None:
                yield found

    def _of_window(self, names: set[str]) -> Iterator[Drained]:
        """Rows of a list that shows some of its records: those outside leave the page, and not the table."""
        places = {number for number, place in enumerate(self.unit.places) if place.path[-1:] in _SCROLLED}
        asked = [row.at for row in self.unit.values if row.place in places] if places else []
        if not asked:
            return
        for holder in self.lasting():
            if holder.emptied_elsewhere or not all(self._is_at_end(row) for row in holder.releases):
                continue
            owner = self.unit.symbols[holder.place.symbol].target if holder.place.path else NONE
            around = self.unit.owners[owner] if owner != NONE else None
            if around is not None and not any(around.at <= at < around.end for at in asked):
                continue
            for number, at in [each for name in sorted(names) for each in self._taken(name)]:
                if self._in_walk(number) and self._is_entry(at, holder):
                    growth = next((each for each in holder.growths if self._counts(each, holder)), None)
                    if growth is not None:
                        yield Drained(holder, growth, number)
                        break

    def _is_at_end(self, row: Release) -> bool:
        return row.selector in ("all", "rebind") and self._ends_owner(
            self._method(self.unit.effects[row.effect].scope)
        )

    def _is_entry(self, place: int, holder: Holder) -> bool:
        """Whether a place is an entry of a table, looked up or walked to."""
        found = self.holders.ledger.targets(place)
        entry = any(known is not None and base == holder.place and depth for known, base, depth in found)
        return entry or holder.place in self._containers(place)

    def _is_pool(self, holder: Holder) -> bool:
        """Whether who adds has looked for one to use again: `pool.find((el) => !el.isConnected)`."""
        adds = {self._method(self.unit.effects[growth.effect].scope) for growth in holder.growths}
        return any(
            isinstance(call := self.unit.effects[number], Call)
            and call.receiver != NONE
            and self._method(call.scope) in adds
            and holder.place in self.holders.aliases.of(call.receiver)
            for name in _FINDS
            for number in self.index.calls.get(name, ())
        )

    def _taken(self, name: str) -> Iterator[tuple[int, int]]:
        """Calls that take something off the page, and the place of it."""
        for number in self.index.calls.get(name, ()):
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if call.receiver == NONE or len(call.args) > 1:
                continue
            if not call.args:
                if name == "remove":
                    yield number, call.receiver
                continue
            row = self.unit.values[call.args[0]]
            path = self.unit.places[call.receiver].path
            if row.kind == "place" and (name in _TAKES_OFF or (path and _SCENES.fullmatch(path[-1]))):
                yield number, row.place

    def _by_maker(self, holder: Holder, taken: list[tuple[int, int]]) -> Drained | None:
        """What a function stores, and has taken off by a timer or an event."""
        for growth in holder.growths:
            function = self.index.function_at(growth.effect)
            things = {self.unit.places[row.place] for row in self._stored(growth) if row.kind == "place"}
            for number, at in taken:
                inner = self.index.enclosing(self.unit.effects[number].scope)
                later = function in inner and self.index.function_at(number) != function
                if later and self._node(self.unit.places[at]) & things and self._counts(growth, holder):
                    return Drained(holder, growth, number)
        return None

    def _by_entry(self, holder: Holder, taken: list[tuple[int, int]]) -> Drained | None:
        """What is asked of the list, and taken off: `rows.get(id).remove()`, or a walk that takes all off."""
        for number, at in taken:
            row = self.unit.places[at]
            paths = {row.path} | ({row.path[:-1]} if row.path and _NODE.fullmatch(row.path[-1]) else set())
            places = [Place(row.symbol, path, row.call) for path in paths]
            for place in (place for path in places for place in self.holders.aliases.resolve(path)):
                for known, base, depth in self.holders.ledger.split(place):
                    bases = [base] if depth == 1 else self._walked_by(base.symbol) if known is None else []
                    if holder.place in bases:
                        found = self._drained(holder, number)
                        if found is not None and self._counts(found.growth, holder):
                            return found
        return None

    def _by_class(self, holder: Holder, taken: list[tuple[int, int]]) -> Drained | None:
        """What takes itself off: the entries are of a class whose timers or events remove its node."""
        for growth in holder.growths:
            for row in self._stored(growth):
                made = self._class_of(row.call if row.kind == "call" else self._made(row.place))
                for number, at in taken if made != NONE else ():
                    place = self.unit.places[at]
                    symbol = self.index.symbol(place)
                    mine = symbol is not None and symbol.kind == "this" and symbol.target == made
                    lambdas = self.unit.scopes[self.index.function_at(number)].kind == "lambda"
                    if mine and lambdas and len(place.path) == 1 and self._counts(growth, holder):
                        return Drained(holder, growth, number)
        return None

    def _emptied(self) -> list[tuple[int, Place]]:
        """Where all that a node contains is thrown away: `list.innerHTML = ""`, `list.replaceChildren()`."""
        found = []
        for place, binds in self.index.binds.items():
            for number in binds if place.path[-1:] in ((".innerHTML",), (".textContent",)) else ():
                bind = self.unit.effects[number]
                row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
                if row is not None and row.kind == "string" and not row.text:
                    found.append((number, Place(place.symbol, place.path[:-1], place.call)))
        for number in self.index.calls.get("replaceChildren", ()):
            call = self.unit.effects[number]
            if isinstance(call, Call) and call.receiver != NONE and not call.args:
                found.append((number, self.unit.places[call.receiver]))
        return found

    def _by_parent(self, holder: Holder, emptied: list[tuple[int, Place]]) -> Drained | None:
        """What is hung into a node that another run of the method, or another method, empties."""
        for growth in holder.growths if emptied else ():
            things = {self.unit.places[row.place] for row in self._stored(growth) if row.kind == "place"}
            parents = self._parents(self.index.function_at(growth.effect), things)
            for number, place in emptied:
                function = self._method(self.unit.effects[number].scope)
                if place not in parents or self.unit.scopes[function].kind == "constructor":
                    continue
                if not self._ends_owner(function) and self._counts(growth, holder):
                    return Drained(holder, growth, number)
        return None

    def _parents(self, function: int, things: set[Place]) -> set[Place]:
        """The nodes that a function appends some of its values to."""
        found = set()
        for name in ("appendChild", "append", "prepend"):
            for number in self.index.calls.get(name, ()):
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                given = [self.unit.values[value] for value in call.args]
                mine = any(row.kind == "place" and self.unit.places[row.place] in things for row in given)
                if mine and call.receiver != NONE and self.index.function_at(number) == function:
                    found.add(self.unit.places[call.receiver])
        return found

    def _stored(self, growth: Growth) -> list[Value]:
        return [self.unit.values[value] for value in growth.values if value != NONE]

    def _counts(self, growth: Growth, holder: Holder) -> bool:
        owner = self.unit.symbols[holder.place.symbol].target if holder.place.path else NONE
        if owner != NONE and holder.lifetime == "instance" and self.lifecycle.is_short_lived(owner):
            return False
        return not growth.depth and self.growths.counting.counts(growth, holder)

    def _node(self, place: Place) -> set[Place]:
        """A place, and the widget whose node it is: `toast` and `toast.el`."""
        found = {place}
        if place.path and _NODE.fullmatch(place.path[-1]):
            found.add(Place(place.symbol, place.path[:-1], place.call))
        return found

    def _made(self, place: int) -> int:
        """The call that a local is bound to."""
        binds = self.index.binds.get(self.unit.places[place], ()) if place != NONE else ()
        bind = self.unit.effects[binds[0]] if len(binds) == 1 else None
        row = self.unit.values[bind.value] if isinstance(bind, Bind) and bind.value != NONE else None
        return row.call if row is not None and row.kind == "call" else NONE

    def _class_of(self, number: int) -> int:
        """The owner of this file that a call makes an object of."""
        call = self.unit.effects[number] if number != NONE else None
        if not isinstance(call, Call) or not call.new or call.callee == NONE:
            return NONE
        symbol = self.index.symbol(self.unit.places[call.callee])
        return symbol.target if symbol is not None and symbol.kind == "class" else NONE

    def _shows_again(self, holder: Holder) -> bool:
        """Whether an entry that is found in the list is hung up again, or moved."""
        for name, numbers in self.index.calls.items():
            if not _SHOWS.fullmatch(name):
                continue
            for number in numbers:
                call = self.unit.effects[number]
                assert isinstance(call, Call)
                rows = [self.unit.values[value] for value in call.args]
                places = [call.receiver, *(row.place for row in rows if row.kind == "place")]
                for place in places:
                    if place != NONE and holder.place in self._containers(place):
                        return True
        return False
