"""timer-not-stopped (LK203): an interval or a self-restarting timer runs on after its owner.

## What it does
Reports `setInterval`, timeouts and animation frames that start themselves again, and in Java periodic
tasks on a shared scheduler and messages that post themselves again, in code that runs again and again,
with nothing that stops them.

In JavaScript also: an interval that a function clears behind an `await` of work that may fail, without
`finally`.

In Java also: the timeout of a future that one of its endings cancels, and another one leaves; and on Android
an animator that repeats for ever, tells a listener, and is cancelled nowhere.

## Why is this bad?
The runtime keeps the callback of a running timer, and the callback keeps everything that it closes
over. Each mount, instance or call leaves one more timer behind.

## Example
```js bad
class Clock {
  constructor(element) {
    setInterval(() => element.update(), 1000);
  }
}
```

```java bad
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

class Session implements AutoCloseable {
  Session(ScheduledExecutorService scheduler) {
    scheduler.scheduleAtFixedRate(this::beat, 1, 1, TimeUnit.SECONDS);
  }
  private void beat() {
    send("beat");
  }
  public void close() {
    send("bye");
  }
}
```

## Use instead
```js good
class Clock {
  constructor(element) {
    this.timer = setInterval(() => element.update(), 1000);
  }

  dispose() {
    clearInterval(this.timer);
  }
}
```

```java good
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

class Session implements AutoCloseable {
  private final ScheduledFuture<?> beats;
  Session(ScheduledExecutorService scheduler) {
    beats = scheduler.scheduleAtFixedRate(this::beat, 1, 1, TimeUnit.SECONDS);
  }
  private void beat() {
    send("beat");
  }
  public void close() {
    beats.cancel(false);
    send("bye");
  }
}
```

## When it stays silent
One-shot timeouts that their class never clears, or that fire at once; a `clear…` call that may take this
handle anywhere in the file, and that the end of the object may reach; the handle is returned or handed over;
a loop that tests a condition before it goes on; code that runs once. In Java: schedulers of the object's own,
classes that are never closed, and services, which end with the scheduler; animators that somebody else gets
hold of, or that get a last round.

## Runtime check
Creates and drops the owner; confirmed if the number of active timers grows with every round.

## References
- [setInterval](https://developer.mozilla.org/docs/Web/API/Window/setInterval)
- [cancelAnimationFrame](https://developer.mozilla.org/docs/Web/API/Window/cancelAnimationFrame)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.subscription.animators import Animators
from leaklint.solve.subscription.deadlines import Deadlines
from leaklint.solve.subscription.pending import PendingTimers
from leaklint.solve.subscription.skippedclears import SkippedClears

_LEFT = (
    "The {what} in `{holder}` may outlive its object: it is cleared elsewhere, but not when the object goes."
)
_SKIPPED = "The {what} in `{holder}` runs for ever when the work of {where} fails: that skips its clearing."


class TimerNotStopped(Rule):
    code = "LK203"
    languages: ClassVar[tuple[str, ...]] = ("javascript", "java")
    message = "The {what} that {where} starts runs for ever and keeps its callback alive: {state}."
    animator_message = "`{holder}` runs for ever, and keeps what its listener refers to: nothing cancels it."
    deadline_message = "`{holder}` keeps its future until its time: {ended} cancels it, {left} leaves it."
    advice = "Keep the handle and stop it when its owner ends."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in PendingTimers(facts.pairs, facts.handles, facts.lifecycle).found():
            started = facts.unit.effects[found.started]
            yield self.finding(
                facts,
                getattr(started, "at_name", 0) or started.at,
                started.end,
                holder=facts.holder_name(found.place),
                confidence="medium",
                evidence=[
                    facts.evidence(found.started, "this timer starts, and refers to its object"),
                    facts.evidence(found.end, "it is cleared here, while its object lives"),
                ],
                message=_LEFT,
                advice=f"Clear it in `{found.teardown}()`."
                if found.teardown
                else "Clear it when the object goes.",
                what=found.what,
            )
        javascript = facts.unit.language == "javascript"
        for skipped in SkippedClears(facts.pairs, facts.repeats).found() if javascript else ():
            call = facts.call(skipped.item.effect)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.holder_name(skipped.item.handle) if skipped.item.handle else call.name,
                confidence="medium",
                evidence=[
                    facts.evidence(skipped.item.effect, "this timer starts"),
                    facts.evidence(skipped.wait, "what this waits for may fail"),
                    facts.evidence(skipped.clear, "then it is not cleared here"),
                ],
                message=_SKIPPED,
                advice="Clear it in `finally`.",
                what=skipped.item.pair.name,
                where=f"`{facts.scope_name(call.scope)}()`",
            )
        for leak in facts.acquired.leaks("timer"):
            handle = leak.item.handle
            if handle is not None and facts.handles.of(leak.item).fate == "given":
                continue  # somebody else got hold of it, and may stop it
            yield narrate.acquisition(
                self,
                facts,
                leak,
                holder=facts.holder_name(handle) if handle is not None else facts.call(leak.item.effect).name,
                state="nothing stops it"
                if handle is not None
                else "its handle is dropped, so nothing can stop it",
            )
        for endless in Animators(facts.index, facts.repeats).found():
            started = facts.call(endless.started)
            yield self.finding(
                facts,
                started.at_name or started.at,
                started.end,
                holder=facts.holder_name(endless.place),
                confidence="medium",
                message=self.animator_message,
                advice="Cancel it when the screen is closed or the view is detached.",
                evidence=[
                    facts.evidence(endless.repeated, "it repeats for ever"),
                    facts.evidence(endless.listens, "it keeps this listener, and what that refers to"),
                ],
            )
        for late in Deadlines(facts.index).left():
            bind = facts.bind(late.bind)
            yield self.finding(
                facts,
                bind.at,
                bind.end,
                holder=facts.holder_name(late.place),
                confidence="medium",
                message=self.deadline_message,
                evidence=[
                    facts.evidence(late.bind, "scheduled here"),
                    facts.evidence(late.cancelled, f"cancelled by `{late.ended_by}()`"),
                ],
                ended=f"`{late.ended_by}()`",
                left=f"`{late.left_by}()`",
            )
