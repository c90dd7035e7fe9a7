"""removal-on-one-way (LK115): an entry is taken out when the work succeeds, and stays when it fails.

## What it does
Reports a container to which a piece of work adds an entry for as long as it lasts, where the removal is
passed by when the work ends another way: it stands in a continuation that runs on success only, behind
an early return on failure, in the answer to a request whose wait gives up after a time, or behind foreign
code that may raise.

So is a table of one-shot timers in which those that are cancelled are taken out, and those that have fired
stay.

In JavaScript also: a timer that ends an entry and leaves it in, a race against a time limit behind which
nothing takes the entry out, and a connection whose entry leaves on `end` or `finish` only, while one that
breaks off sends just `close`.

So is an entry that one method stores without arranging what another one arranges for those that it stores:
`user.once("gone", () => users.delete(user.id))`.

In Java also: a future that its time limit ends, an answer that finds its request and leaves it in, a
subscriber who cancels, an early `return` or `throw` between insertion and removal, a client of a deferred
answer who gives up. In Python also: a method that looks at the entry, finds it bad and leaves before it
removes, or closes it and leaves it where it is; removals that all stand behind a test which this store does
without; a task that may be cancelled while it is parked under its own key; a batch whose `except` fails the
waiting futures in place; a stack that a context manager pushes to without a `finally`; an object that
leaves a registry after its callback; a coroutine that adds an entry, waits, and removes it, where the wait
may fail or be cancelled, or that removes it for one kind of failure only (`except TimeoutError:`).

## Why is this bad?
Every request that fails, times out or is cancelled leaves its entry, with all that it refers to. On a bad
day that is most of them.

## Example
```python bad
class Client:
    def __init__(self):
        self.waiting = {}

    async def call(self, number, message):
        future = make_future()
        self.waiting[number] = future
        await self.send(message)
        return await asyncio.wait_for(future, timeout=5)

    def on_reply(self, number, reply):
        self.waiting.pop(number).set_result(reply)
```
```js bad
class Client {
  pending = new Map();

  load(id) {
    const request = fetch(`/items/${id}`);
    this.pending.set(id, request);
    return request.then((answer) => {
      this.pending.delete(id);
      return answer.json();
    });
  }
}
```
```java bad
class Client {
  private final Map<Long, Request> unanswered = new ConcurrentHashMap<>();

  void send(Request request) {
    unanswered.put(request.id, request);
    channel.write(request, (id, error) -> onAnswer(id, error));
  }

  private void onAnswer(long id, Exception error) {
    if (error != null) {
      log.warn("failed", error);
      return;
    }
    unanswered.remove(id);
  }
}
```

## Use instead
```python good
class Client:
    def __init__(self):
        self.waiting = {}

    async def call(self, number, message):
        future = make_future()
        self.waiting[number] = future
        try:
            await self.send(message)
            return await asyncio.wait_for(future, timeout=5)
        finally:
            self.waiting.pop(number, None)

    def on_reply(self, number, reply):
        self.waiting[number].set_result(reply)
```
```js good
class Client {
  pending = new Map();

  load(id) {
    const request = fetch(`/items/${id}`);
    this.pending.set(id, request);
    return request.then((answer) => answer.json()).finally(() => this.pending.delete(id));
  }
}
```
```java good
class Client {
  private final Map<Long, Request> unanswered = new ConcurrentHashMap<>();

  void send(Request request) {
    unanswered.put(request.id, request);
    channel.write(request, (id, error) -> onAnswer(id, error));
  }

  private void onAnswer(long id, Exception error) {
    unanswered.remove(id);
    if (error != null) {
      log.warn("failed", error);
    }
  }
}
```

## When it stays silent
The removal stands in `finally`, in a handler of the failure, or where both ways pass; something else
sweeps the container; the failing way tries again, or reads the container; entries are removed in a
branch of the function that adds them, so that the rest may be meant to stay; a timer that was cancelled
is started again by another method; what a loop stores, as a configuration lists it.

## Runtime check
Runs the work; confirmed if entries stay and it did fail, gave up or left early. A trigger may make it fail.

## References
- [CWE-401: missing release of memory after effective lifetime](https://cwe.mitre.org/data/definitions/401.html)
- [CWE-460: improper cleanup on thrown exception](https://cwe.mitre.org/data/definitions/460.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.ir import NONE
from leaklint.rule import Evidence, Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.leaving import left_behind
from leaklint.solve.growth.leaving.base import How, Left

_STATE: dict[How, str] = {
    "success": "only a success takes it out",
    "error": "a failure returns before it is taken out",
    "timeout": "a wait that gives up leaves it in",
    "fired": "one that has fired stays in",
    "raise": "an exception passes its removal by",
    "swallowed": "a handler lets the failure rest and the entry with it",
    "answer": "the answer finds it and leaves it in",
    "cancel": "who cancels leaves it in",
}
_OTHER: dict[How, str] = {
    "success": "",
    "error": "this way leaves the entry in",
    "timeout": "when this gives up, the entry stays",
    "fired": "when this fires, its entry stays",
    "swallowed": "this handler leaves the entry in",
    "raise": "what this raises passes the removal by",
    "answer": "completed here, and not taken out",
    "cancel": "cancelled here, and not taken out",
}
_SKIPPED: dict[How, str] = {
    "waiter": "{where} does not take it out when the wait ends by a timeout or a cancellation",
    "exit": "{leaver} leaves before it takes it out",
    "ended": "{leaver} ends an entry and leaves it where it is",
    "guard": "its removal stands behind a test that {where} does without",
    "regular": "it leaves at the regular end, which a connection that breaks off never comes to",
    "arranged": "only what {leaver} stores is taken out again",
}
_EXIT: dict[How, str] = {
    "waiter": "this may end otherwise than by a result",
    "ended": "ended here, and not taken out",
    "exit": "this way out skips the removal",
    "arranged": "this store arranges that its entry leaves",
}


class RemovalOnOneWay(Rule):
    code = "LK115"
    cwe = 401
    yields_to: ClassVar[tuple[str, ...]] = ("LK112", "LK114")
    message = "`{holder}` keeps the {what} that {where} adds when the work fails: {state}."
    answered_message = "`{holder}` keeps the {what} that {where} adds when the work is done: {state}."
    cancelled_message = "`{holder}` keeps the {what} that {where} adds when the work is cancelled: {state}."
    skipped_message = "`{holder}` keeps {what}: {state}."
    advice = "Take the entry out where every way passes, such as `finally`."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in left_behind(facts.growths, facts.siblings):
            yield self._of_work(facts, found) if found.how in _STATE else self._of_entry(facts, found)

    def _of_work(self, facts: Facts, found: Left) -> Finding:
        rows = [facts.evidence(found.release, "taken out here")]
        if found.other != NONE:
            rows.insert(0, facts.evidence(found.other, _OTHER[found.how]))
        ended = {
            "answer": self.answered_message,
            "fired": self.answered_message,
            "cancel": self.cancelled_message,
        }
        return narrate.held(
            self,
            facts,
            found.holder,
            found.growth,
            confidence="medium",
            more=rows,
            state=_STATE[found.how],
            message=ended.get(found.how),
        )

    def _of_entry(self, facts: Facts, found: Left) -> Finding:
        effect = facts.unit.effects[found.growth.effect]
        where = f"`{facts.scope_name(effect.scope)}()`"
        leaver = facts.unit.effects[found.other if found.other != NONE else found.growth.effect]
        value = found.growth.values[0] if found.growth.values else NONE
        return self.finding(
            facts,
            getattr(effect, "at_name", 0) or effect.at,
            effect.end,
            holder=facts.holder_name(found.holder.place),
            confidence="medium",
            evidence=self._evidence(facts, found),
            message=self.skipped_message,
            what=f"the `{facts.text(value)}` that {where} stores" if value != NONE else "an entry",
            state=_SKIPPED[found.how].format(where=where, leaver=f"`{facts.scope_name(leaver.scope)}()`"),
        )

    def _evidence(self, facts: Facts, found: Left) -> list[Evidence]:
        rows = [facts.evidence(found.growth.effect, "stored here, each time this runs")]
        rows += [facts.evidence(effect, "and so is this") for effect in found.more]
        if found.sister != NONE:
            rows.append(facts.evidence(found.sister, "this store has the same test as the removal"))
        elif found.other != NONE:
            rows.append(facts.evidence(found.other, _EXIT[found.how]))
        if found.release != NONE:
            rows.append(facts.evidence(found.release, "removed here only"))
        return rows
