"""awaits-itself (LK342): a function that goes on for ever waits, with each run, for the next one.

## What it does
Reports asynchronous functions that return, or await, their own next run, and that nothing but a stop ends.

## Why is this bad?
The promise of a run is settled by that of the next one, which waits for the one after it. None of them is
ever settled: each keeps the one before, and the chain gets longer with every turn.

## Example
```js bad
export class Poller {
  async loop(cursor) {
    if (this.stopped) return;
    const page = await this.client.changes(cursor);
    await sleep(5000);
    return this.loop(page.next);
  }
}
```

## Use instead
```js good
export class Poller {
  async loop(cursor) {
    while (!this.stopped) {
      const page = await this.client.changes(cursor);
      cursor = page.next;
      await sleep(5000);
    }
  }
}
```

## When it stays silent
A run may be the last one for another reason than a stop: what it has waited for, a failure, a count; the next
run is started by a timer, or not waited for.

## Runtime check
Runs the function; confirmed if its promises stay, one more for each turn.

## References
- [Promise chains and memory](https://github.com/nodejs/node/issues/6673)
- [ECMAScript: promise resolve functions](https://tc39.es/ecma262/#sec-promise-resolve-functions)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.capture.turns import Turns


class AwaitsItself(Rule):
    code = "LK342"
    languages: ClassVar[tuple[str, ...]] = ("javascript",)
    message = "Each run of {where} waits for the next one: the promises of all runs stay until the last ends."
    advice = "Run the turns in a loop, or start the next one without waiting for it."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for scope, number in Turns(facts.lifecycle).found():
            call = facts.call(number)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.scope_name(scope),
                confidence="medium",
                evidence=[facts.evidence(number, "the next run is waited for here")],
                where=f"`{facts.scope_name(scope)}()`",
            )
