"""Two holders filled together of which only one is emptied: the commonest shape of a missing removal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from leaklint.ir import NONE, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import ENTRYWISE, Growth, Holder, Release
from leaklint.solve.lazy import regex

# names of what has come in and waits to be dealt with once
_NEWS = regex(
    r"\.?_*(new|dirty|changed|updated|modified|fresh|todo|un(sent|known|resolved|handled|processed|visited))_?"
    r"(?![a-z])"
)
# names of what notes that something was dealt with, so as not to deal with it twice
_DONE = regex(
    r"\.?_*(loaded|seen|visited|done|finished|processed|handled|fetched|downloaded|completed|crawled|parsed)"
    r"(_\w*|[A-Z]\w*)?$"
)
_CHANGES = regex(r"(Draft|Transaction|Change[Ss]et|UnitOfWork)(Impl|Base)?$")


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
        for everything in (*self.groups().values(), *self._closures().values()):
            group = [holder for holder in everything if holder.growths]
            for kept in group if len(group) > 1 else ():
                if self._is_of_one_change(kept) or self._notes_done(kept):
                    continue
                found = self._find(kept, group)
                if found is not None:
                    yield found

    def _closures(self) -> dict[int, list[Holder]]:
        """JavaScript: a function that makes containers for the handlers which it hands on -> these."""
        groups: dict[int, list[Holder]] = defaultdict(list)
        for holder in self.holders.by_place.values() if self.unit.language == "javascript" else ():
            if holder.lifetime == "closure":
                groups[self.index.function(self.unit.symbols[holder.place.symbol].scope)].append(holder)
        return groups

    def groups(self) -> dict[int, list[Holder]]:
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
        return owner == NONE or not self.growths.lifecycle.is_short_lived(owner)

    def _is_of_one_change(self, holder: Holder) -> bool:
        """Whether the object around a holder notes what one change is to do, until that is done."""
        owner = self.unit.symbols[holder.place.symbol].target if holder.lifetime == "instance" else NONE
        return owner != NONE and bool(_CHANGES.search(self.unit.owners[owner].name))

    def _notes_done(self, holder: Holder) -> bool:
        """Python: `self.loaded_urls` of one piece of work, which must not load the same page twice."""
        owner = self.unit.symbols[holder.place.symbol].target if holder.lifetime == "instance" else NONE
        if self.unit.language != "python" or holder.kind != "set" or owner == NONE:
            return False
        return bool(_DONE.match(self._name(holder))) and not self.growths.lifecycle.lives_long(owner)

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
                if not self.growths.counting.counts(growth, kept) or not self.in_buckets(growth, kept):
                    continue
                if self.growths.counting.domain(growth, kept) == "small":
                    continue  # `self.handles[analyzer_type]`
                for sibling in other.growths:
                    if sibling.depth and other.kind == "list":
                        continue  # the top of a stack, which goes as a whole
                    if growth.depth and self._is_looked_into(kept, release):
                        continue
                    if self._moves(other, sibling, growth):
                        continue
                    if self._is_found_again(growth, sibling, release):
                        continue
                    if self.together(growth, sibling) and self._is_about(release, growth):
                        return HalfEmptied(kept, growth, other, sibling, release)
        return None

    def _moves(self, other: Holder, sibling: Growth, growth: Growth) -> bool:
        """`if (values.put(v, x) != null) { values.remove(v); doubles.add(v); }`: in one or in the other."""
        effects = self.unit.effects
        around = set(self.index.regions(effects[growth.effect].region))
        things = self._things(growth)
        for release in other.releases:
            row = self.unit.values[release.key] if release.key != NONE else None
            if (
                row is not None
                and row.kind == "place"
                and self.unit.places[row.place] in things
                and sibling.effect < release.effect
                and self.index.function_at(release.effect) == self.index.function_at(growth.effect)
                and around.issuperset(self.index.regions(effects[release.effect].region))
            ):
                return True
        return False

    def _is_found_again(self, growth: Growth, sibling: Growth, release: Release) -> bool:
        """Java: `part = parts.get(name); if (part == null) parts.put(name, part = …); open.push(part);`.

        What the one holds by name is used again; the other only says what is being worked on.
        """
        if self.unit.language != "java" or release.selector != "one":
            return False
        if growth.how == "computeIfAbsent":
            return True
        effects, regions = self.unit.effects, self.unit.regions
        outer = set(self.index.regions(effects[sibling.effect].region))
        return any(
            number not in outer
            and regions[number].kind == "branch"
            and self._asks_absent(regions[number].test)
            for number in self.index.regions(effects[growth.effect].region)
        )

    def _asks_absent(self, test: int) -> bool:
        """`part == null`, `!parts.containsKey(name)`."""
        row = self.unit.values[test] if test != NONE else None
        if row is None or row.kind != "operation":
            return False
        parts = [self.unit.values[part] for part in row.parts]
        if row.text == "==":
            return any(part.kind == "null" for part in parts)
        calls = [self.unit.effects[part.call] for part in parts if part.kind == "call"]
        return row.text in ("not", "!") and any(getattr(call, "name", "") == "containsKey" for call in calls)

    def _is_looked_into(self, kept: Holder, release: Release) -> bool:
        """JavaScript: whether a function that takes out of one holder has to do with the other as well.

        `byUser.set(id, byUser.get(id).filter(…))` takes out of a bucket by putting another one in place.
        """
        around = self.unit.scopes[self.index.function_at(release.effect)]
        if self.unit.language != "javascript":
            return False
        root, steps = kept.place.symbol, kept.place.path
        values = (self.unit.values[value] for value in self.index.references.get(root, ()))
        seen = [(row.at, row.place) for row in values]
        calls = (
            self.unit.effects[number]
            for number in self.index.of_function[self.index.function_at(release.effect)]
        )
        seen += [
            (call.at, call.receiver) for call in calls if isinstance(call, Call) and call.receiver != NONE
        ]
        return any(
            around.at <= at < around.end
            and self.unit.places[place].symbol == root
            and self.unit.places[place].path[: len(steps)] == steps
            for at, place in seen
        )

    def _is_about(self, release: Release, growth: Growth) -> bool:
        """Whether a release by the function that fills names what the other holder keeps, too."""
        if self.index.function_at(release.effect) != self.index.function_at(growth.effect):
            return True
        row = self.unit.values[release.key] if release.key != NONE else None
        return row is not None and row.kind == "place" and self.unit.places[row.place] in self._things(growth)

    def in_buckets(self, growth: Growth, holder: Holder) -> bool:
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

    def together(self, growth: Growth, sibling: Growth) -> bool:
        """Whether two holders gain the same thing in the same function."""
        if growth.effect == sibling.effect:
            return False  # one site that fills the one or the other
        deep = growth.depth > (self.unit.language != "java")
        if deep or not self._is_of_same_work(growth, sibling):
            return False
        if self.exclusive(growth.effect, sibling.effect) or self._left_before(growth.effect, sibling.effect):
            return False  # either the one or the other is filled
        both = self._things(growth) & self._things(sibling)
        if both and self._is_one_of_many(sibling, both):
            return False
        return any(not self._is_set_between(thing, growth.effect, sibling.effect) for thing in both)

    def _is_of_same_work(self, growth: Growth, sibling: Growth) -> bool:
        """Whether one function fills both; JavaScript: or a handler in it stores what the function got."""
        around = self.index.function_at(sibling.effect)
        inner = self.index.function_at(growth.effect)
        if inner == around:
            return True
        scope = self.unit.effects[growth.effect].scope
        if self.unit.language != "javascript" or around not in self.index.enclosing(scope):
            return False
        symbols = [self.index.symbol(place) for place in self._things(growth) & self._things(sibling)]
        return any(symbol is not None and self.index.function(symbol.scope) == around for symbol in symbols)

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
