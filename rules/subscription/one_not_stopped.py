"""one-not-stopped (LK208): several parts are started together, and one of them is left running.

## What it does
Reports a part that a method starts (opens, connects, registers) next to others, where the others are
ended again by the same class and this one is not.

## Why is this bad?
What is started is usually kept by something: by a thread, a parent, a registry. The part that was
forgotten is kept for good, and each owner that comes and goes leaves one more.

## Example
```java bad
class Region {
  private final Usage memory = new Usage();
  private final Usage store = new Usage();
  private final Usage temp = new Usage();

  void start() {
    memory.start();
    store.start();
    temp.start();
  }

  void stop() {
    memory.stop();
    store.stop();
  }
}
```
```python bad
class Region:
    def start(self):
        self.memory.start()
        self.store.start()
        self.temp.start()

    def stop(self):
        self.memory.stop()
        self.store.stop()
```
```js bad
class Region {
  start() {
    this.memory.start();
    this.store.start();
    this.temp.start();
  }

  stop() {
    this.memory.stop();
    this.store.stop();
  }
}
```

## Use instead
```java good
class Region {
  private final Usage memory = new Usage();
  private final Usage store = new Usage();
  private final Usage temp = new Usage();

  void start() {
    memory.start();
    store.start();
    temp.start();
  }

  void stop() {
    memory.stop();
    store.stop();
    temp.stop();
  }
}
```
```python good
class Region:
    def start(self):
        self.memory.start()
        self.store.start()
        self.temp.start()

    def stop(self):
        self.memory.stop()
        self.store.stop()
        self.temp.stop()
```
```js good
class Region {
  start() {
    this.memory.start();
    this.store.start();
    this.temp.start();
  }

  stop() {
    this.memory.stop();
    this.store.stop();
    this.temp.stop();
  }
}
```

## When it stays silent
Fewer than two others are ended; more than one is left; it is ended anywhere in the class, by any of
the usual names, or handed to something that may end it; parts that end with the job they do
(stopwatches, animations).

## Runtime check
Starts and stops the owner; confirmed if instances of the part pile up.

## References
- [CWE-772: missing release of resource after effective lifetime](https://cwe.mitre.org/data/definitions/772.html)
"""

from collections.abc import Iterator

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.subscription.pendants import Pendants


class OneNotStopped(Rule):
    code = "LK208"
    cwe = 772
    message = "`{holder}` is started by {where} and never ended, unlike {sibling}, which is."
    advice = "End it where its siblings end."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in Pendants(facts.index, facts.lifecycle).not_stopped():
            call = facts.call(found.started)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=f"{facts.unit.owners[found.owner].name}.{found.name.lstrip('.')}",
                confidence="medium",
                evidence=[
                    facts.evidence(found.started, "started here"),
                    facts.evidence(found.stopped, f"`{found.sibling.lstrip('.')}` is ended here"),
                ],
                where=f"`{facts.scope_name(call.scope)}()`",
                sibling=f"`{found.sibling.lstrip('.')}`",
            )
