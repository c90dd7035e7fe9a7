"""race-with-lasting-promise (LK341): each race leaves a reaction on a promise that lasts.

## What it does
Reports `Promise.race` and `Promise.any` that run again and again against the same promise: one of the module,
one that the object makes when it is made, or one that stands before the loop.

## Why is this bad?
A race adds a reaction to each of its promises, and a reaction keeps the promise of its race, with the
value it came to. On a promise that waits for the end of the program they pile up until then.

## Example
```js bad
const shutdown = new Promise((resolve) => process.once("SIGTERM", resolve));

export async function work(queue) {
  for (;;) {
    const job = await Promise.race([queue.take(), shutdown]);
    if (!job) return;
    await job.run();
  }
}
```

## Use instead
Let the end be told through a signal that each wait takes back.
```js good
const stopping = new AbortController();
process.once("SIGTERM", () => stopping.abort());

export async function work(queue) {
  while (!stopping.signal.aborted) {
    const job = await queue.take({ signal: stopping.signal });
    await job.run();
  }
}
```

## When it stays silent
The promise is made for the race; it is not known to last, or a timer settles it; the race is run once, or a
counter ends the loop. For a promise of the object, the race stands in a loop, or in a method that is named as
one that is called again and again (`request`, `read`, `next` …).

## Runtime check
Runs the function again and again; confirmed if the promises of its races stay, one more for each.

## References
- [Promise.race and memory](https://github.com/nodejs/node/issues/17469)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.capture.races import Races


class RaceWithLastingPromise(Rule):
    code = "LK341"
    languages: ClassVar[tuple[str, ...]] = ("javascript",)
    message = "`{holder}` keeps a reaction, with its result, for every race that {where} runs against it."
    advice = "Race against a promise made for the call, or take the waiting back through a signal."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for race in Races(facts.lifecycle).lasting():
            call = facts.call(race.effect)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.holder_name(race.place),
                confidence="medium",
                evidence=[
                    facts.evidence(race.made, "this promise is made once"),
                    facts.evidence(race.effect, "each race adds a reaction to it"),
                ],
                where=f"`{facts.scope_name(call.scope)}()`",
            )
