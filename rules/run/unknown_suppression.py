"""unknown-suppression (LK003): a suppression that leaklint does not understand.

## What it does
Reports a comment such as `leaklint: ignore`, `file-ignore`, `disable` or `enable` without brackets, with
empty brackets, with a code or name that no rule has, with another word before its bracket, or that ends a
range which was not begun.

## Why is this bad?
It hides nothing, although its author thinks that it does. A comment that hid every rule would also hide
the leaks that nobody has written yet.

## Use instead
Name what is hidden, and say why:

```
sessions[key] = session  # leaklint: ignore[LK101] -- keys are the five regions
```

Several codes stand in one pair of brackets, separated by commas; the name of a rule serves as well as its
code. A comment on a line of its own covers the next line of code, `file-ignore[…]` the file, and `disable[…]`
the lines up to `enable[…]`. `//` and `/* … */` work alike.
"""

from leaklint.rule import Rule


class UnknownSuppression(Rule):
    code = "LK003"
    message = "This suppression is not understood: {reason}"
    advice = "Write `leaklint: ignore[CODE] -- reason`."
