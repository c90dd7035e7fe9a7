"""cached-method (LK104): a cache on a method keeps every instance that the method was called on.

## What it does
Reports a caching decorator on an instance method. The cache belongs to the class, and `self` is part
of its key.

## Why is this bad?
As long as an entry is in the cache, the instance stays alive with all that it refers to. Without a
limit that is for ever; with a limit of N, up to N instances are pinned after their last use.

## Example
```python bad
from functools import cache

class Repository:
    @cache
    def files(self, path):
        return list_files(self.url, path)
```

## Use instead
```python good
from functools import cached_property

class Repository:
    @cached_property
    def files(self):
        return list_files(self.url)
```

## When it stays silent
Static and class methods; `cached_property` and caches kept on the instance; enum classes, whose
members live as long as the process; classes with one instance, made at import; caches that a function
empties by `cache_clear()`; bounded caches of named tuples and frozen data classes. Any other bounded
cache is a note, not a warning.

## Runtime check
Creates and drops instances, calling the method on each; confirmed if the number of living instances
grows.

## References
- [functools.lru_cache](https://docs.python.org/3/library/functools.html#functools.lru_cache)
- [How do I cache method calls?](https://docs.python.org/3/faq/programming.html#how-do-i-cache-method-calls)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts


class CachedMethod(Rule):
    code = "LK104"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    message = "The cache of `{holder}` keeps every instance that it was called on: `self` is part of the key."
    last_message = "The cache of `{holder}` pins the last instance: `self` is part of the key."
    bounded_message = "The cache of `{holder}` pins up to LIMIT instances: `self` is part of the key."
    advice = "Cache on the instance (cached_property), or key a bounded cache by what the result depends on."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for memo in facts.memos.found:
            if not memo.is_method or memo.is_process_owner:
                continue  # members of enums and singletons live as long as the process anyway
            bounded = memo.bound is not None
            if memo.cleared or (bounded and memo.is_of_value):
                continue  # somebody empties it; or it pins a few numbers and texts
            yield self.finding(
                facts,
                memo.at,
                memo.end,
                holder=memo.name,
                confidence="low" if memo.bound == "1" else "high",  # one instance is no growth
                severity="note" if bounded else None,
                message=self._bounded(memo.bound) if memo.bound is not None else None,
                evidence=[memo.declaration],
            )

    def _bounded(self, limit: str) -> str:
        return self.last_message if limit == "1" else self.bounded_message.replace("LIMIT", limit)
