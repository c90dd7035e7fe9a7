"""unbounded-cache (LK101): a map that outlives its callers gains keys and never loses one.

## What it does
Reports a map of a module, a class or a singleton that is filled under keys without limit and from
which nothing removes.

Caches of Caffeine and Guava that are built without a limit count, even if changes are invalidated.

## Why is this bad?
The map lives as long as the process. Each new key keeps its value, and everything that the value
refers to, until the process ends: memory grows with the number of different requests, users or
paths ever seen.

## Example
```python bad
CACHE = {}

def page(url):
    if url not in CACHE:
        CACHE[url] = download(url)
    return CACHE[url]
```
```js bad
const pages = new Map();

export function page(url) {
  if (!pages.has(url)) pages.set(url, download(url));
  return pages.get(url);
}
```
```java bad
class Pages {
  private static final Map<String, Page> PAGES = new HashMap<>();

  Page page(String url) {
    return PAGES.computeIfAbsent(url, Page::new);
  }
}
```

## Use instead
Give the map a size, a time to live or weak keys, or remove the entry when its work is done.
```python good
from cachetools import LRUCache

CACHE = LRUCache(maxsize=1000)

def page(url):
    if url not in CACHE:
        CACHE[url] = download(url)
    return CACHE[url]
```
```js good
const pages = new Map();

export function page(url) {
  if (!pages.has(url)) {
    if (pages.size >= 1000) pages.delete(pages.keys().next().value);
    pages.set(url, download(url));
  }
  return pages.get(url);
}
```
```java good
class Pages {
  private static final Map<String, Page> PAGES = new LinkedHashMap<>() {
    protected boolean removeEldestEntry(Map.Entry<String, Page> eldest) { return size() > 1000; }
  };

  Page page(String url) {
    return PAGES.computeIfAbsent(url, Page::new);
  }
}
```

## When it stays silent
Keys come from a small set (literals, enums, classes, booleans); entries are added only while
modules load; something removes, clears or rebinds; the size is compared with a limit; the map is
weak or bounded. Start-up registration and keys that are few by their name are candidates of low
confidence. In Python a method that would empty it does not count where the class has one object, under a
private name of the module, and the file never calls the method.

## Runtime check
Calls the function that adds, each time with a fresh key; confirmed if the map's length grows with
the number of calls.

## References
- [CWE-401: missing release of memory after effective lifetime](https://cwe.mitre.org/data/definitions/401.html)
- [CWE-770: allocation without limits](https://cwe.mitre.org/data/definitions/770.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.rule import Finding, Rule
from leaklint.solve import Facts


class UnboundedCache(Rule):
    code = "LK101"
    cwe = 770
    yields_to: ClassVar[tuple[str, ...]] = (
        *("LK131", "LK602"),
        *(
            "LK108",
            "LK109",
            "LK110",
            "LK111",
            "LK112",
            "LK113",
            "LK114",
            "LK115",
            "LK122",
            "LK303",
            "LK421",
            "LK521",
        ),
        *("LK301", "LK302"),
    )
    message = "`{holder}` keeps every {what} that {where} stores: {release}{keys}."
    advice = "Bound it (size, time to live, weak keys), or remove the entry when its work is done."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in facts.growths.judged("map", "dict", "object", "counter", "cache", lifetime="process"):
            if found.holder.default_of == -1:  # a parameter default has its own rule
                yield narrate.growth(self, facts, found)
