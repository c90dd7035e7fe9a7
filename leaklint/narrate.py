"""The words and the evidence that rules share: who keeps whom alive, where, and what was looked for."""

from __future__ import annotations

from collections.abc import Sequence

from leaklint.evidence import Confidence
from leaklint.ir import NONE, Call
from leaklint.rule import Evidence, Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.acquired import Leak
from leaklint.solve.growth.putbacks import PutBack
from leaklint.solve.growth.siblings import HalfEmptied
from leaklint.solve.growth.undos import Undo
from leaklint.solve.growths import Judgement
from leaklint.solve.holding.holder import Growth, Holder
from leaklint.solve.names import callee_name

_KEYS = {
    "parameter": ", and its keys come from the caller",
    "fresh": ", and its keys are new each time",
    "computed": "",
}

_UNDONE = (
    "`{holder}` keeps a copy of the whole ({state}) for every change that {where} makes: "
    "only undoing takes one out."
)
_PUT_BACK = (
    "`{holder}` keeps every {what} that {where} adds while deliveries fail: "
    "what could not be sent is put back, without a limit."
)


def growth(
    rule: Rule, facts: Facts, found: Judgement, captured: str = "", message: str | None = None
) -> Finding:
    """A finding about a holder that grows; primary location is the first growth that counts."""
    first = found.growths[0]
    effect = facts.unit.effects[first.effect]
    at = effect.at_name if isinstance(effect, Call) and effect.at_name else effect.at
    value = first.values[0] if first.values else NONE
    keys = _KEYS.get(found.domain, "") if first.key != NONE and first.depth == 0 else ""
    return rule.finding(
        facts,
        at,
        effect.end,
        holder=facts.holder_name(found.holder.place),
        confidence=found.confidence,
        message=message,
        evidence=growth_evidence(facts, found),
        what=f"`{facts.text(value)}`" if value != NONE else "entry",
        where=f"`{facts.scope_name(effect.scope)}()`",
        keys=keys,
        release=released(found),
        captured=captured,
    )


def released(found: Judgement) -> str:
    """What is known of removal, as a clause."""
    if not found.ignored:
        return "nothing removes entries"
    return f"the code that removes entries does not help, because {found.ignored[0][1]}"


def growth_evidence(facts: Facts, found: Judgement) -> list[Evidence]:
    """The declaration first, then every growth, then the releases that do not help."""
    rows: list[Evidence] = []
    holder = found.holder
    name = facts.place_text(holder.place)
    declared = facts.declaration(holder.place, holder.declared, f"`{name}` is made here and lives on")
    if declared is not None:
        rows.append(declared)
    for item in found.growths[:8]:
        rows.append(facts.evidence(item.effect, f"`{name}` grows here, each time this runs"))
        if item.via != NONE:
            rows.append(facts.evidence(item.via, "inside this helper"))
    for release, reason in found.ignored[:4]:
        rows.append(facts.evidence(release.effect, f"this release does not help: {reason}"))
    return rows


def held(
    rule: Rule,
    facts: Facts,
    holder: Holder,
    item: Growth,
    *,
    confidence: Confidence,
    more: list[Evidence],
    state: str = "",
    message: str | None = None,
) -> Finding:
    """A finding about one growth of a holder: declaration and growth first, then `more`."""
    effect = facts.unit.effects[item.effect]
    value = item.values[0] if item.values else NONE
    name = facts.place_text(holder.place)
    declared = facts.declaration(holder.place, holder.declared, f"`{name}` is made here and lives on")
    return rule.finding(
        facts,
        effect.at_name if isinstance(effect, Call) and effect.at_name else effect.at,
        effect.end,
        holder=facts.holder_name(holder.place),
        confidence=confidence,
        message=message,
        evidence=[
            *([declared] if declared else []),
            facts.evidence(item.effect, f"`{name}` grows here, each time this runs"),
            *more,
        ],
        what=f"`{facts.text(value)}`" if value != NONE else "entry",
        where=f"`{facts.scope_name(effect.scope)}()`",
        state=state,
    )


def put_back(rule: Rule, facts: Facts, found: PutBack) -> Finding:
    """A finding about a buffer without a limit that takes back what could not be delivered."""
    return held(
        rule,
        facts,
        found.holder,
        found.growth,
        confidence="medium",
        more=[facts.evidence(found.back, "what could not be delivered is put back here")],
        message=_PUT_BACK,
    )


def undone(rule: Rule, facts: Facts, found: Undo) -> Finding:
    """A finding about a list of what can be undone that gets a copy of the whole with every change."""
    return held(
        rule,
        facts,
        found.holder,
        found.growth,
        confidence="medium",
        more=[facts.evidence(found.back, "only what is undone leaves it")],
        message=_UNDONE,
        state=f"`{facts.text(found.copy)}`",
    )


def half_emptied(rule: Rule, facts: Facts, found: HalfEmptied) -> Finding:
    """A finding about a holder whose sibling alone is emptied; primary location is its growth."""
    effect = facts.unit.effects[found.growth.effect]
    at = effect.at_name if isinstance(effect, Call) and effect.at_name else effect.at
    value = found.growth.values[0] if found.growth.values else NONE
    kept, emptied = facts.place_text(found.kept.place), facts.place_text(found.emptied.place)
    rows = [
        facts.declaration(found.kept.place, found.kept.declared, f"`{kept}` is made here and lives on"),
        facts.evidence(found.growth.effect, f"`{kept}` grows here"),
        facts.evidence(found.sibling.effect, f"together with `{emptied}`"),
        facts.evidence(found.release.effect, f"taken out of `{emptied}` only"),
    ]
    removing = facts.scope_name(facts.unit.effects[found.release.effect].scope)
    return rule.finding(
        facts,
        at,
        effect.end,
        holder=facts.holder_name(found.kept.place),
        confidence="medium" if facts.siblings.is_lasting(found.kept) else "low",
        evidence=[row for row in rows if row is not None],
        what=f"`{facts.text(value)}`" if value != NONE else "entry",
        where=f"`{facts.scope_name(effect.scope)}()`",
        removed=f"`{removing}()`",
        sibling=f"`{facts.holder_name(found.emptied.place)}`",
    )


def acquisition(
    rule: Rule,
    facts: Facts,
    leak: Leak,
    *,
    holder: str,
    confidence: Confidence | None = None,
    what: str = "",
    remedy: str = "",
    state: str = "",
    others: Sequence[Leak] = (),
) -> Finding:
    """A finding about something acquired and never released; primary location is the acquiring call.

    others: further acquisitions of the same holder by the same owner.
    """
    item = leak.item
    call = facts.call(item.effect)
    rows = [facts.evidence(item.effect, f"{item.pair.name} is added here, each time this runs")]
    for other in others[:6]:
        rows.append(facts.evidence(other.item.effect, f"and so is its {event(facts, other)}listener"))
    if leak.unused_release != NONE:
        rows.append(facts.evidence(leak.unused_release, f"this release does not help: {leak.unused_why}"))
    rows += [
        facts.evidence(effect, f"this removal does not match: other {reason}")
        for effect, reason in item.missed_by[:4]
    ]
    return rule.finding(
        facts,
        call.at_name or call.at,
        call.end,
        holder=holder,
        confidence=confidence or leak.confidence,
        evidence=rows,
        what=what or item.pair.name,
        where=f"`{facts.scope_name(call.scope)}()`",
        owner=leak.owner,
        event=event(facts, leak),
        remedy=remedy,
        state=state,
    )


def event(facts: Facts, leak: Leak) -> str:
    """The event of a listener as it reads in a sentence, with a blank behind; empty if unknown."""
    if leak.item.pair.named:
        return f"`{facts.call(leak.item.effect).name}` "
    if leak.item.event == NONE:
        return ""
    value = facts.unit.values[leak.item.event]
    return f"`{value.text}` " if value.kind == "string" else ""


def receiver(facts: Facts, leak: Leak) -> str:
    """The name of what a listener is added to."""
    return target(facts, leak.item.receiver)


def target(facts: Facts, receiver: int) -> str:
    """The name of what listeners are added to or taken from. receiver: its place; NONE for the window."""
    if receiver == NONE:
        return "window"
    place = facts.aliases.of(receiver)[0]
    return facts.place_text(place) if place.symbol == NONE and not place.path else facts.holder_name(place)


def registry(facts: Facts, leak: Leak) -> str:
    """The name of a process-wide list that is added to."""
    return callee_name(facts.unit, leak.item.effect) or facts.call(leak.item.effect).name
