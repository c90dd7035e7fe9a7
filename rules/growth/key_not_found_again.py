"""key-not-found-again (LK131): no look-up ever finds the keys of a map again.

## What it does
Reports maps whose keys are objects of a class without `equals` and `hashCode` that are made anew for each
look-up, maps by identity that are asked with a new object each time, arrays as keys, and keys and entries of
sets whose `hashCode` reads a field that is assigned, or a collection that is filled, while they are stored.

## Why is this bad?
A key that is not found again is stored again: a cache never hits and gains an entry with each call, and
`remove` removes nothing.

## Example
```java bad
class Thumbnails {
  private static final Map<Key, Image> CACHE = new ConcurrentHashMap<>();

  static Image of(String path, int size) {
    return CACHE.computeIfAbsent(new Key(path, size), key -> draw(path, size));
  }

  static class Key {
    final String path;
    final int size;

    Key(String path, int size) {
      this.path = path;
      this.size = size;
    }
  }
}
```

## Use instead
```java good
class Thumbnails {
  private static final Map<Key, Image> CACHE = new LruCache<>(1000);

  static Image of(String path, int size) {
    return CACHE.computeIfAbsent(new Key(path, size), key -> draw(path, size));
  }

  record Key(String path, int size) {
  }
}
```

## When it stays silent
The class of the keys is a record or an enum, is not in the file, or extends one that may define equality;
sorted maps, and maps by identity whose keys are kept; a map with a limit; a key that is taken out, changed,
and put back.

## Runtime check
Calls the function again and again with equal arguments; confirmed if the map grows.

## References
- [Object.hashCode](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Object.html#hashCode())
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.unfound import UnfoundKeys

_WHY = {
    "identity": "`{name}` defines no `equals`, so each new one is another key",
    "unequal": "it compares them by identity, and each `{name}` is another one",
    "changed": "{where} changes `{name}.{field}`, from which its hash is made, while it is stored",
}
_DO = {
    "identity": "Make the key a record, or define `equals` and `hashCode`.",
    "unequal": "Use a map and keys that compare by value.",
    "changed": "Make the key immutable, or take it out before it changes.",
}


class KeyNotFoundAgain(Rule):
    code = "LK131"
    languages: ClassVar[tuple[str, ...]] = ("java",)
    cwe = 401
    message = "`{holder}` never finds its keys again: {why}."
    advice = "{remedy}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in UnfoundKeys(facts.growths).found():
            effect = facts.unit.effects[found.growth.effect]
            place = found.holder.place
            declared = facts.declaration(place, found.holder.declared, "the map is made here")
            other = "the hash of a stored key changes here" if found.how == "changed" else "asked for here"
            rows = [facts.evidence(found.growth.effect, "a key is stored here")]
            if found.effect != found.growth.effect:
                rows.append(facts.evidence(found.effect, other))
            yield self.finding(
                facts,
                getattr(effect, "at_name", 0) or effect.at,
                effect.end,
                holder=facts.holder_name(place),
                confidence="medium",
                evidence=[*([declared] if declared else []), *rows],
                why=_WHY[found.how].format(
                    name=found.name,
                    field=found.field,
                    where=f"`{facts.scope_name(facts.unit.effects[found.effect].scope)}()`",
                ),
                remedy=_DO[found.how],
            )
