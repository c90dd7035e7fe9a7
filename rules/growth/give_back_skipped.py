"""give-back-skipped (LK124): a function gives back what it took, except on one way out.

## What it does
Reports functions that take something and give it back (`acquire` and `release`, `register` and
`unregister`, with the same thing) and return or raise between the two. In Python, a call of a function of
the file that raises is such a way out, and what the function itself frees or gives back to the library or
pool that made it counts under any name, as does what a constructor puts into a field that is freed elsewhere.

## Why is this bad?
Each time that way is taken, one entry, lease or registration stays, with all that it refers to.

## Example
```python bad
class Tokens:
    def __init__(self, pool, store):
        self.pool = pool
        self.store = store

    def check(self, token):
        lease = self.pool.acquire(token)
        found = self.store.find(token)
        if found.expired:
            return None
        try:
            return self.store.touch(found)
        finally:
            self.pool.release(lease)
```

```java bad
class Renderer {
  private final ObjectPool<Engine> engines;

  Renderer(ObjectPool<Engine> engines) {
    this.engines = engines;
  }

  String render(String template) throws Exception {
    Engine engine = engines.borrowObject();
    if (!engine.supports(template)) {
      throw new IllegalArgumentException(template);
    }
    String text = engine.render(template);
    engines.returnObject(engine);
    return text;
  }
}
```

## Use instead
```python good
class Tokens:
    def __init__(self, pool, store):
        self.pool = pool
        self.store = store

    def check(self, token):
        lease = self.pool.acquire(token)
        try:
            found = self.store.find(token)
            if found.expired:
                return None
            return self.store.touch(found)
        finally:
            self.pool.release(lease)
```
```java good
class Renderer {
  private final ObjectPool<Engine> engines;

  Renderer(ObjectPool<Engine> engines) {
    this.engines = engines;
  }

  String render(String template) throws Exception {
    Engine engine = engines.borrowObject();
    try {
      if (!engine.supports(template)) {
        throw new IllegalArgumentException(template);
      }
      return engine.render(template);
    } finally {
      engines.returnObject(engine);
    }
  }
}
```

## When it stays silent
The way out gives back as well, or lies inside of the `try` whose `finally` does; it is taken when
nothing was taken; the two calls name different things or receivers; something else is told to free it
(`finalize`, `callback`).

## Runtime check
Calls the function so that it leaves early; confirmed if what keeps the entries grows.

## References
- [CWE-772: missing release of resource after effective lifetime](https://cwe.mitre.org/data/definitions/772.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.freeing import Freeing
from leaklint.solve.growth.givebacks import GiveBacks


class GiveBackSkipped(Rule):
    code = "LK124"
    languages: ClassVar[tuple[str, ...]] = ("python", "java")
    cwe = 772
    message = "`{holder}` keeps what {where} took with `{taken}()`: one way out skips `{given}()`."
    advice = "Give it back in a finally block that begins where it was taken."

    def check(self, facts: Facts) -> Iterator[Finding]:
        if facts.unit.language == "javascript":
            return
        back = GiveBacks(facts.index)
        pairs = list(back.found())
        if facts.unit.language == "python":
            pairs += Freeing(back).found({found.taken for found in pairs})
        for found in pairs:
            call = facts.call(found.taken)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.holder_name(
                    facts.unit.places[call.receiver if call.receiver != NONE else call.callee]
                ),
                confidence="medium",
                evidence=[
                    facts.evidence(found.taken, "taken here"),
                    facts.evidence(found.exit, "this way out keeps it"),
                    facts.evidence(found.given, "given back here"),
                ],
                where=f"`{facts.scope_name(call.scope)}()`",
                taken=call.name,
                given=facts.call(found.given).name,
            )
