"""instance-registry (LK108): every object puts itself into a process-wide registry and is kept there.

## What it does
Reports a constructor that stores its own object in a collection of the class or module, from which
nothing takes it out, or only a finalizer, or only a method that its users have to remember; or only one that
empties it as a whole, while `close()` of an object leaves that in.

## Why is this bad?
The registry refers to the object, so the object is never collected, and a finalizer that would take
it out of the registry never runs.

## Example
```python bad
class Client:
    instances = {}

    def __init__(self, name):
        self.name = name
        Client.instances[id(self)] = self

    def __del__(self):
        del Client.instances[id(self)]
```
```js bad
class Client {
  static instances = new Set();

  constructor(name) {
    this.name = name;
    Client.instances.add(this);
  }
}
```
```java bad
class Client {
  private static final List<Client> INSTANCES = new ArrayList<>();

  Client(String name) {
    INSTANCES.add(this);
  }
}
```

## Use instead
```python good
import weakref

class Client:
    instances = weakref.WeakValueDictionary()

    def __init__(self, name):
        self.name = name
        Client.instances[id(self)] = self
```
```js good
class Client {
  static instances = new Set();

  constructor(name) {
    this.name = name;
    Client.instances.add(new WeakRef(this));
  }

  static prune() {
    for (const reference of Client.instances) {
      if (!reference.deref()) Client.instances.delete(reference);
    }
  }
}
```
```java good
class Client {
  private static final Set<Client> INSTANCES = Collections.newSetFromMap(new WeakHashMap<>());

  Client(String name) {
    INSTANCES.add(this);
  }
}
```

## When it stays silent
Weak collections; enums and singletons; a removal in a method that is no end-of-life method. A
removal in an end-of-life method alone makes it a candidate of low confidence, unless a finalizer is
meant to call it.

## Runtime check
Creates and drops objects; confirmed if the number of living ones grows.

## References
- [weakref](https://docs.python.org/3/library/weakref.html)
"""

from collections.abc import Iterator

from leaklint import narrate
from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.registries import Registries


class InstanceRegistry(Rule):
    code = "LK108"
    message = "`{holder}` keeps every object that {where} makes: {state}."
    advice = "Keep weak references, or take the object out where its use ends for certain."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in Registries(facts.growths).found():
            state = "nothing takes it out again"
            if found.finalizer:
                state = f"`{found.finalizer}` would take it out, and never runs while it is registered"
            elif found.ends != NONE:
                state = f"`{facts.scope_name(found.ends)}()` ends it and leaves it in"
            elif found.releases:
                state = "it stays whenever its end-of-life method is not called"
            only = "all of them leave here" if found.ends != NONE else "taken out only here"
            more = [facts.evidence(row.effect, only) for row in found.releases[:3]]
            yield narrate.held(
                self, facts, found.holder, found.growth, confidence=found.confidence, more=more, state=state
            )
