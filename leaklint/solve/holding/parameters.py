"""Moves what a function does to a parameter to the holders that its callers hand over."""

from __future__ import annotations

from leaklint.ir import NONE, Call, Unit
from leaklint.solve.holding.holder import Growth, Release
from leaklint.solve.holding.ledger import Ledger


class Parameters:
    """Follows the calls of one unit."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.index = ledger.index
        self.unit: Unit = ledger.unit

    def move(self) -> None:
        """Do it for all calls of the unit, through as many as three functions."""
        unit = self.unit
        for _ in range(3):
            moved = False
            for scope, callers in self.index.callers.items():
                params = [p for p in unit.scopes[scope].params if "rest" not in unit.symbols[p].flags]
                touched = [
                    p for p in params if p in self.ledger.param_growths or p in self.ledger.param_releases
                ]
                if not touched and not self.ledger.by_place:
                    continue
                for number in callers:
                    call = unit.effects[number]
                    assert isinstance(call, Call)
                    for param, argument in zip(params, call.args, strict=False):
                        if param in touched:
                            moved |= self._move(param, argument, number)
                    for name, argument in call.keywords:
                        for param in touched:
                            if unit.symbols[param].name == name:
                                moved |= self._move(param, argument, number)
            if not moved:
                break

    def _move(self, param: int, argument: int, number: int) -> bool:
        moved = False
        for place in self.ledger.aliases.of_value(argument):
            for holder, base, depth in self.ledger.split(place):
                if holder is None and base.symbol == param:
                    continue
                growths = holder.growths if holder else self.ledger.param_growths[base.symbol]
                releases = holder.releases if holder else self.ledger.param_releases[base.symbol]
                kind = self.ledger.models.kind[holder.kind] if holder and not depth else None
                if depth and holder is not None and not self.ledger.holds_containers(holder):
                    continue
                for growth in self.ledger.param_growths.get(param, ()):
                    if kind and not growth.depth and growth.how[0].isalpha() and growth.how not in kind.grow:
                        continue  # a method of another kind of container
                    inner = growth.via if growth.via != NONE else growth.effect
                    if not any(known.effect == number and known.via == inner for known in growths):
                        growths.append(
                            Growth(number, depth + growth.depth, growth.how, growth.key, growth.values, inner)
                        )
                        moved = True
                for release in self.ledger.param_releases.get(param, ()):
                    if kind and not release.depth and release.how and release.how not in kind.release:
                        continue
                    inner = release.via if release.via != NONE else release.effect
                    if not any(known.effect == number and known.via == inner for known in releases):
                        releases.append(
                            Release(
                                number,
                                depth + release.depth,
                                release.selector,
                                release.key,
                                inner,
                                release.how,
                            )
                        )
                        moved = True
        return moved
