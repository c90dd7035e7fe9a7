"""exception-retained (LK303): a kept exception keeps what was running when it was made.

## What it does
Reports an exception object made once and kept in a static field, with its stack trace.

## Why is this bad?
An exception refers to the frames of its stack trace: to their classes, and through these to class
loaders. One in a static field of a library pins the loader of the application that happened to load
the library first, long after that application is gone.

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

## When it stays silent
The class overrides `fillInStackTrace`, or is told to write no stack trace; exceptions in locals and
instance fields. An exception class of another file is a candidate of low confidence.

## Runtime check
None: one object is kept, the size of what it pins depends on who loads the class.

## References
- [Throwable: writable stack traces](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Throwable.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule, Severity
from leaklint.solve import Facts


class ExceptionRetained(Rule):
    code = "LK303"
    languages: ClassVar[tuple[str, ...]] = ("java",)
    severity: ClassVar[Severity] = "note"
    message = "`{holder}` is made once with a stack trace, which keeps the classes of its frames loaded."
    advice = "Make it without a stack trace (override fillInStackTrace), or throw a new one each time."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in facts.statics.throwables():
            bind = facts.bind(found.bind)
            yield self.finding(
                facts,
                bind.at,
                bind.end,
                holder=facts.holder_name(found.place),
                confidence="medium" if found.known and not facts.is_test(found.bind) else "low",
                evidence=[facts.evidence(found.bind, "the exception keeps the trace of this moment")],
            )
