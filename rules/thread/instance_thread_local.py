"""instance-thread-local (LK402): every instance leaves a value behind on every thread.

## What it does
Reports a thread-local in an instance field whose values may be large.

It is a candidate of low confidence where the class is named like one that a program has one of, and cannot
be closed. What can be closed leaves its values on all threads that it cannot reach.

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
  void encode(Image image) {
    Workspace workspace = new Workspace();
    workspace.load(image);
  }
}
```

## When it stays silent
Values of small JDK types; singletons and enums; a `remove()` in the class. Each `FastThreadLocal` of Netty
takes a place in the table of every thread that nothing gives back: there a `remove()` does not help.

## Runtime check
Creates and drops instances on one thread; confirmed if the thread's entries grow.

## References
- [ThreadLocal](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/ThreadLocal.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Confidence, Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.plurality import is_one
from leaklint.solve.thread.threads import ThreadLocal
from leaklint.solve.thread.weighing import Weighing


class InstanceThreadLocal(Rule):
    code = "LK402"
    languages: ClassVar[tuple[str, ...]] = ("java",)
    ceiling: ClassVar[Confidence] = "medium"
    message = "Each instance keeps a value of `{holder}` on every thread that used it."
    advice = "Make the thread-local static and remove its value, or keep the value on the instance."

    def check(self, facts: Facts) -> Iterator[Finding]:
        groups: dict[tuple[int, Confidence], list[ThreadLocal]] = {}
        for owner, found in self._kept(facts):
            # the object ends, and leaves its values on all threads that it cannot reach
            confidence: Confidence = "medium" if self._is_sure(facts, owner, found) else "low"
            groups.setdefault((owner, confidence), []).append(found)
        for (_, confidence), (found, *others) in groups.items():
            declared = facts.unit.effects[found.declared]
            yield self.finding(
                facts,
                declared.at,
                declared.end,
                holder=facts.holder_name(found.place),
                confidence=confidence,
                evidence=[
                    facts.evidence(found.declared, "one entry an instance and thread"),
                    *(facts.evidence(other.declared, "and one more of these here") for other in others),
                ],
            )

    def _kept(self, facts: Facts) -> Iterator[tuple[int, ThreadLocal]]:
        """The thread-locals in fields, each with its class."""
        threads = facts.threads
        weighing = Weighing(threads)
        for found in threads.by_place.values():
            if found.is_static or found.is_given or found.clears:
                continue  # LK401
            if (found.removes or weighing.is_light(found)) and not found.model.numbered:
                continue  # removed or small values do not pile up
            owner = facts.unit.symbols[found.place.symbol].target
            if facts.repeats.is_singleton(owner) and not facts.repeats.singletons.is_open(owner):
                continue  # one instance: as good as static
            yield owner, found

    def _is_sure(self, facts: Facts, owner: int, found: ThreadLocal) -> bool:
        """Whether its values are large, and more than one object of the class is to be expected."""
        heavy = found.model.numbered or Weighing(facts.threads).is_heavy(found)
        if not heavy:
            return False
        names = {facts.unit.scopes[scope].name for scope in facts.lifecycle.teardown_of(owner)}
        closed = not names.isdisjoint(("close", "shutdown", "dispose", "destroy", "stop"))
        return closed or not is_one(facts.unit, owner)
