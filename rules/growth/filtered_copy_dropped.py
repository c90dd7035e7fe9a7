"""filtered-copy-dropped (LK141): an entry is taken out of a copy, and stays in the array.

## What it does
Reports `filter()` on an array that others add to, where nothing takes the result. In Java, a list or sorted
map that is replaced by a view of itself (`rows = rows.subList(1, rows.size())`).

## Why is this bad?
`filter()` leaves its array as it is. The code looks like a removal and removes nothing, so every entry
ever added stays, with all that it refers to. A view refers to the whole collection behind it: what was cut
off stays there, and each cut adds another view around the one before.

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

```java bad
class Window {
  private List<Sample> samples = new ArrayList<>();

  void add(Sample sample) {
    samples.add(sample);
    if (samples.size() > 100) {
      samples = samples.subList(1, samples.size());
    }
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

```java good
class Window {
  private final List<Sample> samples = new ArrayList<>();

  void add(Sample sample) {
    samples.add(sample);
    if (samples.size() > 100) {
      samples.remove(0);
    }
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
from leaklint.solve.growth.copies import Copies


class FilteredCopyDropped(Rule):
    code = "LK141"
    languages: ClassVar[tuple[str, ...]] = ("javascript", "java")
    message = "This takes nothing out of `{holder}`: `{how}()` makes a copy, which is dropped."
    view_message = "`{holder}` keeps what {where} cuts off: `{how}()` is a view of the whole."
    advice = "Store the result, or remove the entry with `splice()`."

    def check(self, facts: Facts) -> Iterator[Finding]:
        copies = Copies(facts.holders)
        for view in copies.views():
            bind = facts.bind(view.effect)
            yield self.finding(
                facts,
                bind.at,
                bind.end,
                holder=facts.holder_name(view.holder.place),
                confidence="medium",
                message=self.view_message,
                evidence=[
                    facts.evidence(view.growth.effect, "entries are added here"),
                    facts.evidence(view.effect, "replaced by a part of itself here"),
                ],
                advice="Clear the part that is not needed (`list.subList(0, n).clear()`), or copy the rest.",
                where=f"`{facts.scope_name(bind.scope)}()`",
                how=facts.call(facts.unit.values[bind.value].call).name,
            )
        if facts.unit.language == "java":
            return
        for copy in copies.dropped():
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
