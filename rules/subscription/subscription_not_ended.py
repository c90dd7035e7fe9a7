"""subscription-not-ended (LK205): a subscription outlives the object that made it.

## What it does
Reports a subscription to an observable, a store or an event that outlives the subscriber, when its
handle is dropped, or kept and never ended; and reactions (MobX) to what outlives them.

In React also: a setter that a component puts into a list of others while it renders, and that the clean-up of
an effect takes out. React may drop a rendering, and then runs neither the effect nor its clean-up.

## Why is this bad?
The source keeps the callback, and the callback keeps everything that it closes over. Each new
subscriber adds one more, and all of them go on running.

## Example
```ts bad
@Component({ selector: "app-prices", template: "" })
class Prices {
  constructor(private quotes: QuoteService) {}

  ngOnInit() {
    this.quotes.changes$.subscribe((quote) => this.show(quote));
  }

  show(quote: Quote) {}
}
```

```java bad
import io.reactivex.Observable;

class PulsePresenter {
  private final Monitor monitor;

  PulsePresenter(Monitor monitor) {
    this.monitor = monitor;
  }

  void attach() {
    monitor.beats().distinctUntilChanged().subscribe(this::show);
  }

  void detach() {
    show(0);
  }

  private void show(int rate) {
    draw(rate);
  }
}
```

## Use instead
```ts good
@Component({ selector: "app-prices", template: "" })
class Prices {
  private subscription: Subscription;

  constructor(private quotes: QuoteService) {}

  ngOnInit() {
    this.subscription = this.quotes.changes$.subscribe((quote) => this.show(quote));
  }

  ngOnDestroy() {
    this.subscription.unsubscribe();
  }

  show(quote: Quote) {}
}
```

```java good
import io.reactivex.Observable;
import io.reactivex.disposables.Disposable;

class PulsePresenter {
  private final Monitor monitor;
  private Disposable beats;

  PulsePresenter(Monitor monitor) {
    this.monitor = monitor;
  }

  void attach() {
    beats = monitor.beats().distinctUntilChanged().subscribe(this::show);
  }

  void detach() {
    beats.dispose();
    show(0);
  }

  private void show(int rate) {
    draw(rate);
  }
}
```

## When it stays silent
An operator ends it (`first`, `take`, `takeUntilDestroyed`, `untilDestroyed`, one that is handed `this`;
`takeUntil`, unless nothing fires the subject that it waits for); the source gives
one value (an HTTP request); the handle is returned, stored in a collection or handed to somebody
(`this._register(…)`, `toDispose.push(…)`); the source belongs to the subscriber, or it is not known where
it comes from; the subscriber is the only one of its kind. In Java also: chains
that may be one answer (no operator or name says that values keep coming), classes that never end.

## Runtime check
Creates and drops the owner; confirmed if the source has more observers after every round.

## References
- [RxJS: Subscription](https://rxjs.dev/guide/subscription)
- [VS Code API: Disposable](https://code.visualstudio.com/api/references/vscode-api#Disposable)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import CONFIDENCES, Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.subscription.rendering import WHY, Rendered, Rendering
from leaklint.solve.subscription.sources import Sources
from leaklint.solve.subscription.streams import Dropped, Streams
from leaklint.solve.subscription.subscriptions import Subscription, Subscriptions


class SubscriptionNotEnded(Rule):
    code = "LK205"
    languages: ClassVar[tuple[str, ...]] = ("javascript", "java")
    message = "`{holder}` keeps {owner} alive through the subscription that {where} makes: {state}."
    advice = "{remedy}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        for stream in Streams(facts.index, facts.lifecycle, facts.repeats).dropped():
            yield self._dropped(facts, stream)
        for rendered in Rendering(facts.index, facts.lifecycle).kept_setters():
            yield self._rendered(facts, rendered)
        if not any(item.pair.kind == "subscription" for item in facts.pairs.acquisitions):
            return  # most files subscribe to nothing
        groups: dict[tuple[str, str], list[Subscription]] = {}
        for found in Subscriptions(facts.acquired, facts.handles, Sources(facts.pairs, facts.models)).leaks():
            holder = (facts.holder_name if found.source.symbol != NONE else facts.place_text)(found.source)
            groups.setdefault((holder, found.owner), []).append(found)
        for (holder, _), leaks in groups.items():
            leak = max(leaks, key=lambda each: CONFIDENCES.index(each.confidence))
            call = facts.call(leak.item.effect)
            rows = [facts.evidence(leak.item.effect, "subscribed here, each time this runs")]
            rows += [
                facts.evidence(other.item.effect, "and here")
                for other in leaks[:6]
                if other is not leak and other.confidence == leak.confidence
            ]
            rows += [
                facts.evidence(end, "ended here, not when the owner ends") for end in leak.handle.ends[:4]
            ]
            if leak.sibling != NONE:
                rows.append(facts.evidence(leak.sibling, "this subscription of the same owner is ended"))
            yield self.finding(
                facts,
                call.at_name or call.at,
                call.end,
                holder=holder,
                confidence=leak.confidence,
                evidence=rows,
                owner=leak.owner,
                where=f"`{facts.scope_name(call.scope)}()`",
                state=leak.state,
                remedy=f"Keep the handle and end it in `{leak.teardown}()`."
                if leak.teardown
                else "Keep the handle and end it when its owner ends.",
            )

    def _rendered(self, facts: Facts, found: Rendered) -> Finding:
        call = facts.call(found.effect)
        name = facts.scope_name(found.function)
        return self.finding(
            facts,
            call.at_name or call.at,
            call.end,
            holder=facts.holder_name(found.place),
            confidence="medium",
            evidence=[
                facts.evidence(found.effect, "added while the component renders"),
                facts.evidence(found.release, "taken out by the clean-up of an effect"),
            ],
            owner=name,
            where=f"`{name}()`",
            state=WHY,
            remedy="Add it in the effect that takes it out.",
        )

    def _dropped(self, facts: Facts, found: Dropped) -> Finding:
        call = facts.call(found.effect)
        teardown = facts.lifecycle.teardown_of(found.owner)
        name = facts.unit.scopes[teardown[0]].name if teardown else ""
        return self.finding(
            facts,
            call.at_name or call.at,
            call.end,
            holder=facts.holder_name(found.source),
            confidence="medium",
            evidence=[facts.evidence(found.effect, "subscribed here, each time this runs")],
            owner=facts.unit.owners[found.owner].name,
            where=f"`{facts.scope_name(call.scope)}()`",
            state="its handle is dropped, so nothing can end it",
            remedy=f"Keep the handle and dispose of it in `{name}()`."
            if name
            else "Keep the handle and dispose of it when its owner ends.",
        )
