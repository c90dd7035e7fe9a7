"""listener-not-removed (LK201): a listener outlives the object that added it.

## What it does
Reports a listener added to a longer-lived target (the window, the document, a shared emitter or socket, the
abort signal of a caller) by code that runs again and again, and never removed, or not when the work fails.

Two one-time listeners for two outcomes of one call count too: only the one that fires is taken off. So does
a listener of a call whose clean-up takes off the others, one that the handler of an event adds to what it
hears, one that waits for an answer and stays where a timeout gives up the wait, one that each piece of work
adds to what it takes out of a pool, and in React one that is added while a component renders.

## Why is this bad?
The target keeps the handler, and the handler keeps everything that it closes over. Each new owner
adds one more: memory grows with use, and every event runs all of them.

## Example
```js bad
class Chart {
  constructor(element) {
    this.element = element;
    window.addEventListener("resize", () => this.draw());
  }
}
```
```java bad
class Panel {
  Panel() {
    Theme.CURRENT.addThemeListener(this::repaint);
  }

  void dispose() {
  }
}
```

## Use instead
```js good
class Chart {
  constructor(element, signal) {
    this.element = element;
    window.addEventListener("resize", () => this.draw(), { signal });
  }
}
```
```java good
class Panel {
  private final ThemeListener listener = this::repaint;

  Panel() {
    Theme.CURRENT.addThemeListener(listener);
  }

  void dispose() {
    Theme.CURRENT.removeThemeListener(listener);
  }
}
```

## When it stays silent
In Java: what a class that is never closed listens to; targets that were handed to a method; classes of the
project that keep their listeners weakly. The target
and the handler die together (the target is `this`, was made here, or can't be resolved); `once`, an
abort signal; a removal of the same event and handler anywhere in the file; the same module-level
function added again; code that runs once. Waits that a timeout gives up: the timeout takes
it off, or calls what may do so. Outcomes: of the object itself, of what the call opens or ends, or
where a handler calls a function of the call, which may take both off. Clean-ups that end the target.

## Runtime check
Creates and drops the owner; confirmed if the target's listener count grows with every round.

## References
- [EventTarget.removeEventListener](https://developer.mozilla.org/docs/Web/API/EventTarget/removeEventListener)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.ir import NONE
from leaklint.rule import CONFIDENCES, Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.acquired import Leak
from leaklint.solve.subscription import givenup, rendering

_HOOKS = {"vue": "onBeforeUnmount", "svelte": "onDestroy"}


class ListenerNotRemoved(Rule):
    code = "LK201"
    languages: ClassVar[tuple[str, ...]] = ("javascript", "java")
    message = "`{holder}` keeps {owner} alive: its {event}listener {state}."
    advice = "{remedy}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        rows = [row for rows in facts.pairs.removals.values() for row in rows]
        idle = {row.effect for row in rows if not row.matches} - {row.effect for row in rows if row.matches}
        mixed = {item.effect for pair in facts.mixups.found() for item in pair}
        groups: dict[tuple[str, str] | int, list[Leak]] = {}
        for leak in facts.acquired.leaks("listener"):
            if leak.item.effect in mixed or any(
                why in ("function", "capture", "event", "property") and row in idle
                for row, why in leak.item.missed_by
            ):
                continue  # LK202 names the removal that misses
            by = leak.item.within if leak.item.event == NONE else NONE
            key = (narrate.receiver(facts, leak), leak.owner)
            groups.setdefault(by if by != NONE else key, []).append(leak)  # a helper that knows the event
        for leaks in groups.values():
            leak = max(leaks, key=lambda each: CONFIDENCES.index(each.confidence))
            holder = narrate.receiver(facts, leak)
            yield narrate.acquisition(
                self,
                facts,
                leak,
                holder=holder,
                remedy=remedy(leak, facts.unit.language, facts.unit.dialect),
                state=_state(leak),
                others=[each for each in leaks if each is not leak and each.confidence == leak.confidence],
            )


def _state(leak: Leak) -> str:
    if leak.unused_why == givenup.WHY:
        return "stays when a timeout gives up the wait"
    if leak.item.once:
        return "stays until that event comes"
    return "may never be removed" if leak.unused_why == rendering.WHY else "is never removed"


def remedy(leak: Leak, language: str, dialect: str) -> str:
    """What to do, in the terms of the code at hand."""
    teardown = leak.teardown
    if leak.unused_why == rendering.WHY:
        return "Add it in the effect that removes it."
    if leak.unused_why == givenup.WHY:
        return "Remove it in the timeout as well."
    if leak.item.once and leak.owner == "each call":
        return "Remove it as well when the call is over in another way."
    if dialect in _HOOKS:
        return f"Remove it in `{_HOOKS[dialect]}`."
    if leak.where == "effect":
        return "Return a clean-up function that removes it."
    if leak.owner == "each call":
        return "Remove it when what this call began is over, or add it once."
    if language == "java":
        return f"Remove it in `{teardown}()`." if teardown else "Remove it when the object is done with."
    if teardown:
        return f"Remove it in `{teardown}()`, or pass an abort signal."
    return "Keep the handler and remove it when its owner ends, or pass an abort signal."
