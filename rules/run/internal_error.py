"""internal-error (LK000): leaklint itself failed on a file.

## What it does
Says that leaklint, not your code, made a mistake while it read this file. The findings of every other
file, and those of the other rules in this one, are still reported. The exit code is 2.

## Why is this bad?
What the failed part would have found is missing, so the run must not look clean.

## What to do
Report it with the file, or the part of it that is enough to show the error. Until it is mended, exclude
the file.
"""

from leaklint.rule import Rule


class InternalError(Rule):
    code = "LK000"
    severity = "error"
    message = "leaklint failed on this file: {reason}"
    advice = "This is a mistake in leaklint: please report it, and exclude the file until it is mended."
