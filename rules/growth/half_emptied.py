"""half-emptied (LK109): two containers are filled together, and only one of them is emptied.

## What it does
Reports a container that gains an entry wherever a sibling of the same object or module does, while
only the sibling's entries are removed again.

So are a container that stays as it is where at least three others of its object are cleared for the next
piece of work, one that a `clear()` or `reset()` passes by while it empties what is filled together with it,
and in Java one that a removing method passes by while it takes its key out of all others of that type.

## Why is this bad?
The removal looks done: there is code for it, and one of the containers stays small. The other keeps
every entry, and what it refers to.

## Example
```python bad
class Sessions:
    def __init__(self):
        self.by_id = {}
        self.by_user = {}

    def open(self, session):
        self.by_id[session.id] = session
        self.by_user[session.user] = session

    def close(self, session):
        del self.by_id[session.id]
```
```js bad
class Sessions {
  byId = new Map();
  byUser = new Map();

  open(session) {
    this.byId.set(session.id, session);
    this.byUser.set(session.user, session);
  }

  leave(session) {
    this.byId.delete(session.id);
  }
}
```
```java bad
class Sessions {
  private final Map<String, Session> byId = new HashMap<>();
  private final Map<String, Session> byUser = new HashMap<>();

  void open(Session session) {
    byId.put(session.id(), session);
    byUser.put(session.user(), session);
  }

  void leave(Session session) {
    byId.remove(session.id());
  }
}
```

## Use instead
```python good
class Sessions:
    def __init__(self):
        self.by_id = {}
        self.by_user = {}

    def open(self, session):
        self.by_id[session.id] = session
        self.by_user[session.user] = session

    def close(self, session):
        del self.by_id[session.id]
        del self.by_user[session.user]
```
```js good
class Sessions {
  byId = new Map();
  byUser = new Map();

  open(session) {
    this.byId.set(session.id, session);
    this.byUser.set(session.user, session);
  }

  leave(session) {
    this.byId.delete(session.id);
    this.byUser.delete(session.user);
  }
}
```
```java good
class Sessions {
  private final Map<String, Session> byId = new HashMap<>();
  private final Map<String, Session> byUser = new HashMap<>();

  void open(Session session) {
    byId.put(session.id(), session);
    byUser.put(session.user(), session);
  }

  void leave(Session session) {
    byId.remove(session.id());
    byUser.remove(session.user());
  }
}
```

## When it stays silent
Any entry is removed from the container too; it is bounded, weak, or given out; its keys are few; the
sibling is emptied only where an insertion is rolled back.

## Runtime check
Runs the filling and the removing method in turn; confirmed if the container's length grows.

## References
- [CWE-401: missing release of memory after effective lifetime](https://cwe.mitre.org/data/definitions/401.html)
"""

from collections.abc import Iterator

from leaklint import narrate
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.ends import Ends
from leaklint.solve.growth.passedby import PassedBy
from leaklint.solve.growth.siblingkeys import SiblingKeys


class HalfEmptied(Rule):
    code = "LK109"
    folds = "`{holder}` keeps its entry as well"  # what one removal forgets is one leak
    message = "`{holder}` keeps every {what} that {where} stores: {removed} takes it out of {sibling} only."
    advice = "Remove the entry from both."

    def check(self, facts: Facts) -> Iterator[Finding]:
        seen: list[object] = []
        for found in (
            *facts.siblings.half_emptied(),
            *SiblingKeys(facts.siblings).half_emptied(),
            *PassedBy(facts.siblings).found(),
            *Ends(facts.siblings).found(),
            *facts.leftovers.not_reset(),
            *facts.leftovers.not_taken(),
        ):
            if found.kept.place not in seen:
                seen.append(found.kept.place)
                yield narrate.half_emptied(self, facts, found)
