"""weak-key-kept-by-value (LK501): values of a weakly keyed map refer to their keys.

## What it does
Reports maps with weak keys into which a value is stored that was made from its own key: an object, a list
of such objects, the methods of a class, the services of a class loader.

## Why is this bad?
The map holds its values strongly. A value that refers to its key keeps the key alive, so the entry is
never dropped: the weak map is an ordinary one, and nobody empties it.

## Example
```java bad
class Trackers {
  private final Map<Page, Tracker> trackers = new WeakHashMap<>();

  Tracker of(Page page) {
    return trackers.computeIfAbsent(page, key -> new Tracker(key));
  }

  static class Tracker {
    private final Page page;

    Tracker(Page page) {
      this.page = page;
    }
  }
}
```

```python bad
import weakref

TRACKERS = weakref.WeakKeyDictionary()

class Tracker:
    def __init__(self, page):
        self.page = page

def tracker(page):
    if page not in TRACKERS:
        TRACKERS[page] = Tracker(page)
    return TRACKERS[page]
```

## Use instead
```java good
class Trackers {
  private final Map<Page, Tracker> trackers = new WeakHashMap<>();

  Tracker of(Page page) {
    return trackers.computeIfAbsent(page, key -> new Tracker(key));
  }

  static class Tracker {
    private final WeakReference<Page> page;

    Tracker(Page page) {
      this.page = new WeakReference<>(page);
    }
  }
}
```

```python good
import weakref

TRACKERS = weakref.WeakKeyDictionary()

class Tracker:
    def __init__(self, page):
        self.page = weakref.ref(page)

def tracker(page):
    if page not in TRACKERS:
        TRACKERS[page] = Tracker(page)
    return TRACKERS[page]
```

## When it stays silent
The value is itself a weak reference; its class is in the file and keeps no reference to the key. When
the class is in another file the finding is a candidate of low confidence.

## Runtime check
Stores under keys that are dropped; confirmed if the map still holds them after a collection.

## References
- [WeakHashMap](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/WeakHashMap.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.cycle.weakmaps import WeakMaps
from leaklint.solve.cycle.weakvalues import WeakValues


class WeakKeyKeptByValue(Rule):
    code = "LK501"
    languages: ClassVar[tuple[str, ...]] = ("java", "python")
    message = "`{holder}` never drops an entry: the {what} that {where} stores refers to its own key."
    typed_message = "`{holder}` never drops an entry: each {what} keeps the object that it is stored under."
    advice = "Let the value hold the key weakly, or keep no reference to it."

    def check(self, facts: Facts) -> Iterator[Finding]:
        weak_maps = WeakMaps(facts.holders, facts.models)
        self_kept = list(weak_maps.self_kept())
        known = {found.holder.place for found in self_kept}
        self_kept += WeakValues(weak_maps, facts.models.reflecting).self_kept(known)
        for found in self_kept:
            effect = facts.unit.effects[found.growth.effect]
            rows = [facts.evidence(found.growth.effect, "stored here, made from its key")]
            if found.kept_at != -1:
                rows.append(facts.evidence(found.kept_at, "the value keeps the key here"))
            yield self.finding(
                facts,
                getattr(effect, "at_name", 0) or effect.at,
                effect.end,
                holder=facts.holder_name(found.holder.place),
                confidence="medium" if found.kept_at != -1 else "low",
                evidence=rows,
                what=f"`{facts.text(found.value)}`",
                where=f"`{facts.scope_name(effect.scope)}()`",
            )
        for holder, kept in weak_maps.by_type():
            declared = facts.unit.effects[holder.declared]
            scope = facts.unit.effects[kept].scope
            yield self.finding(
                facts,
                declared.at,
                declared.end,
                holder=facts.holder_name(holder.place),
                confidence="medium",
                evidence=[facts.evidence(kept, "the value keeps the key here")],
                message=self.typed_message,
                what=f"`{facts.unit.owners[facts.unit.scopes[scope].owner].name}`",
            )
