"""Two holders filled together of which only one is emptied: the commonest shape of a missing removal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Bind, Call, Place, Scope, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import ENTRYWISE, Growth, Holder, Release
from leaklint.solve.lazy import regex

# names of what has come in and waits to be dealt with once
_NEWS = regex(r"\.?_*(new|dirty|changed|unsent|updated|modified|fresh)_?(?![a-z])")
# names of methods that empty their object as a whole
_CLEARS = regex(
    r"(?i)_*(clear|reset|empty|remove_?all|delete_?all)_?(all|caches?|data|entries|items|elements)?_*"
)
# names of what is meant to outlast such a method
_EVER = regex(r"(?i)\.?_*(all|seen|used|visited|known|past|history|pool|free|total|ever|loaded|registered)")


class HalfEmptied(msgspec.Struct):
    """`kept` grows with `emptied`, entry by entry; `release` takes one out of `emptied` only."""

    kept: Holder
    growth: Growth
    emptied: Holder
    sibling: Growth
    release: Release


class Siblings:
    """Pairs of holders of one owner, or of one module."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.holders = growths.holders
        self.index = growths.index
        self.unit: Unit = growths.unit

    def half_emptied(self) -> Iterator[HalfEmptied]:
        """Each holder that keeps what its sibling gives up, once."""
        for everything in self._groups().values():
            group = [holder for holder in everything if holder.growths]
            for kept in group if len(group) > 1 else ():
                found = self._find(kept, group)
                if found is not None:
                    yield found

    def passed_by(self) -> Iterator[HalfEmptied]:
        """Each holder that `clear()` leaves full, although it empties what is filled together with it."""
        for group in self._groups().values() if any(map(self._clears, self.unit.scopes)) else ():
            emptied = [(other, release) for other in group for release in self._emptyings(other)]
            for kept in group if emptied else ():
                found = self._find_passed(kept, emptied)
                if found is not None:
                    yield found

    def _groups(self) -> dict[int, list[Holder]]:
        """Owner, or NONE for the module -> its lasting holders."""
        groups: dict[int, list[Holder]] = defaultdict(list)
        for holder in self.holders.by_place.values():
            if holder.lifetime in ("instance", "process"):
                groups[holder.place.symbol if holder.place.path else NONE].append(holder)
        return groups

    def is_lasting(self, holder: Holder) -> bool:
        """Whether the object around a holder is more than the workspace of one task."""
        if holder.lifetime == "process":
            return True
        owner = self.unit.symbols[holder.place.symbol].target
        return not self.growths.lifecycle.is_short_lived(owner)

    def _find(self, kept: Holder, group: list[Holder]) -> HalfEmptied | None:
        keeps = self.keeps(kept)
        for other in group:
            if other is kept:
                continue
            release = self._entrywise_release(other)
            if _NEWS.match(self._name(other)) and not _NEWS.match(self._name(kept)):
                continue  # what is new is dealt with, and then old
            if release is None or not (keeps or self._only_in_other_arm(kept, release)):
                continue
            for growth in kept.growths:
                if not self.growths.counting.counts(growth, kept) or not self._in_buckets(growth, kept):
                    continue
                for sibling in other.growths:
                    if sibling.depth and other.kind == "list":
                        continue  # the top of a stack, which goes as a whole
                    if self._together(growth, sibling) and self._is_about(release, growth):
                        return HalfEmptied(kept, growth, other, sibling, release)
        return None

    # -- by a method that clears the whole object

    def _clears(self, row: Scope) -> bool:
        return row.kind in ("method", "function") and _CLEARS.fullmatch(row.name) is not None

    def _emptyings(self, holder: Holder) -> Iterator[Release]:
        """Where methods that clear their object empty a holder, whatever else is the case."""
        for release in (*holder.releases, *self._overwritten(holder)):
            effect = self.unit.effects[release.effect]
            if not self._clears(self.unit.scopes[self.index.function(effect.scope)]) or release.depth:
                continue
            if self._empties(release) and effect.region == NONE:
                yield release

    def _empties(self, release: Release) -> bool:
        """`clear()`, `= []`, `length = 0`, `splice(0)`, `fill(null)`."""
        effect = self.unit.effects[release.effect]
        if isinstance(effect, Bind) and release.selector == "some" and effect.value != NONE:
            return self.unit.values[effect.value].text == "0"
        if isinstance(effect, Call) and release.how == "splice" and effect.args:
            return self.unit.values[effect.args[0]].text == "0" and len(effect.args) == 1
        return release.selector in ("all", "rebind")

    def _overwritten(self, holder: Holder) -> Iterator[Release]:
        """JavaScript: `slots.fill(undefined)`."""
        for number in self.index.calls.get("fill", ()) if holder.kind == "array" else ():
            call = self.unit.effects[number]
            assert isinstance(call, Call)
            if (
                call.receiver != NONE
                and len(call.args) == 1
                and self.unit.places[call.receiver] == holder.place
            ):
                yield Release(number, 0, "all", how="fill")

    def _find_passed(self, kept: Holder, emptied: list[tuple[Holder, Release]]) -> HalfEmptied | None:
        if not kept.growths or kept.limited or kept.emptied_elsewhere or self.holders.hands_out(kept):
            return None
        if _EVER.match(self._name(kept)) or any(
            item.selector not in ENTRYWISE or self._empties(item) for item in kept.releases
        ):
            return None
        for growth in kept.growths:
            if not self.growths.counting.counts(growth, kept) or not self._in_buckets(growth, kept):
                continue
            for other, release in emptied if growth.values else ():
                clears = self.index.function_at(release.effect)
                if other is kept or clears == self.index.function_at(growth.effect):
                    continue
                if kept.releases and (self._walks(clears) or self._is_reached(kept, clears)):
                    continue
                for sibling in (*other.growths, *self._slots(other)):
                    if self._together(growth, sibling):
                        return HalfEmptied(kept, growth, other, sibling, release)
        return None

    def _walks(self, scope: int) -> bool:
        """Whether a function does something with one entry after the other."""
        inner = any(
            self.index.function(row.parent) == scope for row in self.unit.scopes if row.parent != NONE
        )
        return inner or any(
            self.unit.regions[region].kind == "loop"
            for number in self.index.of_function.get(scope, ())
            for region in self.index.regions(self.unit.effects[number].region)
        )

    def _is_reached(self, kept: Holder, scope: int) -> bool:
        """Whether a function takes entries out of a holder by means of another one."""
        ways = {self.index.function_at(item.effect) for item in kept.releases}
        for _ in range(3):
            ways |= {self.index.function_at(n) for way in ways for n in self.index.callers.get(way, ())}
        return scope in ways

    def _slots(self, holder: Holder) -> Iterator[Growth]:
        """`keys[at] = key` of an array: no growth of it, but a place for something new."""
        for number in self.index.elements if holder.kind == "array" else ():
            bind = self.unit.effects[number]
            assert isinstance(bind, Bind)
            if self.unit.places[bind.target] == holder.place and bind.value != NONE:
                yield Growth(number, 0, "[]=", bind.key, (bind.value,))

    # -- parts

    def _is_about(self, release: Release, growth: Growth) -> bool:
        """Whether a release by the function that fills names what the other holder keeps, too."""
        if self.index.function_at(release.effect) != self.index.function_at(growth.effect):
            return True
        row = self.unit.values[release.key] if release.key != NONE else None
        return row is not None and row.kind == "place" and self.unit.places[row.place] in self._things(growth)

    def _in_buckets(self, growth: Growth, holder: Holder) -> bool:
        """Whether a growth of an entry counts: nothing takes out of the entries either."""
        return not growth.depth or all(release.depth != growth.depth for release in holder.releases)

    def keeps(self, holder: Holder) -> bool:
        """Whether nothing takes single entries out of a holder, bounds it, or hands it out."""
        row = holder.container
        if holder.bounded or (row is not None and (row.weak or row.bounded)):
            return False
        for release in holder.releases:
            scope = self.index.function(self.unit.effects[release.effect].scope)
            if release.selector in ENTRYWISE and release.depth == 0:
                return False
            if not self.growths.lifecycle.in_teardown(scope) and not self._only_at_start(release, scope):
                return False
        return not self.holders.hands_out(holder)

    def _only_at_start(self, release: Release, scope: int) -> bool:
        """Python: `clear()` that the constructor calls, and nothing else in the file, makes what there is."""
        callers = self.index.callers.get(scope, ()) if self.unit.language == "python" else ()
        return (
            release.selector in ("all", "rebind")
            and bool(callers)
            and all(
                self.unit.scopes[self.index.function_at(number)].kind == "constructor" for number in callers
            )
        )

    def _name(self, holder: Holder) -> str:
        place = holder.place
        return place.path[-1] if place.path else self.unit.symbols[place.symbol].name

    def _only_in_other_arm(self, kept: Holder, release: Release) -> bool:
        """`if (id != null) byId.remove(id); else byName.remove(name);`: either arm forgets one of them."""
        row = kept.container
        if kept.bounded or (row is not None and (row.weak or row.bounded)) or self.holders.hands_out(kept):
            return False
        return bool(kept.releases) and all(
            item.selector in ENTRYWISE and not item.depth and self.exclusive(item.effect, release.effect)
            for item in kept.releases
        )

    def exclusive(self, one: int, other: int) -> bool:
        """Whether two effects stand in the two arms of one test, or in two cases of one switch."""
        regions, effects = self.unit.regions, self.unit.effects
        if self._cases(one) and self._cases(one).isdisjoint(self._cases(other)) and self._cases(other):
            return True
        arms = {
            regions[index].test: regions[index].negated
            for index in self.index.regions(effects[one].region)
            if regions[index].kind == "branch"
        }
        return any(
            regions[index].kind == "branch"
            and arms.get(regions[index].test, regions[index].negated) != regions[index].negated
            for index in self.index.regions(effects[other].region)
        )

    def _cases(self, effect: int) -> set[int]:
        """The cases of a switch around an effect."""
        regions, values = self.unit.regions, self.unit.values
        return {
            index
            for index in self.index.regions(self.unit.effects[effect].region)
            if regions[index].test != NONE and values[regions[index].test].text == "case"
        }

    def _entrywise_release(self, holder: Holder) -> Release | None:
        """A release of single entries outside of roll-backs and of the functions that fill."""
        fills = {self.index.function_at(item.effect) for item in holder.growths}
        for release in holder.releases:
            effect = self.unit.effects[release.effect]
            if release.selector not in ENTRYWISE or release.depth:
                continue
            if any(self.unit.regions[r].kind == "except" for r in self.index.regions(effect.region)):
                continue  # a roll-back of what has just been added
            last = any(self.unit.regions[r].kind == "finally" for r in self.index.regions(effect.region))
            if last or self.index.function_at(release.effect) not in fills:
                return release
        return None

    def _together(self, growth: Growth, sibling: Growth) -> bool:
        """Whether two holders gain the same thing in the same function."""
        if growth.effect == sibling.effect:
            return False  # one site that fills the one or the other
        deep = growth.depth > (self.unit.language == "python")
        if deep or self.index.function_at(growth.effect) != self.index.function_at(sibling.effect):
            return False
        if self.exclusive(growth.effect, sibling.effect) or self._left_before(growth.effect, sibling.effect):
            return False  # either the one or the other is filled
        both = self._things(growth) & self._things(sibling)
        if both and self._is_one_of_many(sibling, both):
            return False
        return any(not self._is_set_between(thing, growth.effect, sibling.effect) for thing in both)

    def _is_set_between(self, thing: Place, one: int, other: int) -> bool:
        """`stack.push(current); current = made; all.put(key, current);`: two things under one name."""
        first, last = min(one, other), max(one, other)
        return any(first < number < last for number in self.index.binds.get(thing, ()))

    def _is_one_of_many(self, sibling: Growth, both: set[Place]) -> bool:
        """`for command in child.step(): sources[command] = child`: one thing under many keys.

        The end of one entry is not the end of the thing.
        """
        row = self.unit.values[sibling.key] if sibling.key != NONE else None
        key = self.unit.places[row.place] if row is not None and row.kind == "place" else None
        if key is None or key in both or self.unit.language != "python":
            return False
        loops = [
            self.unit.regions[index]
            for index in self.index.regions(self.unit.effects[sibling.effect].region)
            if self.unit.regions[index].kind == "loop" and self.unit.regions[index].iterates != NONE
        ]

        def is_bound(place: Place) -> bool:
            binds = self.index.binds.get(Place(place.symbol), ())
            return any(
                loop.at <= self.unit.effects[number].at < loop.end for loop in loops for number in binds
            )

        return is_bound(key) and not any(is_bound(thing) for thing in both)

    def _left_before(self, one: int, other: int) -> bool:
        """Whether the way that passes the first of two effects returns before the second."""
        first, last = min(one, other), max(one, other)
        return any(
            self.unit.regions[index].leaves in ("return", "raise", "continue")
            and self.unit.regions[index].last <= last
            for index in self.index.regions(self.unit.effects[first].region)
        )

    def _things(self, growth: Growth) -> set[Place]:
        """What is stored, and under which key, as places."""
        found: set[Place] = set()
        for value in (growth.key, *growth.values):
            if value == NONE:
                continue
            row = self.unit.values[value]
            if row.kind == "place":
                found.add(self.unit.places[row.place])
            elif row.kind == "container" and row.text == "tuple" and self.unit.language == "python":
                parts = [self.unit.values[part] for part in row.parts]
                found |= {self.unit.places[part.place] for part in parts if part.kind == "place"}
            elif row.kind == "call":
                call = self.unit.effects[row.call]
                assert isinstance(call, Call)
                if call.receiver != NONE and not call.args:
                    place = self.unit.places[call.receiver]  # `info.getId()` as a key
                    found.add(Place(place.symbol, (*place.path, f".{call.name}()"), place.call))
        return found
