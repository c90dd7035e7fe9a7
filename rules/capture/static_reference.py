"""static-reference (LK304): a static field holds what is meant to end sooner.

## What it does
Reports static fields that hold a view or an activity, whoever listens on Android, the world or a player of
a game, the class loader of whatever thread came first, or a request, and that nothing sets back.

The one instance of a class that keeps the Android context which it was given counts too. So does a chain: a
static field that holds the newest object of a class, each of which keeps the one before it for good.

JavaScript: static fields and variables of a module in which each component puts itself, and no one empties.

## Why is this bad?
A static field lives as long as its class. It keeps one screen with all its views and images, or one
web application with all its classes, after both were closed.

## Example
```java bad
class Providers {
  private static ClassLoader loader;

  static Object make(String name) throws Exception {
    if (loader == null) {
      loader = Thread.currentThread().getContextClassLoader();
    }
    return loader.loadClass(name).newInstance();
  }
}
```

```js bad
import { Component } from "react";

let current = null;

export class Dialog extends Component {
  componentDidMount() {
    current = this;
  }

  render() {
    return this.props.children;
  }
}
```

## Use instead
```java good
class Providers {
  static Object make(String name) throws Exception {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    return loader.loadClass(name).newInstance();
  }
}
```

```js good
import { Component } from "react";

let current = null;

export class Dialog extends Component {
  componentDidMount() {
    current = this;
  }

  componentWillUnmount() {
    if (current === this) current = null;
  }

  render() {
    return this.props.children;
  }
}
```

## When it stays silent
The field is set to null somewhere; it holds the application or its context; its name says so; its
author has suppressed Android's own check.

## Runtime check
Calls what runs under a class loader of its own; confirmed if the field still holds that one after the call.

## References
- [Android: StaticFieldLeak](https://googlesamples.github.io/android-custom-lint-rules/checks/StaticFieldLeak.md.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.capture.lastinstance import LastInstances
from leaklint.solve.capture.predecessors import Predecessors
from leaklint.solve.capture.statics import StaticReference as Reference


class StaticReference(Rule):
    code = "LK304"
    languages: ClassVar[tuple[str, ...]] = ("java", "javascript")
    message = "`{holder}` keeps the {what} that {where} stores until the class itself is unloaded."
    chain_message = (
        "`{holder}` keeps every {what} that {where} makes: each keeps the one before it in {field}."
    )
    advice = "{remedy}"

    last_message = "`{holder}` keeps the last `{what}`, with all that it shows, after that has ended."

    def check(self, facts: Facts) -> Iterator[Finding]:
        if facts.unit.language == "javascript":
            yield from self._last(facts)
            return
        for found in facts.statics.references():
            yield self._report(facts, found, found.row.sure or facts.statics.is_given(found))
        for found in facts.statics.singletons():
            yield self._report(facts, found, True)
        for chain in Predecessors(facts.index, facts.repeats).chains():
            bind = facts.bind(chain.made)
            yield self.finding(
                facts,
                bind.at,
                bind.end,
                holder=facts.holder_name(chain.newest),
                confidence="medium",
                message=self.chain_message,
                evidence=[
                    facts.evidence(chain.made, "a new one is made around the former one here"),
                    facts.evidence(chain.kept, "and keeps it here"),
                ],
                what=f"`{facts.text(bind.value).removesuffix('()')}`",
                where=f"`{facts.scope_name(bind.scope)}()`",
                field=f"`{chain.field}`",
                remedy=f"Set `{chain.field}` to null when it is no longer needed.",
            )

    def _last(self, facts: Facts) -> Iterator[Finding]:
        for found in LastInstances(facts.lifecycle).found():
            bind = facts.bind(found.bind)
            yield self.finding(
                facts,
                bind.at,
                bind.end,
                holder=facts.holder_name(found.place),
                confidence="medium",
                message=self.last_message,
                evidence=[facts.evidence(found.bind, "each one puts itself here, and none takes itself out")],
                what=facts.unit.owners[found.owner].name or "component",
                where=f"`{facts.scope_name(bind.scope)}()`",
                remedy="Set it back when the object ends, if it is still the one in there.",
            )

    def _report(self, facts: Facts, found: Reference, sure: bool) -> Finding:
        bind = facts.bind(found.bind)
        return self.finding(
            facts,
            bind.at,
            bind.end,
            holder=facts.holder_name(found.place),
            confidence="medium" if sure else "low",
            evidence=[facts.evidence(found.bind, "stored here, and never set back")],
            what=f"`{found.type}`",
            where=f"`{facts.scope_name(bind.scope)}()`",
            remedy=found.row.advice,
        )
