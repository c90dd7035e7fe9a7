"""handle-overwritten (LK206): the only handle of something that runs is lost.

## What it does
Reports a field that holds the handle of a timer, an observer, a subscription or a thread pool and is given
the next one before the old one was ended, also where one run of a method stores two; a listener whose field
is emptied right after it was added; and a field that is emptied without the `removeObserver(this)` that
comes first in the method that refills it. In JavaScript also what is made after an `await` or in
`.then(…)`, when the clean-up that would end it may have run already; a timer in a variable of a closure
that is started again; and tables of handles: the same key may be stored twice, or an entry is taken out and
nothing ends what it kept (Python: which another method ends for all of them; Java: a periodic task). In
JavaScript and Java also what a method such as `setSource()` or `reconnect()` makes anew, where only the end
of the class ends it. In Python a timer, thread, native handle or client that
some method of the class stops counts, not files and sockets: those close with their last reference; and one
that is kept under another name (`_timer`) than the one that is stopped (`timer`).

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

```js bad
function usePrices(id, show) {
  useEffect(() => {
    let stop;
    openFeed(id).then((feed) => {
      stop = feed.listen(show);
    });
    return () => {
      if (stop) stop();
    };
  }, [id]);
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

```python bad
class Lease:
    def __init__(self, loop):
        self.loop = loop
        self.timer = None

    def renew(self, seconds):
        self.timer = self.loop.call_later(seconds, self.expire)

    def close(self):
        self.timer.cancel()
```

## Use instead
```js good
function usePrices(id, show) {
  useEffect(() => {
    let stop;
    let gone = false;
    openFeed(id).then((feed) => {
      if (gone) return;
      stop = feed.listen(show);
    });
    return () => {
      gone = true;
      if (stop) stop();
    };
  }, [id]);
}
```

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

```python good
class Lease:
    def __init__(self, loop):
        self.loop = loop
        self.timer = None

    def renew(self, seconds):
        if self.timer is not None:
            self.timer.cancel()
        self.timer = self.loop.call_later(seconds, self.expire)

    def close(self):
        self.timer.cancel()
```

## When it stays silent
The function ends the old handle first, or calls something that does; it tests anything on the way (in
`ngOnChanges()` and its like: but for what has changed); its name does not say that it is called again and
again (`set…`, `update…`, `on…`), and no event that comes again calls it; two handles stand in the arms of one
test; it is called when the old one has ended or failed (`onclose`, `on("exit", …)`, `catch`); in Java one
answer or task, which ends by itself. After a wait: any test of a flag that the clean-up sets, or that is
named like one (`disposed`, `mounted`, `aborted`); a clean-up that waits too, or aborts.

## Runtime check
Calls the function again and again; confirmed if the number of timers or observers grows every time.

## References
- [clearInterval](https://developer.mozilla.org/docs/Web/API/Window/clearInterval)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.subscription.late import LateArrivals
from leaklint.solve.subscription.overwrites import Overwrites
from leaklint.solve.subscription.pyoverwrites import PyOverwrites
from leaklint.solve.subscription.takenout import TakenOuts

_WHY = {
    "overwritten": "{where} puts the next {what} into `{holder}` while the old one still runs.",
    "emptied": "`{holder}` is emptied while what it held still knows its object: no {what} comes first.",
    "taken": "`{holder}` loses the only handle of this {what} when its entry goes: nothing ends it first.",
    "doubled": "{where} puts two handles into `{holder}`: the first one can't be ended any more.",
    "forgotten": "`{holder}` is emptied right after {where} has added it: no removal can name it.",
}
_BY = {
    "taken": "its entry is taken out here, and it goes on",
    "emptied": "here it is emptied without it",
    "doubled": "the field gets another handle here",
}
_DO = {
    "overwritten": "End the old one before you start the next.",
    "emptied": "Take the object off first, as the other method does.",
    "taken": "End what the entry keeps before you take it out.",
    "doubled": "Keep each in a place of its own.",
    "forgotten": "Keep the function until it is removed.",
}
_LATE = "`{holder}` may be {done} after {clean} has run: then nothing ends it."
_CLEAN = {
    "effect": "the clean-up of this effect",
    "class": "the end of its component",
    "function": "its clean-up",
}


class HandleOverwritten(Rule):
    code = "LK206"
    languages: ClassVar[tuple[str, ...]] = ("javascript", "java", "python")
    message = "The handle in `{holder}` is lost."
    advice = "End it first."

    def check(self, facts: Facts) -> Iterator[Finding]:
        if facts.unit.language == "python":
            yield from self._replaced(facts)
            yield from self._taken_out(facts)
            return
        if facts.unit.language == "javascript":
            yield from self._late(facts)
        for lost in Overwrites(facts.acquired, facts.handles).lost():
            call = facts.call(lost.item.effect)
            what = lost.item.pair.name
            shown = facts.unit.effects[lost.by] if lost.how == "emptied" else call
            first = (
                f"{what} comes first here"
                if lost.how == "emptied"
                else f"this {what} is made here, each time this runs"
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

    def _replaced(self, facts: Facts) -> Iterator[Finding]:
        overwrites = PyOverwrites(facts.index, facts.lifecycle, facts.repeats)
        for found in overwrites.misnamed():
            bind, end = facts.bind(found.bind), facts.call(found.end)
            asked = facts.place_text(facts.unit.places[end.receiver])
            yield self.finding(
                facts,
                bind.at,
                bind.end,
                holder=facts.place_text(found.place),
                confidence="medium",
                evidence=[
                    facts.evidence(found.bind, "nothing reads this name"),
                    facts.evidence(found.end, "this ends what no code puts there"),
                ],
                message="{where} keeps what `{made}()` starts as `{holder}`; what ends it asks `{asked}`.",
                advice="Use one name.",
                where=f"`{facts.scope_name(bind.scope)}()`",
                made=facts.call(found.made).name,
                asked=asked,
            )
        for found in overwrites.found():
            bind, end = facts.bind(found.bind), facts.call(found.end)
            yield self.finding(
                facts,
                bind.at,
                bind.end,
                holder=facts.holder_name(found.place),
                confidence="medium",
                evidence=[
                    facts.evidence(found.bind, "the only handle is overwritten here, each time this runs"),
                    facts.evidence(found.end, f"`{end.name}()` is what ends it elsewhere"),
                ],
                message=_WHY["overwritten"],
                advice=_DO["overwritten"],
                where=f"`{facts.scope_name(bind.scope)}()`",
                what=f"`{facts.call(found.made).name}()`",
            )

    def _taken_out(self, facts: Facts) -> Iterator[Finding]:
        for found in TakenOuts(facts.index, facts.aliases).found():
            removal, end = facts.unit.effects[found.removal], facts.call(found.end)
            yield self.finding(
                facts,
                removal.at,
                removal.end,
                holder=facts.holder_name(found.place),
                confidence="medium",
                evidence=[
                    facts.evidence(found.made, "what the table keeps is made here"),
                    facts.evidence(found.removal, "taken out here, and it goes on"),
                    facts.evidence(found.end, f"`{end.name}()` is what ends the others"),
                ],
                message="{where} takes an entry out of `{holder}` and does not `{ends}()` it: it runs on.",
                advice=_DO["taken"],
                where=f"`{facts.scope_name(removal.scope)}()`",
                ends=end.name,
            )

    def _late(self, facts: Facts) -> Iterator[Finding]:
        for found in LateArrivals(facts.index, facts.lifecycle, facts.handles, facts.pairs).found():
            effect = facts.unit.effects[found.made]
            end = facts.call(found.end)
            place = found.place
            if place is None:
                receiver = facts.call(found.made).receiver
                place = facts.unit.places[receiver] if receiver != NONE else None
            yield self.finding(
                facts,
                effect.at,
                effect.end,
                holder=facts.holder_name(place) if place is not None else "window",
                confidence="medium" if found.sure else "low",
                evidence=[
                    facts.evidence(found.wait, "this is waited for"),
                    facts.evidence(found.made, "this comes after the wait"),
                    *(facts.evidence(other, "and so does this") for other in found.others[:6]),
                    facts.evidence(found.end, f"`{end.name or 'the function'}()` comes too early for it"),
                ],
                message=_LATE,
                advice="Let the clean-up set a flag, and ask for it after the wait.",
                clean=_CLEAN[found.where],
                done="filled" if found.place is not None else "listened to",
            )
