"""limit-bypassed (LK116): a table has a limit, and one way of filling it does not know of it.

## What it does
Reports tables where one method takes an entry out for each that it adds to a full table, and another method
adds without that.

## Why is this bad?
One out for one in keeps the size as it is, and brings it down never. What the other method adds stays for
good: the table grows past its limit, however small that is. A test for `==` is not even asked again.

## Example
```python bad
class TileCache:
    def __init__(self):
        self.tiles = {}

    def put(self, key, tile):
        if len(self.tiles) >= 100:
            self.tiles.popitem()
        self.tiles[key] = tile

    def prefetch(self, keys):
        for key in keys:
            self.tiles[key] = load(key)
```
```js bad
class TileCache {
  tiles = new Map();

  put(key, tile) {
    if (this.tiles.size >= 100) {
      this.tiles.delete(this.tiles.keys().next().value);
    }
    this.tiles.set(key, tile);
  }

  prefetch(keys) {
    for (const key of keys) {
      this.tiles.set(key, load(key));
    }
  }
}
```

```java bad
class TileCache {
  private final Map<TileId, Image> tiles = new HashMap<>();
  private final Deque<TileId> order = new ArrayDeque<>();

  synchronized void put(TileId id, Image tile) {
    if (tiles.put(id, tile) == null) {
      order.addLast(id);
    }
    while (order.size() > 100) {
      tiles.remove(order.removeFirst());
    }
  }

  synchronized void prefetch(TileId id) {
    tiles.putIfAbsent(id, load(id));
  }
}
```

## Use instead
```python good
class TileCache:
    def __init__(self):
        self.tiles = {}

    def put(self, key, tile):
        if len(self.tiles) >= 100:
            self.tiles.popitem()
        self.tiles[key] = tile

    def prefetch(self, keys):
        for key in keys:
            self.put(key, load(key))
```
```js good
class TileCache {
  tiles = new Map();

  put(key, tile) {
    if (this.tiles.size >= 100) {
      this.tiles.delete(this.tiles.keys().next().value);
    }
    this.tiles.set(key, tile);
  }

  prefetch(keys) {
    for (const key of keys) {
      this.put(key, load(key));
    }
  }
}
```

```java good
class TileCache {
  private final Map<TileId, Image> tiles = new HashMap<>();
  private final Deque<TileId> order = new ArrayDeque<>();

  synchronized void put(TileId id, Image tile) {
    if (tiles.put(id, tile) == null) {
      order.addLast(id);
    }
    while (order.size() > 100) {
      tiles.remove(order.removeFirst());
    }
  }

  synchronized void prefetch(TileId id) {
    put(id, load(id));
  }
}
```

## When it stays silent
Entries go in a loop (JavaScript, Python: unless that compares a weight, to which the other method adds
nothing), or all at once; the other method asks for the size, or stores under keys that are there; it calls
the method with the limit; what it adds is added while the object is made.

## Runtime check
Calls the method that adds, each time with another key; confirmed if the table grows past its limit.

## References
- [CWE-770: allocation without limits](https://cwe.mitre.org/data/definitions/770.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.bypassed import Bypasses
from leaklint.solve.growth.unordered import Unordered
from leaklint.solve.growth.unweighed import Unweighed


class LimitBypassed(Rule):
    code = "LK116"
    cwe = 770
    languages: ClassVar[tuple[str, ...]] = ("python", "javascript", "java")
    message = "`{holder}` has a limit that {where} does not know of: what it adds stays."
    advice = "Add through the method that keeps the limit, or take entries out in a loop."

    def check(self, facts: Facts) -> Iterator[Finding]:
        solvers = (Bypasses(facts.growths), Unordered(facts.growths), Unweighed(facts.growths))
        for found in (item for solver in solvers for item in solver.found()):
            effect = facts.unit.effects[found.growth.effect]
            yield self.finding(
                facts,
                getattr(effect, "at_name", 0) or effect.at,
                effect.end,
                holder=facts.holder_name(found.holder.place),
                confidence="medium",
                evidence=[
                    facts.evidence(found.growth.effect, "added here, past the limit"),
                    facts.evidence(found.release.effect, "the limit is kept here, for what the others add"),
                ],
                where=f"`{facts.scope_name(effect.scope)}()`",
            )
