"""growing-instance-collection (LK107): a container of an object is filled by its methods and never emptied.

## What it does
Reports a container field that methods add to and from which no method removes.

Servlets, filters, interceptors and the like serve long whatever their name, and so do cogs of bots, gRPC
servicers, middleware and log handlers. A field that other files can't see (`private`, `#rows`, `__rows`), and
that nothing ever reads, is reported whatever its owner is. So are collections that only mark the elements
that were made to listen (JavaScript), the tables of a middleware, buffers without a limit that take back
what could not be delivered, and lists of what can be undone that get a copy of the whole with every change;
in Python also what one call enters for itself in the exit stack of its object.

## Why is this bad?
As long as the object lives, everything added to it lives too. In a server, a service or a cache
object that means: until the process ends.

## Example
```python bad
class Recorder:
    def __init__(self):
        self.rows = []

    def record(self, row):
        self.rows.append(parse(row))
```
```js bad
class Recorder {
  rows = [];

  record(row) {
    this.rows.push(parse(row));
  }
}
```
```java bad
class Recorder {
  private final List<Row> rows = new ArrayList<>();

  void record(String row) {
    rows.add(parse(row));
  }
}
```

## Use instead
```python good
class Recorder:
    def __init__(self):
        self.rows = []

    def record(self, row):
        self.rows.append(parse(row))

    def flush(self):
        rows, self.rows = self.rows, []
        return rows
```
```js good
class Recorder {
  rows = [];

  record(row) {
    this.rows.push(parse(row));
  }

  flush() {
    const rows = this.rows;
    this.rows = [];
    return rows;
  }
}
```
```java good
class Recorder {
  private List<Row> rows = new ArrayList<>();

  void record(String row) {
    rows.add(parse(row));
  }

  List<Row> flush() {
    List<Row> done = rows;
    rows = new ArrayList<>();
    return done;
  }
}
```

## When it stays silent
Something removes, clears or rebinds; the size is compared with a limit; keys are few, or only those that a
list of known ones admits; only the constructor adds; the methods of a private field that nothing reads do
no more than store, as those of a message for a mapper do. It is a candidate of low confidence where nothing
says that the object lives long: a name (`…Manager`, `…Cache`); in Java a periodic task or pool of its own,
a loop that only a stop ends, or methods that are called with one message after the other; in Python a lock,
thread, task or socket that it owns, an endless loop of its own, methods that handle one request or message
after the other, an owner that does, or a table whose keys name requests, sessions, messages or runs
(`self.events[event.id]`), or callbacks of something that happens once and has called them all. Clearing all
in `close()` of such an object is no removal.

## Runtime check
Calls the method on one object; confirmed if the container's length grows with the number of calls.

## References
- [CWE-401: missing release of memory after effective lifetime](https://cwe.mitre.org/data/definitions/401.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.entered import Entered, OwnContexts
from leaklint.solve.growth.marks import Marks
from leaklint.solve.growth.putbacks import PutBacks
from leaklint.solve.growth.undos import Undos
from leaklint.solve.growth.unread import Unread
from leaklint.solve.growths import Judgement

_PER_ITEM = (
    "`{holder}` keeps a subscription for every item that there ever was: all of them end only with it."
)
_UNREAD = "`{holder}` keeps every {what} that {where} adds, and nothing ever reads or empties it."
_SERVED = "`{holder}` keeps every {what} that {where} adds, as long as the server runs: {release}{keys}."
_ENTERED = "`{holder}` keeps what each run of {where} enters for itself, until the whole stack is left."
_LISTED = "`{holder}` keeps every {what} that {where} makes for itself, until the whole object ends."
_MARKS = "`{holder}` keeps every element that {where} has set up, also when it has left the page."


class GrowingInstanceCollection(Rule):
    code = "LK107"
    cwe = 770
    yields_to: ClassVar[tuple[str, ...]] = (
        *("LK109", "LK110", "LK111", "LK112", "LK113", "LK114", "LK115"),
        *("LK122", "LK131", "LK141", "LK303", "LK321", "LK421", "LK521", "LK602"),
    )
    message = "`{holder}` keeps every {what} that {where} adds, as long as the object lives: {release}{keys}."
    advice = "Remove what is done with, or bound the container."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for back in PutBacks(facts.growths).found("instance"):
            yield narrate.put_back(self, facts, back)
        for undo in Undos(facts.growths).found("instance", "closure"):
            yield narrate.undone(self, facts, undo)
        own = OwnContexts(facts.growths) if facts.unit.language == "python" else None
        for entered in own.found() if own is not None else ():
            yield self._entered(facts, entered)
        listed = {entered.holder.place for entered in own.listed()} if own is not None else ()
        for item in facts.undoings.per_item():
            call = facts.call(item.growth)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.holder_name(item.place),
                confidence="medium",
                evidence=[
                    facts.evidence(item.undo, "this runs for one item after the other"),
                    facts.evidence(item.growth, "each leaves its subscription here"),
                ],
                message=_PER_ITEM,
                advice="Dispose of it, and take it out, when the item is gone.",
            )
        unread, marks = Unread(facts.index, facts.lifecycle), Marks(facts.index)
        for found in facts.growths.judged(lifetime="instance"):
            if found.holder.kind == "exits":
                continue  # what is entered for the object is left with it
            if found.confidence == "low" and found.holder.place in listed:
                found.confidence = "medium"
                yield narrate.growth(self, facts, found, message=_LISTED)
            elif found.confidence == "low" and unread.is_unread(found.holder):
                found.confidence = "medium"
                yield narrate.growth(self, facts, found, message=_UNREAD)
            elif found.confidence == "low" and marks.only_marks(found.holder, found.growths[0]):
                yield self._marked(facts, found)
            else:
                yield narrate.growth(self, facts, found)
        if facts.unit.language == "javascript":
            for found in facts.growths.judged(lifetime="closure"):
                if facts.growths.waiting.waits(found.growths[0]):
                    yield narrate.growth(self, facts, found)
                elif facts.growths.weighing.is_of_middleware(found.holder):
                    yield narrate.growth(self, facts, found, message=_SERVED)
                elif marks.only_marks(found.holder, found.growths[0]):
                    yield self._marked(facts, found)

    def _entered(self, facts: Facts, own: Entered) -> Finding:
        shown = narrate.held(
            self,
            facts,
            own.holder,
            own.growth,
            confidence="medium",
            more=[facts.evidence(own.left, "it is left here, with all the others")],
            message=_ENTERED,
        )
        shown.advice = "Enter it in a `with` of the function, or in a stack of its own."
        return shown

    def _marked(self, facts: Facts, found: Judgement) -> Finding:
        found.confidence = "medium"
        shown = narrate.growth(self, facts, found, message=_MARKS)
        shown.advice = "Mark elements in a `WeakSet` or `WeakMap`."
        return shown
