"""history-kept (LK321): a running total of tensors keeps the graph of every step.

## What it does
Reports a loss that is added to a running total or mean, or put into a list, as a tensor (`total += loss`)
by a loop or by each call of a method, where the same function calls its `backward()` (PyTorch, Chainer,
Paddle). A loss that it is the sum of counts as well (`loss = fit + penalty`), and so does the object whose
field or entry it is (`outputs.append(output)` after `output["loss"].backward()`).

## Why is this bad?
A loss refers to the graph that computed it. The total refers to all of them, so the memory of the accelerator
grows with every step until the epoch ends, or for ever where the total is a field.

## Example
```python bad
import torch

def train(model, batches, criterion, optimizer):
    total = 0
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss
    return total
```

## Use instead
```python good
import torch

def train(model, batches, criterion, optimizer):
    total = 0.0
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total
```

## When it stays silent
The number is added (`loss.item()`, `loss.detach()`, `float(loss)`), or what a function makes of the loss
after `backward()` (`loss = average(loss)`); the total itself is differentiated; the
total is made anew, set back or emptied in each round of the loop, or holds so many and no more
(`deque(maxlen=100)`).

## Runtime check
Runs the function; confirmed if what is not collected grows with every step. The tests of leaklint do not run
it, as PyTorch is no part of them.

## References
- [PyTorch FAQ: my model reports "cuda runtime error(2): out of memory"](https://docs.pytorch.org/docs/stable/notes/faq.html)
"""

from collections.abc import Iterator
from typing import ClassVar

from leaklint.rule import Finding, Rule
from leaklint.solve import Facts
from leaklint.solve.capture.histories import Histories

_TENSOR = "Add `{what}.item()`, or `{what}.detach()` where a tensor is wanted."
_WHOLE = "Put `loss.detach()` in the place of the loss first, or keep its number only."


class HistoryKept(Rule):
    code = "LK321"
    languages: ClassVar[tuple[str, ...]] = ("python",)
    message = (
        "`{holder}` keeps the graph behind every `{what}` of {where}: the tensor is added, not its number."
    )
    whole_message = "`{holder}` keeps the graph behind every `{what}` of {where}: the loss in it is a tensor."
    advice = "{remedy}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        for found in Histories(facts.growths).found():
            effect = facts.unit.effects[found.effect]
            what = facts.place_text(found.tensor)
            yield self.finding(
                facts,
                effect.at,
                effect.end,
                holder=facts.holder_name(found.target),
                confidence="medium",
                evidence=[
                    facts.evidence(found.effect, "added here, with its graph"),
                    facts.evidence(found.backward, "its graph is used here"),
                ],
                message=self.whole_message if found.whole else None,
                what=what,
                remedy=_WHOLE if found.whole else _TENSOR.format(what=what),
                where=f"`{facts.scope_name(effect.scope)}()`",
            )
