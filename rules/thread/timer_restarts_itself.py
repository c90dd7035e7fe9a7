"""timer-restarts-itself (LK425): a timer of an object that comes and goes starts itself again for ever.

## What it does
Reports methods that have themselves called later, again and again (`threading.Timer`, `loop.call_later`,
`reactor.callLater`), without a condition, of classes whose objects are made again and again, where nothing
cancels the timer. So are methods that a clock calls again and again: those of GLib that always return True.

## Why is this bad?
The loop or the timer's thread keeps the method, and the method its object with all that it has. When the
object is done with, the timer goes on, and the next object starts one more.

## Example
```python bad
import threading

class Session:
    def __init__(self, socket):
        self.socket = socket
        self.beat()

    def beat(self):
        self.socket.send(b"ping")
        threading.Timer(30, self.beat).start()

def serve(listener):
    while True:
        session = Session(listener.accept())
        session.socket.recv(100)
```

## Use instead
```python good
import threading

class Session:
    def __init__(self, socket):
        self.socket = socket
        self.timer = None
        self.beat()

    def beat(self):
        self.socket.send(b"ping")
        self.timer = threading.Timer(30, self.beat)
        self.timer.start()

    def close(self):
        self.timer.cancel()

def serve(listener):
    while True:
        session = Session(listener.accept())
        session.socket.recv(100)
        session.close()
```

## When it stays silent
Something cancels the handle; the method asks for anything before it goes on; objects that are made once, by
all that the file shows; timers of the object itself (`self.after`), which end with it.

## Runtime check
Makes and drops objects; confirmed if they stay alive.

## References
- [threading.Timer](https://docs.python.org/3/library/threading.html#timer-objects)
- [loop.call_later](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.call_later)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.subscription.subjects import Subjects
from leaklint.solve.thread.pytimers import SelfTimers


class TimerRestartsItself(Rule):
    code = "LK425"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    message = (
        "`{method}()` starts itself again for ever, and keeps each `{holder}` alive: nothing cancels it."
    )
    advice = "Keep the handle of the timer, and cancel it when the object is done with."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in SelfTimers(Subjects(facts.attachments)).found():
            call = facts.call(found.effect)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.unit.owners[found.owner].name,
                confidence="medium",
                evidence=[facts.evidence(found.effect, "started here, by what it calls")],
                method=facts.unit.scopes[found.method].name,
            )
