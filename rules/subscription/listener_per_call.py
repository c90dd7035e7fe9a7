"""listener-per-call (LK209): each call registers a new listener that nothing can take off again.

## What it does
Reports methods that make a listener on each call, register it with an object that was given to them,
and keep it nowhere, in a file that takes no listener off.

A setter that listens to what it is given counts too: the old one keeps its listener. So does a listener
without a name on something that is given, where the end of the object takes another one off it; and one that
a method adds to a part of the object each time it is called; and a function that each call hangs on a future
which only the end of its owner completes.

## Why is this bad?
The other object keeps every listener, and each listener keeps the object that made it. A listener that
nobody has a name for can't be removed: there is one more with every call.

## Example
```java bad
class Directory {
  private final NamingService naming;

  Directory(NamingService naming) {
    this.naming = naming;
  }

  void refresh(String service) {
    EventListener listener = new ServiceListener(this, service);
    naming.subscribe(service, listener);
  }
}
```

## Use instead
```java good
class Directory {
  private final NamingService naming;
  private final EventListener listener = new ServiceListener(this);

  Directory(NamingService naming) {
    this.naming = naming;
  }

  void refresh(String service) {
    naming.subscribe(service, listener);
  }
}
```

## When it stays silent
Constructors and methods that open an object; the file removes listeners of any kind; the listener is
kept, returned or handed to something else as well; streams, whose subscriptions end by themselves.

## Runtime check
Calls the method; confirmed if the number of listeners grows with the number of calls.

## References
- [CWE-772: missing release of resource after effective lifetime](https://cwe.mitre.org/data/definitions/772.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.subscription.dependents import Dependents
from leaklint.solve.subscription.leftlisteners import LeftListeners
from leaklint.solve.subscription.registrations import Registrations


class ListenerPerCall(Rule):
    code = "LK209"
    languages: ClassVar[tuple[str, ...]] = ("java",)
    cwe = 772
    message = "`{holder}` gets one more listener with each run of {where}, and nothing can take it off."
    advice = "Keep the listener and remove it, or register one for all calls."

    def check(self, facts: Facts) -> Iterator[Finding]:
        seen: set[int] = set()
        registrations = Registrations(facts.index, facts.growths, facts.lifecycle, facts.repeats)
        for found in (
            *registrations.left_behind(),
            *LeftListeners(registrations).found(),
            *Dependents(registrations).found(),
        ):
            if found.effect in seen:
                continue
            seen.add(found.effect)
            call = facts.call(found.effect)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.holder_name(found.receiver),
                confidence="medium",
                evidence=[facts.evidence(found.effect, f"{facts.text(found.listener)} is added here")],
                where=f"`{facts.scope_name(call.scope)}()`",
            )
