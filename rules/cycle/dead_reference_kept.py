"""dead-reference-kept (LK521): weak references stay in a container when their object is gone.

## What it does
Reports containers of weak references (`weakref.ref`, `WeakMethod`, `WeakRef`; in Java `WeakReference`,
`SoftReference` and classes of the file that extend them) that nothing prunes.

## Why is this bad?
A weak reference lets its object go, and stays itself. A list of them grows with every object that ever
was in it, and each walk over it visits the dead.

## Example
```python bad
import weakref

class Source:
    def __init__(self):
        self.targets = []

    def connect(self, method):
        self.targets.append(weakref.WeakMethod(method))

    def fire(self):
        for reference in self.targets:
            method = reference()
            if method is not None:
                method()
```
```js bad
class Models {
  refs = new Map();

  find(id, load) {
    const known = this.refs.get(id)?.deref();
    if (known) return known;
    const model = load(id);
    this.refs.set(id, new WeakRef(model));
    return model;
  }
}
```

```java bad
class Models {
  private final Map<String, WeakReference<Model>> known = new ConcurrentHashMap<>();

  Model find(String id) {
    WeakReference<Model> reference = known.get(id);
    Model model = reference == null ? null : reference.get();
    if (model == null) {
      model = load(id);
      known.put(id, new WeakReference<>(model));
    }
    return model;
  }
}
```

## Use instead
```python good
import weakref

class Source:
    def __init__(self):
        self.targets = []

    def connect(self, method):
        self.targets.append(weakref.WeakMethod(method, self.targets.remove))

    def fire(self):
        for reference in list(self.targets):
            method = reference()
            if method is not None:
                method()
```
```js good
class Models {
  refs = new Map();
  gone = new FinalizationRegistry((id) => this.refs.delete(id));

  find(id, load) {
    const known = this.refs.get(id)?.deref();
    if (known) return known;
    const model = load(id);
    this.refs.set(id, new WeakRef(model));
    this.gone.register(model, id);
    return model;
  }
}
```

```java good
class Models {
  private final Map<String, WeakReference<Model>> known = new ConcurrentHashMap<>();

  Model find(String id) {
    known.values().removeIf(reference -> reference.get() == null);
    WeakReference<Model> found = known.get(id);
    Model model = found == null ? null : found.get();
    if (model == null) {
      model = load(id);
      known.put(id, new WeakReference<>(model));
    }
    return model;
  }
}
```

## When it stays silent
The reference has a callback, or the file has a `FinalizationRegistry`; the container is rebuilt, or
anything but one named entry is removed from it (in JavaScript and Java, anything at all, but where a
`ReferenceQueue` is made that nobody asks); few keys; a `WeakSet` or a
weak dictionary.

## Runtime check
Adds objects that are dropped; confirmed if the container's length grows with their number.

## References
- [weakref.ref](https://docs.python.org/3/library/weakref.html#weakref.ref)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.cycle.deadreferences import DeadReferences


class DeadReferenceKept(Rule):
    code = "LK521"
    languages: ClassVar[tuple[str, ...]] = ("python", "javascript", "java")
    message = (
        "`{holder}` keeps each weak reference that {where} stores, also when its object is gone: "
        "nothing prunes it."
    )
    advice = (
        "Take the entry out when its object is gone: by a callback, a WeakSet, or a queue that tells of it."
    )

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in DeadReferences(facts.growths).found():
            more = []
            if found.release != NONE:
                more.append(facts.evidence(found.release, "takes out one that is named, and no dead ones"))
            yield narrate.held(
                self,
                facts,
                found.holder,
                found.growth,
                confidence="medium",
                more=more,
            )
