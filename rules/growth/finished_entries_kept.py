"""finished-entries-kept (LK114): what was closed, resolved or run for the last time stays in its collection.

## What it does
Reports a collection whose entries are dealt with for the last time, in a walk over it or one by one
(closed, resolved, completed; run, sent or handed on, where its name says that entries wait), while nothing
ever takes one out.

So is a collection of objects that are given out, and that their users close while it keeps them (Java).

So are lists of nodes, layers and meshes that a timer, an event, a walk or a new rendering takes off the page,
and that the list keeps (JavaScript).

So is a list whose entries a method ends, each of them, before it adds the next ones to it.

So is a list whose entries `others.removeAll(list)` takes out of another collection, and which keeps them.

## Why is this bad?
The collection keeps what nobody needs any more, and the next walk meets all of it again.

## Example
```python bad
class Semaphore:
    def __init__(self):
        self.waiters = []

    def acquire(self):
        waiter = Future()
        self.waiters.append(waiter)
        return waiter

    def release(self):
        for waiter in self.waiters:
            waiter.set_result(None)
```
```js bad
class Connection {
  pending = [];

  send(message) {
    return new Promise((resolve) => this.pending.push({ message, resolve }));
  }

  onAcknowledged() {
    for (const entry of this.pending) entry.resolve();
  }
}
```
```java bad
class TransactionContext {
  private final List<Runnable> completions = new ArrayList<>();

  void onCompletion(Runnable completion) {
    completions.add(completion);
  }

  void commit() {
    for (Runnable completion : completions) {
      completion.run();
    }
  }
}
```

## Use instead
```python good
class Semaphore:
    def __init__(self):
        self.waiters = deque()

    def acquire(self):
        waiter = Future()
        self.waiters.append(waiter)
        return waiter

    def release(self):
        while self.waiters:
            self.waiters.popleft().set_result(None)
```
```js good
class Connection {
  pending = [];

  send(message) {
    return new Promise((resolve) => this.pending.push({ message, resolve }));
  }

  onAcknowledged() {
    for (const entry of this.pending.splice(0)) entry.resolve();
  }
}
```
```java good
class TransactionContext {
  private final List<Runnable> completions = new ArrayList<>();

  void onCompletion(Runnable completion) {
    completions.add(completion);
  }

  void commit() {
    for (Runnable completion : completions) {
      completion.run();
    }
    completions.clear();
  }
}
```

## When it stays silent
Something takes entries out, or the collection is handed out; the walk stands in the function that adds.
So does a walk in `close()`, where the collection ends with its object, unless the class says that its
objects are used again (`PooledSession`, or a method `begin()` besides `close()` that runs what waits).

## Runtime check
Adds and walks in turn; confirmed if the collection grows.

## References
- [CWE-401: missing release of memory after effective lifetime](https://cwe.mitre.org/data/definitions/401.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.leaving.offpage import OffPage
from leaklint.solve.growth.leaving.refilled import Refilled
from leaklint.solve.growth.leaving.walks import Drained, Walks
from leaklint.solve.growth.leftovers import Leftover
from leaklint.solve.growth.selfended import SelfEnded

_DONE = "`{scope}()` deals with it for the last time"
_OFF = "`{scope}()` takes it off the page"


class FinishedEntriesKept(Rule):
    code = "LK114"
    cwe = 770
    yields_to: ClassVar[tuple[str, ...]] = ("LK109", "LK112")
    message = "`{holder}` keeps every {what} that {where} adds: {state}, and nothing takes it out."
    advice = "Empty the collection when its entries are dealt with."

    def check(self, facts: Facts) -> Iterator[Finding]:
        every: list[Drained | Leftover] = [
            *Walks(facts.growths).drained(),
            *facts.leftovers.taken_elsewhere(),
            *SelfEnded(facts.growths).found(),
        ]
        known = [found.holder.place for found in every]
        every += [found for found in Refilled(facts.growths).found() if found.holder.place not in known]
        known = [found.holder.place for found in every]
        shown = [found for found in OffPage(facts.growths).found() if found.holder.place not in known]
        for found in (*every, *shown):
            scope = facts.unit.effects[found.end].scope
            yield narrate.held(
                self,
                facts,
                found.holder,
                found.growth,
                confidence="medium",
                more=[facts.evidence(found.end, "each entry is dealt with here, and stays")],
                state=(_OFF if found in shown else _DONE).format(scope=facts.scope_name(scope)),
            )
