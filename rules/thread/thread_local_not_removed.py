"""thread-local-not-removed (LK401): a value set for a thread stays after the work that set it.

## What it does
Reports a static thread-local that is set by code that runs again and again, with a value that may be
large, and never removed, or removed only when nothing goes wrong in between.

In Java also what libraries keep for the thread behind static methods (`NDC.push`, `RequestContextHolder`).
The set and the removal may stand in methods of their own (`enter()`, `leave()`); a `rollback()` that does
not remove what `commit()` removes counts as well.

## Why is this bad?
Threads of a pool live on after the request. What was set for one request stays with the thread,
together with everything that it refers to, often a whole class loader.

## Example
```java bad
class Requests {
  private static final ThreadLocal<Session> CURRENT = new ThreadLocal<>();

  void handle(Session session) {
    CURRENT.set(session);
    serve();
  }
}
```
```python bad
import threading

_local = threading.local()

def handle(request):
    _local.request = request
    serve()
```

```js bad
import { AsyncLocalStorage } from "node:async_hooks";

const store = new AsyncLocalStorage();

export function onMessage(message) {
  store.enterWith({ message });
  return work();
}
```

## Use instead
```java good
class Requests {
  private static final ThreadLocal<Session> CURRENT = new ThreadLocal<>();

  void handle(Session session) {
    CURRENT.set(session);
    try {
      serve();
    } finally {
      CURRENT.remove();
    }
  }
}
```
```python good
import threading

_local = threading.local()

def handle(request):
    _local.request = request
    try:
        serve()
    finally:
        del _local.request
```

```js good
import { AsyncLocalStorage } from "node:async_hooks";

const store = new AsyncLocalStorage();

export function onMessage(message) {
  return store.run({ message }, () => work());
}
```

## When it stays silent
The value is of a small JDK type; it is removed in a `finally` block or in another method (a filter's
or interceptor's closing half); the former value is put back. One that keeps what each thread made at its
first use, and one that is set to null instead of being removed, are notes: they pin one value a thread, and
with it the class loader of a program that is replaced while its threads run on. Context variables and
`AsyncLocalStorage.enterWith` are candidates of low confidence: most contexts end with their task.

## Runtime check
Runs the code on one pooled thread; confirmed if the value is still there afterwards.

## References
- [ThreadLocal.remove](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/ThreadLocal.html#remove())
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Confidence, Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.thread.ofcall import is_of_call
from leaklint.solve.thread.removing import Removing
from leaklint.solve.thread.slots import Slots
from leaklint.solve.thread.threads import ThreadLocal
from leaklint.solve.thread.weighing import Weighing


class ThreadLocalNotRemoved(Rule):
    code = "LK401"
    languages: ClassVar[tuple[str, ...]] = ("java", "python", "javascript")
    message = "`{holder}` keeps its value on the thread after {where} is done: {state}."
    nulled_message = "`{holder}` is set to null and never removed: its entry stays on every thread."
    context_message = "`{holder}` keeps its value in the context after {where} is done: {state}."
    kept_message = (
        "Every thread that uses `{holder}` keeps a value of it for as long as it runs: nothing removes it."
    )
    advice = "Remove it in a finally block."

    def check(self, facts: Facts) -> Iterator[Finding]:
        if facts.unit.language == "java":
            yield from self._slots(facts)
        threads = facts.threads
        removing, weighing = Removing(threads), Weighing(threads)
        for found in threads.by_place.values():
            if found.model.of_context and found.clears:
                continue  # the value goes, and no entry is left
            if found.clears and not found.removes and not removing.is_lent(found):
                yield self._report(facts, found, found.clears, "medium")
                continue
            if found.is_given or weighing.is_light(found):
                continue  # whoever made it may remove; JDK value types stay small
            if not found.sets:
                if found.is_static and not found.removes and found.initial != NONE:
                    yield self._kept(facts, found, [found.declared])
                continue
            sets = [
                index
                for index in found.sets
                if is_of_call(facts.index, facts.repeats, index) and not removing.sets_weakly(index)
            ]
            if not self._is_shared(facts, found):
                continue  # LK402
            if not sets or removing.restores(found):
                if removing.stays(found):  # a cache filled where it was empty; a setter that nothing undoes
                    yield self._kept(facts, found, found.sets)
                continue  # the former value is put back
            if found.removes:
                other = removing.left_by(found)
                if other != NONE:
                    state = f"`{facts.scope_name(other)}()` leaves it there"
                    yield self._report(facts, found, sets, "medium", state)
                    continue
                skipped = removing.skipped(found)
                if skipped:
                    state = f"`{skipped}()` does not run when the work fails"
                    yield self._report(facts, found, sets, "medium", state)
                    continue
                sets = list(removing.unprotected(found)) or list(removing.unwrapped(found))
            if sets:
                yield self._report(facts, found, sets, "medium")

    def _slots(self, facts: Facts) -> Iterator[Finding]:
        """What static methods of libraries keep for the running thread."""
        for found in Slots(facts.repeats, facts.pairs.models).found():
            call = facts.call(found.effect)
            sure = not found.row.light
            rows = [facts.evidence(found.effect, f"the {found.row.name} is set here")]
            if found.removal != NONE:
                rows.append(facts.evidence(found.removal, "removed only if all goes well"))
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=found.name,
                confidence="medium" if sure else "low",
                evidence=rows,
                where=f"`{facts.scope_name(call.scope)}()`",
                state="nothing removes it" if found.removal == NONE else "an exception skips its removal",
            )

    def _kept(self, facts: Facts, found: ThreadLocal, sites: list[int]) -> Finding:
        """One value a thread that is made once and never goes: a pin of limited size."""
        sure = Weighing(facts.threads).is_heavy(found)
        return self._report(facts, found, sites, "medium" if sure else "low", kept=True)

    def _is_shared(self, facts: Facts, found: ThreadLocal) -> bool:
        """Static, or a field of the one object of its class."""
        symbol = facts.unit.symbols[found.place.symbol]
        return found.is_static or (symbol.kind == "this" and facts.repeats.is_singleton(symbol.target))

    def _report(
        self,
        facts: Facts,
        found: ThreadLocal,
        sites: list[int],
        confidence: Confidence,
        state: str = "",
        *,
        kept: bool = False,
    ) -> Finding:
        first = facts.unit.effects[sites[0]]
        declared = facts.declaration(found.place, found.declared, "the thread-local")
        nulled = sites is found.clears
        message = self.nulled_message if nulled else self.kept_message if kept else None
        of_context = found.model.of_context
        return self.finding(
            facts,
            first.at,
            first.end,
            holder=facts.holder_name(found.place),
            confidence="low" if of_context else confidence,  # most contexts end with their task
            severity="note" if message else None,  # one entry a thread stays, and no more
            message=message or (self.context_message if of_context else None),
            evidence=[
                *([declared] if declared else []),
                *(facts.evidence(index, "set here") for index in found.sets[:4]),
                *(facts.evidence(index, "removed only if all goes well") for index in found.removes[:4]),
                *(facts.evidence(index, "null is stored, the entry stays") for index in found.clears[:4]),
            ],
            where=f"`{facts.scope_name(first.scope)}()`",
            state=state or ("an exception skips its removal" if found.removes else "nothing removes it"),
        )
