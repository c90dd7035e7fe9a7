"""wrapped-again (LK311): what wraps the one before it is put in place again and again.

## What it does
Reports hooks, handlers and methods that outlive whoever replaces them and are replaced by a function that
keeps the previous one, by code that runs more than once and never puts the previous one back.

JavaScript: also fields and variables of a module that get a new object which keeps the one before it
(`previous`, `cause`), as the last error does that is made around the last error.

## Why is this bad?
Each run adds a link to a chain: the new function keeps the old one, the old one the one before it, and each
keeps all that it captures. The chain only grows, and every call goes through all of it.

## Example
```python bad
import sys

class DebugSession:
    def __init__(self, console):
        previous = sys.excepthook

        def hook(kind, error, trace):
            console.show(error)
            previous(kind, error, trace)

        sys.excepthook = hook

    def close(self):
        self.console = None
```
```js bad
export class Player {
  constructor(video) {
    const previous = window.onbeforeunload;
    window.onbeforeunload = (event) => {
      video.save();
      if (previous) previous(event);
    };
  }

  destroy() {
    this.video = null;
  }
}
```

## Use instead
```python good
import sys

class DebugSession:
    def __init__(self, console):
        self.previous = sys.excepthook

        def hook(kind, error, trace):
            console.show(error)
            self.previous(kind, error, trace)

        sys.excepthook = hook

    def close(self):
        sys.excepthook = self.previous
```
```js good
export class Player {
  constructor(video) {
    this.save = () => video.save();
    window.addEventListener("beforeunload", this.save);
  }

  destroy() {
    window.removeEventListener("beforeunload", this.save);
  }
}
```

## When it stays silent
What was there before is put back anywhere in the file; a test lets it happen once; the place belongs to the
object that wraps it, unless events of something run that again and again. Functions that may run once for
the process are candidates of low confidence. Chains of objects: anything else is put there while the object
serves, or the link is cut; the field is not named as the one before, as in trees and lists.

## Runtime check
Runs the code again and again; confirmed if the functions that stay grow in number with the runs.

## References
- [sys.excepthook](https://docs.python.org/3/library/sys.html#sys.excepthook)
- [Closures: performance considerations](https://developer.mozilla.org/docs/Web/JavaScript/Guide/Closures#performance_considerations)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.capture.chained import Chained
from leaklint.solve.capture.wrapping import Wrappings


class WrappedAgain(Rule):
    code = "LK311"
    languages: ClassVar[tuple[str, ...]] = ("javascript", "python")
    message = "`{holder}` keeps every function that {where} puts around the last one: nothing puts it back."
    advice = "Put back what was there when the work ends, or wrap it once."

    def check(self, facts: Facts) -> Iterator[Finding]:
        yield from self._chained(facts)
        for found in Wrappings(facts.growths, facts.acquired.per_call).found():
            bind = facts.bind(found.effect)
            yield self.finding(
                facts,
                bind.at,
                bind.end,
                holder=facts.holder_name(found.place),
                confidence=found.confidence,
                evidence=[
                    facts.evidence(found.effect, "the new function is put in place here"),
                    facts.evidence(found.before, "the one before is read here, and kept by the new one"),
                ],
                where=f"`{facts.scope_name(bind.scope)}()`",
            )

    def _chained(self, facts: Facts) -> Iterator[Finding]:
        """JavaScript: objects instead of functions."""
        for link in Chained(facts.growths).found():
            bind = facts.bind(link.effect)
            yield self.finding(
                facts,
                bind.at,
                bind.end,
                holder=facts.holder_name(link.place),
                confidence="medium",
                evidence=[
                    facts.evidence(link.effect, "the new object is put in place here, with the last one")
                ],
                message="`{holder}` keeps every {what} that {where} makes: its `{field}` is the last one.",
                advice="Keep of the one before what is needed, or cut the chain.",
                what=f"`{link.kind}`" if link.kind else "object",
                where=f"`{facts.scope_name(bind.scope)}()`",
                field=link.field,
            )
