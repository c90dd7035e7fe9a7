"""collector-disabled (LK531): the cyclic collector is switched off, and objects refer to each other.

## What it does
Reports `gc.disable()` in files that neither switch the collector on again nor run it, where objects of the
same file refer to each other: children that know their parents, callbacks that close over their owner.

## Why is this bad?
Reference counts never reach zero in a cycle; only the collector frees it. Without the collector every such
object stays until the process ends.

## Example
```python bad
import gc

gc.disable()

class Node:
    def __init__(self, parent=None):
        self.parent = parent
        self.children = []
        if parent is not None:
            parent.children.append(self)
```

## Use instead
```python good
import gc

gc.disable()

class Node:
    def __init__(self, parent=None):
        self.parent = parent
        self.children = []
        if parent is not None:
            parent.children.append(self)

def after_request():
    gc.collect(1)
```

## When it stays silent
The file calls `gc.enable()` or `gc.collect()`. Where no cycle is seen in the file, the finding is a candidate
of low confidence.

## Runtime check
Runs the code again and again without the collector; confirmed if its objects grow in number with the runs.

## References
- [gc.disable](https://docs.python.org/3/library/gc.html#gc.disable)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.cycle.uncollected import Uncollecteds


class CollectorDisabled(Rule):
    code = "LK531"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    message = "Nothing frees {what} once the collector is off: reference counts never reach zero in a cycle."
    advice = "Leave the collector on, run it when work is done, or break the cycles with weak references."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in Uncollecteds(facts.index, facts.own_methods, facts.repeats).found():
            call = facts.call(found.effect)
            name = facts.unit.owners[found.owner].name if found.owner != NONE else ""
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder="gc",
                confidence="medium" if found.links else "low",
                evidence=[
                    facts.evidence(link, "objects come to refer to each other here") for link in found.links
                ],
                what=f"`{name}` objects" if name else "objects that refer to each other",
            )
