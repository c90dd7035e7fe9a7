"""Parts that are started or made, and ought to end: the objects themselves are watched, in no container.

For rules whose finding names a part of an object (`Region.temp`), and nothing that it could be kept in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from leaklint.ir import NONE, Bind, Call, Delete
from leaklint.rule import Finding
from leaklint.runtime.outline import Namer, receiver_span
from leaklint.runtime.suspect import HolderPath, Release, Site

RULES = frozenset({"LK207", "LK208", "LK210"})
PARTNERS = frozenset({"LK109", "LK112", "LK114", "LK207", "LK208"})
"""Rules on what is left out where others are ended: a run proves nothing until those were ended."""

_TIMERS = ("Timer", "call_later", "call_at", "callLater", "after", "add_timeout", "enter", "enterabs")
_NAMED = re.compile(r"\w+(\.\w+)*")
_DOTTED = re.compile(r"[\w.]+\.(\w+)(?=\s*[:=])")

SHOWN = frozenset({"LK701"})
"""Rules on nodes of a page."""

_PUTS = frozenset({"append", "appendChild", "prepend"})

BLOCKS = frozenset({"LK642"})
"""Rules on blocks of memory that code allocates and frees by hand."""


def part(namer: Namer, finding: Finding) -> tuple[HolderPath, Site, int] | None:
    """The objects to count, where they are seen, and the scope of that; None for other findings."""
    if finding.code == "LK206" and namer.unit.language == "python":
        return _overwritten(namer, finding)
    if finding.code == "LK221":
        return _attached(namer, finding)
    if finding.code in SHOWN:
        return _shown(namer, finding)
    if finding.code not in RULES:
        return None
    unit = namer.unit
    places = [finding.at, *(row.at for row in finding.evidence if row.path == finding.path)]
    for at in places:
        for number, row in enumerate(unit.effects):
            if isinstance(row, Call) and at in (row.at, row.at_name) and row.receiver != NONE:
                receiver = receiver_span(namer, number)
                text = namer.source.text(receiver.at, receiver.end) if receiver else ""
                site = Site(namer.effect_span(number), receiver, row.name, namer.function(row.scope))
                return HolderPath("object", finding.holder, text), site, row.scope
            if isinstance(row, Bind) and row.at == at and row.value != NONE:
                value = unit.values[row.value]
                site = Site(namer.span(value.at, value.end), None, row.how, namer.function(row.scope))
                return HolderPath("object", finding.holder), site, row.scope
    return None


def _overwritten(namer: Namer, finding: Finding) -> tuple[HolderPath, Site, int] | None:
    """What a field holds before it is overwritten: seen as the line begins, and counted while it lives."""
    for number, row in enumerate(namer.unit.effects):
        if isinstance(row, Bind) and (row.at, row.end) == (finding.at, finding.end):
            place = namer.unit.places[row.target]
            name = _DOTTED.match(namer.source.text(row.at, row.end))
            if name is not None and place.path[-1:] == (f".{name[1]}",):
                site = Site(namer.effect_span(number), None, "overwrite", namer.function(row.scope))
                return HolderPath("object", finding.holder, name[0]), site, row.scope
    return None


def _shown(namer: Namer, finding: Finding) -> tuple[HolderPath, Site, int] | None:
    """What is put into the page: the node that `document.body.append(node)` is handed."""
    for number, row in enumerate(namer.unit.effects):
        found = isinstance(row, Call) and finding.at in (row.at, row.at_name) and row.end == finding.end
        if isinstance(row, Call) and found and row.name in _PUTS and len(row.args) == 1:
            value = namer.unit.values[row.args[0]]
            if value.kind == "place":
                node = namer.span(value.at, value.end)
                site = Site(namer.effect_span(number), node, row.name, namer.function(row.scope))
                return HolderPath("object", finding.holder), site, row.scope
    return None


def _attached(namer: Namer, finding: Finding) -> tuple[HolderPath, Site, int] | None:
    """What is attached: a function of the call, a handler, or the object of a bound method."""
    for found in namer.facts.attachments.found():
        row = namer.unit.effects[found.effect]
        if isinstance(row, Call) and finding.at in (row.at, row.at_name) and row.end == finding.end:
            value = namer.unit.values[found.callback]
            text = namer.source.text(value.at, value.end)
            if value.kind == "place" and _NAMED.fullmatch(text):
                site = Site(namer.effect_span(found.effect), None, row.name, namer.function(row.scope))
                return HolderPath("object", finding.holder, text), site, row.scope
    return None


def runs_out(namer: Namer, finding: Finding) -> bool:
    """Whether what is overwritten ends by itself after a time, as a timer does."""
    if finding.code != "LK206" or namer.unit.language != "python":
        return False
    calls = (number for name in _TIMERS for number in namer.facts.index.calls.get(name, ()))
    return any(finding.at <= namer.unit.effects[number].at < finding.end for number in calls)


def partners(namer: Namer, finding: Finding) -> Iterator[int]:
    """The effects that end what was started together with the subject of a finding, from its evidence."""
    if finding.code not in PARTNERS:
        return
    start = _function(namer, finding.at)
    made = {
        namer.unit.effects[holder.declared].at
        for holder in namer.facts.holders.by_place.values()
        if holder.declared != NONE
    }
    for evidence in finding.evidence:
        around = _function(namer, evidence.at)
        if namer.unit.scopes[around].kind in ("module", "class") or evidence.at in made:
            continue
        inside = [
            (number, row)
            for number, row in enumerate(namer.unit.effects)
            if isinstance(row, Call | Delete) and namer.facts.index.function(row.scope) == around != start
        ]
        exact = [number for number, row in inside if evidence.at in _starts(row)]
        yield from (exact or [number for number, _ in inside])[:1]


def freed(namer: Namer, finding: Finding) -> Iterator[Release]:
    """The pointers that the file hands back, for a finding on a block. Nothing has to call them: a function
    that leaves by another way frees nothing.
    """
    if finding.code not in BLOCKS:
        return
    calls = namer.facts.index.calls
    for number in (*calls.get("free", ()), *calls.get("_free", ())):
        row = namer.unit.effects[number]
        if isinstance(row, Call) and row.args:
            value = namer.unit.values[row.args[0]]
            yield Release(namer.span(value.at, value.end), namer.function(row.scope), called=False)


def _starts(row: Call | Delete) -> tuple[int, ...]:
    return (row.at, row.at_name) if isinstance(row, Call) else (row.at,)


def _function(namer: Namer, at: int) -> int:
    """The innermost function around a position."""
    around = [number for number, row in enumerate(namer.unit.scopes) if row.at <= at < row.end]
    return namer.facts.index.function(max(around, key=lambda number: namer.unit.scopes[number].at, default=0))
