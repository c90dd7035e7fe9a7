"""super-teardown-forgotten (LK210): an override of `dispose()` leaves out what its base class ends.

## What it does
Reports an end-of-life method that overrides one of its base class without calling it, where the class
shows that the base class has something to end.

## Why is this bad?
The base class took off its listeners, stopped its timers and disposed of what was registered with it in
the very method that is overridden. None of that happens any more, and every object stays reachable.

## Example
```js bad
class Outline extends Disposable {
  constructor(themes) {
    super();
    this._register(themes.onDidChangeTheme(() => this.draw()));
  }

  dispose() {
    this.node.remove();
  }
}
```

```python bad
class Feed:
    def __init__(self, market):
        self.market = market

    def open(self):
        self.market.add_listener(self.on_price)

    def close(self):
        self.market.remove_listener(self.on_price)

    def on_price(self, price):
        pass


class Average(Feed):
    def open(self):
        super().open()
        self.prices = []

    def close(self):
        self.prices.clear()
```

```java bad
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

class Pump {
  protected final ExecutorService executor = Executors.newFixedThreadPool(2);

  public void close() {
    executor.shutdown();
  }
}

class LoggingPump extends Pump {
  public void close() {
    System.err.println("closed");
  }
}
```

## Use instead
```python good
class Feed:
    def __init__(self, market):
        self.market = market

    def open(self):
        self.market.add_listener(self.on_price)

    def close(self):
        self.market.remove_listener(self.on_price)

    def on_price(self, price):
        pass


class Average(Feed):
    def open(self):
        super().open()
        self.prices = []

    def close(self):
        self.prices.clear()
        super().close()
```
```java good
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

class Pump {
  protected final ExecutorService executor = Executors.newFixedThreadPool(2);

  public void close() {
    executor.shutdown();
  }
}

class LoggingPump extends Pump {
  public void close() {
    System.err.println("closed");
    super.close();
  }
}
```
```js good
class Outline extends Disposable {
  constructor(themes) {
    super();
    this._register(themes.onDidChangeTheme(() => this.draw()));
  }

  dispose() {
    this.node.remove();
    super.dispose();
  }
}
```

## When it stays silent
The method calls its base class in any way; it does nothing; nothing in the file says that the base class
has an end of its own (its method in this file, `this._register(…)` that is inherited, or a method at the
other end of life that does call its base class); in Java and Python, where the base class of the file ends
nothing that it has added or made itself, or the override does the same.

## Runtime check
Creates and disposes of the object; confirmed if it stays reachable.

## References
- [super](https://developer.mozilla.org/docs/Web/JavaScript/Reference/Operators/super)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.ir import NONE
from leaklint.rule import Evidence, Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.subscription.pysupers import PythonSupers
from leaklint.solve.subscription.supers import JavaSupers, Supers


class SuperTeardownForgotten(Rule):
    code = "LK210"
    languages: ClassVar[tuple[str, ...]] = ("javascript", "java", "python")
    message = "`{holder}()` never calls `{base}.{name}()`: {why}."
    advice = "Call `{base}.{name}()`."

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in self._supers(facts).forgotten():
            row = facts.unit.scopes[found.method]
            first = [facts.unit.values[value].end for value in row.decorators[:1]]  # `@Override`
            end = first[0] if first else row.at + len(row.name)
            rows = [Evidence(facts.unit.path, row.at, end, "this overrides the base class")]
            if found.shown != NONE:
                rows.append(facts.evidence(found.shown, found.why))
            yield self.finding(
                facts,
                row.at,
                end,
                holder=f"{facts.unit.owners[found.owner].name}.{row.name}",
                confidence="medium",
                evidence=rows,
                base="super()" if facts.unit.language == "python" else "super",
                name=row.name,
                why=found.why,
            )

    def _supers(self, facts: Facts) -> Supers:
        match facts.unit.language:
            case "java":
                return JavaSupers(facts.pairs, facts.lifecycle)
            case "python":
                return PythonSupers(facts.attachments)
        return Supers(facts.index)
