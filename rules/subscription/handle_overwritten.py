"""handle-overwritten (LK206): the only handle of something that runs is lost.

## What it does
Reports a field that holds the handle of a timer, an observer, a subscription or a thread pool and is given
the next one before the old one was ended; and a listener whose field is emptied right after it was added.

## Why is this bad?
The handle is the only thing that can end what it stands for. Once it is overwritten, the old timer or
subscription runs on, and keeps its callback and everything that the callback closes over.

## Example
```js bad
class Ticker {
  setRate(milliseconds) {
    this.timer = setInterval(() => this.draw(), milliseconds);
  }

  dispose() {
    clearInterval(this.timer);
  }
}
```

```java bad
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

class Poller {
  private ScheduledExecutorService timer;
  void updatePeriod(long seconds) {
    timer = Executors.newSingleThreadScheduledExecutor();
    timer.schedule(this::poll, seconds, TimeUnit.SECONDS);
  }
  void close() {
    timer.shutdown();
  }
}
```

## Use instead
```js good
class Ticker {
  setRate(milliseconds) {
    clearInterval(this.timer);
    this.timer = setInterval(() => this.draw(), milliseconds);
  }

  dispose() {
    clearInterval(this.timer);
  }
}
```

```java good
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

class Poller {
  private ScheduledExecutorService timer;
  void updatePeriod(long seconds) {
    if (timer != null) {
      timer.shutdown();
    }
    timer = Executors.newSingleThreadScheduledExecutor();
    timer.schedule(this::poll, seconds, TimeUnit.SECONDS);
  }
  void close() {
    timer.shutdown();
  }
}
```

## When it stays silent
The function ends the old handle first, or calls something that does; it tests anything on the way;
its name does not say that it is called again and again (`set…`, `update…`, `on…`).

## Runtime check
Calls the function again and again; confirmed if the number of timers or observers grows every time.

## References
- [clearInterval](https://developer.mozilla.org/docs/Web/API/Window/clearInterval)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts

_WHY = {
    "overwritten": "{where} puts the next {what} into `{holder}` while the old one still runs.",
    "forgotten": "`{holder}` is emptied right after {where} has added it: no removal can name it.",
}
_DO = {
    "overwritten": "End the old one before you start the next.",
    "forgotten": "Keep the function until it is removed.",
}


class HandleOverwritten(Rule):
    code = "LK206"
    languages: ClassVar[tuple[str, ...]] = ("javascript", "java")
    message = "The handle in `{holder}` is lost."
    advice = "End it first."

    def check(self, facts: Facts) -> Iterator[Finding]:
        if not facts.pairs.acquisitions and facts.unit.language != "javascript":
            return
        for lost in facts.overwrites.lost():
            call = facts.call(lost.item.effect)
            rows = [
                facts.evidence(lost.item.effect, f"this {lost.item.pair.name} starts, each time this runs"),
                facts.evidence(lost.by, "the only handle is overwritten here"),
            ]
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.holder_name(lost.place),
                confidence="medium",
                evidence=rows,
                message=_WHY[lost.how],
                advice=_DO[lost.how],
                where=f"`{facts.scope_name(call.scope)}()`",
                what=lost.item.pair.name,
            )
