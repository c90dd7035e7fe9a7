"""raced-task-left (LK423): a race leaves the task that lost.

## What it does
Reports `asyncio.wait(..., return_when=FIRST_COMPLETED)` over new tasks, in a loop that does nothing with
those that are still pending. Outside of loops: races in which one task (or thread) waits for an event of
an object that outlives the call, and `as_completed()` that is left after the first.

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
The pending tasks are used or cancelled; the tasks are made outside of the call; without a loop, all of
them wait for what the call was given, or the method runs for as long as its object.

## Runtime check
Runs turns of the loop; confirmed if the number of tasks grows with them.

## References
- [asyncio.wait](https://docs.python.org/3/library/asyncio-task.html#asyncio.wait)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.thread.pyraces import PyRaces

_PER_CALL = "Each call of {where} leaves the loser of `{holder}` waiting for what outlives the call."


class RacedTaskLeft(Rule):
    code = "LK423"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    message = (
        "Each turn of the loop in {where} leaves a task of `{holder}` waiting: pending ones are dropped."
    )
    advice = "Cancel the pending tasks, or make them once; a thread needs a wait with a time-out."

    def check(self, facts: Facts) -> Iterator[Finding]:
        if facts.index.calls.keys().isdisjoint(("wait", "as_completed")):
            return
        seen = set()
        for found in PyRaces(facts.index, facts.repeats).raced():
            number = found.effect
            call = facts.call(number)
            holder = f"{facts.scope_name(call.scope)}.{call.name}"
            if holder in seen:
                continue
            seen.add(holder)
            rows = [facts.evidence(number, "new tasks race here")]
            if found.lasting != NONE:
                rows.append(facts.evidence(found.lasting, "this one waits on when another has won"))
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=holder,
                confidence="medium",
                evidence=rows,
                message=None if found.lasting == NONE else _PER_CALL,
                where=f"`{facts.scope_name(call.scope)}()`",
            )
