"""growing-collection (LK102): a list, set, queue or buffer that outlives its callers only grows.

## What it does
Reports a collection of a module, a class or a singleton to which functions add and from which
nothing removes; and a buffer without a limit that takes back what could not be delivered.

## Why is this bad?
The collection lives as long as the process, so whatever is added to it does too: memory grows with
the number of calls.

## Example
```python bad
SEEN = []

def handle(request):
    SEEN.append(request)
```
```js bad
const seen = [];

export function handle(request) {
  seen.push(request);
}
```
```java bad
class Audit {
  private static final List<Request> SEEN = new ArrayList<>();

  void handle(Request request) {
    SEEN.add(request);
  }
}
```

## Use instead
Keep what is needed of the value, for as long as it is needed.
```python good
from collections import deque

SEEN = deque(maxlen=100)

def handle(request):
    SEEN.append(request)
```
```js good
const seen = [];

export function handle(request) {
  seen.push(request);
  if (seen.length > 100) seen.shift();
}
```
```java good
class Audit {
  private static final Queue<Request> SEEN = new ArrayDeque<>();

  void handle(Request request) {
    SEEN.add(request);
    if (SEEN.size() > 100) SEEN.poll();
  }
}
```

## When it stays silent
Values are added only while modules load; something removes, clears or rebinds; the size is compared
with a limit; the collection is weak or bounded. Start-up registration is a candidate of low
confidence.

## Runtime check
Calls the function that adds; confirmed if the collection's length grows with the number of calls.

## References
- [CWE-401: missing release of memory after effective lifetime](https://cwe.mitre.org/data/definitions/401.html)
- [CWE-770: allocation without limits](https://cwe.mitre.org/data/definitions/770.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.putbacks import PutBacks
from leaklint.solve.growth.undos import Undos


class GrowingCollection(Rule):
    code = "LK102"
    cwe = 770
    yields_to: ClassVar[tuple[str, ...]] = (
        "LK602",
        *(
            "LK108",
            "LK109",
            "LK110",
            "LK111",
            "LK112",
            "LK113",
            "LK114",
            "LK115",
            "LK122",
            "LK141",
            "LK303",
            "LK321",
            "LK421",
            "LK521",
        ),
        *("LK301", "LK302"),
    )
    message = "`{holder}` keeps every {what} that {where} adds: {release}{keys}."
    advice = "Bound it, remove what is done with, or keep it where it can die with its user."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for back in PutBacks(facts.growths).found("process"):
            yield narrate.put_back(self, facts, back)
        for undo in Undos(facts.growths).found("process"):
            yield narrate.undone(self, facts, undo)
        kinds = ("list", "set", "array", "queue", "buffer", "graph", "intervals")
        for found in facts.growths.judged(*kinds, lifetime="process"):
            if found.holder.default_of == -1:  # a parameter default has its own rule
                yield narrate.growth(self, facts, found)
