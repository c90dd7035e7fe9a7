"""ineffective-removal (LK202): a removal that removes nothing, because it names something else.

## What it does
Reports `removeEventListener`, `off` and the like whose function, event, target or capture flag is
not that of the listener that was added.

## Why is this bad?
Removal compares identities. A new arrow function, a second `bind()`, another capture flag match
nothing, no error is raised, and the listener stays with everything that it keeps alive.

## Example
```js bad
class Menu {
  open() {
    document.addEventListener("click", this.close.bind(this));
  }

  dispose() {
    document.removeEventListener("click", this.close.bind(this));
  }
}
```

```java bad
class Chart {
  private final QuoteBus bus;
  Chart(QuoteBus bus) {
    this.bus = bus;
  }
  void open() {
    bus.addListener(this::quoted);
  }
  void close() {
    bus.removeListener(this::quoted);
  }
  private void quoted(Quote quote) {
    draw(quote);
  }
}
```

## Use instead
```js good
class Menu {
  onClick = () => this.close();

  open() {
    document.addEventListener("click", this.onClick);
  }

  dispose() {
    document.removeEventListener("click", this.onClick);
  }
}
```

```java good
class Chart {
  private final QuoteBus bus;
  private final Consumer<Quote> listener = this::quoted;
  Chart(QuoteBus bus) {
    this.bus = bus;
  }
  void open() {
    bus.addListener(listener);
  }
  void close() {
    bus.removeListener(listener);
  }
  private void quoted(Quote quote) {
    draw(quote);
  }
}
```

## When it stays silent
The removal may name the same function (a parameter, an alias, something computed), or matches
another addition; only a certain difference counts.

## Runtime check
Opens and disposes the owner; confirmed if the target's listener count grows with every round.

## References
- [Matching event listeners for removal](https://developer.mozilla.org/docs/Web/API/EventTarget/removeEventListener#matching_event_listeners_for_removal)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.pairing.acquisition import Acquisition, Removal

_WHY = {
    "nothing": "it names what the addition gave back, which is `undefined` and not the listener",
    "function": "it names another function object than the one that was added",
    "capture": "its capture flag differs",
    "event": "it names another event",
    "property": "listeners of one property and those of all are kept apart",
    "receiver": "it is called on another target",
    "new": "it names a function that this call has only just made",
}
_ADDS = "This clean-up adds the listener to `{holder}` again instead of removing it."


class IneffectiveRemoval(Rule):
    code = "LK202"
    languages: ClassVar[tuple[str, ...]] = ("javascript", "java")
    message = "This removal takes nothing from `{holder}`: {why}, so the {event}listener stays."
    advice = "Pass the very function, event and capture flag that were added."

    def check(self, facts: Facts) -> Iterator[Finding]:
        pairs = facts.pairs
        for first, again in facts.mixups.found():
            call = facts.call(again.effect)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=narrate.target(facts, again.receiver),
                confidence="high",
                evidence=[
                    facts.evidence(first.effect, "the listener is added here"),
                    facts.evidence(again.effect, "the clean-up adds it again"),
                ],
                message=_ADDS,
                advice="Remove it here.",
            )
        for item, early in facts.beforehand.found():
            call = facts.call(early)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=narrate.target(facts, item.receiver),
                confidence="medium",
                evidence=[
                    facts.evidence(early, _WHY["new"]),
                    facts.evidence(item.effect, "each call adds its own function here"),
                ],
                why=_WHY["new"],
                event=self._event(facts, item.event),
                advice="Keep the function outside of the call, or remove the listener when the work ends.",
            )
        seen = {row.effect for rows in pairs.removals.values() for row in rows if row.matches}
        for pair in facts.models.pair:
            if pair.kind != "listener":
                continue
            for removal in pairs.removals.get(pair.name, ()):
                if removal.effect in seen:
                    continue  # a call that undoes more than one sort of listener
                seen.add(removal.effect)
                if removal.matches or removal.call.ends_all or removal.call.callback < 0:
                    continue  # it undoes something, or everything
                missed = [
                    (item, why)
                    for item in pairs.acquisitions
                    for effect, why in item.missed_by
                    if effect == removal.effect and not item.released_by
                ]
                if facts.unit.language == "java" and not self._is_new_function(facts, removal):
                    # else the classes of other files decide what equals what
                    missed = [(item, why) for item, why in missed if why == "property"]
                    if not missed:
                        continue
                if missed:
                    yield self._report(facts, removal, missed[0][1], missed[0][0])
                elif self._names_a_new_function(facts, removal):
                    yield self._report(facts, removal, "function", None)

    def _names_a_new_function(self, facts: Facts, removal: Removal) -> bool:
        """An inline or newly bound function was never added anywhere."""
        kind, _ = facts.pairs.callbacks.identity(removal.callback)
        return removal.callback != NONE and kind in ("inline", "rebound")

    def _is_new_function(self, facts: Facts, removal: Removal) -> bool:
        """A lambda, a method reference, or what a method makes anew: an object that was never added."""
        row = facts.unit.values[removal.callback] if removal.callback != NONE else None
        if row is None:
            return False
        if row.kind == "call":
            return facts.pairs.callbacks.gives_new(row.call)
        return row.kind in ("closure", "place") and self._names_a_new_function(facts, removal)

    def _report(self, facts: Facts, removal: Removal, why: str, added: Acquisition | None) -> Finding:
        call = facts.call(removal.effect)
        if why == "function" and facts.pairs.callbacks.identity(removal.callback)[0] == "nothing":
            why = "nothing"
        said = facts.evidence(removal.effect, _WHY[why])
        return self.finding(
            facts,
            call.at_name or call.at,
            call.end,
            holder=narrate.target(facts, removal.receiver),
            confidence="high" if added else "medium",
            evidence=[facts.evidence(added.effect, "the listener is added here"), said] if added else [said],
            why=_WHY[why],
            event=self._event(facts, removal.event if added is None else added.event),
        )

    def _event(self, facts: Facts, event: int) -> str:
        """The name of an event as messages tell it, if it is written down."""
        value = facts.unit.values[event] if event != NONE else None
        return f"`{value.text}` " if value is not None and value.kind == "string" else ""
