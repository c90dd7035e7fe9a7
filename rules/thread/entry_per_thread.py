"""entry-per-thread (LK421): a dict keeps an entry for every thread that ever ran.

## What it does
Reports containers filled under the identity of the running thread, from which nothing that runs removes.

## Why is this bad?
Threads come and go. The entry of one that has ended stays, with its connection, buffer or lock; where
the thread object itself is the key, the thread stays as well. Identities are used again, so that a new
thread may be handed what belonged to another.

## Example
```python bad
import threading

class Database:
    def __init__(self, connect):
        self.connect = connect
        self.connections = {}

    def connection(self):
        me = threading.get_ident()
        if me not in self.connections:
            self.connections[me] = self.connect()
        return self.connections[me]
```

## Use instead
```python good
import threading

class Database:
    def __init__(self, connect):
        self.connect = connect
        self.local = threading.local()

    def connection(self):
        if not hasattr(self.local, "connection"):
            self.local.connection = self.connect()
        return self.local.connection
```

## When it stays silent
A removal in the function that stores, or one that is called; weak containers (`WeakKeyDictionary` of
threads), bounded ones. Emptying everything at the end counts for nothing: threads end earlier.

## Runtime check
Calls the function from threads that end; confirmed if the container's length grows with their number.

## References
- [threading.local](https://docs.python.org/3/library/threading.html#thread-local-data)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts


class EntryPerThread(Rule):
    code = "LK421"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    message = (
        "`{holder}` keeps the {what} that {where} stores for each thread, when the thread has ended{state}."
    )
    advice = "Use `threading.local()`, or remove the entry when the thread ends."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in facts.py_threads.per_thread():
            idle = [facts.evidence(found.idle, "nothing calls this removal")] if found.idle != NONE else []
            scope = facts.unit.effects[found.idle].scope if found.idle != NONE else NONE
            yield narrate.held(
                self,
                facts,
                found.holder,
                found.growth,
                confidence="medium",
                more=idle,
                state=f": nothing calls `{facts.scope_name(scope)}()`" if idle else "",
            )
