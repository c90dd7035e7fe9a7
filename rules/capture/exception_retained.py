"""exception-retained (LK303): a kept exception keeps what was running when it was made.

## What it does
Reports an exception object made once and kept in a static field, with its stack trace. In Python it
also reports exceptions, tracebacks and frames that something long-lived keeps: in a container that is
not worked off, in a field that is never set back, in the frame of an endless loop, in the chain of
causes of the next one; one exception object that is raised again and again; and a second name that a
function gives to the exception which it raises later.

## Why is this bad?
An exception refers to the frames of its stack trace: to their classes, and through these to class
loaders. One in a static field of a library pins the loader of the application that happened to load
the library first, long after that application is gone.

In Python a traceback keeps every frame between raise and catch, and a frame keeps all its locals: the
request, the batch, the connection. Each raise of the same object makes its traceback longer.

## Example
```java bad
class Numbers {
  private static final NumberFormatException NOT_FAST = new NumberFormatException();

  int parse(byte[] text) {
    if (text.length > 9) throw NOT_FAST;
    return text[0];
  }
}
```

```python bad
class JobManager:
    def __init__(self):
        self.failures = []

    def run(self, job):
        try:
            job.execute()
        except Exception as exc:
            self.failures.append((job.name, exc))
```

## Use instead
```java good
class Numbers {
  private static final NumberFormatException NOT_FAST = new NumberFormatException() {
    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  };

  int parse(byte[] text) {
    if (text.length > 9) throw NOT_FAST;
    return text[0];
  }
}
```
```python good
class JobManager:
    def __init__(self):
        self.failures = []

    def run(self, job):
        try:
            job.execute()
        except Exception as exc:
            self.failures.append((job.name, repr(exc)))

    def report(self):
        failures, self.failures = self.failures, []
        return failures
```

## When it stays silent
The class overrides `fillInStackTrace`, or is told to write no stack trace; exceptions in locals and
instance fields (Java). An exception class of another file is a candidate of low confidence. Python: objects
of classes that may be short-lived, containers that are bounded or worked off entry by entry (unless they
keep records of which others read nothing but the text of the exception), fields that anything sets back to
None, text made of the exception, locals for a traceback or frame that their function deletes, sets to None or
moves on; other generators than context managers. A caught exception that the same function
raises later is a candidate of low confidence, unless each of several tries opens a connection or makes
something large, which its frame keeps as well, and neither a `with` nor a `finally` ends it there. A field
that holds the last exception itself is a candidate of low confidence: most end what they belong to.

## Runtime check
Java: confirmed if one exception gathers suppressed ones with each throw; what its trace keeps is not seen.

## References
- [Throwable: writable stack traces](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Throwable.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE, Place
from leaklint.rule import Finding, Rule, Severity
from leaklint.solve import Facts
from leaklint.solve.capture.errors import Errors

_PYTHON = {
    "collected": "`{holder}` keeps {what}, with the frames of its traceback and all their locals.",
    "kept": "`{holder}` keeps {what} until the next one: its traceback keeps frames and all their locals.",
    "chained": "`{holder}` keeps {what}, which keeps the one before: the chain gets longer with each error.",
    "raised": "`{holder}` is one object that {where} raises again and again: its traceback keeps the frames.",
    "loop": "`{holder}` keeps the last traceback, with all frames, while the loop waits for more work.",
    "reraised": (
        "`{holder}` and its frame keep each other through the traceback, with {beside}, until a collection."
    ),
    "yield": "`{holder}` waits inside an except block: the exception and its frames live on until then.",
    "local": "`{holder}` refers to the frame that it is a local of: a cycle with all that the frame holds.",
}
_DO = {
    "collected": "Keep the text of the exception, or clear its traceback, and bound the container.",
    "kept": "Keep the text of the exception, set `__traceback__` to None, or set it back when it is told.",
    "chained": "Keep the text of the error before.",
    "raised": "Raise a new exception each time, or `raise exc.with_traceback(None)`.",
    "loop": "Set it to None at the end of each turn.",
    "reraised": "Set it to None in a `finally` around the `raise`.",
    "yield": "Note what happened in a variable, and yield behind the try statement.",
    "local": "Delete it in a finally block, or keep the exception only.",
}


class ExceptionRetained(Rule):
    code = "LK303"
    languages: ClassVar[tuple[str, ...]] = ("java", "python")
    severity: ClassVar[Severity] = "note"
    message = "`{holder}` is made once with a stack trace, which keeps the classes of its frames loaded."
    advice = "Make it without a stack trace (override fillInStackTrace), or throw a new one each time."

    def check(self, facts: Facts) -> Iterator[Finding]:
        if facts.unit.language == "python":
            yield from self._kept(facts)
            return
        for found in facts.statics.throwables():
            bind = facts.bind(found.bind)
            yield self.finding(
                facts,
                bind.at,
                bind.end,
                holder=facts.holder_name(found.place),
                confidence="medium" if found.known else "low",
                evidence=[facts.evidence(found.bind, "the exception keeps the trace of this moment")],
            )

    def _kept(self, facts: Facts) -> Iterator[Finding]:
        for found in Errors(facts.growths).found():
            effect = facts.unit.effects[found.effect]
            shown = found.more[0][0] if found.how == "raised" else found.effect
            yield self.finding(
                facts,
                getattr(effect, "at_name", 0) or effect.at,
                effect.end,
                holder=facts.holder_name(found.place)
                if found.how != "yield"
                else facts.scope_name(effect.scope),
                confidence="medium" if found.sure else "low",
                severity="note" if found.how in ("kept", "loop", "local", "reraised", "yield") else "warning",
                evidence=[
                    facts.evidence(found.effect, "the exception is kept here"),
                    *(facts.evidence(number, why) for number, why in found.more),
                ],
                message=_PYTHON[found.how],
                advice=_DO[found.how],
                what=f"`{facts.text(found.value)}`" if found.value != NONE else "it",
                where=f"`{facts.scope_name(facts.unit.effects[shown].scope)}()`",
                beside=f"`{facts.place_text(Place(found.beside))}`" if found.beside != NONE else "its locals",
            )
