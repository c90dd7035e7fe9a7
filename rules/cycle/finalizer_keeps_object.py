"""finalizer-keeps-object (LK511): what should run when an object has gone refers to that object.

## What it does
Reports finalizers, cleaners and callbacks of weak references that are handed the very object whose end they
wait for: the object, a method bound to it, or a function that captures it. In Python also a `__del__` that
should stop a thread, greenlet, task or timer of the object, which runs one of its methods in a loop.

## Why is this bad?
The registry keeps the function and its arguments until the object goes. As they refer to the object, it
never goes: the finalizer does not run, and every object that was registered stays until the process ends.
Likewise what runs `self.work` holds the object, so that `__del__` waits for an end that only it would bring.

## Example
```python bad
import weakref

class Segment:
    def __init__(self, handle):
        self.handle = handle
        weakref.finalize(self, self.unlink)

    def unlink(self):
        self.handle.unlink()
```

```js bad
const registry = new FinalizationRegistry((held) => held.close());

export function lease(stream) {
  const entry = { stream, close: () => console.log("gone") };
  registry.register(stream, entry);
  return stream;
}
```

```java bad
import java.lang.ref.Cleaner;

class Region {
  private static final Cleaner CLEANER = Cleaner.create();
  private final long address;

  Region(long address) {
    this.address = address;
    CLEANER.register(this, () -> Library.free(this.address));
  }
}
```

## Use instead
```python good
import weakref

class Segment:
    def __init__(self, handle):
        self.handle = handle
        weakref.finalize(self, handle.unlink)
```

```js good
const registry = new FinalizationRegistry((id) => console.log("gone", id));

export function lease(stream) {
  registry.register(stream, stream.id);
  return stream;
}
```

```java good
import java.lang.ref.Cleaner;

class Region {
  private static final Cleaner CLEANER = Cleaner.create();
  private final long address;

  Region(long address) {
    this.address = address;
    CLEANER.register(this, () -> Library.free(address));
  }
}
```

## When it stays silent
What is handed over is a value of the object, a static nested class, or a function of another object; the
reference stands in what another file makes; what runs ends by itself, or `__del__` does not care about it.

## Runtime check
Makes objects and drops them; confirmed if they are still there after a collection.

## References
- [weakref.finalize](https://docs.python.org/3/library/weakref.html#weakref.finalize)
- [FinalizationRegistry: register](https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/FinalizationRegistry/register)
- [Cleaner](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/ref/Cleaner.html)
"""

from collections.abc import Iterator

from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.cycle.finalizers import Finalizers, Watched
from leaklint.solve.cycle.unreached import UnreachedFinalizers

_UNREACHED = "`{name}.__del__()` never runs while `{worker}()` does, which it should end: that holds it."


class FinalizerKeepsObject(Rule):
    code = "LK511"
    message = "Each {what} that {where} registers never dies: what should run at its end refers to it."
    advice = "Hand over what the clean-up needs, and no reference to the object itself."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in Finalizers(facts.index, facts.inners, facts.models).kept():
            call = facts.call(found.effect)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=f"{facts.scope_name(call.scope)}.{call.name}",
                confidence="high",
                evidence=[
                    facts.evidence(found.effect, f"`{facts.text(found.kept)}` refers to what is watched")
                ],
                what=f"`{self._named(facts, found)}`",
                where=f"`{facts.scope_name(call.scope)}()`",
            )

        for item in UnreachedFinalizers(facts.index, facts.repeats).found():
            scope = facts.unit.scopes[item.finalizer]
            worker = facts.unit.scopes[item.worker]
            rows = [facts.within(worker.at, "this runs for as long as nobody stops it")]
            if item.started != NONE:
                rows.append(facts.evidence(item.started, "what runs here refers to the object"))
            yield self.finding(
                facts,
                scope.at,
                scope.at + len("def __del__"),
                holder=f"{facts.unit.owners[item.owner].name}.__del__",
                confidence="medium",
                evidence=rows,
                message=_UNREACHED,
                advice="End it in a method that the owner calls, or let it hold the object weakly.",
                name=facts.unit.owners[item.owner].name,
                worker=worker.name,
            )

    def _named(self, facts: Facts, found: Watched) -> str:
        symbol = facts.unit.symbols[found.target.symbol]
        return facts.unit.owners[symbol.target].name if symbol.kind == "this" else symbol.name
