"""unused-suppression (LK002): a suppression that hides nothing.

## What it does
Reports a `leaklint: ignore[…]` comment, or a code inside its brackets, that matches no finding on the line
it covers. Only rules that ran count: with `--select LK101` a comment that names LK201 is left alone.

## Why is this bad?
The leak that it spoke of is gone or has moved. A comment that stays behind will hide the next one.

## Use instead
Remove the comment, or the code from its brackets.

## When it stays silent
The rule did not run; the finding exists at a confidence that is not shown.
"""

from leaklint.rule import Rule


class UnusedSuppression(Rule):
    code = "LK002"
    severity = "note"
    message = "This suppression hides nothing: {codes} found nothing here."
    advice = "Remove {codes} from the comment."
