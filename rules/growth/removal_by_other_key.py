"""removal-by-other-key (LK110): entries are removed under a key that nothing was stored under.

## What it does
Reports maps whose entries are removed, or looked up before they are stored, under a key that cannot
equal the stored one: a file where the map is keyed by strings, the whole object where it is keyed by
the object's id.

So are removals under a text that is put together otherwise than the stored one, under another getter of
the same object, under the value that was just found, under the key of the other arm of an `if`, and under
another form of the key (`name` where `name.lower()` was stored). A thing that gets another name and is stored
under that, while its entry under the old name stays, counts as well.

## Why is this bad?
The removal looks right and takes nothing out. Such a map grows for as long as the program runs, and
its entries keep everything that they refer to.

## Example
```java bad
class Uploads {
  private final Map<String, Upload> running = new HashMap<>();

  void begin(File file) {
    running.put(file.getAbsolutePath(), new Upload(file));
  }

  void end(File file) {
    running.remove(file);
  }
}
```
```python bad
class Uploads:
    def __init__(self):
        self.running = {}

    def begin(self, upload: Upload):
        self.running[upload.id()] = upload

    def end(self, upload: Upload):
        self.running.pop(upload, None)
```
```ts bad
class Uploads {
  private running = new Map<string, Upload>();

  begin(upload: Upload) {
    this.running.set(upload.id(), upload);
  }

  end(upload: Upload) {
    this.running.delete(upload);
  }
}
```

## Use instead
```java good
class Uploads {
  private final Map<String, Upload> running = new HashMap<>();

  void begin(File file) {
    running.put(file.getAbsolutePath(), new Upload(file));
  }

  void end(File file) {
    running.remove(file.getAbsolutePath());
  }
}
```
```python good
class Uploads:
    def __init__(self):
        self.running = {}

    def begin(self, upload: Upload):
        self.running[upload.id()] = upload

    def end(self, upload: Upload):
        self.running.pop(upload.id(), None)
```
```ts good
class Uploads {
  private running = new Map<string, Upload>();

  begin(upload: Upload) {
    this.running.set(upload.id(), upload);
  }

  end(upload: Upload) {
    this.running.delete(upload.id());
  }
}
```

## When it stays silent
The type of a key is not known; the two types may have equal values; one of several stores uses the
very key that is removed; a thing gets its first name, or is a copy that was just made.

## Runtime check
Stores and removes in turn; confirmed if the map grows all the same.

## References
- [Map.remove](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Map.html#remove(java.lang.Object))
"""

from collections.abc import Iterator

from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.otherkeys import OtherKeys
from leaklint.solve.growth.otherkeys.base import OtherKey
from leaklint.solve.growth.renames import Renames

_WHY = {
    "type": "{holder} is keyed by `{stored}`, but {where} removes under a `{asked}`",
    "member": "entries are stored under a part of `{asked}`, but {where} removes under the whole",
    "value": "{where} removes under the value that was found, not under its key",
    "made": "{where} removes under another key than the one that was stored under",
    "lookup": "{where} looks under another key than it then stores under",
}


class RemovalByOtherKey(Rule):
    code = "LK110"
    message = "`{holder}` never finds what it keeps: {why}."
    advice = "Use the key that the entry was stored under."
    renamed_message = (
        "`{holder}` keeps what {where} renames under its old `{name}` as well: only the new one is asked for."
    )
    renamed_advice = "Take the entry out under the old name first."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in OtherKeys(facts.growths, facts.types).found():
            call = facts.unit.effects[found.effect]
            yield self.finding(
                facts,
                getattr(call, "at_name", 0) or call.at,
                call.end,
                holder=facts.holder_name(found.holder.place),
                confidence="medium",
                evidence=[
                    facts.evidence(found.growth.effect, f"stored under `{facts.text(self._stored(found))}`"),
                    facts.evidence(found.effect, f"asked for under `{facts.text(found.key)}`"),
                ],
                why=self._why(facts, found),
            )

        for rename in Renames(facts.growths).found():
            effect = facts.unit.effects[rename.growth.effect]
            yield self.finding(
                facts,
                effect.at,
                effect.end,
                holder=facts.holder_name(rename.holder.place),
                confidence="medium",
                evidence=[
                    facts.evidence(rename.effect, "gets its new name here"),
                    facts.evidence(rename.growth.effect, "stored under the new name"),
                    facts.evidence(rename.release.effect, "taken out under the name of the day"),
                ],
                message=self.renamed_message,
                advice=self.renamed_advice,
                where=f"`{facts.scope_name(effect.scope)}()`",
                name=rename.name,
            )

    def _stored(self, found: OtherKey) -> int:
        return found.growth.key if found.growth.key != NONE else found.growth.values[0]

    def _why(self, facts: Facts, found: OtherKey) -> str:
        return _WHY[found.how].format(
            holder="it",
            stored=found.stored,
            asked=found.asked or facts.text(found.key),
            where=f"`{facts.scope_name(facts.unit.effects[found.effect].scope)}()`",
        )
