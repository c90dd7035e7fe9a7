"""Java: findings about one object, of which no container says whether it leaks.

The object in a static field (LK303, LK304), and the object that listeners are added to (LK209).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from leaklint.ir import NONE, Call, Place
from leaklint.rule import Finding
from leaklint.runtime.outline import Namer, receiver_span
from leaklint.runtime.paths import holder_path
from leaklint.runtime.suspect import HolderPath, Site


class Single(NamedTuple):
    """What to watch, where, and the scopes of that."""

    holder: HolderPath
    sites: tuple[Site, ...]
    scopes: tuple[int, ...]


def single(namer: Namer, finding: Finding) -> Single | None:
    """The one object that a finding is about; None for other findings."""
    if namer.unit.language != "java":
        return None
    match finding.code:
        case "LK209":
            return _target(namer, finding)
        case "LK303":
            return _exception(namer, finding)
        case "LK304":
            return _reference(namer, finding)
    return None


def _target(namer: Namer, finding: Finding) -> Single | None:
    for number, row in enumerate(namer.unit.effects):
        if isinstance(row, Call) and finding.at in (row.at, row.at_name) and row.receiver != NONE:
            receiver = receiver_span(namer, number)
            text = namer.source.text(receiver.at, receiver.end) if receiver else ""
            site = Site(namer.effect_span(number), receiver, row.name, namer.function(row.scope))
            return Single(HolderPath("listener", finding.holder, text), (site,), (row.scope,))
    return None


def _reference(namer: Namer, finding: Finding) -> Single | None:
    statics = namer.facts.statics
    for found in (*statics.references(), *statics.singletons()):
        bind = namer.unit.effects[found.bind]
        if bind.at == finding.at:
            uses = list(_uses(namer, found.place))  # a static initialiser runs before any call
            function = namer.function(bind.scope)
            if function:
                uses.insert(0, (Site(namer.effect_span(found.bind), None, "set", function), bind.scope))
            sites = tuple(site for site, _ in uses)
            return Single(_static(namer, found.place, "reference"), sites, tuple(row for _, row in uses))
    return None


def _exception(namer: Namer, finding: Finding) -> Single | None:
    """It is made once; what counts is what it is used for, and gathers by that."""
    for found in namer.facts.statics.throwables():
        if namer.unit.effects[found.bind].at == finding.at:
            uses = list(_uses(namer, found.place))
            sites = tuple(site for site, _ in uses)
            scopes = tuple(scope for _, scope in uses)
            return Single(_static(namer, found.place, "exception"), sites, scopes) if uses else None
    return None


def _static(namer: Namer, place: Place, kind: str) -> HolderPath:
    path = holder_path(namer, place, None)
    return HolderPath(kind, path.text, path.name, path.owner, private=path.private)  # type: ignore[arg-type]


def _uses(namer: Namer, place: Place) -> Iterator[tuple[Site, int]]:
    """Where methods read a place."""
    unit = namer.unit
    for value in unit.values:
        if value.kind != "place" or value.place == NONE or unit.places[value.place] != place:
            continue
        around = [number for number, row in enumerate(unit.scopes) if row.at <= value.at < row.end]
        scope = max(around, key=lambda number: unit.scopes[number].at)
        if namer.function(scope):
            yield Site(namer.span(value.at, value.end), None, "use", namer.function(scope)), scope
