"""disposable-forgotten (LK207): a class ends all but one of the things that it owns.

## What it does
Reports a field that a class fills with a `new` thing and never ends, while it ends another field of the
very same kind when its own life ends; also a part that works on its own, by the name of its class
(`…Tracker`, `…Poller`, `…Socket`), beside one of another kind that the same function made and that is ended.

## Why is this bad?
The class shows what has to be done. What it forgets keeps its listeners, timers or buffers, and whatever
these refer to.

## Example
```ts bad
class Atlas {
  private added = new Emitter();
  private removed = new Emitter();

  dispose() {
    this.added.dispose();
  }
}
```

## Use instead
```ts good
class Atlas {
  private added = new Emitter();
  private removed = new Emitter();

  dispose() {
    this.added.dispose();
    this.removed.dispose();
  }
}
```

## When it stays silent
The field is ended anywhere, handed to a function or a collection, returned, or stored somewhere else;
no field of the same kind is ended when the owner ends; containers. Parts of other kinds: the file aborts
something, as a signal may be what ends them.

## Runtime check
Creates and disposes of the owner; confirmed if the things that it owns stay alive.

## References
- [Explicit resource management](https://developer.mozilla.org/docs/Web/JavaScript/Guide/Resource_management)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.owned import Forgotten, Owned


class DisposableForgotten(Rule):
    code = "LK207"
    languages: ClassVar[tuple[str, ...]] = ("javascript",)
    message = "`{holder}` keeps its `{kind}` running: `{other}` of the same kind is ended, this one is not."
    unlike_message = (
        "`{holder}` keeps its `{kind}` running: `{other}` of the same owner is ended, this one is not."
    )
    advice = "End it together with `{other}`."

    def check(self, facts: Facts) -> Iterator[Finding]:
        owned = Owned(facts.handles, facts.models)
        for found in owned.forgotten():
            yield self._report(facts, found, None)
        for found in owned.unlike():
            yield self._report(facts, found, self.unlike_message)

    def _report(self, facts: Facts, found: Forgotten, message: str | None) -> Finding:
        bind = facts.bind(found.made)
        other = facts.holder_name(found.other)
        return self.finding(
            facts,
            bind.at,
            bind.end,
            holder=facts.holder_name(found.place),
            confidence="medium",
            message=message,
            evidence=[
                facts.evidence(found.made, "made here, and never ended"),
                *(facts.evidence(made, "neither is this one") for made in found.more[:6]),
                facts.evidence(found.sibling, f"`{other}` is ended with its owner"),
            ],
            kind=found.kind,
            other=other,
        )
