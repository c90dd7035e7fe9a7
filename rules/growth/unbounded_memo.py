"""unbounded-memo (LK103): a memoised function keeps the result of every call it ever had.

## What it does
Reports a function whose results are cached by argument without limit: `functools.cache`,
`lru_cache(maxsize=None)` and their like, and hand-written memo closures.

## Why is this bad?
The cache belongs to the function and lives as long as it does. Every new combination of arguments
keeps its arguments and its result for ever.

## Example
```python bad
from functools import cache

@cache
def parse(text):
    return Tree(text)
```
```js bad
export function memoize(fn) {
  const cache = {};
  return function (key) {
    if (!(key in cache)) cache[key] = fn(key);
    return cache[key];
  };
}
```

## Use instead
```python good
from functools import lru_cache

@lru_cache(maxsize=256)
def parse(text):
    return Tree(text)
```
```js good
export function memoize(fn) {
  const cache = new Map();
  return function (key) {
    if (!cache.has(key)) {
      if (cache.size >= 256) cache.delete(cache.keys().next().value);
      cache.set(key, fn(key));
    }
    return cache.get(key);
  };
}
```

## When it stays silent
The function has no parameters, or only parameters with few values (bool, enums, literals, classes);
`cache_clear()` is called; the cache is bounded. Methods have a rule of their own (LK104).

## Runtime check
Calls the function with fresh arguments; confirmed if the cache's size grows with the calls.

## References
- [functools.lru_cache](https://docs.python.org/3/library/functools.html#functools.lru_cache)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts


class UnboundedMemo(Rule):
    code = "LK103"
    languages: ClassVar[tuple[str, ...]] = ("python", "javascript")
    cwe = 770
    message = "`{holder}` keeps the result of every call: its cache has no limit."
    advice = "Give the cache a maxsize, or clear it when its results are stale."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for memo in facts.memos.found:
            if memo.is_method or memo.bound is not None or memo.cleared:
                continue  # methods: LK104; bounded and cleared caches stay small
            if memo.few_arguments:
                continue  # no more entries than the arguments have values
            yield self.finding(
                facts,
                memo.at,
                memo.end,
                holder=memo.name,
                confidence="low" if memo.small_arguments else "medium",
                evidence=[memo.declaration],
            )
        for found in facts.growths.judged("dict", "map", "object", lifetime="closure"):
            served = facts.growths.weighing.is_of_middleware(found.holder)
            if not served and not facts.growths.waiting.waits(found.growths[0]):  # LK107 speaks of those
                yield narrate.growth(self, facts, found)
