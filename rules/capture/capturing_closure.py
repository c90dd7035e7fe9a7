"""capturing-closure (LK301): a long-lived holder collects functions that close over the state of a call.

## What it does
Reports closures added to a list or map of a module or class, when they capture variables or the
object of the call that makes them, and nothing removes them.

## Why is this bad?
A closure keeps every variable that it uses, and in most engines those that its siblings use as well.
The holder looks small, yet each entry pins the state of one call.

## Example
```python bad
CALLBACKS = []

def subscribe(request):
    body = request.read()
    CALLBACKS.append(lambda: publish(body))
```
```js bad
const callbacks = [];

export function subscribe(request) {
  const body = request.read();
  callbacks.push(() => publish(body));
}
```
```java bad
class Hub {
  private static final List<Runnable> TASKS = new ArrayList<>();

  void subscribe(Request request) {
    byte[] body = request.read();
    TASKS.add(() -> publish(body));
  }
}
```

## Use instead
Take the entry out when it has run, or keep a weak reference to its owner.
```python good
CALLBACKS = []

def subscribe(request):
    body = request.read()
    CALLBACKS.append(lambda: publish(body))

def run():
    while CALLBACKS:
        CALLBACKS.pop()()
```
```js good
const callbacks = new Set();

export function subscribe(request) {
  const body = request.read();
  const callback = () => publish(body);
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}
```
```java good
class Hub {
  private static final Queue<Runnable> TASKS = new ArrayDeque<>();

  void subscribe(Request request) {
    byte[] body = request.read();
    TASKS.add(() -> publish(body));
  }

  void run() {
    TASKS.poll().run();
  }
}
```

## When it stays silent
The closure captures nothing of the call; something removes entries; closures are added only while
modules load.

## Runtime check
Calls the function that adds; confirmed if the holder's length grows with the number of calls.

## References
- [Closures: performance considerations](https://developer.mozilla.org/docs/Web/JavaScript/Guide/Closures#performance_considerations)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.ir import NONE, Place
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.capture.stored import Stored


class CapturingClosure(Rule):
    code = "LK301"
    yields_to: ClassVar[tuple[str, ...]] = ("LK302",)
    message = "`{holder}` keeps {captured} of every call of {where} alive, through the closure stored there."
    advice = "Remove the closure when it has run, or capture less."

    def check(self, facts: Facts) -> Iterator[Finding]:
        stored = Stored(facts.index, facts.models)
        for found in facts.growths.judged(lifetime="process"):
            for item in found.growths:
                captured = stored.captured(item)
                if captured != NONE:
                    found.growths = [item, *(other for other in found.growths if other is not item)]
                    yield narrate.growth(
                        self, facts, found, captured=f"`{facts.place_text(Place(captured))}`"
                    )
                    break
