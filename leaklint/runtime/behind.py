"""Holders behind the line that a finding points at: what a called method fills, what a read fills."""

from __future__ import annotations

from typing import NamedTuple

from leaklint.ir import NONE, Call
from leaklint.rule import Finding
from leaklint.runtime.outline import Namer
from leaklint.solve.holding.holder import Growth, Holder

CALLS = frozenset({"LK124", "LK221"})
"""Rules that point at a call such as `feed.attach(page)`, and know nothing of what it does."""
READS = frozenset({"LK122"})
"""Rules that point at a read which stores."""


class Behind(NamedTuple):
    """A holder, what fills it there, and the call that a finding points at; NONE for a plain read."""

    holder: Holder
    growths: list[Growth]
    call: int


def behind(namer: Namer, finding: Finding) -> Behind | None:
    """The holder that the subject of a finding fills, where the file has it and it is one only."""
    if finding.code in READS:
        names = namer.facts.holder_name
        rows = namer.facts.holders.by_place.values()
        return next((Behind(row, [], NONE) for row in rows if names(row.place) == finding.holder), None)
    if finding.code in CALLS:
        for number, row in enumerate(namer.unit.effects):
            if isinstance(row, Call) and finding.at in (row.at, row.at_name) and row.end == finding.end:
                return _filled(namer, number, row)
    return None


def _filled(namer: Namer, number: int, call: Call) -> Behind | None:
    """By the function that is called: the one that is known, else every method of that name."""
    known = namer.facts.index.callee_scope(number)
    scopes = {known}
    if known == NONE and call.receiver != NONE:
        scopes = {names[call.name] for names in namer.facts.index.method_names.values() if call.name in names}
    found = []
    for holder in namer.facts.holders.by_place.values():
        growths = [item for item in holder.growths if namer.facts.index.function_at(item.effect) in scopes]
        if growths:
            found.append(Behind(holder, growths, number))
    return found[0] if len(found) == 1 else None
