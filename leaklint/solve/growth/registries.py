"""Objects that put themselves into a process-wide registry when they are made."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Bind, Call, Place, Unit
from leaklint.solve.growths import Growths
from leaklint.solve.holding.holder import Growth, Holder, Release
from leaklint.solve.lazy import regex

# names of classes that stand in for others in tests
_DOUBLE = regex(r"(?i)_?(assert|mock|fake|test|dummy|stub|spy|recording)")


class SelfRegistered(msgspec.Struct):
    """`growth` stores the new object in `holder`; `releases` take it out, if somebody calls them.

    ends: the method that ends one object and leaves it in, where only all leave together; or NONE.
    """

    holder: Holder
    growth: Growth
    owner: int
    releases: list[Release]
    finalizer: str  # name of a finalizer that would release, and can't run; "" without
    confidence: Confidence
    ends: int = NONE


class Registries:
    """Registries of one unit that keep their objects alive."""

    def __init__(self, growths: Growths) -> None:
        self.growths = growths
        self.index = growths.index
        self.unit: Unit = growths.unit

    def found(self) -> Iterator[SelfRegistered]:
        for holder in self.growths.holders.by_place.values():
            row = holder.container
            if holder.lifetime != "process" or holder.bounded or holder.default_of != NONE:
                continue
            if row is not None and (row.weak or row.bounded):
                continue
            for item in holder.growths:
                owner = self._registers(item)
                if owner != NONE and self.growths.counting.counts(item, holder):
                    registered = self._judge(holder, item, owner)
                    if registered is not None:
                        yield registered
                    break

    def _registers(self, item: Growth) -> int:
        """The owner whose constructor stores its own object, or NONE."""
        scope = self.index.function(self.unit.effects[item.effect].scope)
        row = self.unit.scopes[scope]
        if row.kind != "constructor" or row.owner == NONE or self.growths.repeats.is_singleton(row.owner):
            return NONE
        for value in (*item.values, item.key):
            if value != NONE and self.unit.values[value].kind == "place":
                place = self.unit.places[self.unit.values[value].place]
                if place.symbol == self.unit.owners[row.owner].this and not place.path:
                    return row.owner
        return NONE

    def _judge(self, holder: Holder, item: Growth, owner: int) -> SelfRegistered | None:
        """Without a release the registry keeps every object; one that only a finalizer calls never runs."""
        releases = [row for row in holder.releases if row.depth <= item.depth]
        if not releases:
            part = self.growths.configuration.registers_part(item)
            return SelfRegistered(holder, item, owner, [], "", "low" if part else "high")
        double = _DOUBLE.match(self.unit.owners[owner].name)
        if self.unit.language == "python" and not double and all(self._is_reset(row) for row in releases):
            return SelfRegistered(holder, item, owner, releases, "", "medium")  # no object leaves alone
        ends = self._forgetting(owner, releases)
        if ends != NONE and not double:
            return SelfRegistered(holder, item, owner, releases, "", "medium", ends)
        finalizer = self._finalizer(owner)
        for release in releases:
            scope = self.index.function(self.unit.effects[release.effect].scope)
            if not self.growths.lifecycle.in_teardown(scope):
                return None
        called = finalizer and self._calls_release(finalizer, releases)
        return SelfRegistered(
            holder,
            item,
            owner,
            releases,
            self.unit.scopes[finalizer].name if called else "",
            "medium" if called else "low",
        )

    def _forgetting(self, owner: int, releases: list[Release]) -> int:
        """The method that ends one object, and leaves it in a registry that is emptied as a whole only."""
        for release in releases:
            row = self.unit.scopes[self.index.function_at(release.effect)]
            if not self._is_emptying(release):
                return NONE
            if (
                row.kind == "method"
                and row.owner == owner
                and row.flags.isdisjoint(("static", "classmethod"))
            ):
                return NONE
        for scope in self.growths.lifecycle.teardown_of(owner):
            row = self.unit.scopes[scope]
            if "static" in row.flags or row.params or row.name.startswith("_"):
                continue
            if self._works(scope) and not self._hands_itself_on(owner, scope):
                return scope
        return NONE

    def _works(self, scope: int) -> bool:
        """Whether a method does more than its base class does."""
        calls = [self.unit.effects[number] for number in self.index.of_function.get(scope, ())]
        return any(isinstance(call, Call) and not self._is_of_base(call) for call in calls)

    def _is_of_base(self, call: Call) -> bool:
        symbol = self.index.symbol(self.unit.places[call.receiver]) if call.receiver != NONE else None
        return symbol is not None and symbol.kind == "super"

    def _hands_itself_on(self, owner: int, scope: int) -> bool:
        """Whether a method, or one that it calls, hands its object to a function, which may take it out."""
        this = Place(self.unit.owners[owner].this)
        reached, pending = {scope}, [scope]
        while pending:
            for number in self.index.of_function.get(pending.pop(), ()):
                call = self.unit.effects[number]
                if not isinstance(call, Call):
                    continue
                given = [self.unit.values[value] for value in call.args]
                if any(row.kind == "place" and self.unit.places[row.place] == this for row in given):
                    return True
                callee = self.index.callee_scope(number)
                if callee != NONE and callee not in reached:
                    reached.add(callee)
                    pending.append(callee)
        return False

    def _is_emptying(self, release: Release) -> bool:
        """`clear()`, `= []`, `poll()` until nothing is left, `length = 0`."""
        bind = self.unit.effects[release.effect]
        if release.selector == "some" and isinstance(bind, Bind) and bind.value != NONE:
            return self.unit.values[bind.value].text == "0"
        return release.selector in ("all", "rebind", "one")

    def _is_reset(self, release: Release) -> bool:
        """`reset()` of the whole program or class, as tests call it."""
        scope = self.index.function(self.growths.unit.effects[release.effect].scope)
        if release.selector not in ("all", "rebind"):
            return False
        return self.unit.scopes[scope].name in ("reset", "clear", "_reset", "clear_all", "reset_all")

    def _finalizer(self, owner: int) -> int:
        names = self.index.method_names.get(owner, {})
        return names.get("__del__", names.get("finalize", 0))

    def _calls_release(self, finalizer: int, releases: list[Release]) -> bool:
        """Whether a finalizer releases, itself or through a method of its class."""
        scopes = {self.index.function(self.unit.effects[row.effect].scope) for row in releases}
        if finalizer in scopes:
            return True
        return any(
            self.index.function(self.unit.effects[number].scope) == finalizer
            for scope in scopes
            for number in self.index.callers.get(scope, ())
            if isinstance(self.unit.effects[number], Call)
        )
