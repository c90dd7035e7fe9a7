"""Holders that a method which clears its object leaves full, although it empties what is filled with them."""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Scope, Unit
from leaklint.solve.growth.siblings import HalfEmptied, Siblings
from leaklint.solve.holding.holder import ENTRYWISE, Growth, Holder, Release
from leaklint.solve.lazy import regex

# names of methods that empty their object as a whole
_CLEARS = regex(
    r"(?i)_*(clear|reset|empty|remove_?all|delete_?all)_?(all|caches?|data|entries|items|elements)?_*"
)
# names of what is meant to outlast such a method
_EVER = regex(r"(?i)\.?_*(all|seen|used|visited|known|past|history|pool|free|total|ever|loaded|registered)")


class PassedBy:
    """Such holders of one unit."""

    def __init__(self, siblings: Siblings) -> None:
        self._siblings = siblings
        self.growths = siblings.growths
        self.holders = siblings.holders
        self.index = siblings.index
        self.unit: Unit = siblings.unit

    def found(self) -> Iterator[HalfEmptied]:
        """Each holder that `clear()` leaves full, although it empties what is filled together with it."""
        for group in self._siblings.groups().values() if any(map(self._clears, self.unit.scopes)) else ():
            emptied = [(other, release) for other in group for release in self._emptyings(other)]
            for kept in group if emptied else ():
                found = self._find_passed(kept, emptied)
                if found is not None:
                    yield found

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
        if _EVER.match(self.index.last_name(kept.place)) or any(
            item.selector not in ENTRYWISE or self._empties(item) for item in kept.releases
        ):
            return None
        for growth in kept.growths:
            if not self.growths.counting.counts(growth, kept) or not self._siblings.in_buckets(growth, kept):
                continue
            for other, release in emptied if growth.values else ():
                clears = self.index.function_at(release.effect)
                if other is kept or clears == self.index.function_at(growth.effect):
                    continue
                if kept.releases and (self._walks(clears) or self._is_reached(kept, clears)):
                    continue
                for sibling in (*other.growths, *self._slots(other)):
                    if self._siblings.together(growth, sibling):
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
