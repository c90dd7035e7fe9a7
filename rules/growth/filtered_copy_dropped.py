"""filtered-copy-dropped (LK141): an entry is taken out of a copy, and stays in the array.

## What it does
Reports `filter()` on an array that others add to, where nothing takes the result.

## Why is this bad?
`filter()` leaves its array as it is. The code looks like a removal and removes nothing, so every entry
ever added stays, with all that it refers to.

## Example
```js bad
export class Notices {
  listeners = [];

  listen(listener) {
    this.listeners.push(listener);
    return () => {
      this.listeners.filter((each) => each !== listener);
    };
  }
}
```

## Use instead
```js good
export class Notices {
  listeners = [];

  listen(listener) {
    this.listeners.push(listener);
    return () => {
      this.listeners = this.listeners.filter((each) => each !== listener);
    };
  }
}
```

## When it stays silent
The result is used, returned or handed on; the function given to `filter()` does more than compare.

## Runtime check
Adds and removes an entry; confirmed if the array is longer after every round.

## References
- [MDN: Array.prototype.filter](https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/Array/filter)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts


class FilteredCopyDropped(Rule):
    code = "LK141"
    languages: ClassVar[tuple[str, ...]] = ("javascript",)
    message = "This takes nothing out of `{holder}`: `{how}()` makes a copy, which is dropped."
    advice = "Store the result, or remove the entry with `splice()`."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for copy in facts.copies.dropped():
            call = facts.call(copy.effect)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.holder_name(copy.holder.place),
                confidence="high",
                evidence=[
                    facts.evidence(copy.growth.effect, "the entry is added here"),
                    facts.evidence(copy.effect, "the copy without it is dropped here"),
                ],
                how=call.name,
            )
