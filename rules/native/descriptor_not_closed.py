"""descriptor-not-closed (LK604): a raw file descriptor or a shared segment stays with the system.

## What it does
Reports descriptors that are plain numbers (`os.open`, `os.pipe`, `os.dup`, `pty.openpty`, `tempfile.mkstemp`)
and that nothing closes, and segments of shared memory that are created and closed, but never unlinked.

## Why is this bad?
Files and sockets close themselves when they die. A number does not, and a segment outlives even the process.
Each run keeps one more, until the process has as many as it may have, or the memory is full.

## Example
```python bad
import tempfile

def scratch(text):
    _, path = tempfile.mkstemp()
    with open(path, "w") as file:
        file.write(text)
    return path
```

## Use instead
```python good
import os
import tempfile

def scratch(text):
    descriptor, path = tempfile.mkstemp()
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return path
```

## When it stays silent
Something closes it, wraps it (`os.fdopen`, `open`), or may: it is returned, stored elsewhere, or handed to
code that this file does not show. Functions that fork or become another program. Subprocesses only borrow
what is given to them as their input or output.

## Runtime check
Runs the function again and again; confirmed if the number of open descriptors grows with the runs.

## References
- [os.openpty](https://docs.python.org/3/library/os.html#os.openpty)
- [tempfile.mkstemp](https://docs.python.org/3/library/tempfile.html#tempfile.mkstemp)
- [SharedMemory.unlink](https://docs.python.org/3/library/multiprocessing.shared_memory.html)
- [CWE-775: missing release of file descriptor](https://cwe.mitre.org/data/definitions/775.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.native.descriptors import Descriptors

_WHY = {
    "unused": "is thrown away without being closed",
    "local": "is never closed",
    "field": "is never closed",
    "segment": "is closed, but never unlinked: the system keeps it",
}


class DescriptorNotClosed(Rule):
    code = "LK604"
    cwe = 775
    languages: ClassVar[tuple[str, ...]] = ("python",)
    message = "The {what} that {where} opens (`{holder}`) {why}."
    advice = "Close it in a finally block; give a segment back with `unlink()`."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in Descriptors(facts.growths).found():
            call = facts.call(found.effect)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.holder_name(found.place) if found.place is not None else call.name,
                confidence="medium",
                evidence=[facts.evidence(found.effect, "opened here, each time this runs")],
                what="shared segment" if found.how == "segment" else "descriptor",
                where=f"`{facts.scope_name(call.scope)}()`",
                why=_WHY[found.how],
            )
