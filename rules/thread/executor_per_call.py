"""executor-per-call (LK403): each call or instance starts threads that nothing ends.

## What it does
Reports thread pools that a method makes and never shuts down, and pools in a field of a class that is
closed and leaves its pool running. So do threads that run until a private flag changes which nothing sets.

## Why is this bad?
The threads of a pool wait for work for ever. They keep the pool, its queue, the tasks and everything
that those refer to. Each call leaves its threads behind, until no more can be started.

## Example
```java bad
class Reports {
  void export(List<Report> reports) {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    for (Report report : reports) {
      pool.submit(() -> report.write());
    }
  }
}
```

## Use instead
```java good
class Reports {
  void export(List<Report> reports) {
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      for (Report report : reports) {
        pool.submit(() -> report.write());
      }
    }
  }
}
```

## When it stays silent
It is shut down anywhere in the file, or by try-with-resources; it is returned, stored, or handed to
something that may end it; pools whose idle threads end by themselves; static ones and those of
singletons. A pool in a field of a class that is never closed is a candidate of low confidence.

## Runtime check
Calls the method; confirmed if the number of threads grows with the number of calls.

## References
- [ExecutorService](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/concurrent/ExecutorService.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import Call
from leaklint.rule import Evidence, Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.native.leak import NativeLeak
from leaklint.solve.thread.endless import EndlessThreads


class ExecutorPerCall(Rule):
    code = "LK403"
    languages: ClassVar[tuple[str, ...]] = ("java",)
    message = "Each run of {where} leaves the threads of `{holder}` running: nothing ends it."
    field_message = "Each instance leaves the threads of `{holder}` running: its class never ends it."
    early_message = (
        "A run of {where} that leaves early keeps the threads of `{holder}` running: `{stop}()` comes later."
    )
    thrown_message = (
        "Work that fails in {where} keeps the threads of `{holder}` running: `{stop}()` comes later."
    )
    endless_message = (
        "Each run of {where} leaves a thread that runs for ever: nothing sets {flag}, which ends it."
    )
    advice = "Call `{stop}()` when the work is done, or share one for good."

    def check(self, facts: Facts) -> Iterator[Finding]:
        messages = {"field": self.field_message, "early": self.early_message, "thrown": self.thrown_message}
        for leak in facts.workers.found:
            if leak.how == "failed" or (leak.how == "thrown" and self._is_handed_work(facts, leak)):
                continue  # it is shut down, and handing it work seldom fails
            if leak.how != "field" and facts.growths.guards.init_guarded(leak.effect):
                continue  # made once for good
            effect = facts.call(leak.effect)
            name = f"{facts.scope_name(effect.scope)}.{effect.name}"
            yield self.finding(
                facts,
                effect.at,
                effect.end,
                holder=name if leak.place.symbol == -1 else facts.holder_name(leak.place),
                confidence="medium" if self._is_sure(facts, leak) else "low",
                message=messages.get(leak.how),
                evidence=list(self._evidence(facts, leak)),
                where=f"`{facts.scope_name(effect.scope)}()`",
                stop=leak.row.end[0],
            )

        for thread in EndlessThreads(facts.index, facts.repeats).found():
            call = facts.call(thread.made)
            flag = facts.holder_name(thread.flag)
            yield self.finding(
                facts,
                call.at,
                call.end,
                holder=f"{facts.scope_name(call.scope)}.Thread",
                confidence="medium",
                message=self.endless_message,
                advice=f"Set `{flag}` in a finally block when the work is done.",
                evidence=[
                    facts.evidence(thread.made, "the thread is made here"),
                    facts.within(thread.loop, f"it runs until `{flag}` changes, and nothing sets it"),
                ],
                where=f"`{facts.scope_name(call.scope)}()`",
                flag=f"`{flag}`",
            )

    def _evidence(self, facts: Facts, leak: NativeLeak) -> Iterator[Evidence]:
        yield facts.evidence(leak.effect, f"the {leak.row.name} is made here")
        if leak.how == "early":
            yield facts.evidence(leak.evidence, "this way out skips its end")
        elif leak.how == "thrown":
            yield facts.evidence(leak.evidence, "a failure here skips its end")

    def _is_handed_work(self, facts: Facts, leak: NativeLeak) -> bool:
        """`pool.submit(work)`: what is done on the pool itself, in front of its end."""
        call = facts.call(leak.evidence)
        return call.receiver != -1 and facts.unit.places[call.receiver] == leak.place

    def _is_periodic(self, facts: Facts, leak: NativeLeak) -> bool:
        """A timer ends by itself when it is dropped and has nothing left to do."""
        for name in ("schedule", "scheduleAtFixedRate"):
            for number in facts.index.calls.get(name, ()):
                call = facts.call(number)
                own = call.receiver != -1 and facts.unit.places[call.receiver] == leak.place
                if own and (len(call.args) > 2 or self._starts_again(facts, number)):
                    return True
        return False

    def _starts_again(self, facts: Facts, number: int) -> bool:
        """Whether the task of a one-shot timer calls the method that schedules it."""
        call = facts.call(number)
        function = facts.index.function(call.scope)
        task = facts.unit.values[call.args[0]] if call.args else None
        made = facts.unit.effects[task.call] if task is not None and task.kind == "call" else None
        body = facts.unit.values[made.args[-1]] if isinstance(made, Call) and made.args else None
        if body is None or body.kind != "class":
            return False
        return any(
            facts.unit.scopes[facts.index.function(facts.unit.effects[again].scope)].owner == body.owner
            for again in facts.index.callers.get(function, ())
        )

    def _is_sure(self, facts: Facts, leak: NativeLeak) -> bool:
        """A class that is closed should close its pool; the pool of one that is not may serve for good."""
        if not (leak.row.sure or self._is_periodic(facts, leak)):
            return False
        if leak.how != "field":
            return not facts.growths.owners.opens_object(facts.unit.effects[leak.effect].scope)
        return bool(facts.lifecycle.teardown_of(facts.unit.symbols[leak.place.symbol].target))
