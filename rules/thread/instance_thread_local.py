"""instance-thread-local (LK402): every instance leaves a value behind on every thread.

## What it does
Reports a thread-local in an instance field whose values may be large.

It is a candidate of low confidence, unless the object can be closed: then its values stay on all threads
that it cannot reach.

## Why is this bad?
Each instance has its own entry on each thread that used it: instances times threads values. The
entries of dropped instances are cleaned up only by chance.

## Example
```java bad
class Encoder {
  private final ThreadLocal<Workspace> workspace = ThreadLocal.withInitial(Workspace::new);

  void encode(Image image) {
    workspace.get().load(image);
  }
}
```

## Use instead
```java good
class Encoder {
  private static final ThreadLocal<Workspace> WORKSPACE = ThreadLocal.withInitial(Workspace::new);

  void encode(Image image) {
    WORKSPACE.get().load(image);
  }
}
```

## When it stays silent
Values of small JDK types; singletons and enums; a `remove()` in the class.

## Runtime check
Creates and drops instances on one thread; confirmed if the thread's entries grow.

## References
- [ThreadLocal](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/ThreadLocal.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Confidence, Finding, Rule
from leaklint.solve import Facts


class InstanceThreadLocal(Rule):
    code = "LK402"
    languages: ClassVar[tuple[str, ...]] = ("java",)
    ceiling: ClassVar[Confidence] = "medium"
    message = "Each instance keeps a value of `{holder}` on every thread that used it."
    advice = "Make the thread-local static, or keep the value on the instance."

    def check(self, facts: Facts) -> Iterator[Finding]:
        threads = facts.threads
        for found in threads.by_place.values():
            if found.is_static or found.removes or found.clears or threads.is_light(found):
                continue  # static and nulled ones: LK401; removed or small values do not pile up
            owner = facts.unit.symbols[found.place.symbol].target
            if facts.repeats.is_singleton(owner) and not facts.repeats.is_open(owner):
                continue  # one instance: as good as static
            declared = facts.unit.effects[found.declared]
            yield self.finding(
                facts,
                declared.at,
                declared.end,
                holder=facts.holder_name(found.place),
                # the object ends, and leaves its values on all threads that it cannot reach
                confidence="medium" if self._is_closed(facts, owner) and found.value_type else "low",
                evidence=[facts.evidence(found.declared, "one entry an instance and thread")],
            )

    def _is_closed(self, facts: Facts, owner: int) -> bool:
        names = {facts.unit.scopes[scope].name for scope in facts.lifecycle.teardown_of(owner)}
        return not names.isdisjoint(("close", "shutdown", "dispose", "destroy", "stop"))
