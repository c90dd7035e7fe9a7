"""last-work-kept (LK424): an idle worker keeps the last piece of work, and its result.

## What it does
Reports endless loops that take work from a queue, answer its future, and wait for the next piece while a
local still refers to the last one.

## Why is this bad?
A local of a loop lives until it is bound again. While the queue is empty, the last future keeps its
arguments, its result or its traceback, however large, and nobody else can free them. Each idle thread of a
pool keeps one. CPython mended its own executors for that.

## Example
```python bad
class Pool:
    def work(self):
        while True:
            item = self.tasks.get()
            if item is None:
                return
            item.future.set_result(item.run())
```

## Use instead
```python good
class Pool:
    def work(self):
        while True:
            item = self.tasks.get()
            if item is None:
                return
            item.future.set_result(item.run())
            del item
```

## When it stays silent
The loop deletes the local or puts None into it; the work is done in a function of its own; there is no
future that anybody waits for.

## Runtime check
Inconclusive: it keeps one piece of work a thread, however many calls are made.

## References
- [concurrent.futures: references to futures of idle workers (bpo-16284)](https://bugs.python.org/issue16284)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.thread.lastwork import LastWorks


class LastWorkKept(Rule):
    code = "LK424"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    severity = "note"
    message = "`{holder}` keeps the last piece of work and its result while the loop waits for the next one."
    advice = "Delete the local at the end of each round, or do the work in a function of its own."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in LastWorks(facts.index, facts.growths.repeats).found():
            bind = facts.unit.effects[found.bind]
            yield self.finding(
                facts,
                bind.at,
                bind.end,
                holder=facts.holder_name(found.place),
                confidence="medium",
                evidence=[
                    facts.evidence(found.bind, "the piece of work is kept here"),
                    facts.evidence(found.waits, "the loop waits here for the next one"),
                ],
            )
