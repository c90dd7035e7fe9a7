"""callback-not-detached (LK221): something longer-lived keeps a callback, and nobody takes it off.

## What it does
Reports functions, bound methods and objects that are attached to something longer-lived (`subscribe`,
`add_listener`, `connect`, `attach`, `event.listen`, `bus.listeners.append`) and stay. Each of these shapes
counts:

- the class that keeps them, or what it gives out (`queue = broker.subscribe()`), is in the same file, with a
  method that takes them out, and nothing calls it;
- a closure, or an object of a class of the file, made by a function that runs again and again is attached to
  something of a module; so is a bound method by `update()`, `tick()` and the like;
- the class disconnects other attachments when it ends, and forgets this one;
- a constructor defines a function under a registering decorator;
- an object attaches itself, while it is made or opened, to a variable of a module or to what its maker hands
  to each of its objects;
- what is taken off is another function: a lambda or `partial` made anew, another `dispatch_uid`;
- the result is what ends it, as a model says or the file shows elsewhere, and is dropped.

## Why is this bad?
The emitter keeps the callback, the callback keeps its object or all that it closes over, and each call
or object adds one more. The callbacks of objects long gone go on being called, too.

## Example
```python bad
from sqlalchemy import create_engine, event

engine = create_engine("sqlite://")

def process(job):
    statements = []

    def note(connection, cursor, statement, parameters, context, executemany):
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    job.execute(engine)
    return len(statements)
```

## Use instead
```python good
from sqlalchemy import create_engine, event

engine = create_engine("sqlite://")

def process(job):
    statements = []

    def note(connection, cursor, statement, parameters, context, executemany):
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        job.execute(engine)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(statements)
```

## When it stays silent
The file takes something off the same receiver; the receiver was made by the object itself; signals that
hold their receivers weakly (Django, blinker) without `weak=False`; functions named as ones that run
once (`create_app`, `setup`, `register_…`); receivers that a function was given.

## Runtime check
Creates and drops the owner, or calls the function; confirmed if the emitter's list grows every time, or
what was attached lives on.

## References
- [SQLAlchemy: event.remove](https://docs.sqlalchemy.org/en/20/core/event.html#sqlalchemy.event.remove)
- [Blinker: signals](https://blinker.readthedocs.io/en/stable/)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Evidence, Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.subscription.attaching.attached import Attached
from leaklint.solve.subscription.subjects import Subjects
from leaklint.solve.subscription.unsubscribes import Unsubscribes

_WHY = {
    "undone-elsewhere": "nothing calls `{inverse}()`",
    "never-undone": "nothing takes it off",
    "per-call": "each run adds one more, and nothing takes it off",
    "per-object": "each object adds one more",
    "shared": "each object adds one more, and nothing takes it off",
    "handle": "what it gives back would take it off, and is dropped",
    "sender": "it is disconnected without its sender, which matches nothing",
    "uid": "only one of `connect` and `disconnect` names a `dispatch_uid`, so that they never match",
    "renewed": "what is taken off is another function, made anew",
    "other": "it is taken off another object, which does not have it",
    "sibling": "its other callbacks are taken off at the end, this one is not",
}


class CallbackNotDetached(Rule):
    code = "LK221"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    yields_to: ClassVar[tuple[str, ...]] = ("LK106",)
    message = "`{holder}` keeps the {what} that {where} attaches: {why}."
    advice = "Take it off when its owner ends, or attach one function once."

    def check(self, facts: Facts) -> Iterator[Finding]:
        seen = set()
        subjects = Subjects(facts.attachments)
        for found in (*facts.attachments.found(), *subjects.found(), *Unsubscribes(subjects).found()):
            effect = facts.unit.effects[found.effect]
            holder = self._holder(facts, found)
            key = (holder, facts.index.function(effect.scope))
            if key in seen:
                continue
            seen.add(key)
            yield self.finding(
                facts,
                getattr(effect, "at_name", 0) or effect.at,
                effect.end,
                holder=holder,
                confidence="medium" if found.sure else "low",
                evidence=self._evidence(facts, found),
                what=self._what(facts, found),
                where=f"`{facts.scope_name(effect.scope)}()`",
                why=_WHY[found.how].format(
                    inverse=facts.unit.scopes[found.hint].name if found.how == "undone-elsewhere" else ""
                ),
            )

    def _what(self, facts: Facts, found: Attached) -> str:
        if found.callback == NONE:
            return f"result of `{facts.call(found.effect).name}()`"
        return f"`{facts.text(found.callback)}`" if found.receiver is not None else "function"

    def _holder(self, facts: Facts, found: Attached) -> str:
        if found.receiver is not None and found.receiver.symbol == NONE and found.receiver.call != NONE:
            return f"{facts.call(found.receiver.call).name}()"  # `database.document(name).on_snapshot(f)`
        if found.receiver is not None:
            return facts.holder_name(found.receiver)
        return facts.text(found.callback)

    def _evidence(self, facts: Facts, found: Attached) -> list[Evidence]:
        rows = [facts.evidence(found.effect, "attached here, each time this runs")]
        if found.receiver is None:
            value = facts.unit.values[found.callback]
            rows = [Evidence(facts.unit.path, value.at, value.end, "registered by this decorator")]
        if found.how == "undone-elsewhere":
            rows.append(facts.within(facts.unit.scopes[found.hint].at, "this would take it out"))
        elif found.how == "sender":
            rows.append(facts.evidence(found.hint, "the sender is missing here"))
        elif found.how == "uid":
            rows.append(facts.evidence(found.hint, "this looks for another entry"))
        elif found.how == "renewed":
            rows.append(facts.evidence(found.hint, "this takes nothing off: it is not the same function"))
        elif found.how == "other":
            rows.append(facts.evidence(found.hint, "taken off here, of something else"))
        elif found.hint != NONE:
            rows.append(facts.evidence(found.hint, "taken off at the end, unlike this one"))
        return rows
