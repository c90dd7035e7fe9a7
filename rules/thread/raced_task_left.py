"""raced-task-left (LK423): a race in a loop leaves the tasks that lost.

## What it does
Reports `asyncio.wait(..., return_when=FIRST_COMPLETED)` over new tasks, in a loop that does nothing with
those that are still pending.

## Why is this bad?
The loser keeps waiting, for an event that may come at the end of the program only. Each turn of the
loop adds one more task, and one more waiter to the event.

## Example
```python bad
import asyncio

async def serve(stop, work):
    while not stop.is_set():
        await asyncio.wait(
            (asyncio.create_task(stop.wait()), asyncio.create_task(work.wait())),
            return_when=asyncio.FIRST_COMPLETED,
        )
        work.clear()
```

## Use instead
```python good
import asyncio

async def serve(stop, work):
    while not stop.is_set():
        _, pending = await asyncio.wait(
            (asyncio.create_task(stop.wait()), asyncio.create_task(work.wait())),
            return_when=asyncio.FIRST_COMPLETED,
        )
        for task in pending:
            task.cancel()
        work.clear()
```

## When it stays silent
The pending tasks are used; the tasks are made outside of the call; no loop.

## Runtime check
Runs turns of the loop; confirmed if the number of tasks grows with them.

## References
- [asyncio.wait](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts


class RacedTaskLeft(Rule):
    code = "LK423"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    message = (
        "Each turn of the loop in {where} leaves a task of `{holder}` waiting: pending ones are dropped."
    )
    advice = "Cancel the pending tasks, or make the tasks once outside of the loop."

    def check(self, facts: Facts) -> Iterator[Finding]:
        if "wait" not in facts.index.calls:
            return
        seen = set()
        for number in facts.py_threads.raced():
            call = facts.call(number)
            holder = f"{facts.scope_name(call.scope)}.wait"
            if holder in seen:
                continue
            seen.add(holder)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=holder,
                confidence="low" if facts.is_test(number) else "medium",
                evidence=[facts.evidence(number, "new tasks race here")],
                where=f"`{facts.scope_name(call.scope)}()`",
            )
