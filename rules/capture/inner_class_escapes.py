"""inner-class-escapes (LK302): a static holder keeps inner objects, and with each its outer instance.

## What it does
Reports instances of inner and anonymous classes that a method stores in a static collection or field
that nothing empties.

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
entries. A context, and a view or layout of the program itself, are candidates of low confidence.

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
from leaklint.solve.capture.screens import HeldScreen, Screens
from leaklint.solve.capture.stored import Stored


class InnerClassEscapes(Rule):
    code = "LK302"
    languages: ClassVar[tuple[str, ...]] = ("java",)
    message = "`{holder}` keeps every `{captured}` alive: the inner object stored there refers to it."
    thread_message = "A thread keeps `{captured}` alive: `{holder}` holds an object of its inner class."
    system_message = "`{holder}` keeps its `{captured}` alive: it is an inner object, kept by {by}."
    screen_message = "`{holder}` keeps the `{captured}` it was given alive after its end: it is kept by {by}."
    screen_advice = "Hold it in a WeakReference, or hold the application context."
    advice = "Make the inner class static and hand it what it needs, or remove the entry when it is done."

    def check(self, facts: Facts) -> Iterator[Finding]:
        stored = Stored(facts.index, facts.models)
        for found in facts.growths.judged(lifetime="process"):
            for item in found.growths:
                outer = stored.outer_of(item)
                if outer:
                    found.growths = [item, *(other for other in found.growths if other is not item)]
                    yield narrate.growth(self, facts, found, captured=outer)
                    break
        for escape in (*facts.inners.on_threads(), *facts.inners.by_system()):
            yield self._escape(facts, escape)
        for held in Screens(facts.index, facts.inners).held():
            yield self._screen(facts, held)

    def _screen(self, facts: Facts, held: HeldScreen) -> Finding:
        bind = facts.bind(held.bind)
        return self.finding(
            facts,
            bind.at,
            bind.end,
            holder=facts.holder_name(held.field),
            confidence="medium" if held.sure and not facts.is_test(held.bind) else "low",
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
        test = facts.is_test(escape.effect)
        return self.finding(
            facts,
            effect.at,
            effect.end,
            holder=facts.holder_name(escape.local) if escape.local else f"{outer.name}.{inner.name}",
            confidence="medium" if escape.sure and not test else "low",
            message=self.thread_message if by_thread else self.system_message,
            evidence=[
                facts.evidence(escape.effect, "the inner object is made here"),
                Evidence(facts.unit.path, inner.at, inner.at, "it refers to the object around it"),
            ],
            captured=outer.name,
            by=escape.by,
        )
