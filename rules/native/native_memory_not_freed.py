"""native-memory-not-freed (LK601): memory outside the heap stays taken.

## What it does
Reports objects in front of native memory (compressors, RocksDB objects, arenas, handles of C
libraries) that the code which makes them never ends and hands to nobody who would. That covers a
local, a field of a class that never ends it, one handed to a stream that only borrows it, and one
given back for reuse and dropped when the place is taken.

Messages that a Netty handler reads and, on one way or all, neither passes on nor releases are such memory.

Cursors, buffers of Netty and Android resources are reported where a way out or an exception skips their end.

## Why is this bad?
The heap shows a small object, the memory behind it is counted nowhere. The collector has no reason
to hurry, so the process can run out of memory while its heap is almost empty.

## Example
```java bad
import java.util.zip.Inflater;

class PacketReader {
  private final Inflater inflater = new Inflater();

  int read(byte[] packet, byte[] into) throws Exception {
    inflater.setInput(packet);
    return inflater.inflate(into);
  }
}
```

## Use instead
```java good
import java.util.zip.Inflater;

class PacketReader implements AutoCloseable {
  private final Inflater inflater = new Inflater();

  int read(byte[] packet, byte[] into) throws Exception {
    inflater.setInput(packet);
    return inflater.inflate(into);
  }

  @Override
  public void close() {
    inflater.end();
  }
}
```

## When it stays silent
It is ended anywhere in the file, by try-with-resources, or by a method reference; it is returned,
stored in a container, or handed to something that may end it; static fields and singletons; a field
that the class gives out; what only an exception leaves, where it serves to draw.

## Runtime check
Creates and drops the owner, or calls the function; confirmed if what the line made is left to the
collector each time. Other native memory: if the JVM's own count of it and resident memory grow.

## References
- [Inflater.end](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/zip/Inflater.html#end())
- [CWE-401: missing release of memory after effective lifetime](https://cwe.mitre.org/data/definitions/401.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import Call
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.native.closing import is_closed
from leaklint.solve.native.leak import NativeLeak
from leaklint.solve.native.received import Received

_STATES = {
    "local": "nothing ends it",
    "field": "its class never ends it",
    "borrowed": "what it is handed to leaves ending it to its maker",
    "dropped": "it is kept only on one way, and dropped on the other",
    "chained": "nothing keeps it to end it",
    "early": "its function leaves before it ends it",
    "failed": "a failure that its function catches skips its end",
    "thrown": "an exception skips its end",
    "replaced": "its class ends the one before when it makes the next, and never the last one",
    "overwritten": "a loop makes one after the other, and only the last one is ended",
    "received": "its handler reads the message, and neither passes it on nor releases it",
}


class NativeMemoryNotFreed(Rule):
    code = "LK601"
    languages: ClassVar[tuple[str, ...]] = ("java",)
    message = "The native memory behind {what} stays taken: {state}."
    advice = "{remedy}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        seen: set[str] = set()
        for leak in (*facts.natives.found, *Received(facts.natives).found()):
            holder = self._holder(facts, leak)
            if holder in seen:
                continue  # one finding a holder
            seen.add(holder)
            effect = facts.unit.effects[leak.effect]
            comes = "is made" if isinstance(effect, Call) else "gets its type"
            rows = [facts.evidence(leak.effect, f"the {leak.row.name} {comes} here")]
            if leak.how == "received":
                rows = [facts.evidence(leak.effect, "the message is used here for the last time")]
            elif leak.how == "dropped":
                rows = [facts.evidence(leak.evidence, "kept only if there is room")]
            elif leak.how == "early":
                rows.append(facts.evidence(leak.evidence, "this way out skips its end"))
            elif leak.how == "failed":
                rows.append(facts.evidence(leak.evidence, "a failure here skips its end"))
            elif leak.how == "replaced":
                rows.append(facts.evidence(leak.evidence, "the one before is ended here"))
            elif leak.evidence != -1:
                rows.append(facts.evidence(leak.evidence, "borrowed here"))
            yield self.finding(
                facts,
                effect.at,
                effect.end,
                holder=holder,
                confidence="medium" if self._is_sure(facts, leak) else "low",
                evidence=rows,
                what=f"`{holder}`",
                state=_STATES[leak.how],
                remedy=f"Call `{leak.row.end[0]}()` when it is done with."
                + (" Do it in the other branch too." if leak.how == "dropped" else ""),
            )

    def _is_sure(self, facts: Facts, leak: NativeLeak) -> bool:
        if leak.how == "replaced":  # one that is never closed itself may keep the last
            owner = facts.unit.symbols[leak.place.symbol].target
            if not is_closed(facts.index, facts.lifecycle, owner):
                return False
        return leak.row.sure or (leak.how == "field" and facts.natives.ends_another(leak))

    def _holder(self, facts: Facts, leak: NativeLeak) -> str:
        if leak.how in ("borrowed", "chained"):
            call = facts.call(leak.effect)
            return f"{facts.scope_name(call.scope)}.{call.name}"
        return facts.holder_name(leak.place)
