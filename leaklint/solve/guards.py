"""Guards that let code run once: a flag that the first run sets, a table that it finds empty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Place, Region, Unit, Value
from leaklint.solve.holders import Holders
from leaklint.solve.lifecycle import Lifecycle


class Guards:
    """Answers for the effects of one unit whether a guard shuts the door behind the first run."""

    def __init__(self, holders: Holders, lifecycle: Lifecycle) -> None:
        self.holders = holders
        self.index = holders.index
        self.unit: Unit = holders.unit
        self.repeats = holders.repeats
        self.lifecycle = lifecycle
        self._exits: dict[int, list[int]] | None = None

    def init_guarded(self, effect: int) -> bool:
        """`if not done: done = True; …`: the first run shuts the door for the rest."""
        row = self.unit.effects[effect]
        if self._guarded(row.region, row.scope, NONE) or self._left_before(effect, row.scope):
            return True
        for function in self.index.enclosing(row.scope):
            scope = self.unit.scopes[function]
            if scope.kind != "lambda":
                return self._callers_guarded(function)
            if self._guarded(scope.region, scope.parent, NONE):
                return True  # a callback within the guard
        return False

    def _left_before(self, effect: int, scope: int) -> bool:
        """`if (done) return; done = true; …`, `if (!KNOWN.isEmpty()) throw …; KNOWN.add(…)`."""
        function = self.index.function(scope)
        if self._exits is None:
            self._exits = defaultdict(list)
            for number, row in enumerate(self.unit.regions):
                if row.kind == "branch" and row.test != NONE and row.leaves in ("return", "raise"):
                    self._exits[self.index.function(row.scope)].append(number)
        for index in self._exits.get(function, ()):
            region = self.unit.regions[index]
            if region.last > effect or region.negated:
                continue
            if self._first_fill(region, function, effect) or self._misses_flag(region.test, scope):
                return True
            for place in self._tested(region.test):
                if self._is_lasting_flag(place, scope) and any(
                    bind.how == "assign"
                    and bind.value != NONE
                    and (self.unit.values[bind.value].kind == "boolean" or self._is_made(bind, region))
                    and self.index.function(bind.scope) == function
                    for bind in self._binds(place)
                ):
                    return True
        return False

    def _is_made(self, bind: Bind, region: Region) -> bool:
        """Java: `if (server != null) return; … server = made;` of a static field."""
        test = self.unit.values[region.test]
        return (
            self.unit.language == "java"
            and test.text == "!="
            and any(self.unit.values[part].kind == "null" for part in test.parts)
            and self.unit.values[bind.value].kind != "null"
            and bind.at > region.end
        )

    def _is_lasting_flag(self, place: Place, scope: int) -> bool:
        symbol = self.unit.symbols[place.symbol]
        if symbol.kind == "this":
            return self._stays_true(scope)
        return symbol.kind in ("class", "static") or symbol.scope in (0, NONE)

    def _callers_guarded(self, function: int) -> bool:
        """`if not done: init()`, where `init` sets the flag."""
        callers = self._constructions(function) or self.index.callers.get(function, [])
        calls = [(number, self.unit.effects[number]) for number in callers]
        return bool(calls) and all(
            self._guarded(call.region, call.scope, function) or self._left_before(number, call.scope)
            for number, call in calls
        )

    def _constructions(self, function: int) -> list[int]:
        """Java: the calls that make an object with a constructor that only its class can call."""
        row = self.unit.scopes[function]
        if self.unit.language != "java" or row.kind != "constructor" or "private" not in row.flags:
            return []
        calls = self.index.calls.get(row.name, [])
        return [number for number in calls if getattr(self.unit.effects[number], "new", False)]

    def _guarded(self, innermost: int, scope: int, setter: int) -> bool:
        """Whether a region is entered only until a flag is set there, or in the function `setter`."""
        for index in self.index.regions(innermost):
            region = self.unit.regions[index]
            if region.kind != "branch" or region.test == NONE:
                continue
            if not region.negated and (self._first_fill(region) or self._takes_flag(region.test, scope)):
                return True
            if self._sets_property(region):
                return True
            for tested in self._asked(region.test):
                place = tested
                if self.unit.symbols[tested.symbol].kind == "this":
                    place = self.holders.aliases.resolve(tested)[0]  # a flag of the class
                if place.symbol == NONE:
                    continue
                symbol = self.unit.symbols[place.symbol]
                if symbol.scope not in (0, NONE) and not place.path:
                    continue  # a local flag starts anew with each call
                if symbol.kind == "this" and not self._stays_true(scope):
                    continue
                if any(
                    bind.how == "assign"
                    and (
                        index in self.index.regions(bind.region)
                        or (setter != NONE and self.index.function(bind.scope) == setter)
                        or self._set_after(bind, index)
                    )
                    for bind in self._binds(place, tested)
                ):
                    return True
        return False

    def _asked(self, test: int) -> Iterator[Place]:
        """The places that a test asks for; Java: `one` as well, for `T found = one; if (found == null) …`."""
        for place in self._tested(test):
            yield place
            local = self.unit.language == "java" and not place.path
            for bind in self._binds(place) if local else ():
                row = self.unit.values[bind.value] if bind.value != NONE else None
                if row is not None and row.kind == "place" and self.unit.places[row.place].path:
                    yield self.unit.places[row.place]

    def _first_fill(self, region: Region, function: int = NONE, effect: int = NONE) -> bool:
        """`if (KNOWN.isEmpty()) { KNOWN.add(…); … }`: the first run fills it.

        With a function: `if (!KNOWN.isEmpty()) return;` before an effect that comes later there.
        """
        test = self.unit.values[region.test]
        if function != NONE and self._asks_for_entries(test, region):
            return True
        if function != NONE and test.text == "not" and test.parts:
            test = self.unit.values[test.parts[0]]
        elif function != NONE:
            return False
        call = self.unit.effects[test.call] if test.kind == "call" else None
        if not isinstance(call, Call) or call.name != "isEmpty" or call.receiver == NONE:
            return False
        for place in self.holders.aliases.of(call.receiver):
            holder = self.holders.by_place.get(place)
            if holder is not None and holder.lifetime == "process":
                if function != NONE:
                    return any(item.effect >= region.last for item in holder.growths)
                return any(region.first <= item.effect < region.last for item in holder.growths)
        return False

    def _asks_for_entries(self, test: Value, region: Region) -> bool:
        """JavaScript and Python: `if (KNOWN.size) return KNOWN`, `if KNOWN: return KNOWN`."""
        place = self.unit.places[test.place] if test.kind == "place" else None
        if place is None or place.symbol == NONE:
            return False
        if self.unit.language == "javascript":
            if place.path[-1:] not in ((".size",), (".length",)):
                return False
            place = Place(place.symbol, place.path[:-1], place.call)
        for found in self.holders.aliases.resolve(place):
            holder = self.holders.by_place.get(found)
            if holder is not None and holder.lifetime == "process":
                return any(item.effect >= region.last for item in holder.growths)
        return False

    def _takes_flag(self, test: int, scope: int) -> bool:
        """Java: `if (HOOKED.compareAndSet(false, true)) …`, which one run only gets through."""
        row = self.unit.values[test]
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or call.name != "compareAndSet" or call.receiver == NONE:
            return False
        flag = self.unit.places[call.receiver]
        asked = [self.unit.values[value].text for value in call.args]
        return asked == ["false", "true"] and flag.symbol != NONE and self._is_lasting_flag(flag, scope)

    def _sets_property(self, region: Region) -> bool:
        """Java: `if (System.getProperty(name) == null) { …; System.setProperty(name, value); }`"""
        row = self.unit.values[region.test]
        if self.unit.language != "java" or row.text != "==" or "setProperty" not in self.index.calls:
            return False
        asked = [self.unit.values[part] for part in row.parts]
        calls = [self.unit.effects[part.call] for part in asked if part.kind == "call"]
        if not any(isinstance(call, Call) and call.name == "getProperty" for call in calls):
            return False
        return any(part.kind == "null" for part in asked) and any(
            region.first <= number < region.last for number in self.index.calls["setProperty"]
        )

    def _misses_flag(self, test: int, scope: int) -> bool:
        """Java: `if (!STARTED.compareAndSet(false, true)) return;`, `if (STARTED.getAndSet(true)) return;`"""
        row = self.unit.values[test]
        if row.kind == "operation" and row.text in ("not", "!"):
            return self._takes_flag(row.parts[0], scope)
        call = self.unit.effects[row.call] if row.kind == "call" else None
        if not isinstance(call, Call) or call.name != "getAndSet" or call.receiver == NONE:
            return False
        flag = self.unit.places[call.receiver]
        asked = [self.unit.values[value].text for value in call.args]
        return asked == ["true"] and flag.symbol != NONE and self._is_lasting_flag(flag, scope)

    def _set_after(self, bind: Bind, region: int) -> bool:
        """`if (!hooked) hook(); hooked = true;`"""
        row = self.unit.regions[region]
        return (
            bind.value != NONE
            and self.unit.values[bind.value].kind == "boolean"
            and bind.at > row.end
            and bind.region == row.parent
            and self.index.function(bind.scope) == self.index.function(row.scope)
        )

    def _binds(self, *places: Place) -> Iterator[Bind]:
        for place in places:
            for number in self.index.binds.get(place, ()):
                bind = self.unit.effects[number]
                assert isinstance(bind, Bind)
                yield bind

    def _stays_true(self, scope: int) -> bool:
        owner = self.lifecycle.owner_of(scope)
        return owner != NONE and self.repeats.is_singleton(owner)

    def _tested(self, test: int, depth: int = 0) -> Iterator[Place]:
        """Places whose truth or absence a test asks for."""
        value = self.unit.values[test]
        if value.kind == "place":
            place = self.unit.places[value.place]
            if place.symbol != NONE and "[]" not in place.path:
                yield place
        elif (
            value.kind == "operation"
            and value.text in ("not", "is", "==", "and", "or", "is not", "!=")
            and depth < 4
        ):
            for part in value.parts:
                yield from self._tested(part, depth + 1)
