"""widget-not-destroyed (LK701): a chart, player or connection goes on after its component is gone.

## What it does
Reports connections, workers, charts, maps, editors and players that a component, an effect or a view with
a tear-down makes and never ends; connections and workers also where each call of a function makes its own.
So are nodes that they append to `document.body` or its like, outside of their own tree, and objects in a ref
of React that by their name and use have a life of their own (`core.current = new UploadCore()`). So is what
`useState(() => …)` and `useMemo(() => …)` make; `useRef(new Worker(url))` makes one each time it is drawn.

## Why is this bad?
They hang on to the page by listeners, timers, sockets or graphics contexts of their own, and keep the
removed nodes and the callbacks of their component with them. Each mount adds one more.

## Example
```jsx bad
import { useEffect } from "react";

export function Feed({ url, onMessage }) {
  useEffect(() => {
    const socket = new WebSocket(url);
    socket.onmessage = onMessage;
  }, [url]);
  return null;
}
```

## Use instead
```jsx good
import { useEffect } from "react";

export function Feed({ url, onMessage }) {
  useEffect(() => {
    const socket = new WebSocket(url);
    socket.onmessage = onMessage;
    return () => socket.close();
  }, [url]);
  return null;
}
```

## When it stays silent
It is ended anywhere in the file, returned, or handed to somebody who may end it; it is made by a service
that lives as long as the page, or once; the `exit` of a worker is waited for. Nodes that are taken out
anywhere, returned or stored in a table; scripts, links, styles; one for the page, which is asked for first.

## Runtime check
Mounts and unmounts the component; confirmed if the number of living widgets grows with every round.

## References
- [WebSocket.close](https://developer.mozilla.org/docs/Web/API/WebSocket/close)
- [Chart.js: destroy](https://www.chartjs.org/docs/latest/developers/api.html#destroy)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.dom.initialised import FirstValues
from leaklint.solve.dom.nodes import Nodes
from leaklint.solve.subscription.refs import Refs


class WidgetNotDestroyed(Rule):
    code = "LK701"
    languages: ClassVar[tuple[str, ...]] = ("javascript",)
    message = "The {what} that {where} makes outlives {owner}: nothing ends it."
    again_message = "Each time {owner} is drawn it makes one more {what}: only the first one is kept."
    advice = "{remedy}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        yield from self._nodes(facts)
        yield from self._refs(facts)
        if not any(item.pair.kind == "handle" for item in facts.pairs.acquisitions):
            return
        for leak in facts.widgets.leaks():
            call = facts.call(leak.item.effect)
            end, its = leak.item.pair.advice, "its " if leak.item.pair.returns_handle else ""
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.holder_name(leak.place) if leak.place is not None else call.name,
                confidence=leak.confidence,
                evidence=[facts.evidence(leak.item.effect, f"this {leak.item.pair.name} is made here")],
                what=leak.item.pair.name,
                where=f"`{facts.scope_name(call.scope)}()`",
                owner=leak.owner,
                remedy=f"Call {its}`{end}()` in `{leak.teardown}()`."
                if leak.teardown
                else f"Call {its}`{end}()` when the component goes.",
            )
        yield from self._first_values(facts)

    def _first_values(self, facts: Facts) -> Iterator[Finding]:
        for found in FirstValues(facts.acquired, facts.handles).found():
            call, hook = facts.call(found.item.effect), facts.call(found.hook)
            end = found.item.pair.advice
            kept = f"`{hook.name}()` keeps the first one only" if found.again else f"`{hook.name}()` keeps it"
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.holder_name(found.place) if found.place is not None else call.name,
                confidence="medium",
                evidence=[facts.evidence(found.hook, kept)],
                message=self.again_message if found.again else None,
                what=found.item.pair.name,
                where=f"`{found.owner}()`",
                owner=found.owner,
                remedy=f"Make it in an effect whose clean-up calls its `{end}()`.",
            )

    def _nodes(self, facts: Facts) -> Iterator[Finding]:
        for found in Nodes(facts.acquired).found():
            call = facts.call(found.effect)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.holder_name(found.place),
                confidence=found.confidence,
                evidence=[facts.evidence(found.effect, "hung into the page here")],
                what="node in the page",
                where=f"`{facts.scope_name(call.scope)}()`",
                owner=found.owner,
                remedy=f"Remove it in `{found.teardown}()`."
                if found.teardown
                else "Remove it when the component goes.",
            )

    def _refs(self, facts: Facts) -> Iterator[Finding]:
        for found in Refs(facts.acquired, facts.handles).found():
            call = facts.call(found.effect)
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=facts.holder_name(found.place),
                confidence="medium",
                evidence=[facts.evidence(found.runs, "it has a life of its own")],
                what=f"`{found.name}` of a ref",
                where=f"`{facts.scope_name(call.scope)}()`",
                owner=found.owner,
                remedy="End it in the clean-up function of an effect.",
            )
