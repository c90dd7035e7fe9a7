"""object-url-not-revoked (LK602): a blob stays in memory because its URL is never revoked.

## What it does
Reports `URL.createObjectURL` in code that runs again and again, in a file that revokes no URL, and tables
that such a file keeps the URLs in, even where their entries are taken out again. URLs that are made for each
of many (`files.map(…)`) count as the list that collects them.

## Why is this bad?
The browser keeps the whole blob (a file, an image, a video) as long as the document lives, or until its
URL is revoked. No reference of the program shows it, and no collection frees it.

## Example
```js bad
export function download(text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text]));
  link.click();
}
```

## Use instead
```js good
export function download(text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text]));
  link.click();
  URL.revokeObjectURL(link.href);
}
```

## When it stays silent
The file revokes URLs, by a function of that name or itself, or gives the table away; a table has few keys;
the URL is returned or handed to a function that may revoke it, unlike those that only load it (`new
Worker`, `fetch`, `window.open`); code that runs once.

## Runtime check
Calls the function again and again; confirmed if the memory of blobs grows with every call.

## References
- [URL.revokeObjectURL](https://developer.mozilla.org/docs/Web/API/URL/revokeObjectURL_static)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.dom.urlcaches import UrlCaches
from leaklint.solve.dom.urls import Urls


class ObjectUrlNotRevoked(Rule):
    code = "LK602"
    languages: ClassVar[tuple[str, ...]] = ("javascript",)
    message = "Each run of {where} leaves a blob in memory: its object URL is never revoked."
    kept_message = (
        "`{holder}` keeps the object URLs that {where} stores, and each its blob: nothing revokes one."
    )
    advice = "Call `URL.revokeObjectURL()` when nothing shows it any more."

    def check(self, facts: Facts) -> Iterator[Finding]:
        if not facts.index.calls.get("createObjectURL"):
            return
        for leak in Urls(facts.acquired, facts.handles).leaks():
            call = facts.call(leak.item.effect)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=f"{facts.scope_name(call.scope)}.createObjectURL",
                confidence=leak.confidence,
                evidence=[facts.evidence(leak.item.effect, "the blob gets its URL here")],
                where=f"`{facts.scope_name(call.scope)}()`",
            )
        for found in UrlCaches(facts.acquired, facts.handles).found():
            stored = facts.unit.effects[found.stored]
            yield self.finding(
                facts,
                getattr(stored, "at_name", 0) or stored.at,
                stored.end,
                holder=facts.holder_name(found.place),
                confidence="medium",
                evidence=[facts.evidence(found.made, "the blob gets its URL here")],
                message=self.kept_message,
                advice="Bound the table, and call `URL.revokeObjectURL()` on what leaves it.",
                where=f"`{facts.scope_name(stored.scope)}()`",
            )
