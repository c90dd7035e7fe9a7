"""read-inserts (LK122): looking a key up stores an entry for it.

## What it does
Reports reads of a `defaultdict` under keys that callers choose, in code that only looks up; in JavaScript
and Java, functions that ask for a size or a member by way of one that stores what it does not find.

## Why is this bad?
Reading an absent key calls the factory, or the function that makes what is missing, and keeps that. A
look-up that misses leaves an empty entry, and nobody thinks of removing what nobody stored.

## Example
```python bad
from collections import defaultdict

class Jar:
    def __init__(self):
        self.cookies = defaultdict(dict)

    def store(self, domain, name, value):
        self.cookies[domain][name] = value

    def matching(self, domain):
        return list(self.cookies[domain].items())
```
```js bad
class Presence {
  rooms = new Map();

  room(id) {
    let room = this.rooms.get(id);
    if (!room) {
      room = { members: new Set() };
      this.rooms.set(id, room);
    }
    return room;
  }

  join(id, member) {
    this.room(id).members.add(member);
  }

  leave(id, member) {
    const room = this.rooms.get(id);
    if (room?.members.delete(member) && room.members.size === 0) this.rooms.delete(id);
  }

  memberCount(id) {
    return this.room(id).members.size;
  }
}
```

```java bad
class Permissions {
  private final Map<String, List<Grant>> bySubject = new ConcurrentHashMap<>();

  private List<Grant> grants(String subject) {
    return bySubject.computeIfAbsent(subject, s -> new CopyOnWriteArrayList<>());
  }

  void add(String subject, Grant grant) {
    grants(subject).add(grant);
  }

  void forget(String subject) {
    bySubject.remove(subject);
  }

  boolean isAllowed(String subject, Grant grant) {
    return grants(subject).contains(grant);
  }
}
```

## Use instead
```python good
from collections import defaultdict

class Jar:
    def __init__(self):
        self.cookies = defaultdict(dict)

    def store(self, domain, name, value):
        self.cookies[domain][name] = value

    def matching(self, domain):
        return list(self.cookies.get(domain, {}).items())

    def forget(self, domain):
        self.cookies.pop(domain, None)
```
```js good
class Presence {
  rooms = new Map();

  room(id) {
    let room = this.rooms.get(id);
    if (!room) {
      room = { members: new Set() };
      this.rooms.set(id, room);
    }
    return room;
  }

  join(id, member) {
    this.room(id).members.add(member);
  }

  leave(id, member) {
    const room = this.rooms.get(id);
    if (room?.members.delete(member) && room.members.size === 0) this.rooms.delete(id);
  }

  memberCount(id) {
    return this.rooms.get(id)?.members.size ?? 0;
  }
}
```

```java good
class Permissions {
  private final Map<String, List<Grant>> bySubject = new ConcurrentHashMap<>();

  private List<Grant> grants(String subject) {
    return bySubject.computeIfAbsent(subject, s -> new CopyOnWriteArrayList<>());
  }

  void add(String subject, Grant grant) {
    grants(subject).add(grant);
  }

  void forget(String subject) {
    bySubject.remove(subject);
  }

  boolean isAllowed(String subject, Grant grant) {
    return bySubject.getOrDefault(subject, List.of()).contains(grant);
  }
}
```

## When it stays silent
The function asks for the key first, stores or removes under it, or walks keys of the container or its
sisters; few keys; objects of classes that are made for one piece of work.

## Runtime check
Looks absent keys up; confirmed if the container's length grows with the number of calls.

## References
- [defaultdict](https://docs.python.org/3/library/collections.html#collections.defaultdict)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.lookups import Lookups
from leaklint.solve.growth.reads import Reads


class ReadInserts(Rule):
    code = "LK122"
    languages: ClassVar[tuple[str, ...]] = ("python", "javascript", "java")
    cwe = 770
    message = (
        "`{holder}` gains an entry for each `{key}` that {where} asks for: reading a defaultdict stores."
    )
    made_message = (
        "`{holder}` gains an entry for each `{key}` that {where} asks for: {maker} stores what is not there."
    )
    advice = "Look up with `.get()`, or remove the entry when it is done with."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in Reads(facts.growths).found():
            yield self.finding(
                facts,
                found.at,
                found.end,
                holder=facts.holder_name(found.holder.place),
                confidence="medium",
                evidence=[
                    row
                    for row in (
                        facts.declaration(
                            found.holder.place, found.holder.declared, "absent keys are filled by its factory"
                        ),
                        facts.evidence(found.effect, "read here under any key"),
                    )
                    if row is not None
                ],
                key=facts.text(found.key),
                where=f"`{facts.scope_name(facts.unit.effects[found.effect].scope)}()`",
            )
        for made in Lookups(facts.growths).found():
            effect = facts.unit.effects[made.effect]
            yield self.finding(
                facts,
                effect.at,
                effect.end,
                holder=facts.holder_name(made.holder.place),
                confidence="medium",
                evidence=[facts.evidence(made.growth.effect, "stored here, where nothing is found")],
                message=self.made_message,
                key=facts.text(made.key),
                where=f"`{facts.scope_name(effect.scope)}()`",
                maker=f"`{facts.unit.scopes[made.maker].name}()`",
            )
