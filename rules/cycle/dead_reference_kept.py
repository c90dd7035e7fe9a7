"""dead-reference-kept (LK521): weak references stay in a container when their object is gone.

## What it does
Reports containers of `weakref.ref`, `WeakMethod` or `WeakRef` objects that nothing prunes.

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

## When it stays silent
The reference has a callback, or the file has a `FinalizationRegistry`; the container is rebuilt, or
anything but one named entry is removed from it (in JavaScript, anything at all); few keys; a `WeakSet` or a
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


class DeadReferenceKept(Rule):
    code = "LK521"
    languages: ClassVar[tuple[str, ...]] = ("python", "javascript")
    message = (
        "`{holder}` keeps the weak reference that {where} stores when its object is gone: nothing prunes it."
    )
    advice = "Take the entry out when its object is gone: by a callback, a WeakSet or a FinalizationRegistry."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in facts.py_cycles.dead():
            more = []
            if found.release != NONE:
                more.append(facts.evidence(found.release, "takes out one that is named, and no dead ones"))
            yield narrate.held(
                self,
                facts,
                found.holder,
                found.growth,
                confidence="low" if facts.is_test(found.growth.effect) else "medium",
                more=more,
            )
