"""The way out on which something stays, for rules that say that a removal is passed by.

Such a removal does not run when the leak happens. What has to run instead is the statement by which the
work leaves: an early return, or a call that raises or gives up.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaklint.ir import Bind, Call, Leave
from leaklint.rule import Finding
from leaklint.runtime.outline import Namer
from leaklint.runtime.suspect import Suspect

RULES = frozenset({"LK115", "LK124"})
LEAVES = "this way out leaves it in"
"""Marks a statement that leaves: when it ran, that way was taken."""
MAY_FAIL = "a failure here leaves it in"
"""Marks a call that both ways pass."""


PUT_BACK = "what could not be delivered is put back here"
"""The evidence of a buffer that only failing deliveries fill."""


def _put_back(namer: Namer, finding: Finding) -> Iterator[tuple[int, str]]:
    places = {(row.at, row.end) for row in finding.evidence if row.message == PUT_BACK}
    for number, effect in enumerate(namer.unit.effects):
        if isinstance(effect, Bind | Call) and (effect.at, effect.end) in places:
            yield number, LEAVES


def ways_out(namer: Namer, finding: Finding, suspect: Suspect) -> Iterator[tuple[int, str]]:
    """Effects on that way, each with LEAVES or MAY_FAIL, from the evidence of a finding.

    The rest of the evidence is known to the suspect: what adds, what removes, and where it is declared.
    """
    if finding.code not in RULES:
        yield from _put_back(namer, finding)
        return
    known = [site.span for site in suspect.sites] + [release.span for release in suspect.releases]
    known += [suspect.declaration] if suspect.declaration is not None else []
    for row in finding.evidence:
        if row.path != finding.path or any(span.at <= row.at < span.end for span in known):
            continue
        for number, effect in enumerate(namer.unit.effects):
            if effect.end != row.end or namer.facts.index.function(effect.scope) == 0:
                continue
            if isinstance(effect, Leave | Bind) and effect.at == row.at:
                waits = isinstance(effect, Leave) and effect.how in ("await", "yield")
                if _begins_way_out(namer, number) or (isinstance(effect, Leave) and not waits):
                    yield number, LEAVES
                elif waits and finding.code == "LK115":
                    yield number, MAY_FAIL
                break
            called = isinstance(effect, Call) and row.at in (effect.at, effect.at_name)
            if called and finding.code == "LK115":
                yield number, LEAVES if _begins_way_out(namer, number) else MAY_FAIL
                break
    if finding.code == "LK115" and namer.unit.language == "javascript":
        yield from ((number, MAY_FAIL) for number in dict.fromkeys(_continued(namer, finding)))


def _begins_way_out(namer: Namer, effect: int) -> bool:
    """Whether an effect is the first of a branch that leaves: `if (error) { log(error); return; }`."""
    return any(
        row.kind == "branch" and row.leaves in ("return", "raise") and row.first == effect
        for row in namer.unit.regions
    )


def _continued(namer: Namer, finding: Finding) -> Iterator[int]:
    """The calls that are given the functions in which entries are taken out: `work.then(() => ...)`."""
    unit, index = namer.unit, namer.facts.index
    for row in finding.evidence:
        for effect in unit.effects:
            if isinstance(effect, Call) and row.end == effect.end and row.at in (effect.at, effect.at_name):
                given = index.argument_of.get(index.function(effect.scope))
                call = unit.effects[given[0]] if given is not None else None
                if given is not None and isinstance(call, Call) and call.name == "then":
                    yield given[0]
