"""observer-not-disconnected (LK204): a DOM observer is never told to stop.

## What it does
Reports a ResizeObserver, IntersectionObserver, MutationObserver or PerformanceObserver made by code
that runs again and again, and never disconnected.

## Why is this bad?
An observer lives as long as what it observes, and keeps its callback, which keeps everything that it
closes over. Observing the document or a shared element adds one more for each owner.

## Example
```js bad
class Panel {
  constructor() {
    this.observer = new ResizeObserver(() => this.layout());
    this.observer.observe(document.body);
  }

  dispose() {
    this.open = false;
  }
}
```

## Use instead
```js good
class Panel {
  constructor() {
    this.observer = new ResizeObserver(() => this.layout());
    this.observer.observe(document.body);
  }

  dispose() {
    this.observer.disconnect();
  }
}
```

## When it stays silent
`disconnect()` or `unobserve()` of the observer anywhere in the file; it is returned or handed over;
code that runs once.

## Runtime check
Creates and drops the owner; confirmed if the number of living observers grows with every round.

## References
- [ResizeObserver.disconnect](https://developer.mozilla.org/docs/Web/API/ResizeObserver/disconnect)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts


class ObserverNotDisconnected(Rule):
    code = "LK204"
    languages: ClassVar[tuple[str, ...]] = ("javascript",)
    message = "The {what} that {where} makes keeps {owner} alive: it is never disconnected."
    advice = "Call `disconnect()` when the owner ends."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for leak in facts.acquired.leaks("observer"):
            handle = leak.item.handle
            if handle is not None and facts.handles.of(leak.item).fate == "given":
                continue  # somebody else got hold of it, and may stop it
            name = facts.call(leak.item.effect).name
            yield narrate.acquisition(
                self,
                facts,
                leak,
                holder=facts.holder_name(handle) if handle is not None else name,
                what=f"`{name}`",
            )
