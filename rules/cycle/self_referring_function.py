"""self-referring-function (LK522): a function or class made by each call keeps itself alive.

## What it does
Notes nested functions that refer to themselves, and classes that a method makes around its own object.

## Why is this bad?
The function refers to its closure, the closure to the function. A class always refers to itself. Such a
cycle outlives the call, with all that it captures, until the cyclic collector comes round: with large
data, a collector that is off or rarely runs, memory climbs.

## Example
```python bad
def sanitize(message, secrets):
    def walk(part):
        for key, value in part.items():
            if key in secrets:
                part[key] = "***"
            elif isinstance(value, dict):
                walk(value)

    walk(message)
```

## Use instead
```python good
def _walk(part, secrets):
    for key, value in part.items():
        if key in secrets:
            part[key] = "***"
        elif isinstance(value, dict):
            _walk(value, secrets)

def sanitize(message, secrets):
    _walk(message, secrets)
```

## When it stays silent
The name is deleted or rebound before the call ends; functions that run at import; classes whose methods
only refer to what is around them. A function that keeps nothing of the call that is named as large, or that
hands itself to others to go on, is a candidate of low confidence, unless the function around it is named as
one that each message passes (`dumps`, `serialize`, `decode`, `render`).

## Runtime check
Calls the function; refuted where the collector frees the cycles, confirmed where the program has switched
it off and they stay.

## References
- [gc: garbage collector interface](https://docs.python.org/3/library/gc.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import Place
from leaklint.rule import Evidence, Finding, Rule, Severity
from leaklint.solve import Facts
from leaklint.solve.cycle.pycycles import SelfKept
from leaklint.solve.lazy import regex
from leaklint.solve.weight import HEAVY

# functions that each message, request or line of a log passes
_HOT = regex(
    r"_*(\w+_)?(dumps?|loads|(de)?seriali[sz]e|encode|decode|(un)?marshal|(un)?pack|safe_?log|render|sanitize|convert)"
    r"(_\w+)?"
)


class SelfReferringFunction(Rule):
    code = "LK522"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    severity: ClassVar[Severity] = "note"
    message = (
        "Each call of {where} leaves `{name}` in a cycle with itself{captured}, until a full collection."
    )
    advice = "Move it to the module, and hand over what it needs."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in facts.py_cycles.self_kept():
            row = facts.unit.scopes[found.scope]
            keeps = found.is_class or (found.recurses and self._keeps_much(facts, found))
            hot = keeps or _HOT.fullmatch(facts.unit.scopes[found.around].name)
            names = [f"`{facts.place_text(Place(symbol))}`" for symbol in found.captured[:3]]
            yield self.finding(
                facts,
                row.at,
                row.at + 1,
                holder=f"{facts.scope_name(found.around)}.{row.name}",
                confidence="medium" if hot else "low",  # the function itself is small
                evidence=[Evidence(facts.unit.path, row.at, row.at + 1, "made here by each call")],
                where=f"`{facts.scope_name(found.around)}()`",
                name=row.name,
                captured=f", and keeps {', '.join(names)}" if names else "",
            )

    def _keeps_much(self, facts: Facts, found: SelfKept) -> bool:
        """Whether what a function captures is named as something large, or as what others wait for."""
        symbols = (facts.unit.symbols[symbol] for symbol in found.captured)
        return any(symbol.kind != "this" and HEAVY.fullmatch(symbol.name) for symbol in symbols)
