"""inner-class-escapes (LK302): a static holder keeps inner objects, and with each its outer instance.

## What it does
Reports instances of inner and anonymous classes that a method stores in a static collection or field that
nothing empties. So are objects of an inner class that one object makes of what it has gathered, a summary
for instance, and that a static collection, or whoever made that object, goes on to keep: few of them are
enough. The first few of a long list that are kept as a view of all of it (`subList()`) are the same.

Android: objects that the system keeps for a while (tasks, loaders, view models, handlers, binders), and that
refer to a screen: they are of an inner class, or keep the activity, fragment or view that they were given.

## Why is this bad?
An object of a non-static inner class refers to the object that made it. Whoever keeps the inner one
keeps the outer one, with everything that it holds.

## Example
```java bad
class Screen {
  private static final List<Runnable> PENDING = new ArrayList<>();
  private final Bitmap picture = new Bitmap();

  void refresh() {
    PENDING.add(new Runnable() {
      public void run() { draw(picture); }
    });
  }
}
```

## Use instead
```java good
class Screen {
  private static final Queue<Runnable> PENDING = new ArrayDeque<>();
  private final Bitmap picture = new Bitmap();

  void refresh() {
    PENDING.add(new Runnable() {
      public void run() { draw(picture); }
    });
  }

  static void drain() {
    PENDING.poll().run();
  }
}
```

## When it stays silent
Static nested classes and records that hold no screen; a field that is set to null, by itself or by a caller
(`task.attach(null)`), and tasks that are cancelled; objects made in static methods; something removes the
entries, and the object around holds no collection that grows. A context, and a view or layout of the
program itself, are candidates of low confidence.

## Runtime check
Creates and drops outer objects; confirmed if the number of living ones grows.

## References
- [Inner classes](https://docs.oracle.com/javase/specs/jls/se21/html/jls-8.html#jls-8.1.3)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint import narrate
from leaklint.rule import Evidence, Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.capture.inners import Escape
from leaklint.solve.capture.parts import KeptPart, Parts
from leaklint.solve.capture.screens import HeldScreen, Screens
from leaklint.solve.capture.stored import Stored
from leaklint.solve.capture.views import KeptView, Views


class InnerClassEscapes(Rule):
    code = "LK302"
    languages: ClassVar[tuple[str, ...]] = ("java",)
    message = "`{holder}` keeps every `{captured}` alive: the inner object stored there refers to it."
    part_message = "`{holder}` keeps the whole `{captured}` of each `{inner}`: the inner object refers to it."
    view_message = "`{holder}` keeps all of `{whole}` for the first few of it: `subList()` gives a view."
    thread_message = "A thread keeps `{captured}` alive: `{holder}` holds an object of its inner class."
    system_message = "`{holder}` keeps its `{captured}` alive: it is an inner object, kept by {by}."
    screen_message = "`{holder}` keeps the `{captured}` it was given alive after its end: it is kept by {by}."
    screen_advice = "Hold it in a WeakReference, or hold the application context."
    advice = "Make the inner class static and hand it what it needs, or remove the entry when it is done."

    def check(self, facts: Facts) -> Iterator[Finding]:
        stored = Stored(facts.index, facts.models)
        seen = set()
        for found in facts.growths.judged(lifetime="process"):
            for item in found.growths:
                outer = stored.outer_of(item)
                if outer:
                    seen.add(found.holder.place)
                    found.growths = [item, *(other for other in found.growths if other is not item)]
                    yield narrate.growth(self, facts, found, captured=outer)
                    break
        for part in Parts(facts.growths, facts.inners).found():
            if part.holder.place not in seen:
                yield self._part(facts, part)
        for view in Views(facts.growths).found():
            if view.holder.place not in seen:
                yield self._view(facts, view)
        for escape in (*facts.inners.on_threads(), *facts.inners.by_system()):
            yield self._escape(facts, escape)
        for held in Screens(facts.index, facts.inners).held():
            yield self._screen(facts, held)

    def _part(self, facts: Facts, part: KeptPart) -> Finding:
        effect = facts.unit.effects[part.growth.effect]
        inner = facts.unit.owners[part.inner]
        outer = facts.unit.owners[inner.outer]
        return self.finding(
            facts,
            getattr(effect, "at_name", 0) or effect.at,
            effect.end,
            holder=facts.holder_name(part.holder.place),
            confidence="medium",
            evidence=[
                facts.evidence(part.growth.effect, "the inner object is stored here"),
                Evidence(facts.unit.path, inner.at, inner.at, "it refers to the object around it"),
                facts.evidence(part.filled.effect, "which has gathered this, too"),
            ],
            message=self.part_message,
            captured=outer.name,
            inner=inner.name,
        )

    def _view(self, facts: Facts, view: KeptView) -> Finding:
        effect = facts.unit.effects[view.growth.effect]
        return self.finding(
            facts,
            getattr(effect, "at_name", 0) or effect.at,
            effect.end,
            holder=facts.holder_name(view.holder.place),
            confidence="medium",
            evidence=[
                facts.evidence(view.view, "this is a view, and refers to the whole list"),
                facts.evidence(view.growth.effect, "it is stored here"),
            ],
            message=self.view_message,
            advice="Copy what is to be kept: `List.copyOf(part)`.",
            whole=facts.place_text(view.whole),
        )

    def _screen(self, facts: Facts, held: HeldScreen) -> Finding:
        bind = facts.bind(held.bind)
        return self.finding(
            facts,
            bind.at,
            bind.end,
            holder=facts.holder_name(held.field),
            confidence="medium" if held.sure else "low",
            message=self.screen_message,
            advice=self.screen_advice,
            evidence=[facts.evidence(held.bind, "what the caller hands in is stored here, and never let go")],
            captured=held.type,
            by=held.row.by,
        )

    def _escape(self, facts: Facts, escape: Escape) -> Finding:
        effect = facts.unit.effects[escape.effect]
        inner, outer = facts.unit.owners[escape.inner], facts.unit.owners[escape.outer]
        by_thread = escape.local is not None
        return self.finding(
            facts,
            effect.at,
            effect.end,
            holder=facts.holder_name(escape.local) if escape.local else f"{outer.name}.{inner.name}",
            confidence="medium" if escape.sure else "low",
            message=self.thread_message if by_thread else self.system_message,
            evidence=[
                facts.evidence(escape.effect, "the inner object is made here"),
                Evidence(facts.unit.path, inner.at, inner.at, "it refers to the object around it"),
            ],
            captured=outer.name,
            by=escape.by,
        )
