"""removal-skipped (LK121): an entry is removed when all goes well, and stays when something fails.

## What it does
Reports a container whose entries are taken out on the way of success only. Four shapes count:

- a future, event or queue is stored, and waited for in the same function, which takes it out in no
  `finally`: after a timeout or a cancellation it stays;
- the function that removes looks at the entry, finds it bad, and leaves before it removes;
- an entry is looked up, closed or destroyed, and left where it is;
- every removal stands behind a test, and so do other stores, but this store does not.

## Why is this bad?
Each failure leaves one entry, with everything that it refers to. Failures come in floods: when a peer
is down every call times out, and the table grows just when memory is needed most.

## Example
```python bad
import asyncio

class Turnstile:
    def __init__(self):
        self.queue = []

    async def enter(self):
        turn = asyncio.get_running_loop().create_future()
        self.queue.append(turn)
        await turn

    def open(self):
        while self.queue:
            self.queue.pop(0).set_result(True)
```

## Use instead
```python good
import asyncio

class Turnstile:
    def __init__(self):
        self.queue = []

    async def enter(self):
        turn = asyncio.get_running_loop().create_future()
        self.queue.append(turn)
        try:
            await turn
        finally:
            if turn in self.queue:
                self.queue.remove(turn)

    def open(self):
        for turn in self.queue:
            turn.set_result(True)
```

## When it stays silent
Any removal in a `finally` or `except` block, in a callback of what is stored, or in a helper that the
function calls; removal by an owner's end of life only is another rule's matter. Stores and removals in
different functions are not compared path by path.

## Runtime check
Calls the function so that it fails; confirmed if the container's length grows with the number of calls.

## References
- [asyncio: timeouts](https://docs.python.org/3/library/asyncio-task.html#timeouts)
- [CWE-459: incomplete cleanup](https://cwe.mitre.org/data/definitions/459.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Evidence, Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.unfinished import Unfinished

_STATES = {
    "waiter": "{where} does not take it out when the wait ends by a timeout or a cancellation",
    "exit": "{leaver} leaves before it takes it out",
    "ended": "{leaver} ends an entry and leaves it where it is",
    "guard": "its removal stands behind a test that {where} does without",
}
_EXITS = {
    "waiter": "this may end otherwise than by a result",
    "ended": "ended here, and not taken out",
    "exit": "this way out skips the removal",
}


class RemovalSkipped(Rule):
    code = "LK121"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    cwe = 459
    yields_to: ClassVar[tuple[str, ...]] = ("LK112", "LK114", "LK115")
    message = "`{holder}` keeps {what}: {state}."
    advice = "Remove the entry in a finally block, or before anything can fail."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in facts.skips.found():
            effect = facts.unit.effects[found.growth.effect]
            where = f"`{facts.scope_name(effect.scope)}()`"
            leaver = found.exit if found.exit != NONE else found.growth.effect
            value = found.growth.values[0] if found.growth.values else NONE
            yield self.finding(
                facts,
                getattr(effect, "at_name", 0) or effect.at,
                effect.end,
                holder=facts.holder_name(found.holder.place),
                confidence="low" if facts.is_test(found.growth.effect) else "medium",
                evidence=self._evidence(facts, found),
                what=f"the `{facts.text(value)}` that {where} stores" if value != NONE else "an entry",
                state=_STATES[found.how].format(
                    where=where, leaver=f"`{facts.scope_name(facts.unit.effects[leaver].scope)}()`"
                ),
            )

    def _evidence(self, facts: Facts, found: Unfinished) -> list[Evidence]:
        rows = [facts.evidence(found.growth.effect, "stored here, each time this runs")]
        rows += [facts.evidence(effect, "and so is this") for effect in found.more]
        if found.sister != NONE:
            rows.append(facts.evidence(found.sister, "this store has the same test as the removal"))
        elif found.exit != NONE:
            rows.append(facts.evidence(found.exit, _EXITS[found.how]))
        if found.release != NONE:
            rows.append(facts.evidence(found.release, "removed here only"))
        return rows
