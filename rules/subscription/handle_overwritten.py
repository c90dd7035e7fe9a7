"""handle-overwritten (LK206): the only handle of something that runs is lost.

## What it does
Reports a field that holds the handle of a timer, an observer, a subscription or a thread pool and is given
the next one before the old one was ended, also where one run of a method stores two; a listener whose
field is emptied right after it was added; and a field that is emptied without the `removeObserver(this)`
that comes first in the method that refills it.

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
its name does not say that it is called again and again (`set…`, `update…`, `on…`), and no event that comes
again calls it; two handles stand in the arms of one test.

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
    "emptied": "`{holder}` is emptied while what it held still knows its object: no {what} comes first.",
    "doubled": "{where} puts two handles into `{holder}`: the first one can't be ended any more.",
    "forgotten": "`{holder}` is emptied right after {where} has added it: no removal can name it.",
}
_BY = {"emptied": "here it is emptied without it", "doubled": "the field gets another handle here"}
_DO = {
    "overwritten": "End the old one before you start the next.",
    "emptied": "Take the object off first, as the other method does.",
    "doubled": "Keep each in a place of its own.",
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
            what = lost.item.pair.name
            shown = facts.unit.effects[lost.by] if lost.how == "emptied" else call
            first = (
                f"{what} comes first here"
                if lost.how == "emptied"
                else f"this {what} starts, each time this runs"
            )
            rows = [
                facts.evidence(lost.item.effect, first),
                facts.evidence(lost.by, _BY.get(lost.how, "the only handle is overwritten here")),
            ]
            yield self.finding(
                facts,
                call.at_name or call.at if shown is call else shown.at,
                shown.end,
                holder=facts.holder_name(lost.place),
                confidence="medium",
                evidence=rows,
                message=_WHY[lost.how],
                advice=_DO[lost.how],
                where=f"`{facts.scope_name(shown.scope)}()`",
                what=what,
            )
