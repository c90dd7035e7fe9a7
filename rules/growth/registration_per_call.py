"""registration-per-call (LK106): each call or object adds itself to a list that lasts until exit.

## What it does
Reports a registration in a process-wide list (exit hooks, fork hooks, logging handlers, shutdown
hooks, delete-on-exit paths, listeners of `process`) made by code that runs again and again, with no
matching removal.

In Java also MBeans of objects that are closed, appenders of loggers, constants such as `AttributeKey`, and
meters under the path, the id or the message of a request, or the id of an object that is closed again.
In Python also loggers, modules and labels of metrics under a name with the id of a request or a fresh
number, and `weakref.finalize` with a callback that refers to the object it is to watch.

In JavaScript also labels of metrics (prom-client) that a request, user or failure has of its own.

## Why is this bad?
Such lists are emptied when the process ends. Each registration keeps its callback, the callback keeps
its object, and the object keeps everything that it refers to.

## Example
```python bad
import atexit

class Client:
    def __init__(self, url):
        self.url = url
        atexit.register(self.close)

    def close(self):
        disconnect(self.url)
```
```js bad
export function handle(request) {
  process.on("exit", () => request.abort());
}
```
```java bad
class Job {
  void run() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
  }
}
```

## Use instead
```python good
import atexit

class Client:
    def __init__(self, url):
        self.url = url
        atexit.register(self.close)

    def close(self):
        atexit.unregister(self.close)
        disconnect(self.url)
```
```js good
export function handle(request) {
  const abort = () => request.abort();
  process.on("exit", abort);
  request.once("close", () => process.off("exit", abort));
}
```
```java good
class Job {
  private Thread hook;

  void run() {
    hook = new Thread(this::stop);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  void close() {
    Runtime.getRuntime().removeShutdownHook(hook);
  }
}
```

## When it stays silent
The registration happens while a module loads, behind a flag that lets it happen once, or is undone
anywhere in the file; the owner is a singleton. In functions named like start-up configuration it is a
candidate of low confidence.

## Runtime check
Repeats the call; confirmed if the process-wide list grows with the number of calls.

## References
- [atexit](https://docs.python.org/3/library/atexit.html)
- [Runtime.addShutdownHook](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Runtime.html#addShutdownHook(java.lang.Thread))
- [process events](https://nodejs.org/api/process.html#process-events)
"""

from collections.abc import Iterator

from leaklint import narrate
from leaklint.ir import NONE
from leaklint.rule import Confidence, Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.acquired import Leak
from leaklint.solve.growth.freshnames import FreshName, FreshNames
from leaklint.solve.growth.jsmeters import JsMeters
from leaklint.solve.growth.meters import Meters
from leaklint.solve.growth.registering import Registering


class RegistrationPerCall(Rule):
    code = "LK106"
    message = "Each run of {where} leaves one more {what} in `{holder}`, which lasts until the process ends."
    advice = "{remedy}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        if facts.unit.language == "python":
            yield from self._fresh_names(facts, FreshNames(facts.growths).found())
        yield from self._fresh_names(facts, Meters(facts.growths).found())
        yield from self._fresh_names(facts, JsMeters(facts.growths).found())
        registering = Registering(facts.acquired)
        groups: dict[tuple[str, int, Confidence, int], list[Leak]] = {}
        for leak in facts.acquired.leaks("registration"):
            confidence = registering.confidence(leak)
            if confidence is not None:
                scope = facts.call(leak.item.effect).scope
                alone = leak.item.effect if leak.item.event == NONE else NONE
                groups.setdefault((narrate.registry(facts, leak), scope, confidence, alone), []).append(leak)
        for (holder, _, confidence, _), (leak, *others) in groups.items():
            yield narrate.acquisition(
                self,
                facts,
                leak,
                confidence=confidence,
                holder=holder,
                remedy=leak.item.pair.advice or "Register once, or undo it when the work ends.",
                others=others,
            )

    def _fresh_names(self, facts: Facts, names: Iterator[FreshName]) -> Iterator[Finding]:
        for found in names:
            effect = facts.unit.effects[found.effect]
            yield self.finding(
                facts,
                getattr(effect, "at_name", 0) or effect.at,
                effect.end,
                holder=found.holder,
                confidence="medium",
                evidence=[
                    facts.evidence(found.effect, "the name is a new one each time, and is kept for good")
                ],
                where=f"`{facts.scope_name(effect.scope)}()`",
                what=found.what,
                remedy="Use one name for all, and put what differs into each record, or take it out again.",
            )
