"""object-keeps-itself (LK523): an object stores its own method, and lives until the collector comes round.

## What it does
Notes fields that hold a bound method of their own object, a function that closes over `self`, a suspended
generator of its own, or a child that keeps it in turn and that its end does not let go of.

## Why is this bad?
The field refers to the method, the method to its object: a cycle. CPython frees an object at once when its
last user lets go; one in a cycle waits for a full collection, with all arrays, sockets and buffers that it
holds. Where such objects come and go quickly, memory climbs; where the collector is off, it stays.

## Example
```python bad
class Decoder:
    def __init__(self, buffer, mode):
        self.buffer = buffer
        self.step = self.read_text if mode == "text" else self.read_bytes

    def read_text(self):
        return self.buffer.decode()

    def read_bytes(self):
        return self.buffer

def decode(buffer, mode):
    return Decoder(buffer, mode).step()
```

## Use instead
```python good
class Decoder:
    def __init__(self, buffer, mode):
        self.buffer = buffer
        self.mode = mode

    def step(self):
        return self.read_text() if self.mode == "text" else self.read_bytes()

    def read_text(self):
        return self.buffer.decode()

    def read_bytes(self):
        return self.buffer

def decode(buffer, mode):
    return Decoder(buffer, mode).step()
```

## When it stays silent
Anything deletes the field, sets it to None or empties it; the one object of its class; weak references;
generators that walk to an end; what the end of the object calls or stops; what is handed on as well.
It is a candidate of low confidence unless the file shows that such objects come and go: a server or loop
calls a method at the end of each (`connection_lost`), a `with` statement does, the class is named as one
that there is many of (connection, parser, request, frame, result, cursor), or a function makes one in each
call, uses it and drops it, or each holds an array or buffer that it made; not where the file makes
them once only. What a program has one or few of (application, window, registry, command, server) never
counts.

## Runtime check
Creates and drops objects; refuted where the collector frees them, confirmed where the program has switched
it off and they stay.

## References
- [gc: garbage collector interface](https://docs.python.org/3/library/gc.html)
- [weakref.WeakMethod](https://docs.python.org/3/library/weakref.html#weakref.WeakMethod)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Finding, Rule, Severity
from leaklint.solve import Facts
from leaklint.solve.cycle.ownmethods import OwnCycle

_WHAT = {
    "method": "its own bound method `{text}`",
    "function": "a function that closes over it",
    "argument": "`{text}`, which refers to it",
    "child": "`{text}`, which keeps it in turn",
    "handed": "`{text}`, made with a reference back to it",
    "generator": "its own generator `{text}`, whose frame refers to it",
    "patched": "`{text}`, a method of the same object",
}


def _what(facts: Facts, found: OwnCycle) -> str:
    kind = facts.unit.values[found.value].kind
    if kind == "container":
        return "a table of its own methods" if found.how == "method" else "functions that close over it"
    return _WHAT[found.how].format(text=facts.text(found.value))


class ObjectKeepsItself(Rule):
    code = "LK523"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    severity: ClassVar[Severity] = "note"
    yields_to: ClassVar[tuple[str, ...]] = ("LK107",)
    message = "`{holder}` holds {what}: each object stays in a cycle until a full collection."
    advice = "Keep the name of the method or a weak reference, or set the field to None at the end."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in facts.own_methods.found():
            effect = facts.unit.effects[found.effect]
            rows = [facts.evidence(found.effect, "the object comes to refer to itself here")]
            if found.shown is not None and found.shown.shown == "made":
                rows.append(facts.evidence(found.shown.at, "each call makes an object of this class here"))
            elif found.shown is not None and found.shown.shown == "large":
                rows.append(facts.evidence(found.shown.at, "this memory waits with each object"))
            if found.sure and found.end != NONE:
                rows.append(
                    facts.within(facts.unit.scopes[found.end].at, "its end leaves the field as it is")
                )
            yield self.finding(
                facts,
                effect.at,
                effect.end,
                holder=facts.holder_name(found.place),
                confidence="medium" if found.sure else "low",
                evidence=rows,
                what=_what(facts, found),
            )
