"""Tells whether a thread-local is set to something of the call, or filled where it was empty."""

from __future__ import annotations

from leaklint.ir import NONE
from leaklint.solve.index import Index
from leaklint.solve.repeats import Repeats


def is_of_call(index: Index, repeats: Repeats, effect: int) -> bool:
    """Whether the effect, which sets a thread-local, does so with each call."""
    if not repeats.repeats(effect):
        return False
    for number in index.regions(index.unit.effects[effect].region):
        region = index.unit.regions[number]
        if region.kind == "except" or (region.kind == "branch" and _tests_missing(index, region.test)):
            return False
    return True


def _tests_missing(index: Index, test: int) -> bool:
    """`x is None`, `x == null`, `not x`, `not hasattr(…)`: the value is made where there is none."""
    value = index.unit.values[test] if test != NONE else None
    if value is None or value.kind != "operation":
        return False
    if value.text == "not":
        return True
    parts = [index.unit.values[part] for part in value.parts]
    return value.text in ("is", "==") and any(part.kind == "null" for part in parts)
