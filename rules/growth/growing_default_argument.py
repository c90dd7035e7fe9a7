"""growing-default-argument (LK105): a mutable default value is filled by the calls and never emptied.

## What it does
Reports a parameter whose default is a container that the function adds to.

## Why is this bad?
The default is made once, when the function is defined, and kept by the function. Each call that
relies on it adds to the same container, which lives as long as the process.

## Example
```python bad
def load(name, cache={}):
    if name not in cache:
        cache[name] = read(name)
    return cache[name]
```

## Use instead
```python good
def load(name, cache=None):
    cache = {} if cache is None else cache
    if name not in cache:
        cache[name] = read(name)
    return cache[name]
```

## When it stays silent
The default is only read; the parameter is rebound first; something removes; the keys are few.

## Runtime check
Calls the function without that argument; confirmed if the default's length grows with the calls.

## References
- [Default parameter values](https://docs.python.org/3/reference/compound_stmts.html#function-definitions)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts


class GrowingDefaultArgument(Rule):
    code = "LK105"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    message = "`{holder}` keeps every {what} that {where} adds: the default is made once."
    advice = "Use None as the default and make the container inside, or keep a bounded cache."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in facts.growths.judged(lifetime="process"):
            if found.holder.default_of != -1:
                yield narrate.growth(self, facts, found)
