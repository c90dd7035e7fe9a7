"""removal-forgotten (LK112): the method that ought to take an entry out leaves it in.

## What it does
Reports a container that one method fills (`addRule`, `register`) while the method of the opposite name
(`removeRule`, `unregister`) does other work and takes nothing out of it, and nothing else does.

## Why is this bad?
Callers do what they should: they add, and they remove. The container keeps every entry all the same.

## Example
```java bad
class Rules {
  private final Map<String, Rule> rules = new HashMap<>();
  private final List<Listener> listeners;

  Rules(List<Listener> listeners) {
    this.listeners = listeners;
  }

  void addRule(Rule rule) {
    rules.put(rule.getId(), rule);
    listeners.forEach(listener -> listener.added(rule));
  }

  void removeRule(Rule rule) {
    listeners.forEach(listener -> listener.removed(rule));
  }
}
```
```python bad
class Rules:
    def __init__(self, bus):
        self.bus = bus
        self.rules = {}

    def add_rule(self, rule):
        self.rules[rule.id] = rule
        self.bus.send("added", rule)

    def remove_rule(self, rule):
        self.bus.send("removed", rule)
```
```js bad
class Rules {
  constructor(bus) {
    this.bus = bus;
    this.rules = new Map();
  }

  addRule(rule) {
    this.rules.set(rule.id, rule);
    this.bus.send("added", rule);
  }

  removeRule(rule) {
    this.bus.send("removed", rule);
  }
}
```

## Use instead
```java good
class Rules {
  private final Map<String, Rule> rules = new HashMap<>();
  private final List<Listener> listeners;

  Rules(List<Listener> listeners) {
    this.listeners = listeners;
  }

  void addRule(Rule rule) {
    rules.put(rule.getId(), rule);
    listeners.forEach(listener -> listener.added(rule));
  }

  void removeRule(Rule rule) {
    rules.remove(rule.getId());
    listeners.forEach(listener -> listener.removed(rule));
  }
}
```
```python good
class Rules:
    def __init__(self, bus):
        self.bus = bus
        self.rules = {}

    def add_rule(self, rule):
        self.rules[rule.id] = rule
        self.bus.send("added", rule)

    def remove_rule(self, rule):
        self.rules.pop(rule.id, None)
        self.bus.send("removed", rule)
```
```js good
class Rules {
  constructor(bus) {
    this.bus = bus;
    this.rules = new Map();
  }

  addRule(rule) {
    this.rules.set(rule.id, rule);
    this.bus.send("added", rule);
  }

  removeRule(rule) {
    this.rules.delete(rule.id);
    this.bus.send("removed", rule);
  }
}
```

## When it stays silent
Anything takes entries out during the life of the object; the opposite method is empty, refuses, or
calls an overload of its own; the container is bounded or weak, or holds something else than what the
method was given.

## Runtime check
Adds and removes in turn; confirmed if the container grows all the same.

## References
- [CWE-401: missing release of memory after effective lifetime](https://cwe.mitre.org/data/definitions/401.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.growth.opposites import Opposites

_HALF = "`{holder}` keeps what {where} stores: what it gives back undoes the rest, and leaves this in."


class RemovalForgotten(Rule):
    code = "LK112"
    yields_to: ClassVar[tuple[str, ...]] = ("LK109", "LK110")
    message = "`{holder}` keeps every {what} that {where} stores: {removes} takes nothing out of it."
    advice = "Take the entry out in {removes}."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for half in facts.undoings.found():
            effect = facts.unit.effects[half.growth]
            yield self.finding(
                facts,
                getattr(effect, "at_name", 0) or effect.at,
                effect.end,
                holder=facts.holder_name(half.place),
                confidence="medium",
                evidence=[
                    facts.evidence(half.growth, "stored here"),
                    facts.evidence(
                        half.undo, "what is given back to undo it does this, and leaves the entry in"
                    ),
                ],
                message=_HALF,
                advice="Take it out there too.",
                where=f"`{facts.scope_name(effect.scope)}()`",
            )
        for found in Opposites(facts.growths).forgotten():
            effect = facts.unit.effects[found.growth.effect]
            removes = facts.unit.scopes[found.removes]
            value = found.growth.values[0]
            yield self.finding(
                facts,
                getattr(effect, "at_name", 0) or effect.at,
                effect.end,
                holder=facts.holder_name(found.holder.place),
                confidence="medium",
                evidence=[
                    facts.evidence(found.growth.effect, "stored here"),
                    facts.within(removes.at, "nothing is taken out here"),
                ],
                what=f"`{facts.text(value)}`",
                where=f"`{facts.scope_name(effect.scope)}()`",
                removes=f"`{facts.scope_name(found.removes)}()`",
            )
