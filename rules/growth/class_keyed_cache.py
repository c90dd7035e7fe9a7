"""class-keyed-cache (LK113): a table keyed by classes keeps their class loaders.

## What it does
Reports strong maps keyed by `Class` or `ClassLoader` that are filled at work and never emptied, in code
that handles class loaders: a container, a plug-in host, a library that many applications share.

## Why is this bad?
There are few classes, but a class refers to its loader, and the loader to all its classes and their
static fields. An application that was stopped stays in memory as long as one entry names it.

## Example
```java bad
class InstanceManager {
  private final ClassLoader classLoader;
  private final Map<Class<?>, List<Entry>> cache = new ConcurrentHashMap<>();

  InstanceManager(ClassLoader classLoader) {
    this.classLoader = classLoader;
  }

  List<Entry> entries(Class<?> type) {
    List<Entry> entries = cache.get(type);
    if (entries == null) {
      entries = scan(type);
      cache.put(type, entries);
    }
    return entries;
  }
}
```

## Use instead
```java good
class InstanceManager {
  private final ClassLoader classLoader;
  private final Map<Class<?>, WeakReference<List<Entry>>> cache = new WeakHashMap<>();

  InstanceManager(ClassLoader classLoader) {
    this.classLoader = classLoader;
  }

  List<Entry> entries(Class<?> type) {
    WeakReference<List<Entry>> entries = cache.get(type);
    if (entries == null) {
      entries = new WeakReference<>(scan(type));
      cache.put(type, entries);
    }
    return entries.get();
  }
}
```

## When it stays silent
Weak maps and `ClassValue`; anything takes entries out; registration at start-up; keys that are classes
of the program itself. Where the file handles no class loaders, only static tables, and those of singletons,
are more than candidates, and of these only what is looked up before it is stored, in code that looks into
classes (`getDeclaredMethods`, `getAnnotation`).

## Runtime check
Loads classes through loaders that are dropped; confirmed if the loaders stay reachable.

## References
- [ClassValue](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/ClassValue.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.classkeys import ClassKeys


class ClassKeyedCache(Rule):
    code = "LK113"
    languages: ClassVar[tuple[str, ...]] = ("java",)
    message = "`{holder}` keeps the loader of every {key} that {where} stores under: nothing removes it."
    advice = "Use ClassValue or a WeakHashMap whose values refer to no class, or remove the entry on unload."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in ClassKeys(facts.growths).tables():
            effect = facts.unit.effects[found.growth.effect]
            place = found.holder.place
            declared = facts.declaration(place, found.holder.declared, "the table is made here")
            yield self.finding(
                facts,
                getattr(effect, "at_name", 0) or effect.at,
                effect.end,
                holder=facts.holder_name(place),
                confidence="medium" if found.sure else "low",
                evidence=[
                    *([declared] if declared else []),
                    facts.evidence(found.growth.effect, "an entry is stored here"),
                ],
                key=f"`{found.key}`",
                where=f"`{facts.scope_name(effect.scope)}()`",
            )
