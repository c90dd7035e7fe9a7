"""Parts that are started or made, and ought to end: the objects themselves are watched, in no container.

For rules whose finding names a part of an object (`Region.temp`), and nothing that it could be kept in.
"""

from __future__ import annotations

from leaklint.ir import NONE, Bind, Call
from leaklint.rule import Finding
from leaklint.runtime.outline import Namer, receiver_span
from leaklint.runtime.suspect import HolderPath, Site

RULES = frozenset({"LK207", "LK208", "LK210"})


def part(namer: Namer, finding: Finding) -> tuple[HolderPath, Site, int] | None:
    """The objects to count, where they are seen, and the scope of that; None for other findings."""
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
