"""empty-bucket-left (LK111): lists in a map are emptied, and their keys stay for ever.

## What it does
Reports a map of collections whose collections lose their entries again, while nothing ever removes a
key.

## Why is this bad?
The map gains a key and an empty collection for every name, room or topic that was ever seen. Each is
small, and there is no end to them.

## Example
```python bad
class Rooms:
    def __init__(self):
        self.members = {}

    def join(self, room, user):
        self.members.setdefault(room, []).append(user)

    def leave(self, room, user):
        self.members[room].remove(user)
```
```js bad
class Rooms {
  members = new Map();

  join(room, user) {
    if (!this.members.has(room)) this.members.set(room, new Set());
    this.members.get(room).add(user);
  }

  leave(room, user) {
    this.members.get(room).delete(user);
  }
}
```
```java bad
class Rooms {
  private final Map<String, Set<User>> members = new HashMap<>();

  void join(String room, User user) {
    members.computeIfAbsent(room, r -> new HashSet<>()).add(user);
  }

  void leave(String room, User user) {
    members.get(room).remove(user);
  }
}
```

## Use instead
```python good
class Rooms:
    def __init__(self):
        self.members = {}

    def join(self, room, user):
        self.members.setdefault(room, []).append(user)

    def leave(self, room, user):
        self.members[room].remove(user)
        if not self.members[room]:
            del self.members[room]
```
```js good
class Rooms {
  members = new Map();

  join(room, user) {
    if (!this.members.has(room)) this.members.set(room, new Set());
    this.members.get(room).add(user);
  }

  leave(room, user) {
    this.members.get(room).delete(user);
    if (!this.members.get(room).size) this.members.delete(room);
  }
}
```
```java good
class Rooms {
  private final Map<String, Set<User>> members = new HashMap<>();

  void join(String room, User user) {
    members.computeIfAbsent(room, r -> new HashSet<>()).add(user);
  }

  void leave(String room, User user) {
    members.computeIfPresent(room, (r, users) -> users.remove(user) && users.isEmpty() ? null : users);
  }
}
```

## When it stays silent
Something removes keys; the keys are few; the map is bounded or weak.

## Runtime check
Adds and removes under fresh keys in turn; confirmed if the number of keys grows.

## References
- [CWE-401: missing release of memory after effective lifetime](https://cwe.mitre.org/data/definitions/401.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.buckets import Buckets


class EmptyBucketLeft(Rule):
    code = "LK111"
    yields_to: ClassVar[tuple[str, ...]] = ("LK108",)
    message = "`{holder}` keeps a key for every bucket ever made in {where}: buckets are emptied, keys stay."
    advice = "Delete the key when its bucket is empty."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in Buckets(facts.growths).left():
            emptied = facts.evidence(found.release.effect, "the bucket is emptied here, its key stays")
            yield narrate.held(
                self, facts, found.holder, found.growth, confidence=found.confidence, more=[emptied]
            )
