"""cancelled-task-retained (LK404): a shared timer keeps cancelled tasks until their time comes.

## What it does
Reports a static `Timer` whose tasks are cancelled one by one, and which nothing ever purges; a `Timer` of an
object, where each of many requests or entries has its task.

## Why is this bad?
A cancelled task is marked, and stays in the queue until it would have run. With long delays and many
tasks the queue fills with dead tasks, and each keeps everything that it refers to.

## Example
```java bad
class Deadlines {
  private static final Timer TIMER = new Timer(true);

  TimerTask start(TimerTask task) {
    TIMER.schedule(task, 3_600_000);
    return task;
  }

  void stop(TimerTask task) {
    task.cancel();
  }
}
```

## Use instead
```java good
class Deadlines {
  private static final Timer TIMER = new Timer(true);

  TimerTask start(TimerTask task) {
    TIMER.schedule(task, 3_600_000);
    return task;
  }

  void stop(TimerTask task) {
    task.cancel();
    TIMER.purge();
  }
}
```

## When it stays silent
`purge()` anywhere in the file; timers of an instance with a task of its own; periodic tasks and limits below
a minute there; tasks that are never cancelled.

## Runtime check
Schedules and cancels in turn; confirmed if the number of living tasks grows.

## References
- [Timer.purge](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Timer.html#purge())
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.thread.timers import Timers


class CancelledTaskRetained(Rule):
    code = "LK404"
    languages: ClassVar[tuple[str, ...]] = ("java",)
    message = "`{holder}` keeps every task that {where} cancels until its time comes: nothing purges it."
    advice = "Call `purge()` after cancelling, or use a ScheduledThreadPoolExecutor with removeOnCancel."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in Timers(facts.index, facts.aliases, facts.types).retained():
            cancel = facts.call(found.cancelled)
            yield self.finding(
                facts,
                cancel.at_name or cancel.at,
                cancel.end,
                holder=facts.holder_name(found.timer),
                confidence="medium",
                evidence=[
                    facts.evidence(found.scheduled, "tasks are put into the queue here"),
                    facts.evidence(found.cancelled, "cancelled here, and left in the queue"),
                ],
                where=f"`{facts.scope_name(cancel.scope)}()`",
            )
