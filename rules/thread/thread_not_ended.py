"""thread-not-ended (LK422): each object starts a thread that waits for work for ever.

## What it does
Reports classes whose constructor starts a thread that waits in an endless loop, where nothing in the
file tells it to stop, and which are constructed again and again. A thread that runs an event loop or a
server (`run_forever`, `serve_forever`) counts, too, also where its class ends everything but that.
In Python, too, objects with a thread or task that loops for ever, which the end of the object does not tell.
Java: threads that nothing interrupts, of objects that are closed, or kept in a table until they leave it, and
of connections that begin and end; a flag does not end a wait in `take()` for what nobody puts there any more.

## Why is this bad?
The thread refers to its bound method, the method to the object, the object to all that it has. None of
it is freed while the thread waits, and a daemon thread waits until the process ends.

## Example
```python bad
import queue
import threading

class Writer:
    def __init__(self):
        self.jobs = queue.Queue()
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while True:
            job = self.jobs.get()
            if job is None:
                break
            job()

def save(request):
    writer = Writer()
    writer.jobs.put(request.write)
```

```java bad
class Link implements Closeable {
  private final BlockingQueue<byte[]> commands = new LinkedBlockingQueue<>(100);
  private final OutputStream out;

  Link(OutputStream out) {
    this.out = out;
    new Thread(this::work).start();
  }

  private void work() {
    try {
      while (true) {
        out.write(commands.take());
      }
    } catch (InterruptedException | IOException e) {
      log("ends");
    }
  }

  public void close() throws IOException {
    out.close();
  }
}
```

## Use instead
```python good
import queue
import threading

class Writer:
    def __init__(self):
        self.jobs = queue.Queue()
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while True:
            job = self.jobs.get()
            if job is None:
                break
            job()

def save(request):
    writer = Writer()
    writer.jobs.put(request.write)
    writer.jobs.put(None)
```

```java good
class Link implements Closeable {
  private final BlockingQueue<byte[]> commands = new LinkedBlockingQueue<>(100);
  private final OutputStream out;
  private final Thread worker = new Thread(this::work);

  Link(OutputStream out) {
    this.out = out;
    worker.start();
  }

  private void work() {
    try {
      while (true) {
        out.write(commands.take());
      }
    } catch (InterruptedException | IOException e) {
      log("ends");
    }
  }

  public void close() throws IOException {
    worker.interrupt();
    out.close();
  }
}
```

## When it stays silent
The loop asks for a flag, or may fail when the object has closed what it uses; a task that may be cancelled.
Something puts None or a constant into the queue; a method named like stopping is called anywhere in the
file; the class is made once, or in another file without ever ending.

## Runtime check
Makes and drops objects; confirmed if the number of threads grows every round.

## References
- [threading](https://docs.python.org/3/library/threading.html#thread-objects)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.thread.loopers import Loopers
from leaklint.solve.thread.waiters import Waiters


class ThreadNotEnded(Rule):
    code = "LK422"
    languages: ClassVar[tuple[str, ...]] = ("python", "java")
    message = "Each `{holder}` that {where} makes leaves a thread that waits for ever and keeps the object."
    begun_message = "Each run of {where} leaves a thread that waits for ever and keeps its `{holder}`."
    left_message = "`{holder}` is kept by its own {what}, which loops for ever: {ending} does not tell it."
    advice = "Tell the thread to stop when the object is done with."

    def check(self, facts: Facts) -> Iterator[Finding]:
        known = [*facts.py_threads.unended(), *Waiters(facts.growths).unended()]
        if facts.unit.language == "python":
            owners = {found.owner for found in known}
            looping = Loopers(facts.growths, facts.py_threads).found()
            known += (found for found in looping if found.owner not in owners)
        for found in known:
            call = facts.call(found.effect)
            begun = found.made == found.effect and facts.unit.scopes[call.scope].kind == "method"
            what = "task" if call.name in ("create_task", "ensure_future") else "thread"
            rows = [
                facts.evidence(found.effect, f"the {what} is made here"),
                facts.evidence(found.loop, "it waits here, and nothing tells it to stop"),
            ]
            if found.end == NONE:
                rows.append(facts.evidence(found.made, "made here, each time this runs"))
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.unit.owners[found.owner].name,
                confidence="medium",
                evidence=rows,
                message=self.left_message if found.end != NONE else self.begun_message if begun else None,
                where=f"`{facts.scope_name(facts.call(found.made).scope)}()`",
                what=what,
                ending=f"`{facts.scope_name(found.end)}()`" if found.end != NONE else "",
            )
