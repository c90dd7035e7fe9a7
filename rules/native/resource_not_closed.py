"""resource-not-closed (LK603): a file, connection or stream stays open on some way.

## What it does
Reports files, directory streams, sockets, database connections and windows that the code which opens them
neither closes nor hands on, and those that are closed at the normal end of a function only: behind an early
return, behind work whose failure the function catches without closing them, or, in Java and JavaScript,
behind work that may throw. The last three are said of any connection, session or buffer that the function
itself ends. In Java also a process that a wait with a limit gives up and nothing destroys.

## Why is this bad?
An open handle holds native memory, buffers of the driver and a place in a pool. The collector does not see
them, and many of these objects stay reachable from a connection or a registry until they are closed.

## Example
```java bad
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class Inbox {
  long waiting(Path folder) throws IOException {
    return Files.list(folder).count();
  }
}
```

```python bad
import docker

def images(label):
    client = docker.from_env()
    return [image.id for image in client.images.list(filters={"label": label})]
```
```js bad
import { Pool } from "pg";

const pool = new Pool();

export async function total(tenant) {
  const client = await pool.connect();
  const { rows } = await client.query("select sum(cents) from orders where tenant = $1", [tenant]);
  if (rows.length === 0) return 0;
  client.release();
  return rows[0].sum;
}
```

## Use instead
```js good
import { Pool } from "pg";

const pool = new Pool();

export async function total(tenant) {
  const client = await pool.connect();
  try {
    const { rows } = await client.query("select sum(cents) from orders where tenant = $1", [tenant]);
    return rows.length === 0 ? 0 : rows[0].sum;
  } finally {
    client.release();
  }
}
```
```python good
import docker

def images(label):
    client = docker.from_env()
    try:
        return [image.id for image in client.images.list(filters={"label": label})]
    finally:
        client.close()
```
```java good
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

class Inbox {
  long waiting(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }
}
```

## When it stays silent
It is closed anywhere in the file, by try-with-resources, or by a method reference; it is returned, stored,
wrapped, or handed to something that may close it; code that runs once; tests. Result sets and statements end
with their connection: they are only reported where a way out skips the end that the function has. Python:
files, sockets and cursors, which CPython closes with their last reference; what counts are pools, channels,
clients with threads of their own, event loops and shared memory, and whatever the function itself ends, or
starts before it hands it on, where an explicit way out passes that by.

## Runtime check
Calls the function; confirmed if what the line opened is left to the collector each time, or its handle stays.

## References
- [Files.list](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/nio/file/Files.html#list(java.nio.file.Path))
- [CWE-772: missing release of resource after effective lifetime](https://cwe.mitre.org/data/definitions/772.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Evidence, Finding, Rule
from leaklint.solve import Facts, plurality
from leaklint.solve.native.borrowed import Borrowed
from leaklint.solve.native.closing import is_closed
from leaklint.solve.native.leak import NativeLeak
from leaklint.solve.native.plainends import PlainEnds
from leaklint.solve.native.pyhandles import PyHandles
from leaklint.solve.native.waitedfor import WaitedFor

_STATES = {
    "local": "nothing closes it",
    "field": "its class never closes it",
    "borrowed": "what it is handed to leaves closing it to its maker",
    "dropped": "it is kept only on one way, and dropped on the other",
    "chained": "nothing keeps it to close it",
    "early": "its function leaves before it closes it",
    "failed": "a failure that its function catches skips its end",
    "thrown": "an exception skips its end",
    "replaced": "its class ends the one before when it makes the next, and never the last one",
    "overwritten": "a loop makes one after the other, and only the last one is ended",
    "given up": "a wait that is given up leaves it running",
}
_HOW = {
    "java": "Open it in a try-with-resources statement.",
    "python": "Open it in a with block, or end it in a finally block.",
    "javascript": "Give it back in a finally block.",
}
_WAYS = {
    "early": "this way out skips its end",
    "failed": "a failure here skips its end",
    "replaced": "the one before is ended here",
    "given up": "given up here when the time is over",
}


class ResourceNotClosed(Rule):
    code = "LK603"
    yields_to: ClassVar[tuple[str, ...]] = ("LK124",)
    cwe = 772
    languages: ClassVar[tuple[str, ...]] = ("java", "python", "javascript")
    message = "The {what} `{holder}` stays open: {state}."
    running_message = (
        "The {what} `{holder}` goes on when its object is gone: its class never calls `{stop}()`."
    )
    advice = "{how}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        seen: set[str] = set()
        known = facts.natives.made | facts.resources.made | facts.workers.made
        for leak in (
            *facts.resources.found,
            *PlainEnds(facts.index, facts.repeats, known, facts.natives.making.is_collected).found,
            *Borrowed(facts.index, facts.roles).found(),
            *WaitedFor(facts.index).found(),
        ):
            effect = facts.call(leak.effect)
            name = f"{facts.scope_name(effect.scope)}.{effect.name}"
            holder = name if leak.how in ("borrowed", "chained") else facts.holder_name(leak.place)
            if holder in seen:
                continue  # one finding a holder
            seen.add(holder)
            rows = [facts.evidence(leak.effect, f"the {leak.row.name} is opened here")]
            if leak.evidence != NONE:
                rows.append(facts.evidence(leak.evidence, _WAYS.get(leak.how, "only used here")))
            sure = leak.row.sure
            goes_on = leak.how == "field" and bool(leak.row.begun_by)
            if leak.how in ("field", "replaced"):  # one that is never closed itself may last
                owner = facts.unit.symbols[leak.place.symbol].target
                rows += list(self._begun(facts, leak)) if goes_on else []
                many = goes_on and plurality.comes_and_goes(facts.unit, owner)
                sure = many or (sure and is_closed(facts.index, facts.lifecycle, owner))
            yield self.finding(
                facts,
                effect.at_name or effect.at,
                effect.end,
                holder=holder,
                confidence="medium" if sure else "low",
                evidence=rows,
                message=self.running_message if goes_on else None,
                what=leak.row.name,
                how=self._how(facts, leak, goes_on),
                state=_STATES[leak.how],
                stop=leak.row.end[0],
            )
        if facts.unit.language == "python":
            yield from self._left_open(facts, seen)

    def _left_open(self, facts: Facts, seen: set[str]) -> Iterator[Finding]:
        """What no model knows, and its function ends (or starts) itself."""
        for found in PyHandles(facts.index, facts.repeats).found():
            made = facts.call(found.made)
            holder = facts.holder_name(found.place)
            if holder in seen:
                continue
            seen.add(holder)
            yield self.finding(
                facts,
                made.at_name or made.at,
                made.end,
                holder=holder,
                confidence="medium",
                evidence=[
                    facts.evidence(found.made, "made here"),
                    facts.evidence(found.ended, f"`{facts.call(found.ended).name}()` is called here"),
                    facts.evidence(found.exit, _WAYS["early"]),
                ],
                what=f"`{made.name}`",
                how=_HOW["python"],
                state=_STATES["early"],
            )

    def _how(self, facts: Facts, leak: NativeLeak, goes_on: bool) -> str:
        if facts.unit.language == "java" and "close" not in leak.row.end:
            return f"Call `{leak.row.end[0]}()` when it is done with."
        return "Stop it when its object goes." if goes_on else _HOW[facts.unit.language]

    def _begun(self, facts: Facts, leak: NativeLeak) -> Iterator[Evidence]:
        """Where what is never stopped is started."""
        for name in leak.row.begun_by:
            for number in facts.index.calls.get(name, ()):
                call = facts.call(number)
                if call.receiver != NONE and facts.unit.places[call.receiver] == leak.place:
                    yield facts.evidence(number, "it is started here")
