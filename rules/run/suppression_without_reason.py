"""suppression-without-reason (LK004): a suppression that does not say why.

## What it does
Reports a `leaklint: ignore[…]`, `file-ignore[…]` or `disable[…]` comment without a reason behind `--`. It is
off unless it is selected by its code or its name:

```
[tool.leaklint]
extend-select = ["LK004"]
```

## Why is this bad?
The next reader cannot tell whether the finding was false, or true and accepted, or whether what made it
harmless still holds.

## Use instead
Say what makes the finding harmless:

```
sessions[key] = session  # leaklint: ignore[LK101] -- keys are the five regions
```

## When it stays silent
Java's `@SuppressWarnings`, which has no room for a reason; suppressions that hide nothing (LK002).
"""

from leaklint.rule import Rule


class SuppressionWithoutReason(Rule):
    code = "LK004"
    severity = "note"
    opt_in = True
    message = "This suppression of {codes} does not say why."
    advice = "Write the reason behind the bracket: `-- reason`."
