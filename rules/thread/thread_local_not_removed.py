"""thread-local-not-removed (LK401): a value set for a thread stays after the work that set it.

## What it does
Reports a static thread-local that is set by code that runs again and again, with a value that may be
large, and never removed, or removed only when nothing goes wrong in between.

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

## When it stays silent
The value is of a small JDK type; it is removed in a `finally` block or in another method (a filter's
or interceptor's closing half); it is only given an initial value; it is set once, where it is found
to be missing (a per-thread cache).

## Runtime check
Runs the code on one pooled thread; confirmed if the value is still there afterwards.

## References
- [ThreadLocal.remove](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/ThreadLocal.html#remove())
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts


class ThreadLocalNotRemoved(Rule):
    code = "LK401"
    languages: ClassVar[tuple[str, ...]] = ("java", "python")
    message = "`{holder}` keeps its value on the thread after {where} is done: {state}."
    advice = "Remove it in a finally block."

    def check(self, facts: Facts) -> Iterator[Finding]:
        threads = facts.threads
        for found in threads.by_place.values():
            if not found.is_static or not found.sets or threads.is_light(found):
                continue  # instance thread-locals: LK402; initial values and JDK value types stay small
            sets = [index for index in found.sets if facts.is_per_call_value(index)]
            if not sets:
                continue  # a per-thread cache, filled where it was empty
            if found.removes:
                sets = list(threads.unprotected(found))
                if not sets:
                    continue
            first = facts.unit.effects[sets[0]]
            declared = facts.declaration(found.place, found.declared, "the thread-local")
            yield self.finding(
                facts,
                first.at,
                first.end,
                holder=facts.holder_name(found.place),
                confidence="medium",
                evidence=[
                    *([declared] if declared else []),
                    *(facts.evidence(index, "set here") for index in sets[:4]),
                    *(facts.evidence(index, "removed only if all goes well") for index in found.removes[:4]),
                    *(facts.evidence(index, "null is stored, the entry stays") for index in found.clears[:4]),
                ],
                where=f"`{facts.scope_name(first.scope)}()`",
                state="an exception skips its removal" if found.removes else "nothing removes it",
            )
